//! Logs, traces, metrics and profiles.

use kubevet_core::{
    declare_rule,
    kubernetes::{
        Object, is_placeholder,
        values::{duration, net},
    },
    rule::{Context, Kinds},
    settings::{Cluster, Component, Version},
    yaml::NodeRef,
};

use crate::effective::{report, report_with_fix, set};

declare_rule! {
    /// The logging of a component is set to something that it refuses.
    ///
    /// ## Why
    /// The component does not start: it knows the formats `text` and `json`, `vmodule` works with `text` only, and logs must be flushed from
    /// time to time.
    ///
    /// ## Fix
    /// Correct the value the finding points at.
    ///
    /// ## References
    /// `Validate` in `k8s.io/component-base/logs/api/v1`.
    ///
    /// ## Examples
    /// ```yaml bad kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// logging:
    ///   format: JSON
    /// ```
    /// ```ini bad kube-scheduler.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-scheduler --logging-format=json --vmodule=cache=5
    /// ```
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --log-flush-frequency=0s
    /// ```
    /// ```yaml good kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// logging:
    ///   format: json
    ///   flushFrequency: 10s
    /// ```
    pub LOGGING_INVALID {
        id: "component-config/logging-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Cluster(logging_invalid),
    }
}

fn logging_invalid(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    let components = cluster.settings.components.iter();
    for settings in components.filter(|settings| settings.component != Component::Etcd) {
        let component = settings.component;
        let format = settings.get("logging-format");
        let written = format.text().unwrap_or_default();
        if format.is_explicit() && !matches!(written, "" | "text" | "json") {
            let message = format!("{component} knows no log format `{written}`: it does not start");
            report(cx, &format, message).help("use `text` or `json`");
        }
        let flush = settings.get("log-flush-frequency");
        let stopped = flush.text().and_then(duration::parse).is_some_and(|time| time <= 0);
        if flush.is_explicit() && stopped {
            let message = format!("{component} would never flush its logs: it does not start");
            report(cx, &flush, message).help(set(&flush, "5s"));
        }
        let modules = settings.get("vmodule");
        if written == "json" && modules.is_explicit() && !modules.is_unknown() && !modules.is_empty() {
            let message =
                format!("`vmodule` works with the log format `text` only: {component} does not start");
            cx.report(&modules, message).label(&format, "the format").help("remove one of them");
        }
    }
}

declare_rule! {
    /// The tracing of a component is set to something that it refuses.
    ///
    /// ## Why
    /// The component does not start. The rate is a number per million; the endpoint is a gRPC address (`localhost:4317`), not a URL with
    /// `http`.
    ///
    /// ## Fix
    /// Correct the value the finding points at.
    ///
    /// ## References
    /// `ValidateTracingConfiguration` in `k8s.io/component-base/tracing/api/v1`.
    ///
    /// ## Examples
    /// ```yaml bad kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// tracing:
    ///   endpoint: http://collector:4317
    /// ```
    /// ```yaml bad tracing.yaml
    /// apiVersion: apiserver.config.k8s.io/v1
    /// kind: TracingConfiguration
    /// samplingRatePerMillion: 2000000
    /// ```
    /// ```yaml good tracing.yaml
    /// apiVersion: apiserver.config.k8s.io/v1
    /// kind: TracingConfiguration
    /// endpoint: localhost:4317
    /// samplingRatePerMillion: 100
    /// ```
    pub TRACING_INVALID {
        id: "component-config/tracing-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "1.22+",
        check: Object(TRACED, tracing_invalid),
    }
}

const TRACED: Kinds = Kinds::Of(&[
    ("apiserver.config.k8s.io", "TracingConfiguration"),
    ("kubelet.config.k8s.io", "KubeletConfiguration"),
]);

/// Greatest rate (`maxSamplingRatePerMillion`).
const MILLION: i64 = 1_000_000;

fn tracing_invalid(object: Object<'_>, cx: &mut Context<'_>) {
    let Some(tracing) = tracing(object) else { return };
    let rate = tracing.get("samplingRatePerMillion");
    if let Some((node, rate)) = rate.and_then(|node| Some((node, node.as_i64()?)))
        && !(0..=MILLION).contains(&rate)
    {
        let message = format!("the sampling rate {rate} is none per million: the component does not start");
        cx.report(node, message).help("write a number from 0 to 1000000");
    }
    let endpoint = tracing.get("endpoint").and_then(|node| Some((node, node.as_str()?)));
    if let Some((node, endpoint)) = endpoint
        && let Some((scheme, _)) = endpoint.split_once("//")
        && !matches!(scheme, "dns:" | "unix:" | "unix-abstract:")
        && !is_placeholder(endpoint)
    {
        let message = format!("`{endpoint}` is no gRPC address: the component does not start");
        cx.report(node, message).help("write `host:port`, or begin with `dns:` or `unix:`");
    }
}

