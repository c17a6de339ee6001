//! Values that flags refuse.

use kubevet_core::{
    declare_rule,
    facts::{Component, Flag, FlagKind, flag_values},
    kubernetes::is_placeholder,
    rule::Context,
    settings::{Cluster, Value},
    suggest::closest,
};

use super::{given, known, misspelt, parse::parse};

declare_rule! {
    /// A flag is given a value that it cannot read.
    ///
    /// ## Why
    /// The component prints "invalid argument" and ends.
    ///
    /// ## Fix
    /// Write what the flag wants: `true` or `false` (not `yes`), durations with their units (`30s`), whole numbers, addresses, ranges, lists
    /// and maps as the finding says.
    ///
    /// ## References
    /// The validation of the components' options; the types of pflag, of `k8s.io/component-base/cli/flag`, and of etcd's flags.
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     - name: anonymous-auth
    ///       value: "no"
    /// ```
    /// ```ini bad kube-controller-manager.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-controller-manager --node-monitor-period=5
    /// ```
    /// ```ini bad kubelet.service
    /// [Service]
    /// ExecStart=/usr/bin/kubelet --eviction-hard=memory.available=200Mi
    /// ```
    /// ```yaml bad manifests/kube-apiserver.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kube-apiserver
    /// spec:
    ///   containers:
    ///     - name: kube-apiserver
    ///       image: registry.k8s.io/kube-apiserver:v1.34.2
    ///       command: [kube-apiserver, --secure-port]
    /// ```
    /// ```ini bad etcd.service
    /// [Service]
    /// ExecStart=/usr/local/bin/etcd --listen-client-urls=https://10.0.0.5
    /// ```
    /// ```ini bad kubelet.service
    /// [Service]
    /// ExecStart=/usr/bin/kubelet --enforce-node-allocatable=pods,system
    /// ```
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --audit-log-mode=block
    /// ```
    /// ```ini good kubelet.service
    /// [Service]
    /// ExecStart=/usr/bin/kubelet --eviction-hard=memory.available<200Mi,nodefs.available<10% --fail-swap-on=F --max-pods=0x40 \
    ///   --node-ip=${IP} --address=%H --register-with-taints=a.example.org/x=y:NoSchedule --sync-frequency=1m30s --runonce
    /// ```
    /// ```ini good etcd.service
    /// [Service]
    /// ExecStart=/usr/local/bin/etcd --listen-client-urls=https://10.0.0.5:2379,unix://localhost:m0 --cors=*
    /// ```
    /// ```yaml good manifests/etcd.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: etcd
    /// spec:
    ///   containers:
    ///     - name: etcd
    ///       image: registry.k8s.io/etcd:3.6.5-0
    ///       command: [etcd, --listen-peer-urls=$(URI_SCHEME)://0.0.0.0:2380]
    ///       env:
    ///         - name: URI_SCHEME
    ///           value: https
    /// ```
    pub INVALID_VALUE {
        id: "flags/invalid-value",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Cluster(invalid_value),
    }
}

fn invalid_value(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for (settings, argument) in given(cluster).filter(|(settings, argument)| !misspelt(settings, argument)) {
        // Gates have rules of their own.
        let Some(flag) = known(settings, argument).filter(|flag| flag.name != "feature-gates") else {
            continue;
        };
        let Value::Text(text) = &argument.value else { continue };
        let component = settings.component;
        if argument.alone && flag.no_value.is_none() {
            let message = format!("`{}` of {component} has no value: it does not start", flag.name);
            cx.report(&argument.site, message).help("write the value behind it, or remove the flag");
            continue;
        }
        if is_placeholder(text) {
            continue;
        }
        if let Err(wanted) = parse(component, settings.version, &flag, text) {
            let message = format!("`{}` of {component} cannot be `{text}`: it does not start", flag.name);
            cx.report(&argument.site, message).help(format!("it wants {wanted}"));
        } else if let Some(item) = outside(component, &flag, text) {
            let values = flag_values(component, flag.name);
            let message = format!("`{}` of {component} cannot be `{item}`: it does not start", flag.name);
            let meant = closest(item, values.iter().copied());
            cx.report(&argument.site, message).help(match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("it wants `{}`", values.join("`, `")),
            });
        }
    }
}

/// The item of a value that is none of those that the flag takes.
fn outside<'t>(component: Component, flag: &Flag, text: &'t str) -> Option<&'t str> {
    let values = flag_values(component, flag.name);
    let mut items = text.split(if flag.kind == FlagKind::List { ',' } else { '\0' });
    items.find(|item| !item.is_empty() && !values.is_empty() && !values.contains(item))
}
