//! Flags that are given more than once.

use kubevet_core::{
    declare_rule,
    rule::Context,
    settings::{Carrier, Cluster},
};

declare_rule! {
    /// A flag that takes one value is given twice with different values.
    ///
    /// ## Why
    /// The last one counts, silently. Who reads or edits the first one is mistaken about what runs. kubeadm sorts arguments of one name by
    /// their values, so with it the greatest text counts.
    ///
    /// ## Fix
    /// Remove all but the one that is meant. Flags that take lists may be repeated: their values add up.
    ///
    /// ## References
    /// `pflag.FlagSet.Set`; `ArgumentsToCommand` in `cmd/kubeadm/app/util`.
    ///
    /// ## Examples
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver \
    ///   --audit-log-maxage=30 \
    ///   --secure-port=6443 \
    ///   --audit-log-maxage=7
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     - name: audit-log-maxage
    ///       value: "30"
    ///     - name: audit-log-maxage
    ///       value: "7"
    /// ```
    /// ```ini good kubelet.service.d/10-kubeadm.conf
    /// [Service]
    /// Environment="KUBELET_LOG_ARGS=--v=2"
    /// EnvironmentFile=-/etc/default/kubelet
    /// ExecStart=
    /// ExecStart=/usr/bin/kubelet $KUBELET_LOG_ARGS $KUBELET_EXTRA_ARGS
    /// ```
    /// ```ini with etc/default/kubelet
    /// KUBELET_EXTRA_ARGS=--v=4
    /// ```
    /// ```ini good kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver \
    ///   --service-account-issuer=https://new.example.org \
    ///   --service-account-issuer=https://old.example.org \
    ///   --secure-port=6443 \
    ///   --secure-port=6443
    /// ```
    pub REPEATED {
        id: "flags/repeated",
        class: Consistency,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Cluster(repeated),
    }
}

fn repeated(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for settings in &cluster.settings.components {
        for (name, sites) in settings.repeated() {
            let [earlier @ .., last] = &**sites else { continue };
            // Another file overrides on purpose: `KUBELET_EXTRA_ARGS` stands last in kubeadm's unit for that.
            let Some(first) = earlier.iter().find(|site| site.place.path == last.place.path) else {
                continue;
            };
            let component = settings.component;
            let flag = kubevet_facts::flag_of_field(component, name).unwrap_or(name);
            let which = if settings.carrier == Carrier::Kubeadm {
                "kubeadm sorts them, and only the greatest value counts"
            } else {
                "only the last value counts"
            };
            cx.report(first, format!("`{flag}` of {component} is given {} times: {which}", sites.len()))
                .label(last, "this one counts")
                .help("remove the values that do not count");
        }
    }
}
