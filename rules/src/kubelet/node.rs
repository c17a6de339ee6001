//! What the kubelet takes from its node as it is.

use kubevet_core::{
    declare_rule,
    index::SourceFile,
    rule::Context,
    settings::{Carrier, Cluster, Component, Settings},
};

use crate::effective::{by_default, report, report_with_fix, set};

declare_rule! {
    /// The kubelet changes kernel settings of its node.
    ///
    /// ## Why
    /// Without `protectKernelDefaults` the kubelet sets what it needs (`vm.overcommit_memory`, `kernel.panic` and more) over what an
    /// administrator has chosen, and nobody notices.
    ///
    /// ## Fix
    /// Set these values on the node, then `protectKernelDefaults: true`. The kubelet exits where they differ.
    ///
    /// ## References
    /// Kubernetes documentation, "Kubelet Configuration (v1beta1)", `protectKernelDefaults`.
    ///
    /// ## Examples
    /// ```yaml bad kubelet-config.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// clusterDomain: cluster.local
    /// ```
    /// ```yaml good kubelet-config.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// protectKernelDefaults: true
    /// ```
    pub PROTECT_KERNEL_DEFAULTS_OFF {
        id: "kubelet/protect-kernel-defaults-off",
        class: Security,
        severity: Info,
        profiles: [hardened],
        versions: "default false",
        peers: ["checkov:CKV_K8S_144", "trivy-checks:KCV-0083", "kubescape:C-0177", "kics:kubelet_protect_kernel_defaults_set_to_false"],
        fix: Unsafe,
        check: Settings(Component::Kubelet, protect_kernel_defaults_off),
    }
}

fn protect_kernel_defaults_off(settings: &Settings, cx: &mut Context<'_>) {
    let setting = settings.get("protectKernelDefaults");
    if setting.as_bool() == Some(false) {
        let message = format!(
            "the kubelet overwrites kernel settings of its node{} where they are not what it needs",
            by_default(&setting)
        );
        report_with_fix(cx, &setting, "true", message);
    }
}

declare_rule! {
    /// Pods get the stub resolver of systemd-resolved, which only the node itself can reach.
    ///
    /// ## Why
    /// On a node with systemd-resolved, `/etc/resolv.conf` names `127.0.0.53`. In a pod that is the pod itself: names outside of the cluster do not
    /// resolve, and CoreDNS, which forwards to itself, stops with a loop.
    ///
    /// ## Fix
    /// Set `resolvConf: /run/systemd/resolve/resolv.conf`. kubeadm does by itself when `resolvConf` is not set.
    ///
    /// ## References
    /// Kubernetes documentation, "Debugging DNS Resolution", known issues.
    ///
    /// ## Examples
    /// ```ini bad kubelet.service
    /// [Unit]
    /// After=systemd-resolved.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kubelet --config=/var/lib/kubelet/config.yaml
    /// ```
    /// ```yaml with config.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// resolvConf: /etc/resolv.conf
    /// ```
    /// ```ini good kubelet.service
    /// [Unit]
    /// After=systemd-resolved.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kubelet --config=/var/lib/kubelet/config.yaml
    /// ```
    /// ```yaml with config.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// resolvConf: /run/systemd/resolve/resolv.conf
    /// ```
    pub RESOLV_CONF_STUB {
        id: "kubelet/resolv-conf-stub",
        class: Consistency,
        severity: Info,
        profiles: [],
        versions: "all",
        check: Cluster(resolv_conf_stub),
    }
}

fn resolv_conf_stub(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    let Some(unit) = cluster.files().find(|file| needs_resolved(file)) else { return };
    for settings in cluster.component(Component::Kubelet) {
        let setting = settings.get("resolvConf");
        // Where it is not set, kubeadm looks whether systemd-resolved runs.
        let left = !setting.is_explicit() && settings.carrier == Carrier::Kubeadm;
        if setting.text() == Some("/etc/resolv.conf") && !left {
            let path = unit.source().path();
            report(cx, &setting, "`/etc/resolv.conf` names the stub of systemd-resolved: pods cannot reach it, and names do not resolve")
                .help(format!("{}; `{path}` starts after systemd-resolved", set(&setting, "/run/systemd/resolve/resolv.conf")));
        }
    }
}

/// Whether a unit starts with or after systemd-resolved.
fn needs_resolved(file: &SourceFile) -> bool {
    let lines = file.source().text().lines().map(str::trim);
    let mut ordered = lines.filter(|line| {
        ["After=", "Wants=", "Requires=", "BindsTo="].iter().any(|directive| line.starts_with(directive))
    });
    !file.kind().is_yaml() && ordered.any(|line| line.contains("systemd-resolved"))
}
