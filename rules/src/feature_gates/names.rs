//! Gates that nobody has, or somebody else.

use kubevet_core::{
    declare_rule,
    rule::Context,
    settings::{Cluster, Component, Version},
    suggest::closest,
};

use super::entry::{Entry, Owner, entries};

declare_rule! {
    /// A feature gate is set that no version of the component has, as far as Kubernetes 1.28 and newer go.
    ///
    /// ## Why
    /// The component prints "unrecognized feature gate" and ends; kubeadm refuses its file.
    ///
    /// ## Fix
    /// Correct the name, or remove the gate: those of features that became stable long ago are gone.
    ///
    /// ## References
    /// `k8s.io/component-base/featuregate`; the gates of each component in each version.
    ///
    /// ## Examples
    /// ```yaml bad kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// featureGates:
    ///   NodeSwapp: true
    /// ```
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --feature-gates=ImageVolume=true,TTLAfterFinished=true
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// featureGates:
    ///   NoSuchGate: true
    /// ```
    /// ```yaml good kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// featureGates:
    ///   AllAlpha: false
    ///   NodeSwap: true
    /// ```
    /// ```ini good kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --feature-gates=kube:ImageVolume=true,other:Unknown=true
    /// ```
    /// ```ini good etcd.service
    /// [Service]
    /// ExecStart=/usr/local/bin/etcd --feature-gates=InitialCorruptCheck=true
    /// ```
    pub UNKNOWN {
        id: "feature-gates/unknown",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "target version",
        check: Cluster(unknown),
    }
}

fn unknown(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for entry in entries(cluster).into_iter().filter(is_unknown).filter(|entry| other_owner(entry).is_none())
    {
        let Entry { owner, version, name, .. } = &entry;
        let message = format!(
            "no {owner} since {} has a feature gate `{name}`: {}",
            Version::oldest(),
            match owner {
                Owner::Kubeadm => "it refuses the file",
                Owner::Component(_) => "it does not start",
            }
        );
        let help = match closest(name, owner.names(*version)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "remove it: an older version may have had it".to_owned(),
        };
        cx.report(&entry.site, message).help(help);
    }
}

fn is_unknown(entry: &Entry) -> bool {
    entry.value.is_some() && !entry.all && entry.owner.versions(&entry.name).is_empty()
}

declare_rule! {
    /// A feature gate is set for a component that does not have it, and another one has.
    ///
    /// ## Why
    /// Every component has its own list of gates; it ends with "unrecognized feature gate" for others. The `featureGates` of a kubeadm
    /// `ClusterConfiguration` are those of kubeadm itself: gates of Kubernetes belong into the arguments of each component.
    ///
    /// ## Fix
    /// Set the gate where it is known.
    ///
    /// ## References
    /// Kubernetes documentation, "Feature Gates" and "kubeadm Configuration".
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// featureGates:
    ///   NodeSwap: true
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     - name: feature-gates
    ///       value: NodeSwap=true
    /// ```
    pub WRONG_COMPONENT {
        id: "feature-gates/wrong-component",
        class: Consistency,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "target version",
        check: Cluster(wrong_component),
    }
}

fn wrong_component(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for entry in entries(cluster).into_iter().filter(is_unknown) {
        let Some(other) = other_owner(&entry) else { continue };
        let Entry { owner, version, name, .. } = &entry;
        let (message, help) = match (owner, other) {
            (Owner::Kubeadm, _) => (
                format!(
                    "`{name}` is no feature gate of kubeadm but of the components: kubeadm refuses the file"
                ),
                "set it with `feature-gates` in the `extraArgs` of the components that need it".to_owned(),
            ),
            (_, Owner::Kubeadm) => (
                format!("`{name}` is a feature gate of kubeadm, not of {owner}: it does not start"),
                "set it in `featureGates` of the ClusterConfiguration".to_owned(),
            ),
            (_, Owner::Component(component)) => (
                format!("{owner} {version} has no feature gate `{name}`, {component} has: it does not start"),
                format!("set it for {component}"),
            ),
        };
        cx.report(&entry.site, message).help(help);
    }
}

/// Who has the gate that this one does not have.
fn other_owner(entry: &Entry) -> Option<Owner> {
    let components = Component::ALL.into_iter().map(Owner::Component);
    let mut others = components.chain([Owner::Kubeadm]).filter(|other| *other != entry.owner);
    others.find(|other| other.gate(&entry.name, entry.version).is_some())
}
