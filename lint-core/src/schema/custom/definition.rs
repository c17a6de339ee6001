//! `CustomResourceDefinition`s: which kinds they define, in which versions, with which schema.

use std::sync::{Arc, OnceLock};

use super::structural::{Issue, Structural, compile};
use crate::{
    kubernetes::Object,
    yaml::{NodeId, NodeRef},
};

/// The group of definitions.
pub const GROUP: &str = "apiextensions.k8s.io";
/// Their kind.
pub const KIND: &str = "CustomResourceDefinition";

/// What one definition says, in `apiextensions.k8s.io/v1` or in the older `v1beta1`.
#[derive(Debug)]
pub struct Definition {
    /// Group of the kind.
    pub group: Box<str>,
    /// The kind.
    pub kind: Box<str>,
    /// Its versions.
    pub versions: Vec<DefinedVersion>,
    /// Unknown fields stay: what `v1beta1` does where nothing else is said.
    pub(super) preserve: bool,
}

/// A version of a custom kind.
#[derive(Debug)]
pub struct DefinedVersion {
    /// `v1alpha1`.
    pub name: Box<str>,
    /// Whether the API server serves it.
    pub served: bool,
    /// `status` is written by nobody but the controller.
    pub(super) status: bool,
    schema: Option<NodeId>,
    compiled: OnceLock<Option<Arc<Structural>>>,
}

impl Definition {
    /// Reads a definition. `None` for other objects, and for patches that leave out what it is about.
    pub fn new(object: Object<'_>) -> Option<Self> {
        if !object.is(GROUP, KIND) {
            return None;
        }
        let spec = object.spec()?;
        let text = |path: &[&str]| spec.at(path).and_then(NodeRef::as_str).filter(|text| !text.is_empty());
        let (group, kind) = (text(&["group"])?, text(&["names", "kind"])?);
        let old = object.version() == "v1beta1";
        let flag = spec.get("preserveUnknownFields").and_then(NodeRef::as_bool);
        let shared = (spec.at(&["validation", "openAPIV3Schema"]), spec.at(&["subresources", "status"]));
        let version = |node: NodeRef<'_>| {
            let name = node.get("name").and_then(NodeRef::as_str)?;
            let served = node.get("served").and_then(NodeRef::as_bool) == Some(true);
            let schema = node.at(&["schema", "openAPIV3Schema"]).or(shared.0.filter(|_| old));
            let status = node.at(&["subresources", "status"]).or(shared.1.filter(|_| old));
            Some(DefinedVersion::new(name, served, schema, status.is_some()))
        };
        let listed = spec.get("versions").into_iter().flat_map(NodeRef::items);
        let mut versions: Vec<DefinedVersion> = listed.filter_map(version).collect();
        if let (true, true, Some(name)) = (old, versions.is_empty(), text(&["version"])) {
            versions.push(DefinedVersion::new(name, true, shared.0, shared.1.is_some()));
        }
        let preserve = flag.unwrap_or(old);
        (!versions.is_empty()).then(|| Definition {
            group: group.into(),
            kind: kind.into(),
            versions,
            preserve,
        })
    }

    /// The version of this name.
    pub fn version(&self, name: &str) -> Option<&DefinedVersion> {
        self.versions.iter().find(|version| &*version.name == name)
    }

    /// What of its schemas cannot be used.
    pub fn issues(&self, object: Object<'_>) -> Vec<Issue> {
        let mut schemas: Vec<NodeId> = self.versions.iter().filter_map(|version| version.schema).collect();
        schemas.dedup();
        schemas.into_iter().flat_map(|schema| compile(object.tree().node(schema)).1).collect()
    }
}

impl DefinedVersion {
    fn new(name: &str, served: bool, schema: Option<NodeRef<'_>>, status: bool) -> Self {
        let schema = schema.filter(|schema| schema.is_map()).map(NodeRef::id);
        DefinedVersion { name: name.into(), served, status, schema, compiled: OnceLock::new() }
    }

    /// Its schema, compiled on first use from the object that the definition was read from.
    pub(super) fn schema(&self, object: Object<'_>) -> Option<&Arc<Structural>> {
        let compiled = self.compiled.get_or_init(|| Some(compile(object.tree().node(self.schema?)).0));
        compiled.as_ref()
    }
}
