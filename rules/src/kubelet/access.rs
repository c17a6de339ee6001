//! Who may ask the kubelet, and for what.

use kubevet_core::{
    declare_rule,
    rule::Context,
    settings::{Component, Settings},
};

use crate::effective::{by_default, report_with_fix};

declare_rule! {
    /// The kubelet accepts requests without credentials.
    ///
    /// ## Why
    /// Whoever reaches port 10250 of the node becomes `system:anonymous`. With the authorization mode `AlwaysAllow` that means commands
    /// in every pod; with `Webhook` one careless binding is enough. A configuration file turns it off by default, bare flags leave it on.
    ///
    /// ## Fix
    /// Set `authentication.anonymous.enabled: false`.
    ///
    /// ## References
    /// Kubernetes documentation, "Kubelet authentication/authorization"; CIS Kubernetes Benchmark 1.12.
    ///
    /// ## Examples
    /// ```yaml bad kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// authentication:
    ///   anonymous:
    ///     enabled: true
    /// ```
    /// ```ini bad kubelet.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kubelet --kubeconfig=/var/lib/kubelet/kubeconfig
    /// ```
    /// ```ini bad kubelet.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kubelet --config=/var/lib/kubelet/config.yaml --anonymous-auth
    /// ```
    /// ```ini good kubelet.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kubelet --config=/var/lib/kubelet/config.yaml
    /// ```
    /// ```yaml good kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// authentication:
    ///   webhook:
    ///     enabled: true
    /// ```
    pub ANONYMOUS_AUTH {
        id: "kubelet/anonymous-auth",
        class: Security,
        severity: Error,
        profiles: [recommended, production, hardened],
        cis: ["4.2.1"],
        nsa: "authentication-authorization",
        versions: "file default false; bare-flag default true",
        peers: ["checkov:CKV_K8S_138", "trivy-checks:KCV-0079", "kubescape:C-0172", "kubescape:C-0069", "kube-bench:cis-1.12:4.2.1", "kics:anonymous_auth_is_not_set_to_false"],
        fix: Unsafe,
        check: Settings(Component::Kubelet, anonymous_auth),
    }
}

fn anonymous_auth(settings: &Settings, cx: &mut Context<'_>) {
    let setting = settings.get("authentication.anonymous.enabled");
    if setting.as_bool() != Some(true) {
        return;
    }
    let open = settings.get("authorization.mode").text() == Some("AlwaysAllow");
    let so = if open {
        "whoever reaches its port runs commands in every pod of the node"
    } else {
        "only its authorization stands between the network and the pods of the node"
    };
    let message = format!("the kubelet accepts requests without credentials{}: {so}", by_default(&setting));
    report_with_fix(cx, &setting, "false", message);
}

declare_rule! {
    /// The kubelet allows every request of every authenticated client.
    ///
    /// ## Why
    /// With the mode `AlwaysAllow` each client that the kubelet knows, every pod's service account included, runs commands in all pods of
    /// the node and reads their logs. A configuration file has `Webhook` by default, bare flags have `AlwaysAllow`.
    ///
    /// ## Fix
    /// Set `authorization.mode: Webhook`: the API server then decides by `nodes/proxy` and its relatives.
    ///
    /// ## References
    /// Kubernetes documentation, "Kubelet authentication/authorization"; CIS Kubernetes Benchmark 1.12.
    ///
    /// ## Examples
    /// ```yaml bad kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// authorization:
    ///   mode: AlwaysAllow
    /// ```
    /// ```ini bad kubelet.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kubelet --kubeconfig=/var/lib/kubelet/kubeconfig --anonymous-auth=false
    /// ```
    /// ```yaml good kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// authorization:
    ///   mode: Webhook
    /// ```
    /// ```ini good kubelet.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kubelet --kubeconfig=/var/lib/kubelet/kubeconfig $KUBELET_EXTRA_ARGS
    /// ```
    pub ALWAYS_ALLOW {
        id: "kubelet/always-allow",
        class: Security,
        severity: Error,
        profiles: [recommended, production, hardened],
        cis: ["4.2.2"],
        nsa: "authentication-authorization",
        versions: "file default Webhook; bare-flag default AlwaysAllow",
        peers: ["checkov:CKV_K8S_139", "trivy-checks:KCV-0080", "kubescape:C-0173", "kube-bench:cis-1.12:4.2.2", "kics:authorization_mode_set_to_always_allow"],
        fix: Unsafe,
        check: Settings(Component::Kubelet, always_allow),
    }
}

fn always_allow(settings: &Settings, cx: &mut Context<'_>) {
    let setting = settings.get("authorization.mode");
    if setting.text() == Some("AlwaysAllow") {
        let message = format!(
            "the kubelet allows everything{}: every client it knows, pods included, may run commands in all pods of the node",
            by_default(&setting)
        );
        report_with_fix(cx, &setting, "Webhook", message);
    }
}

declare_rule! {
    /// The kubelet's read-only port is open.
    ///
    /// ## Why
    /// It asks for no credentials, and shows every pod of the node with its environment variables, and metrics. A configuration file closes
    /// it by default, bare flags open port 10255.
    ///
    /// ## Fix
    /// Set `readOnlyPort: 0`, and let old collectors read port 10250 with credentials.
    ///
    /// ## References
    /// Kubernetes documentation, "Kubelet Configuration (v1beta1)", `readOnlyPort`; CIS Kubernetes Benchmark 1.12.
    ///
    /// ## Examples
    /// ```yaml bad kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// readOnlyPort: 10255
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// nodeRegistration:
    ///   kubeletExtraArgs:
    ///     - name: read-only-port
    ///       value: "10255"
    /// ```
    /// ```yaml good kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// clusterDomain: cluster.local
    /// ```
    pub READ_ONLY_PORT {
        id: "kubelet/read-only-port",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        cis: ["4.2.4"],
        nsa: "network-separation",
        versions: "file default 0; bare-flag default 10255",
        peers: ["checkov:CKV_K8S_141", "trivy-checks:KCV-0082", "kubescape:C-0175", "kics:kubelet_read_only_port_is_not_set_to_zero", "kube-bench:cis-1.12:4.2.4"],
        fix: Unsafe,
        check: Settings(Component::Kubelet, read_only_port),
    }
}

fn read_only_port(settings: &Settings, cx: &mut Context<'_>) {
    let setting = settings.get("readOnlyPort");
    if let Some(port) = setting.as_i64().filter(|port| *port != 0) {
        let message = format!(
            "port {port} is open{} and asks for no credentials: it shows every pod of the node with its environment",
            by_default(&setting)
        );
        report_with_fix(cx, &setting, "0", message);
    }
}
