//! What of everything is among the files of a set.

use super::{ResourceSet, fragment::Shape};
use crate::{engine::Closed, finding::Finding, kubernetes::Object};

impl ResourceSet {
    /// Whether a generator of a kustomization makes this `ConfigMap` or `Secret`.
    pub fn generates(&self, kind: &str, namespace: &str, name: &str) -> bool {
        let hashed = name.rsplit_once('-').filter(|(_, hash)| is_content_hash(hash)).map(|(name, _)| name);
        self.kustomize.generated.iter().any(|made| {
            let place = made.namespace.as_deref();
            let named = made.name == name || Some(&*made.name) == hashed;
            made.kind == kind && named && place.is_none_or(|place| place == namespace)
        })
    }

    /// Whether everything that a namespace holds is among the files; `None` asks for objects of the whole cluster.
    ///
    /// The user decides ([`Config::closed`]); `auto` needs good evidence: several objects, nothing whose output
    /// nobody sees (charts, templates, remote bases, custom objects of unknown operators, broken documents), and no
    /// object defined twice.
    pub fn closed(&self, namespace: Option<&str>) -> bool {
        match self.closed {
            Closed::Yes => true,
            Closed::No => false,
            Closed::Auto => self.evidence().closed(namespace),
        }
    }

    /// Whether a name that no object of this kind has is certainly missing: the namespace is closed, and the files
    /// keep objects of the kind at all (Secrets are often made by hand) or the user says that they are everything.
    pub fn keeps(&self, namespace: Option<&str>, group: &str, kind: &str) -> bool {
        if !self.closed(namespace) || self.closed == Closed::Yes {
            return self.closed(namespace);
        }
        match namespace {
            None => self.of_kind(group, kind).next().is_some(),
            Some(namespace) => {
                let generated = |kind| self.kustomize.generated.iter().any(|made| made.kind == kind);
                self.in_namespace(group, kind, namespace).next().is_some()
                    || group.is_empty() && generated(kind)
            }
        }
    }

    /// [`ResourceSet::keeps`] for pods: whether a selector that selects none certainly selects nothing. Silent where
    /// custom objects of unknown operators are, even if the files are everything: their pods are in no file.
    pub fn keeps_pods(&self, namespace: &str) -> bool {
        let told = self.closed == Closed::Yes && !self.evidence().is_operated(namespace);
        told || self.closed(Some(namespace))
            && self.closed == Closed::Auto
            && self.pod_index().survey(namespace).0 > 0
    }

    /// Whether the user leaves it to the evidence what the files are. Then a name that is nearly right is worth a word
    /// also where something might be missing from the files.
    pub fn may_guess(&self) -> bool {
        self.closed == Closed::Auto
    }

    /// Whether an object is applied as it is written: no patch, and not changed by a kustomization on its way.
    pub fn is_whole(&self, object: Object<'_>) -> bool {
        let Some(index) = self.paths.get(object.tree().path()) else { return false };
        !self.is_part(*index, object.kind())
    }

    /// Whether the document of a finding is only a part of what will run: a patch, a base, a component.
    pub(crate) fn is_partial(&self, finding: &Finding) -> bool {
        let Some(index) = self.paths.get(&finding.site.place.path) else { return false };
        self.is_part(*index, finding.site.object.as_ref().map_or("", |object| &object.kind))
    }

    fn is_part(&self, file: usize, kind: &str) -> bool {
        match self.kustomize.roles.get(&file) {
            Some(role) => role.patch || role.changed.includes(kind),
            None => self.shapes[file] != Shape::Whole,
        }
    }
}

/// Whether text is a hash as kustomize appends it to the names of generated objects
/// (`sigs.k8s.io/kustomize/api/hasher`): ten characters without vowels and some digits.
fn is_content_hash(text: &str) -> bool {
    text.len() == 10 && text.bytes().all(|byte| b"bcdfghkmt2456789".contains(&byte))
}
