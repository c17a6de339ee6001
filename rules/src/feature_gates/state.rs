//! Gates that are known, and what is set.

use kubevet_core::{
    declare_rule,
    facts::{Gate, Stage},
    rule::Context,
    settings::Cluster,
};

use super::entry::{Entry, entries};

declare_rule! {
    /// A feature gate that can no longer be changed is set to the other value.
    ///
    /// ## Why
    /// When a feature is stable, its gate is locked. The component prints "cannot set feature gate … feature is locked" and ends.
    ///
    /// ## Fix
    /// Remove the gate, and do what the feature then needs.
    ///
    /// ## References
    /// `LockToDefault` in `k8s.io/component-base/featuregate`.
    ///
    /// ## Examples
    /// ```yaml bad kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// featureGates:
    ///   KubeletTracing: false
    /// ```
    /// ```yaml good kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// featureGates:
    ///   KubeletTracing: true
    /// ```
    pub LOCKED {
        id: "feature-gates/locked",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "target version",
        check: Cluster(locked),
    }
}

fn locked(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for (entry, gate) in known(cluster) {
        let Some(value) = entry.value.filter(|value| gate.locked && *value != gate.default) else { continue };
        let Entry { owner, version, name, .. } = &entry;
        let message = format!(
            "the feature gate `{name}` is locked to `{}` in {owner} {version}, and `{value}` stops it",
            gate.default
        );
        cx.report(&entry.site, message).help("remove the gate: the feature stays as it is");
    }
}

declare_rule! {
    /// A deprecated feature gate is set away from its default.
    ///
    /// ## Why
    /// The gate, and what it brings back, goes in a later version. What depends on it breaks then.
    ///
    /// ## Fix
    /// Find out what needs the old behaviour, change that, and remove the gate.
    ///
    /// ## References
    /// Kubernetes documentation, "Feature Gates", stage Deprecated.
    ///
    /// ## Examples
    /// ```yaml bad kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// featureGates:
    ///   KubeletPodResourcesListUseActivePods: false
    /// ```
    /// ```yaml good kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// featureGates:
    ///   NodeSwap: true
    /// ```
    pub DEPRECATED {
        id: "feature-gates/deprecated",
        class: Upgrade,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "target version",
        check: Cluster(deprecated),
    }
}

fn deprecated(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for (entry, gate) in known(cluster) {
        let away = entry.value.is_some_and(|value| value != gate.default);
        if gate.stage != Stage::Deprecated || gate.locked || !away {
            continue;
        }
        let Entry { owner, version, name, .. } = &entry;
        let message = format!(
            "the feature gate `{name}` is deprecated in {owner} {version}: a later version does not let it be set"
        );
        cx.report(&entry.site, message).help("change what needs it, and remove the gate");
    }
}

declare_rule! {
    /// An alpha feature is turned on.
    ///
    /// ## Why
    /// Alpha features may lose data, change without notice and vanish in the next version; nothing migrates what they stored.
    ///
    /// ## Fix
    /// Leave them to clusters that may be lost.
    ///
    /// ## References
    /// Kubernetes documentation, "Feature Gates", "Feature stages".
    ///
    /// ## Examples
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --feature-gates=AllAlpha=true
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.32.0
    /// apiServer:
    ///   extraArgs:
    ///     - name: feature-gates
    ///       value: ImageVolume=true
    /// ```
    /// ```ini good kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --feature-gates=AllAlpha=false,AllBeta=true,ImageVolume=true
    /// ```
    pub ALPHA_ENABLED {
        id: "feature-gates/alpha-enabled",
        class: Upgrade,
        severity: Warning,
        profiles: [production, hardened],
        versions: "target version",
        check: Cluster(alpha_enabled),
    }
}

fn alpha_enabled(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for entry in entries(cluster).into_iter().filter(|entry| entry.value == Some(true)) {
        let Entry { owner, version, name, .. } = &entry;
        let message = if entry.all && name == "AllAlpha" {
            format!("`AllAlpha` turns on every alpha feature of {owner}: they may lose data, and vanish")
        } else if entry.gate().is_some_and(|gate| gate.stage == Stage::Alpha) {
            format!(
                "`{name}` is an alpha feature in {owner} {version}: it may lose data, and vanish in the next version"
            )
        } else {
            continue;
        };
        cx.report(&entry.site, message).help("leave it off where the cluster matters");
    }
}

declare_rule! {
    /// A feature gate is set to the value that it has anyway.
    ///
    /// ## Why
    /// It does nothing today, and stops the component when the gate is removed.
    ///
    /// ## Fix
    /// Remove it.
    ///
    /// ## References
    /// The defaults of the gates in each version.
    ///
    /// ## Examples
    /// ```yaml bad kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// featureGates:
    ///   KubeletTracing: true
    /// ```
    /// ```yaml good kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// featureGates:
    ///   AllBeta: false
    /// ```
    pub REDUNDANT {
        id: "feature-gates/redundant",
        class: Hygiene,
        severity: Info,
        profiles: [],
        versions: "target version",
        check: Cluster(redundant),
    }
}

fn redundant(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for (entry, gate) in known(cluster).into_iter().filter(|(entry, gate)| entry.value == Some(gate.default))
    {
        let Entry { owner, version, name, .. } = &entry;
        let stage = match gate.stage {
            Stage::Stable => "its feature is stable, and the gate will be removed",
            _ => "it says nothing",
        };
        let default = gate.default;
        let message =
            format!("the feature gate `{name}` is `{default}` in {owner} {version} anyway: {stage}");
        cx.report(&entry.site, message).help("remove it");
    }
}

/// Gates that their version has.
fn known(cluster: &Cluster<'_>) -> Vec<(Entry, Gate)> {
    entries(cluster).into_iter().filter_map(|entry| entry.gate().map(|gate| (entry, gate))).collect()
}
