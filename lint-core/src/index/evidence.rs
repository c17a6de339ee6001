//! Whether the files are everything that a namespace holds, as far as they themselves show it.

use std::collections::{HashMap, HashSet};

use super::{
    ResourceSet, SourceFile,
    path::folder,
    scope::{Namespace, Owned, built_in},
};
use crate::{
    kubernetes::{Object, is_placeholder},
    recognise::FileKind,
};

/// What speaks against the files being everything.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// Something in the set makes objects that may end anywhere.
    everything_open: bool,
    /// Something makes objects that belong to no namespace, or the set defines one of them twice.
    cluster_open: bool,
    open: HashSet<String>,
    /// Namespaces with custom objects that unknown controllers work on.
    operated: HashSet<String>,
    /// Objects of each namespace; `""` counts those of the cluster.
    objects: HashMap<String, usize>,
}

/// Namespaces in which every cluster runs more than its files show.
const SYSTEM_NAMESPACES: &[&str] = &["kube-node-lease", "kube-public", "kube-system"];

/// API groups of custom objects that make no pods, Services or `ConfigMap`s of their own.
/// What some of them make besides (Secrets) the rules about references know.
const QUIET_GROUPS: &[&str] = &[
    "autoscaling.k8s.io",
    "cert-manager.io",
    "cilium.io",
    "crd.projectcalico.org",
    "external-secrets.io",
    "gateway.networking.k8s.io",
    "keda.sh",
    "metrics.k8s.io",
    "networking.istio.io",
    "policy.networking.k8s.io",
    "projectcalico.org",
    "projectcontour.io",
    "security.istio.io",
    "snapshot.storage.k8s.io",
    "traefik.containo.us",
    "traefik.io",
];

/// Kinds of the Prometheus operator that only configure it; the others of its group make workloads.
const QUIET_KINDS: &[(&str, &str)] = &[
    ("monitoring.coreos.com", "PodMonitor"),
    ("monitoring.coreos.com", "Probe"),
    ("monitoring.coreos.com", "PrometheusRule"),
    ("monitoring.coreos.com", "ScrapeConfig"),
    ("monitoring.coreos.com", "ServiceMonitor"),
];

/// Custom objects that bring whole applications, often into other namespaces than their own: Argo CD, Flux, Fleet,
/// the Helm controller of k3s, the Operator Lifecycle Manager.
const INSTALLERS: &[(&str, &str)] = &[
    ("argoproj.io", "Application"),
    ("argoproj.io", "ApplicationSet"),
    ("fleet.cattle.io", "GitRepo"),
    ("helm.cattle.io", "HelmChart"),
    ("helm.toolkit.fluxcd.io", "HelmRelease"),
    ("kustomize.toolkit.fluxcd.io", "Kustomization"),
    ("operators.coreos.com", "Subscription"),
];

impl Evidence {
    /// Weighs the indexed objects of a set.
    pub fn new(set: &ResourceSet) -> Self {
        let mut evidence =
            Evidence { everything_open: set.files().iter().any(hides_objects), ..Evidence::default() };
        for namespace in &set.kustomize.open {
            match namespace {
                Some(namespace) => evidence.open(namespace),
                None => evidence.everything_open = true,
            }
            evidence.cluster_open = true;
        }
        let mut seen = HashSet::new();
        let mut folders: HashMap<&str, Folder<'_>> = HashMap::new();
        for (at, object) in set.entries() {
            if is_configuration(object) || set.is_patch(at) {
                continue;
            }
            let namespace = set.entry_namespace(at);
            evidence.count(object, namespace);
            if let Some(name) = object.name()
                && namespace != Namespace::Unknown
                && !seen.insert((object.group(), object.kind(), namespace.name(), name))
            {
                // The same object twice: the files are alternatives or examples, not one cluster.
                evidence.open_where(namespace);
            }
            let folder = folders.entry(folder(object.tree().path())).or_default();
            match set.entry_owner(at) {
                Owned::Unsaid => folder.unsaid = true,
                Owned::Named(name) if &**name != "default" => {
                    folder.said.insert(name);
                }
                _ => {}
            }
        }
        // Some objects of a folder say a namespace and others do not: it is applied with `--namespace`.
        for folder in folders.values().filter(|folder| folder.unsaid && !folder.said.is_empty()) {
            evidence.open("default");
            folder.said.iter().for_each(|namespace| evidence.open(namespace));
        }
        evidence
    }

