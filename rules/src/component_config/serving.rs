//! What components serve besides their work.

use kubevet_core::{
    declare_rule,
    kubernetes::values::net::host_is_loopback,
    rule::Context,
    settings::{Carrier, Cluster, Component, Setting},
};

use crate::effective::{by_default, report, report_missing, report_with_fix, set};

declare_rule! {
    /// A component serves profiles of itself.
    ///
    /// ## Why
    /// `/debug/pprof` shows what a component does and how it is called to everybody who is authorized to read it, and a profile costs
    /// time of the component. Nobody needs it in normal operation; it is on by default.
    ///
    /// ## Fix
    /// Set `--profiling=false`; `enableProfiling: false` in a scheduler's file, `enableProfilingHandler: false` in a kubelet's.
    ///
    /// ## References
    /// CIS Kubernetes Benchmark 1.12.
    ///
    /// ## Examples
    /// ```yaml bad manifests/kube-scheduler.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kube-scheduler
    ///   namespace: kube-system
    /// spec:
    ///   containers:
    ///     - name: kube-scheduler
    ///       image: registry.k8s.io/kube-scheduler:v1.34.2
    ///       command: [kube-scheduler, --kubeconfig=/etc/kubernetes/scheduler.conf]
    /// ```
    /// ```yaml bad kubelet-config.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// ```
    /// ```ini bad etcd.service
    /// [Service]
    /// ExecStart=/usr/local/bin/etcd --enable-pprof
    /// ```
    /// ```yaml good manifests/kube-scheduler.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kube-scheduler
    ///   namespace: kube-system
    /// spec:
    ///   containers:
    ///     - name: kube-scheduler
    ///       image: registry.k8s.io/kube-scheduler:v1.34.2
    ///       command: [kube-scheduler, --profiling=false]
    /// ```
    /// ```yaml good kubeproxy.yaml
    /// apiVersion: kubeproxy.config.k8s.io/v1alpha1
    /// kind: KubeProxyConfiguration
    /// ```
    pub PROFILING_ENABLED {
        id: "component-config/profiling-enabled",
        class: Security,
        severity: Info,
        profiles: [hardened: Info],
        cis: ["1.2.15", "1.3.2", "1.4.1"],
        nsa: "authentication-authorization",
        versions: "all",
        peers: ["checkov:CKV_K8S_90", "trivy-checks:KCV-0018", "kubescape:C-0129", "kube-bench:cis-1.12:1.2.15", "checkov:CKV_K8S_107", "trivy-checks:KCV-0034", "kubescape:C-0145", "kube-bench:cis-1.12:1.3.2", "checkov:CKV_K8S_114", "trivy-checks:KCV-0040", "kubescape:C-0151", "kube-bench:cis-1.12:1.4.1", "kics:profiling_not_set_to_false"],
        fix: Unsafe,
        check: Cluster(profiling_enabled),
    }
}

fn profiling_enabled(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for settings in &cluster.settings.components {
        let component = settings.component;
        let name = match component {
            Component::KubeApiserver | Component::KubeControllerManager | Component::KubeScheduler => {
                "profiling"
            }
            // The benchmark speaks of the control plane only.
            _ if cx.standard() => continue,
            Component::Kubelet => "enableProfilingHandler",
            Component::KubeProxy => "enableProfiling",
            Component::Etcd => "enable-pprof",
        };
        let setting = settings.get(name);
        if setting.as_bool() == Some(true) {
            let message = format!(
                "{component} serves profiles of itself{}: nobody needs them in normal operation",
                by_default(&setting)
            );
            report_with_fix(cx, &setting, "false", message);
        }
    }
}

declare_rule! {
    /// The controller manager or the scheduler listens on more than the loopback address.
    ///
    /// ## Why
    /// Nothing but probes and collectors on the same node needs the port. Its endpoints ask for credentials, but every open port of the
    /// control plane is one more to defend. kubeadm closes it, the component's own default is open.
    ///
    /// ## Fix
    /// Set `--bind-address=127.0.0.1`. Collectors of metrics on other machines cannot reach it then.
    ///
    /// ## References
    /// CIS Kubernetes Benchmark 1.12.
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// controllerManager:
    ///   extraArgs:
    ///     - name: bind-address
    ///       value: 0.0.0.0
    /// ```
    /// ```ini bad kube-scheduler.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-scheduler --kubeconfig=/var/lib/kubernetes/kube-scheduler.kubeconfig
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// ```
    /// ```ini good kube-scheduler.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-scheduler --bind-address=::1
    /// ```
    pub BIND_ADDRESS_EXPOSED {
        id: "component-config/bind-address-exposed",
        class: Security,
        severity: Info,
        profiles: [hardened: Warning],
        cis: ["1.3.7", "1.4.2"],
        nsa: "network-separation",
        versions: "all",
        peers: ["checkov:CKV_K8S_113", "trivy-checks:KCV-0039", "kubescape:C-0150", "kube-bench:cis-1.12:1.3.7", "checkov:CKV_K8S_115", "trivy-checks:KCV-0041", "kubescape:C-0152", "kube-bench:cis-1.12:1.4.2", "kics:bind_address_not_properly_set"],
        check: Cluster(bind_address_exposed),
    }
}

fn bind_address_exposed(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    let components = [Component::KubeControllerManager, Component::KubeScheduler];
    let all = components.into_iter().flat_map(|component| cluster.component(component));
    // A pod with an address of its own is probed at it: only what shares the node's network can do without.
    for settings in all.filter(|settings| settings.carrier != Carrier::Workload) {
        let setting = settings.get("bind-address");
        if let Some(address) = exposed(&setting) {
            let message = format!(
                "{} listens on `{address}`{}: only probes and collectors of its own node need the port",
                settings.component,
                by_default(&setting)
            );
            report(cx, &setting, message).help(set(&setting, "127.0.0.1"));
        }
    }
}

