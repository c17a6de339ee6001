//! What components serve besides their work.

use kubevet_core::{
    declare_rule,
    kubernetes::values::net::host_is_loopback,
    rule::Context,
    settings::{Carrier, Cluster, Component, Setting},
};

use crate::effective::{by_default, report, report_with_fix, set};

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
