//! Gates that come and go with versions.

use kubevet_core::{
    declare_rule,
    facts::{Gate, Stage},
    rule::Context,
    settings::{Cluster, Version},
};

use super::entry::{Entry, Owner, entries};

declare_rule! {
    /// A feature gate is set that the version no longer has.
    ///
    /// ## Why
    /// Two or three versions after a feature is stable its gate goes. A component that is still given it prints "unrecognized feature gate"
    /// and does not come back after the upgrade.
    ///
    /// ## Fix
    /// Remove the gate before the upgrade. If the feature was on, it is on for good; if it was dropped, look for what took its place.
    ///
    /// ## References
    /// Kubernetes documentation, "Feature Gates (removed)"; the deprecation policy.
    ///
    /// ## Examples
    /// ```yaml bad kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// featureGates:
    ///   CPUManager: true
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.37.0
    /// featureGates:
    ///   EtcdLearnerMode: true
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.31.0
    /// featureGates:
    ///   EtcdLearnerMode: true
    /// apiServer:
    ///   extraArgs:
    ///     - name: feature-gates
    ///       value: CPUManager=true
    /// ```
    pub REMOVED {
        id: "feature-gates/removed",
        class: Upgrade,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "target version",
        check: Cluster(removed),
    }
}

fn removed(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for entry in gone(cluster) {
        let Entry { owner, version, name, .. } = &entry;
        let older = owner.versions(name).into_iter().rfind(|older| older < version);
        let Some(older) = older else { continue };
        let message = format!(
            "{owner} {version} no longer has the feature gate `{name}` and {}: {older} was the last that had it",
            refuses(*owner)
        );
        let help = match owner.gate(name, older) {
            Some(last) => fate(&last, entry.value),
            None => "remove it",
        };
        cx.report(&entry.site, message).help(help);
    }
}

/// What became of a feature whose gate is gone.
fn fate(last: &Gate, value: Option<bool>) -> &'static str {
    match (last.stage, last.default) {
        (Stage::Stable, true) if value == Some(true) => "remove it: the feature is always on now",
        (Stage::Stable, true) => "remove it: the feature is always on now and cannot be turned off",
        (Stage::Alpha, _) => "remove it: the feature was given up before it was ready",
        _ if value == Some(last.default) => "remove it: it was set to its default",
        _ => "remove it, and look for what took its place",
    }
}

fn refuses(owner: Owner) -> &'static str {
    match owner {
        Owner::Kubeadm => "refuses the file",
        Owner::Component(_) => "does not start with it",
    }
}

declare_rule! {
    /// A feature gate is set that only newer versions have.
    ///
    /// ## Why
    /// The component prints "unrecognized feature gate" and ends.
    ///
    /// ## Fix
    /// Upgrade first, or leave the gate out.
    ///
    /// ## References
    /// Kubernetes documentation, "Feature Gates".
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta3
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.29.4
    /// apiServer:
    ///   extraArgs:
    ///     feature-gates: ImageVolume=true
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// apiServer:
    ///   extraArgs:
    ///     - name: feature-gates
    ///       value: ImageVolume=true
    /// ```
    pub NOT_YET_AVAILABLE {
        id: "feature-gates/not-yet-available",
        class: Upgrade,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "target version",
        check: Cluster(not_yet_available),
    }
}

fn not_yet_available(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for entry in gone(cluster) {
        let Entry { owner, version, name, .. } = &entry;
        let versions: Vec<Version> = owner.versions(name);
        let Some(first) = versions.first().filter(|first| *first > version) else { continue };
        let message = format!(
            "{owner} {version} has no feature gate `{name}` yet and {}: {first} is the first that has it",
            refuses(*owner)
        );
        cx.report(&entry.site, message).help("leave it out until the upgrade");
    }
}

/// Gates that their version does not have.
fn gone(cluster: &Cluster<'_>) -> impl Iterator<Item = Entry> {
    entries(cluster).into_iter().filter(|entry| entry.value.is_some() && !entry.all && entry.gate().is_none())
}
