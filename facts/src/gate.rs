//! Feature gates.

use crate::{Component, Version, data};

/// How far a feature has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// May vanish.
    Alpha,
    /// May change.
    Beta,
    /// Stays.
    Stable,
    /// Will go.
    Deprecated,
}

/// A feature gate of one component in one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// Its name.
    pub name: &'static str,
    /// How far the feature has come.
    pub stage: Stage,
    /// Whether the feature is on when nobody says otherwise.
    pub default: bool,
    /// Whether setting it to the other value stops the component.
    pub locked: bool,
    /// Gates that must be on wherever this one is: a component that sees it otherwise does not start (1.35 and newer).
    pub depends_on: &'static [&'static str],
}

/// A gate that the component of that version accepts. For a version that the facts do not cover, the nearest one answers.
pub fn gate(component: Component, name: &str, version: Version) -> Option<Gate> {
    find(component.code(), name, version)
}

/// Whether a feature of a component is there when nobody sets its gate: also behind the last version that has the gate, where
/// the feature stayed.
pub fn feature_is_on(component: Component, name: &str, version: Version) -> bool {
    if let Some(gate) = gate(component, name, version) {
        return gate.default;
    }
    let last = gate_versions(component, name).pop().filter(|last| *last < version);
    last.and_then(|last| gate(component, name, last)).is_some_and(|gate| gate.default)
}

/// A gate of kubeadm's own (`featureGates` of a `ClusterConfiguration`), which are not those of the components.
pub fn kubeadm_gate(name: &str, version: Version) -> Option<Gate> {
    find(data::KUBEADM, name, version)
}

/// The covered versions in which a component has a gate, oldest first.
pub fn gate_versions(component: Component, name: &str) -> Vec<Version> {
    versions(|version| gate(component, name, version).is_some())
}

/// The covered versions in which kubeadm has a gate of its own, oldest first.
pub fn kubeadm_gate_versions(name: &str) -> Vec<Version> {
    versions(|version| kubeadm_gate(name, version).is_some())
}

fn versions(has: impl Fn(Version) -> bool) -> Vec<Version> {
    Version::SUPPORTED.map(Version::new).filter(|version| has(*version)).collect()
}

/// Names of the gates that a component has in a version.
pub fn gate_names(component: Component, version: Version) -> impl Iterator<Item = &'static str> {
    names(component.code(), version)
}

/// Names of the gates that kubeadm of a version has of its own.
pub fn kubeadm_gate_names(version: Version) -> impl Iterator<Item = &'static str> {
    names(data::KUBEADM, version)
}

fn names(component: u8, version: Version) -> impl Iterator<Item = &'static str> {
    let all = data::gates().iter().filter(move |record| record.component == component);
    all.filter(move |record| record.versions & version.bit() != 0).map(|record| record.name)
}

fn find(component: u8, name: &str, version: Version) -> Option<Gate> {
    let key = (component, name);
    let all = data::gates();
    let start = all.partition_point(|record| (record.component, record.name) < key);
    let mut same = all[start..].iter().take_while(|record| (record.component, record.name) == key);
    let record = same.find(|record| record.versions & version.bit() != 0)?;
    let stage = match record.stage {
        0 => Stage::Alpha,
        1 => Stage::Beta,
        2 => Stage::Stable,
        _ => Stage::Deprecated,
    };
    let (default, locked) = (record.default, record.locked);
    Some(Gate { name: record.name, stage, default, locked, depends_on: &record.depends_on })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history() {
        let cri = |minor| gate(Component::Kubelet, "KubeletCgroupDriverFromCRI", Version::new(minor));
        assert!(cri(31).is_some_and(|gate| gate.stage == Stage::Beta && gate.default));
        assert!(cri(34).is_some_and(|gate| gate.stage == Stage::Stable && gate.locked));
        assert!(gate(Component::KubeApiserver, "NoSuchGate", Version::new(34)).is_none());
    }

    #[test]
    fn features_outlive_their_gates() {
        let on = |name, minor| feature_is_on(Component::KubeApiserver, name, Version::new(minor));
        assert!(!on("SidecarContainers", 28) && on("SidecarContainers", 29) && on("SidecarContainers", 37));
        assert!(!on("EnvFiles", 33) && !on("EnvFiles", 34) && on("EnvFiles", 35) && !on("NoSuchGate", 37));
    }

    #[test]
    fn dependencies_and_kubeadm() {
        let projection = gate(Component::Kubelet, "ClusterTrustBundleProjection", Version::new(37));
        assert_eq!(projection.map(|gate| gate.depends_on), Some(&["ClusterTrustBundle"][..]));
        assert!(kubeadm_gate("EtcdLearnerMode", Version::new(29)).is_some_and(|gate| gate.default));
        assert!(kubeadm_gate("EtcdLearnerMode", Version::new(37)).is_none());
        assert!(kubeadm_gate("ClusterTrustBundle", Version::new(37)).is_none());
        assert_eq!(kubeadm_gate_names(Version::new(37)).collect::<Vec<_>>(), ["RootlessControlPlane"]);
        assert!(gate_names(Component::Kubelet, Version::new(37)).any(|name| name == "ClusterTrustBundle"));
        let minors: Vec<_> = kubeadm_gate_versions("EtcdLearnerMode").iter().map(|one| one.minor).collect();
        assert!(minors.contains(&29) && !minors.contains(&37));
        assert_eq!(gate_versions(Component::KubeApiserver, "NoSuchGate"), []);
    }
}