/// An address that others reach, where it is known.
fn exposed<'a>(setting: &Setting<'a>) -> Option<&'a str> {
    // Port 0 serves nothing.
    let closed = setting.settings().get("secure-port").text() == Some("0");
    setting.text().filter(|address| !address.is_empty() && !host_is_loopback(address) && !closed)
}

declare_rule! {
    /// The controller manager or the scheduler shows more than its health to everybody who reaches it.
    ///
    /// ## Why
    /// Paths of `--authorization-always-allow-paths` need no credentials. Metrics name objects and tell how the cluster is used; profiles show
    /// the memory of the component.
    ///
    /// ## Fix
    /// Remove these paths, and let the collector authenticate; or listen on the loopback address.
    ///
    /// ## References
    /// The help of `--authorization-always-allow-paths`.
    ///
    /// ## Examples
    /// ```ini bad kube-scheduler.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-scheduler --authorization-always-allow-paths=/healthz,/metrics
    /// ```
    /// ```ini good kube-scheduler.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-scheduler --authorization-always-allow-paths=/metrics --bind-address=127.0.0.1
    /// ```
    /// ```ini good kube-controller-manager.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-controller-manager --authorization-always-allow-paths=/healthz,/readyz
    /// ```
    pub METRICS_OPEN {
        id: "component-config/metrics-open",
        class: Security,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "default /healthz,/readyz,/livez",
        check: Cluster(metrics_open),
    }
}

fn metrics_open(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    let components = [Component::KubeControllerManager, Component::KubeScheduler];
    for settings in components.into_iter().flat_map(|component| cluster.component(component)) {
        let address = settings.get("bind-address");
        let paths = settings.get("authorization-always-allow-paths");
        let (Some(_), Some(list)) = (exposed(&address), paths.list()) else { continue };
        let open = |path: &&str| *path == "/*" || path.starts_with("/metrics") || path.starts_with("/debug/");
        if let Some(path) = list.into_iter().find(open) {
            let message = format!("{} shows `{path}` to everybody, without credentials", settings.component);
            report(cx, &paths, message).help("remove the path, and let the collector authenticate");
        }
    }
}

declare_rule! {
    /// The controller manager or the scheduler listens for others and cannot tell who they are.
    ///
    /// ## Why
    /// Without a kubeconfig for authentication and authorization, every request but those for its health is refused: nobody can read its
    /// metrics.
    ///
    /// ## Fix
    /// Set `--authentication-kubeconfig` and `--authorization-kubeconfig`.
    ///
    /// ## References
    /// The help of these flags: "if empty, all token requests are considered to be anonymous".
    ///
    /// ## Examples
    /// ```ini bad kube-scheduler.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-scheduler --kubeconfig=/etc/kubernetes/scheduler.conf
    /// ```
    /// ```ini good kube-scheduler.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-scheduler --bind-address=127.0.0.1
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// scheduler:
    ///   extraArgs:
    ///     - name: bind-address
    ///       value: 0.0.0.0
    /// ```
    pub DELEGATED_AUTH_MISSING {
        id: "component-config/delegated-auth-missing",
        class: Availability,
        severity: Info,
        profiles: [hardened],
        versions: "all",
        check: Cluster(delegated_auth_missing),
    }
}

fn delegated_auth_missing(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    let components = [Component::KubeControllerManager, Component::KubeScheduler];
    for settings in components.into_iter().flat_map(|component| cluster.component(component)) {
        // Pods of an API server take the token of their service account.
        let in_cluster = settings.carrier == Carrier::Workload;
        if in_cluster || exposed(&settings.get("bind-address")).is_none() {
            continue;
        }
        let names = ["authentication-kubeconfig", "authorization-kubeconfig"];
        if let Some(missing) = names.into_iter().find(|name| settings.get(name).is_empty()) {
            let consequence = "every request but those for its health is refused, also that of a collector";
            report_missing(settings, cx, &[missing], "/etc/kubernetes/metrics.conf", consequence);
        }
    }
}

declare_rule! {
    /// A component is told to make fewer than no requests in a burst.
    ///
    /// ## Why
    /// The component does not start.
    ///
    /// ## Fix
    /// Write 0 or more, or remove the setting.
    ///
    /// ## References
    /// `ValidateClientConnectionConfiguration` in `k8s.io/component-base/config/validation`.
    ///
    /// ## Examples
    /// ```yaml bad scheduler.yaml
    /// apiVersion: kubescheduler.config.k8s.io/v1
    /// kind: KubeSchedulerConfiguration
    /// clientConnection:
    ///   burst: -1
    /// ```
    /// ```yaml good scheduler.yaml
    /// apiVersion: kubescheduler.config.k8s.io/v1
    /// kind: KubeSchedulerConfiguration
    /// clientConnection:
    ///   burst: 100
    /// ```
    pub CLIENT_CONNECTION_INVALID {
        id: "component-config/client-connection-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Cluster(client_connection_invalid),
    }
}

fn client_connection_invalid(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    let components = [Component::KubeProxy, Component::KubeScheduler];
    for settings in components.into_iter().flat_map(|component| cluster.component(component)) {
        let setting = settings.get("clientConnection.burst");
        if let Some(burst) = setting.as_i64().filter(|burst| *burst < 0) {
            let message =
                format!("{} cannot make {burst} requests in a burst: it does not start", settings.component);
            report(cx, &setting, message).help("write 0 or more");
        }
    }
}
