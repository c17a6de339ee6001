//! Requests without credentials.

use kubevet_core::{
    declare_rule,
    rule::Context,
    settings::{Cluster, Component},
    yaml::NodeRef,
};

use crate::{
    authn::anonymous_block,
    effective::{by_default, configuration, report, set},
};

declare_rule! {
    /// The API server answers requests without credentials, on more than its health endpoints.
    ///
    /// ## Why
    /// Everyone who reaches the port becomes `system:anonymous`. RBAC lets that user discover the API and read `/version`; one
    /// careless binding to `system:unauthenticated` opens the cluster to the network.
    ///
    /// ## Fix
    /// Since 1.32, name the health endpoints in an AuthenticationConfiguration (`anonymous.conditions`) and leave the flag out.
    /// `--anonymous-auth=false` also stops probes and balancers that ask `/livez` without credentials.
    ///
    /// ## References
    /// KEP-4633; Kubernetes documentation, "Authenticating", anonymous requests.
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// ```
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --authorization-mode=Node,RBAC --anonymous-auth=true
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta3
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.29.4
    /// apiServer:
    ///   extraArgs:
    ///     anonymous-auth: "false"
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// apiServer:
    ///   extraArgs:
    ///     - name: authentication-config
    ///       value: /etc/kubernetes/authentication.yaml
    /// ```
    /// ```yaml with files/authentication.yaml
    /// apiVersion: apiserver.config.k8s.io/v1
    /// kind: AuthenticationConfiguration
    /// anonymous:
    ///   enabled: true
    ///   conditions:
    ///     - path: /livez
    ///     - path: /readyz
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// apiServer:
    ///   extraArgs:
    ///     - name: authentication-config
    ///       value: /etc/kubernetes/authentication.yaml
    /// ```
    /// ```yaml with files/authentication.yaml
    /// apiVersion: apiserver.config.k8s.io/v1
    /// kind: AuthenticationConfiguration
    /// anonymous:
    ///   enabled: true
    ///   conditions:
    ///     - path: /api
    /// ```
    pub ANONYMOUS_AUTH {
        id: "apiserver/anonymous-auth",
        class: Security,
        severity: Warning,
        profiles: [production: Warning, hardened: Warning],
        cis: ["1.2.1"],
        nsa: "authentication-authorization",
        versions: "default true; conditions beta-on 1.32, GA 1.34",
        peers: ["checkov:CKV_K8S_68", "trivy-checks:KCV-0001", "kubescape:C-0113", "kube-bench:cis-1.12:1.2.1", "kics:anonymous_auth_is_not_set_to_false"],
        check: Cluster(anonymous_auth),
    }
}

fn anonymous_auth(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for settings in cluster.component(Component::KubeApiserver) {
        let setting = settings.get("anonymous-auth");
        let file = settings.get("authentication-config");
        // A flag and an `anonymous` block exclude each other: `authn/config-with-anonymous-flag`.
        if !file.is_empty() && !setting.is_explicit() {
            let Some(object) = configuration(cluster, &file, "AuthenticationConfiguration") else { continue };
            if let Some(block) = anonymous_block(object) {
                report_block(block, cx);
                continue;
            }
        }
        // With `AlwaysAllow` the server itself turns anonymous requests off: `ApplyAuthorization` of pkg/kubeapiserver/options.
        let modes = settings.get("authorization-mode").list().unwrap_or_default();
        let closed = modes.contains(&"AlwaysAllow")
            || modes.is_empty() && settings.get("authorization-config").is_empty();
        if setting.as_bool() != Some(true) || closed && !cx.standard() {
            continue;
        }
        let message = format!(
            "kube-apiserver answers requests without credentials{}: everyone who reaches its port is `system:anonymous`",
            by_default(&setting)
        );
        let limited = settings.version >= kubevet_facts::Version::new(32);
        let help = if limited {
            "limit it to `/livez`, `/readyz` and `/healthz` with `anonymous.conditions` of an AuthenticationConfiguration".to_owned()
        } else {
            format!("{}, and give probes credentials or another port", set(&setting, "false"))
        };
        report(cx, &setting, message).help(help);
    }
}

fn report_block(block: NodeRef<'_>, cx: &mut Context<'_>) {
    let Some(enabled) = block.get("enabled").filter(|node| node.as_bool() == Some(true)) else { return };
    let conditions = block.get("conditions").filter(|node| !node.is_empty());
    let help = "name only `/livez`, `/readyz` and `/healthz` in `conditions`";
    let Some(conditions) = conditions else {
        cx.report(enabled, "requests without credentials are answered on every path: everyone who reaches the port is `system:anonymous`").help(help);
        return;
    };
    for path in conditions.items().filter_map(|item| item.get("path")) {
        if !is_health(path.text()) {
            cx.report(
                path,
                format!(
                    "requests without credentials are answered on `{}`, which is no health endpoint",
                    path.text()
                ),
            )
            .help(help);
        }
    }
}

/// Whether a path is a health endpoint or one of its checks.
fn is_health(path: &str) -> bool {
    ["/livez", "/readyz", "/healthz"]
        .iter()
        .any(|root| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}
