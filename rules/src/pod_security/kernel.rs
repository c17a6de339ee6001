//! Kernel parameters that pods set.

use kubevet_core::{
    declare_rule,
    kubernetes::{PodSpec, is_placeholder},
    rule::Context,
    settings::Version,
    yaml::NodeRef,
};

/// Kernel parameters that the standard and the kubelet allow, with the minor version of their admission
/// (`check_sysctls.go` in `k8s.io/pod-security-admission/policy`).
const SAFE: &[(&str, u8)] = &[
    ("kernel.shm_rmid_forced", 0),
    ("net.ipv4.ip_local_port_range", 0),
    ("net.ipv4.tcp_syncookies", 0),
    ("net.ipv4.ping_group_range", 0),
    ("net.ipv4.ip_unprivileged_port_start", 0),
    ("net.ipv4.ip_local_reserved_ports", 27),
    ("net.ipv4.tcp_keepalive_time", 29),
    ("net.ipv4.tcp_fin_timeout", 29),
    ("net.ipv4.tcp_keepalive_intvl", 29),
    ("net.ipv4.tcp_keepalive_probes", 29),
    ("net.ipv4.tcp_rmem", 32),
    ("net.ipv4.tcp_wmem", 32),
    ("net.ipv4.tcp_slow_start_after_idle", 37),
    ("net.ipv4.tcp_notsent_lowat", 37),
];

declare_rule! {
    /// A pod sets a kernel parameter that is not on the list of safe ones.
    ///
    /// ## Why
    /// It can reach beyond the pod. The kubelet refuses to start the pod unless the node's `allowedUnsafeSysctls` lists
    /// it, and the baseline standard refuses it in any case.
    ///
    /// ## Fix
    /// Remove it, or allow it on the nodes that run the pod and suppress this with the reason.
    ///
    /// ## References
    /// Pod Security Standards, baseline, "Sysctls"; Kubernetes documentation, "Using sysctls in a Kubernetes Cluster".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   securityContext:
    ///     sysctls: [{name: net.core.somaxconn, value: "1024"}]
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   securityContext:
    ///     sysctls: [{name: net.ipv4.ip_local_port_range, value: "1024 65535"}]
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   securityContext:
    ///     sysctls: [{name: net.ipv4.tcp_rmem, value: "4096 131072 6291456"}]
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub UNSAFE_SYSCTL {
        id: "pod-security/unsafe-sysctl",
        class: Security,
        severity: Warning,
        profiles: [recommended, production, hardened],
        pss: "baseline/sysctls",
        nsa: "pod-security",
        versions: "per version",
        peers: ["kube-linter:unsafe-sysctls", "trivy-checks:KSV-0026", "kics:cluster_allows_unsafe_sysctls", "monokle:PSS111", "kyverno-policies:pod-security/restrict-sysctls"],
        check: Pod(unsafe_sysctl),
    }
}

fn unsafe_sysctl(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let list = pod.security_context().and_then(|context| context.get("sysctls"));
    for node in list.into_iter().flat_map(NodeRef::items).filter_map(|sysctl| sysctl.get("name")) {
        let name = node.text();
        let since = SAFE.iter().find(|(safe, _)| *safe == name).map(|(_, minor)| Version::new(*minor));
        if is_placeholder(name) || since.is_some_and(|since| since <= cx.version()) {
            continue;
        }
        let message = match since {
            Some(since) => format!(
                "`{name}` is a safe kernel parameter only since {since}: older kubelets refuse the pod"
            ),
            None => format!(
                "`{name}` is no safe kernel parameter: a kubelet refuses the pod unless it is told to allow it"
            ),
        };
        cx.report(node, message)
            .help("remove it, or list it in `allowedUnsafeSysctls` of the nodes that run the pod");
    }
}
