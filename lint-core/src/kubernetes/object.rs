//! Kubernetes objects as views over the tree.

use crate::{
    finding::ObjectIdentity,
    yaml::{NodeId, NodeRef, Tree},
};

/// One object: the root of a document, or an item of a `List`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object<'t> {
    node: NodeRef<'t>,
    api_version: &'t str,
    kind: &'t str,
}

/// Where an object is in its tree: what an index keeps of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ObjectIds {
    node: NodeId,
    api_version: NodeId,
    kind: NodeId,
}

impl<'t> Object<'t> {
    /// The object again, without looking for its keys.
    pub(crate) fn at(tree: &'t Tree, ids: ObjectIds) -> Self {
        let text = |id| tree.node(id).text();
        Object { node: tree.node(ids.node), api_version: text(ids.api_version), kind: text(ids.kind) }
    }

    /// What [`Object::at`] needs; `None` never happens to an object.
    pub(crate) fn ids(self) -> Option<ObjectIds> {
        let id = |key| self.node.get(key).map(NodeRef::id);
        Some(ObjectIds { node: self.node.id(), api_version: id("apiVersion")?, kind: id("kind")? })
    }

    /// A view of a mapping that says its `apiVersion` and `kind`, both as non-empty strings.
    pub fn new(node: NodeRef<'t>) -> Option<Self> {
        let text = |key| node.get(key)?.as_str().filter(|text| !text.is_empty());
        Some(Object { node, api_version: text("apiVersion")?, kind: text("kind")? })
    }

    /// The objects of a document: its root, or the items of a `List` (also of lists in lists).
    pub fn of_document(root: NodeRef<'t>) -> Vec<Self> {
        let mut found = Vec::new();
        let mut pending = vec![root];
        while let Some(node) = pending.pop() {
            let Some(object) = Object::new(node) else { continue };
            match object.listed() {
                Some(items) => {
                    let at = pending.len();
                    pending.extend(items.items());
                    pending[at..].reverse();
                }
                None => found.push(object),
            }
        }
        found
    }

    /// The objects of a `List`. A kind that merely ends in `List` (an `AllowList` of somebody's API) has none in `items`.
    fn listed(self) -> Option<NodeRef<'t>> {
        if !self.kind.ends_with("List") {
            return None;
        }
        self.node.get("items").filter(|items| items.is_seq())
    }

    /// The object that a node lies in.
    pub fn containing(node: NodeRef<'t>) -> Option<Self> {
        let holds = |object: &Self| object.node.span().contains(node.span());
        // Aliases and merge keys make objects of what is written elsewhere.
        Object::above(node).filter(holds).or_else(|| Object::of_document(node.root()).into_iter().find(holds))
    }

    /// The object on the way down to a node.
    fn above(node: NodeRef<'t>) -> Option<Self> {
        let mut way = node.way();
        loop {
            let object = Object::new(way.next()?)?;
            let Some(items) = object.listed() else { return Some(object) };
            way.next().filter(|node| *node == items)?;
        }
    }

    /// The mapping.
    pub fn node(self) -> NodeRef<'t> {
        self.node
    }

    /// The file it was parsed from.
    pub fn tree(self) -> &'t Tree {
        self.node.tree()
    }

    /// `apps/v1`.
    pub fn api_version(self) -> &'t str {
        self.api_version
    }

    /// API group: `apps` of `apps/v1`, `""` of `v1`.
    pub fn group(self) -> &'t str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// Version in its group: `v1` of `apps/v1` and of `v1`.
    pub fn version(self) -> &'t str {
        self.api_version.split_once('/').map_or(self.api_version, |(_, version)| version)
    }

    /// `Deployment`.
    pub fn kind(self) -> &'t str {
        self.kind
    }

    /// Whether it is of this group (`""` is the core group) and kind, in any version.
    pub fn is(self, group: &str, kind: &str) -> bool {
        self.kind == kind && self.group() == group
    }

    /// `metadata`.
    pub fn metadata(self) -> Option<NodeRef<'t>> {
        self.node.get("metadata")
    }

    /// `spec`.
    pub fn spec(self) -> Option<NodeRef<'t>> {
        self.node.get("spec")
    }

    /// `metadata.name`, when it says one.
    pub fn name(self) -> Option<&'t str> {
        self.metadata()?.get("name")?.as_str()
    }

    /// Kind and name in words, for messages: "Deployment `web`"; "Deployment without a name".
    pub fn title(self) -> String {
        match self.name() {
            Some(name) if !name.is_empty() => format!("{} `{name}`", self.kind()),
            _ => format!("{} without a name", self.kind()),
        }
    }

    /// `metadata.namespace`, when it says one. A kustomization may set another.
    pub fn namespace(self) -> Option<&'t str> {
        self.metadata()?.get("namespace")?.as_str().filter(|namespace| !namespace.is_empty())
    }

    /// `metadata.labels` as pairs; values that are no strings are left out.
    pub fn labels(self) -> impl Iterator<Item = (&'t str, &'t str)> {
        string_map(self.metadata().and_then(|metadata| metadata.get("labels")))
    }

    /// `metadata.annotations` as pairs; values that are no strings are left out.
    pub fn annotations(self) -> impl Iterator<Item = (&'t str, &'t str)> {
        string_map(self.metadata().and_then(|metadata| metadata.get("annotations")))
    }

    /// One annotation.
    pub fn annotation(self, name: &str) -> Option<&'t str> {
        self.metadata()?.get("annotations")?.get(name)?.as_str()
    }

    /// Who it is, owned.
    pub fn identity(self) -> ObjectIdentity {
        let generate = || self.metadata()?.get("generateName")?.as_str();
        ObjectIdentity {
            api_version: self.api_version.to_owned(),
            kind: self.kind.to_owned(),
            namespace: self.namespace().map(str::to_owned),
            name: self.name().or_else(generate).map(str::to_owned),
        }
    }
}

/// Pairs of a mapping whose values are strings.
pub fn string_map(node: Option<NodeRef<'_>>) -> impl Iterator<Item = (&str, &str)> {
    node.into_iter()
        .flat_map(NodeRef::entries)
        .filter_map(|entry| Some((entry.key.text(), entry.value.as_str()?)))
}
