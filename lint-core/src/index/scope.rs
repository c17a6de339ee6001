//! Which namespace an object ends in.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use super::{SourceFile, kustomize::Placement};
use crate::{
    kubernetes::{Object, is_placeholder},
    yaml::NodeRef,
};

/// The namespace that an object ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Namespace<'a> {
    /// Its kind belongs to the whole cluster.
    Cluster,
    /// This one; `default` where nobody says another.
    Named(&'a str),
    /// A variable, or several kustomizations that put it into different ones.
    Unknown,
}

impl<'a> Namespace<'a> {
    /// The name, when it is known.
    pub fn name(self) -> Option<&'a str> {
        if let Namespace::Named(name) = self { Some(name) } else { None }
    }

    /// Whether an object there can be what a name in this namespace means.
    pub fn may_be(self, namespace: &str) -> bool {
        match self {
            Namespace::Cluster => false,
            Namespace::Named(name) => name == namespace,
            Namespace::Unknown => true,
        }
    }
}

/// [`Namespace`], owned by the index.
#[derive(Clone, Debug)]
pub(super) enum Owned {
    Cluster,
    /// Nobody says one: `default`.
    Unsaid,
    Named(Arc<str>),
    Unknown,
}

impl Owned {
    pub fn view(&self) -> Namespace<'_> {
        match self {
            Owned::Cluster => Namespace::Cluster,
            Owned::Unsaid => Namespace::Named("default"),
            Owned::Named(name) => Namespace::Named(name),
            Owned::Unknown => Namespace::Unknown,
        }
    }
}

/// Kinds of the set's own `CustomResourceDefinition`s that belong to the whole cluster.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    cluster: HashSet<u64>,
    namespaced: HashSet<u64>,
    names: HashSet<Arc<str>>,
}

impl Scopes {
    /// Reads the definitions of the files.
    pub fn new(files: &[SourceFile]) -> Self {
        let mut scopes = Scopes::default();
        for object in files.iter().flat_map(SourceFile::objects) {
            if !object.is("apiextensions.k8s.io", "CustomResourceDefinition") {
                continue;
            }
            let Some(spec) = object.spec() else { continue };
            let text = |path: &[&str]| spec.at(path).and_then(NodeRef::as_str);
            if let (Some(group), Some(kind)) = (text(&["group"]), text(&["names", "kind"])) {
                let cluster = text(&["scope"]) == Some("Cluster");
                let kinds = if cluster { &mut scopes.cluster } else { &mut scopes.namespaced };
                kinds.insert(key(group, kind));
            }
        }
        scopes
    }

    /// Whether objects of a kind live in namespaces; `None` for a custom kind whose definition is not in the set.
    pub fn is_namespaced(&self, object: Object<'_>) -> Option<bool> {
        if let Some(namespaced) = built_in(object.group(), object.kind()) {
            return Some(namespaced);
        }
        let key = key(object.group(), object.kind());
        if self.cluster.contains(&key) {
            return Some(false);
        }
        self.namespaced.contains(&key).then_some(true)
    }

    /// Where an object of a file with this placement ends.
    pub fn place(&mut self, object: Object<'_>, placement: &Placement) -> Owned {
        let said = object.namespace();
        // Nobody can tell the scope of an unknown kind; one that says a namespace has it.
        if self.is_namespaced(object) == Some(false) {
            return Owned::Cluster;
        }
        match placement {
            Placement::Several => Owned::Unknown,
            Placement::Set(name) => self.named(name),
            Placement::AsWritten => match said {
                None => Owned::Unsaid,
                Some(name) if is_placeholder(name) => Owned::Unknown,
                Some(name) => self.named(name),
            },
        }
    }

    fn named(&mut self, name: &str) -> Owned {
        if let Some(known) = self.names.get(name) {
            return Owned::Named(known.clone());
        }
        let name: Arc<str> = name.into();
        self.names.insert(name.clone());
        Owned::Named(name)
    }
}

fn key(group: &str, kind: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (group, kind).hash(&mut hasher);
    hasher.finish()
}

/// Whether objects of a built-in kind live in namespaces; `None` for kinds that Kubernetes does not have.
pub(super) fn built_in(group: &str, kind: &str) -> Option<bool> {
    let of_group =
        |api: &kubevet_facts::Api| api.api_version.split_once('/').map_or("", |(group, _)| group) == group;
    let mut found = kubevet_facts::apis_of_kind(kind).filter(of_group).peekable();
    found.peek()?;
    // Kinds that no covered version serves any more: nearly all lived in namespaces.
    Some(found.find_map(|api| api.namespaced).unwrap_or(true))
}
