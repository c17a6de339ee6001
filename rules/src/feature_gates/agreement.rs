//! One gate on several components.

use kubevet_core::{declare_rule, rule::Context, settings::Cluster};

use super::entry::{Entry, Owner, entries};

declare_rule! {
    /// A feature gate is on for one component of a cluster and off for another.
    ///
    /// ## Why
    /// Most features need the API server and the component that does the work: the API server drops fields whose gate is off, and the
    /// feature fails silently.
    ///
    /// ## Fix
    /// Set the gate to one value on all components that have it.
    ///
    /// ## References
    /// Kubernetes documentation, "Feature Gates".
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     - name: feature-gates
    ///       value: ImageVolume=true
    /// ---
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// featureGates:
    ///   ImageVolume: false
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     - name: feature-gates
    ///       value: ImageVolume=true
    /// ---
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// featureGates:
    ///   ImageVolume: true
    ///   NodeSwap: true
    /// ```
    pub INCONSISTENT {
        id: "feature-gates/inconsistent",
        class: Consistency,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "target version",
        check: Cluster(inconsistent),
    }
}

fn inconsistent(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    let all = entries(cluster);
    let of_component = |entry: &&Entry| entry.owner != Owner::Kubeadm && entry.gate().is_some();
    for (at, entry) in all.iter().enumerate().filter(|(_, entry)| of_component(entry)) {
        let earlier = all[..at].iter().filter(of_component);
        let mut other = earlier.filter(|other| other.name == entry.name && other.owner != entry.owner);
        let Some(value) = entry.value else { continue };
        let Some(other) = other.find(|other| other.value == Some(!value)) else { continue };
        let message = format!(
            "the feature gate `{}` is `{value}` for {} and `{}` for {}: the feature fails silently",
            entry.name, entry.owner, !value, other.owner
        );
        cx.report(&entry.site, message)
            .label(&other.site, format!("`{}` here", !value))
            .help("set it to one value on all components");
    }
}
