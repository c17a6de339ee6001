//! Arguments that replace what kubeadm sets.

use kubevet_core::{
    declare_rule,
    rule::Context,
    settings::{Carrier, Cluster, Component},
};

declare_rule! {
    /// `extraArgs` replaces a value that kubeadm sets for safety by a weaker one.
    ///
    /// ## Why
    /// An extra argument does not add to kubeadm's own argument of that name: it takes its place. Without leader election two controller
    /// managers or schedulers act at once; without `requestheader-allowed-names` every certificate of the front-proxy CA may speak for any user.
    ///
    /// ## Fix
    /// Remove the argument from `extraArgs`.
    ///
    /// ## References
    /// `cmd/kubeadm/app/phases/controlplane/manifests.go`. Replaced authorization modes, certificates and credentials have rules of their own; leader
    /// election is left to `component-config/leader-election-off` where that runs, which knows whether there may be a second node.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// scheduler:
    ///   extraArgs:
    ///     - name: leader-elect
    ///       value: "false"
    /// ```
    /// ```yaml bad
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     - name: requestheader-allowed-names
    ///       value: ""
    /// ```
    /// ```yaml good
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// scheduler:
    ///   extraArgs:
    ///     - name: leader-elect
    ///       value: "true"
    /// ```
    pub DEFAULT_OVERRIDDEN {
        id: "kubeadm/default-overridden",
        class: Security,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Cluster(default_overridden),
    }
}

fn default_overridden(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    // That rule knows whether there may be a second node.
    let elections = cx.left_to("component-config/leader-election-off").is_none();
    let electing = [Component::KubeControllerManager, Component::KubeScheduler];
    for component in electing.into_iter().filter(|_| elections) {
        for settings in cluster.component(component).filter(|settings| settings.carrier == Carrier::Kubeadm) {
            let elect = settings.get("leader-elect");
            if elect.is_explicit() && elect.as_bool() == Some(false) {
                let message = format!(
                    "`leader-elect` is off: with two control-plane nodes two instances of {component} act at once"
                );
                cx.report(elect, message).help("remove the argument: kubeadm sets `leader-elect=true`");
            }
        }
    }
    for settings in
        cluster.component(Component::KubeApiserver).filter(|settings| settings.carrier == Carrier::Kubeadm)
    {
        let names = settings.get("requestheader-allowed-names");
        if names.is_explicit() && names.is_empty() {
            cx.report(names, "`requestheader-allowed-names` is empty: every certificate of the front-proxy CA may speak for any user")
                .help("remove the argument: kubeadm allows `front-proxy-client` alone");
        }
    }
}