/// The block that says how to trace.
fn tracing(object: Object<'_>) -> Option<NodeRef<'_>> {
    if object.kind() == "TracingConfiguration" { Some(object.node()) } else { object.node().get("tracing") }
}

declare_rule! {
    /// A component sends its traces to another machine.
    ///
    /// ## Why
    /// The exporter speaks plain gRPC. Traces show names of objects, users and times to everybody on the way.
    ///
    /// ## Fix
    /// Run a collector on the same node, and let it pass the traces on with TLS.
    ///
    /// ## References
    /// Kubernetes documentation, "Traces For Kubernetes System Components".
    ///
    /// ## Examples
    /// ```yaml bad tracing.yaml
    /// apiVersion: apiserver.config.k8s.io/v1
    /// kind: TracingConfiguration
    /// endpoint: collector.example.org:4317
    /// ```
    /// ```yaml good tracing.yaml
    /// apiVersion: apiserver.config.k8s.io/v1
    /// kind: TracingConfiguration
    /// endpoint: localhost:4317
    /// ```
    /// ```yaml good tracing.yaml
    /// apiVersion: apiserver.config.k8s.io/v1
    /// kind: TracingConfiguration
    /// endpoint: unix:///run/otel.sock
    /// ```
    pub TRACING_PLAIN {
        id: "component-config/tracing-plain",
        class: Security,
        severity: Info,
        profiles: [hardened],
        versions: "1.22+",
        check: Object(TRACED, tracing_plain),
    }
}

fn tracing_plain(object: Object<'_>, cx: &mut Context<'_>) {
    let Some(node) = tracing(object).and_then(|tracing| tracing.get("endpoint")) else { return };
    let Some(endpoint) = node.as_str().filter(|text| !is_placeholder(text)) else {
        return;
    };
    let address = endpoint.strip_prefix("dns:").unwrap_or(endpoint).trim_start_matches('/');
    let Some((host, _)) = net::split_host_port(address).filter(|_| !endpoint.starts_with("unix")) else {
        return;
    };
    if !host.is_empty() && !net::host_is_loopback(host) {
        let message = format!("traces go to `{endpoint}` in plain text");
        cx.report(node, message)
            .help("send them to a collector on the same node, which passes them on with TLS");
    }
}

declare_rule! {
    /// A component is asked for the hidden metrics of a version that is not the one before.
    ///
    /// ## Why
    /// The component does not start: metrics stay hidden for one version, and the setting accepts that version only. It breaks with every
    /// upgrade.
    ///
    /// ## Fix
    /// Remove the setting.
    ///
    /// ## References
    /// `ValidateShowHiddenMetricsVersion` in `k8s.io/component-base/metrics`.
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// apiServer:
    ///   extraArgs:
    ///     - name: show-hidden-metrics-for-version
    ///       value: "1.32"
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// apiServer:
    ///   extraArgs:
    ///     - name: show-hidden-metrics-for-version
    ///       value: "1.33"
    /// ```
    pub SHOW_HIDDEN_METRICS {
        id: "component-config/show-hidden-metrics",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "target version",
        check: Cluster(show_hidden_metrics),
    }
}

fn show_hidden_metrics(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for settings in
        cluster.settings.components.iter().filter(|settings| settings.component != Component::Etcd)
    {
        let setting = settings.get("show-hidden-metrics-for-version");
        let Version { minor, .. } = settings.version;
        let before = format!("1.{}", minor.saturating_sub(1));
        let Some(written) = setting.text().filter(|text| !text.is_empty() && *text != before) else {
            continue;
        };
        let (component, version) = (settings.component, settings.version);
        let message = format!(
            "{component} {version} shows hidden metrics of `{before}` only, not of `{written}`: it does not start"
        );
        report(cx, &setting, message).help("remove the setting");
    }
}

declare_rule! {
    /// A component measures contention for profiles.
    ///
    /// ## Why
    /// It costs time at every lock, and only somebody who looks for a bottleneck needs it.
    ///
    /// ## Fix
    /// Set it to `false`, the default.
    ///
    /// ## References
    /// The help of `--contention-profiling`.
    ///
    /// ## Examples
    /// ```yaml bad kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// enableContentionProfiling: true
    /// ```
    /// ```yaml good kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// ```
    pub CONTENTION_PROFILING {
        id: "component-config/contention-profiling",
        class: Security,
        severity: Warning,
        profiles: [],
        versions: "default false",
        fix: Unsafe,
        check: Cluster(contention_profiling),
    }
}

fn contention_profiling(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    let flags = |component| matches!(component, Component::KubeApiserver | Component::KubeControllerManager);
    for settings in &cluster.settings.components {
        let name = match settings.component {
            Component::Etcd | Component::KubeProxy => continue,
            component if flags(component) => "contention-profiling",
            _ => "enableContentionProfiling",
        };
        let setting = settings.get(name);
        if setting.as_bool() == Some(true) && setting.is_explicit() {
            let message = format!(
                "{} measures contention at every lock: only a search for a bottleneck needs it",
                settings.component
            );
            report_with_fix(cx, &setting, "false", message);
        }
    }
}