    /// Whether everything in a namespace (`None`: everything that belongs to the cluster) seems to be in the files.
    pub fn closed(&self, namespace: Option<&str>) -> bool {
        let count = |name: &str| self.objects.get(name).copied().unwrap_or_default();
        !self.everything_open
            && match namespace {
                None => !self.cluster_open && self.objects.values().sum::<usize>() > 1,
                Some(name) => {
                    !SYSTEM_NAMESPACES.contains(&name) && !self.open.contains(name) && count(name) > 1
                }
            }
    }

    /// Whether an unknown controller may make pods in a namespace from objects that are in the files.
    pub fn is_operated(&self, namespace: &str) -> bool {
        self.operated.contains(namespace)
    }

    fn open(&mut self, namespace: &str) {
        if !self.open.contains(namespace) {
            self.open.insert(namespace.to_owned());
        }
    }

    fn open_where(&mut self, namespace: Namespace<'_>) {
        match namespace {
            Namespace::Named(name) => self.open(name),
            Namespace::Cluster => self.cluster_open = true,
            Namespace::Unknown => self.everything_open = true,
        }
    }

    fn count(&mut self, object: Object<'_>, namespace: Namespace<'_>) {
        let name = namespace.name().unwrap_or_default();
        match self.objects.get_mut(name) {
            Some(count) => *count += 1,
            None => {
                self.objects.insert(name.to_owned(), 1);
            }
        }
        if !is_known(object) {
            self.operated.insert(name.to_owned());
            // Its controller makes objects: beside it, or anywhere when it belongs to the cluster.
            let installs = INSTALLERS.contains(&(object.group(), object.kind()));
            match object.namespace().filter(|_| !installs) {
                Some(_) => self.open_where(namespace),
                None => self.everything_open = true,
            }
        }
        if object.name().is_some_and(is_placeholder) {
            self.open_where(namespace);
        }
    }
}

/// How the objects of one folder name their namespaces.
#[derive(Default)]
struct Folder<'a> {
    unsaid: bool,
    said: HashSet<&'a str>,
}

/// Whether a file holds, or may hold, objects that nobody sees.
fn hides_objects(file: &SourceFile) -> bool {
    match file.kind() {
        FileKind::HelmTemplate | FileKind::HelmChart | FileKind::Template => true,
        kind if kind.is_yaml() => {
            file.encoding_problem().is_some() || file.tree().is_some_and(|tree| !tree.errors().is_empty())
        }
        _ => false,
    }
}

/// Whether a document configures a component or tool and is never sent to an API server.
pub(super) fn is_configuration(object: Object<'_>) -> bool {
    let group = object.group();
    group.ends_with(".config.k8s.io")
        || matches!(
            group,
            "apiserver.k8s.io" | "audit.k8s.io" | "k3d.io" | "kind.x-k8s.io" | "kubeadm.k8s.io"
        )
        || group.is_empty() && built_in("", object.kind()).is_none()
}

/// Whether it is known that no controller makes other objects of it than rules look for.
fn is_known(object: Object<'_>) -> bool {
    let (group, kind) = (object.group(), object.kind());
    built_in(group, kind).is_some()
        || QUIET_GROUPS.contains(&group)
        || QUIET_KINDS.contains(&(group, kind))
        || (group, kind) == ("bitnami.com", "SealedSecret")
        || crate::kubernetes::PodSpec::of(object).is_some()
}
