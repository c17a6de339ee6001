//! Flags beside a configuration file.

use kubevet_core::{
    declare_rule,
    facts::{FlagKind, flag, flag_beats_file, flag_of_field},
    kubernetes::values::duration,
    rule::Context,
    settings::{Cluster, Component, Origin, Settings, Value},
};

use super::{given, known};

declare_rule! {
    /// A kubelet is told one thing by its configuration file and another by a flag.
    ///
    /// ## Why
    /// The flag wins. Who reads or changes the file is mistaken about what runs; a change of the file for all nodes passes this one by.
    ///
    /// ## Fix
    /// Remove the one that is not meant: the flag where the file should count, else the field.
    ///
    /// ## References
    /// `kubeletConfigFlagPrecedence` in `cmd/kubelet/app/server.go`: flags are parsed again after the file.
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// nodeRegistration:
    ///   kubeletExtraArgs:
    ///     - name: max-pods
    ///       value: "250"
    /// ---
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// maxPods: 110
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// nodeRegistration:
    ///   kubeletExtraArgs:
    ///     - name: max-pods
    ///       value: "110"
    ///     - name: streaming-connection-idle-timeout
    ///       value: 60m
    ///     - name: cluster-dns
    ///       value: 10.96.0.10,10.96.0.11
    ///     - name: feature-gates
    ///       value: NodeSwap=true
    /// ---
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// maxPods: 110
    /// streamingConnectionIdleTimeout: 1h
    /// clusterDNS: [10.96.0.10, 10.96.0.11]
    /// featureGates:
    ///   KubeletTracing: false
    /// ```
    pub CONFLICTS_WITH_CONFIG_FILE {
        id: "flags/conflicts-with-config-file",
        class: Consistency,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Cluster(conflicts_with_config_file),
    }
}

fn conflicts_with_config_file(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for settings in cluster.component(Component::Kubelet) {
        let names: Vec<String> = settings.said().map(|setting| setting.name().to_owned()).collect();
        for name in names {
            let [.., (file, Origin::File(place)), (by_flag, Origin::Flag(site))] = settings.layers(&name)
            else {
                continue;
            };
            if is_map(settings, &name) || same(file, by_flag) {
                continue;
            }
            let (Some(file), Some(by_flag)) = (written(file), written(by_flag)) else { continue };
            let message =
                format!("`{name}` is `{file}` here and `{by_flag}` by a flag: the kubelet takes the flag's");
            cx.report(place, message).label(site, "this one counts").help("remove the one that is not meant");
        }
    }
}

/// Whether a setting holds pairs, which a file and a flag write in different forms.
fn is_map(settings: &Settings, name: &str) -> bool {
    let name = flag_of_field(settings.component, name).unwrap_or(name);
    flag(settings.component, name, settings.version).is_some_and(|flag| flag.kind == FlagKind::Map)
}

fn written(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::List(items) => Some(items.join(",")),
        Value::Unknown(_) => None,
    }
}

/// Whether two values mean the same to the kubelet.
fn same(one: &Value, other: &Value) -> bool {
    let (Some(one), Some(other)) = (written(one), written(other)) else { return true };
    let durations = || Some(duration::parse(&one)? == duration::parse(&other)?);
    let plain = |text: &str| match text {
        "1" | "t" | "T" | "TRUE" | "True" => "true".to_owned(),
        "0" | "f" | "F" | "FALSE" | "False" => "false".to_owned(),
        text => text.replace(' ', ""),
    };
    one == other || plain(&one) == plain(&other) || durations() == Some(true)
}

declare_rule! {
    /// A scheduler or kube-proxy has a configuration file, and a flag that it then ignores.
    ///
    /// ## Why
    /// With `--config`, these components take most settings from the file alone. The flag is accepted and does nothing.
    ///
    /// ## Fix
    /// Set the field in the file, and remove the flag.
    ///
    /// ## References
    /// `Complete` in `cmd/kube-proxy/app/options.go`; `ApplyTo` in `cmd/kube-scheduler/app/options`; "This parameter is ignored if a config file
    /// is specified" in the help of the flags.
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// scheduler:
    ///   extraArgs:
    ///     - name: config
    ///       value: /etc/kubernetes/scheduler.yaml
    ///     - name: profiling
    ///       value: "false"
    /// ```
    /// ```ini bad kube-proxy.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-proxy --config=/var/lib/kube-proxy/config.yaml --proxy-mode=ipvs
    /// ```
    /// ```ini good kube-proxy.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-proxy --config=/var/lib/kube-proxy/config.yaml --hostname-override=n1 --v=2
    /// ```
    /// ```ini good kube-scheduler.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-scheduler --config=/etc/kubernetes/scheduler.yaml --leader-elect=true --bind-address=127.0.0.1
    /// ```
    pub IGNORED_WITH_CONFIG_FILE {
        id: "flags/ignored-with-config-file",
        class: Consistency,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Cluster(ignored_with_config_file),
    }
}

fn ignored_with_config_file(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for (settings, argument) in given(cluster) {
        let component = settings.component;
        let Some(flag) = known(settings, argument).filter(|flag| !flag_beats_file(component, flag.name))
        else {
            continue;
        };
        let mut all = settings.given().iter();
        let Some(config) = all.find(|argument| argument.name == "config") else { continue };
        let field = kubevet_core::facts::field_of_flag(component, flag.name).unwrap_or_default();
        let message = format!("{component} ignores `{}`: with `config` the file alone says it", flag.name);
        cx.report(&argument.name_site, message)
            .label(&config.site, "this file counts")
            .help(format!("set `{field}` in that file, and remove the flag"));
    }
}
