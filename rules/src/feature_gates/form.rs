//! How gates are written.

use kubevet_core::{
    declare_rule,
    rule::Context,
    settings::{Cluster, Component},
};

use super::entry::items;

declare_rule! {
    /// An item of `--feature-gates` is not `Name=true` or `Name=false`.
    ///
    /// ## Why
    /// The component prints "missing bool value" or "invalid value" and ends.
    ///
    /// ## Fix
    /// Write `Name=true`, with commas between several.
    ///
    /// ## References
    /// `featureGate.Set` in `k8s.io/component-base/featuregate`.
    ///
    /// ## Examples
    /// ```ini bad kubelet.service
    /// [Service]
    /// ExecStart=/usr/bin/kubelet --feature-gates=NodeSwap
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     - name: feature-gates
    ///       value: "ImageVolume=on,NodeSwap=true"
    /// ```
    /// ```ini good kubelet.service
    /// [Service]
    /// ExecStart=/usr/bin/kubelet --feature-gates=NodeSwap=true,ImageVolume=F,${MORE}
    /// ```
    pub MALFORMED {
        id: "feature-gates/malformed",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Cluster(malformed),
    }
}

fn malformed(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    let components = cluster.settings.components.iter();
    for settings in components.filter(|settings| settings.component != Component::Etcd) {
        for item in items(settings) {
            let message = match &item.value {
                None => format!("the feature gate `{}` has no value", item.name),
                Some(value) if crate::flags::parse::is_bool(value) => continue,
                Some(value) => format!("the feature gate `{}` cannot be `{value}`", item.name),
            };
            let component = settings.component;
            cx.report(&item.whole, format!("{message}: {component} does not start"))
                .help(format!("write `{0}=true` or `{0}=false`", item.name));
        }
    }
}
