//! Pod templates by namespace and label.

use std::{
    collections::{HashMap, HashSet},
    iter::{Chain, Copied},
    slice::Iter,
};

use super::{ResourceSet, scope::Namespace};
use crate::kubernetes::{PodSpec, is_placeholder};

/// Positions of pod templates in the set's list of entries. Built when a rule first asks.
#[derive(Debug, Default)]
pub(super) struct Pods {
    by_namespace: HashMap<String, Vec<u32>>,
    /// By namespace, key and value of a label.
    by_label: HashMap<(String, String, String), Vec<u32>>,
    /// Those whose namespace or labels are not known.
    anywhere: Vec<u32>,
    /// Namespaces whose pods a kustomization may change, or whose pods are not all written out.
    changing: HashSet<String>,
}

impl Pods {
    pub fn new(set: &ResourceSet) -> Self {
        let mut pods = Pods::default();
        for (at, object) in set.entries() {
            let Some(template) = PodSpec::template_of(object) else { continue };
            let namespace = set.entry_namespace(at);
            let pod = PodSpec::of(object);
            // A template without a specification says labels of pods that are written elsewhere.
            let piece = pod.is_none() && template.get("metadata").is_some();
            if let Some(name) = namespace.name().filter(|_| piece || !set.is_whole(object)) {
                pods.changing.insert(name.to_owned());
            }
            let Some(pod) = pod else { continue };
            match namespace {
                _ if pod.labels().any(|(_, value)| is_placeholder(value)) => pods.anywhere.push(at),
                Namespace::Named(namespace) => {
                    pods.by_namespace.entry(namespace.to_owned()).or_default().push(at);
                    for (key, value) in pod.labels() {
                        let key = (namespace.to_owned(), key.to_owned(), value.to_owned());
                        pods.by_label.entry(key).or_default().push(at);
                    }
                }
                Namespace::Unknown => pods.anywhere.push(at),
                Namespace::Cluster => {}
            }
        }
        pods
    }

    /// Those that run, or may run, in a namespace.
    pub fn in_namespace(&self, namespace: &str) -> Positions<'_> {
        with(self.by_namespace.get(namespace), &self.anywhere)
    }

    /// How many there are, and whether all of them run as they are written.
    pub fn survey(&self, namespace: &str) -> (usize, bool) {
        let count = self.by_namespace.get(namespace).map_or(0, Vec::len) + self.anywhere.len();
        (count, !self.changing.contains(namespace))
    }

    /// Those of a namespace that carry a label, and those that may run there.
    pub fn labelled(&self, namespace: &str, key: &str, value: &str) -> Positions<'_> {
        let key = (namespace.to_owned(), key.to_owned(), value.to_owned());
        with(self.by_label.get(&key), &self.anywhere)
    }
}

/// Positions of entries, to be looked at one by one: a namespace may hold very many.
pub(super) type Positions<'a> = Copied<Chain<Iter<'a, u32>, Iter<'a, u32>>>;

fn with<'a>(some: Option<&'a Vec<u32>>, more: &'a [u32]) -> Positions<'a> {
    some.map_or(&[][..], Vec::as_slice).iter().chain(more).copied()
}
