//! Rights that reach credentials, running pods and nodes.

use kubevet_core::{declare_rule, kubernetes::Object, rule::Context};

use super::policy::{PolicyRule, ROLES, rules, title};

declare_rule! {
    /// A role allows to read all Secrets of its scope.
    ///
    /// ## Why
    /// Secrets hold passwords, keys and service account tokens. `list` and `watch` return the content, too, not only
    /// the names.
    ///
    /// ## Fix
    /// Allow `get` on the Secrets that are needed, by `resourceNames`; better let the kubelet mount them.
    ///
    /// ## References
    /// CIS Kubernetes Benchmark 1.12, 5.1.2; Kubernetes documentation, "Good practices for Kubernetes Secrets".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: controller}
    /// rules:
    /// - apiGroups: [""]
    ///   resources: [configmaps, secrets]
    ///   verbs: [list, watch]
    /// ```
    /// ```yaml good
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: controller, namespace: shop}
    /// rules:
    /// - apiGroups: [""]
    ///   resources: [secrets]
    ///   resourceNames: [database]
    ///   verbs: [get]
    /// - apiGroups: [""]
    ///   resources: [secrets]
    ///   verbs: [create]
    /// ```
    pub SECRETS_READ {
        id: "rbac/secrets-read",
        class: Security,
        severity: Warning,
        profiles: [production: Info, hardened: Warning],
        cis: ["5.1.2"],
        nsa: "authentication-authorization",
        versions: "all",
        peers: ["kube-linter:access-to-secrets", "trivy-checks:KSV-0041", "trivy-checks:KSV-0113", "kubescape:C-0015", "kubescape:C-0186", "kics:rbac_roles_with_read_secrets_permissions", "kics:service_account_allows_access_secrets", "kube-bench:cis-1.12:5.1.2", "datree:CIS_INVALID_VERB_SECRETS", "rbac-police:retrieve_token_secrets", "KubiScan:risky-get-secrets", "KubiScan:risky-list-secrets", "krane:risky-get-secrets", "krane:risky-list-secrets", "kyverno-policies:other/restrict-secret-role-verbs", "checkov:CKV2_K8S_5", "rbac-police:list_secrets"],
        check: Object(ROLES, secrets_read),
    }
}

fn secrets_read(role: Object<'_>, cx: &mut Context<'_>) {
    for rule in rules(role).filter(|rule| !rule.is_everything() && !rule.has_names()) {
        let mut verbs = ["get", "list", "watch"].into_iter();
        let Some(grant) = verbs.find_map(|verb| rule.grants(verb, "", "secrets")) else { continue };
        let scope = if rule.is_namespaced() { "of its namespace" } else { "wherever it is bound" };
        let help = if grant.resource.text() == "*" {
            "list the resources that are used"
        } else {
            "name the Secrets in `resourceNames` with the verb `get`, or mount them"
        };
        cx.report(grant.resource, format!("{} may read all Secrets {scope}, tokens included", title(role)))
            .help(help);
    }
}

declare_rule! {
    /// A role allows to enter running pods: `exec`, `attach` or `portforward`.
    ///
    /// ## Why
    /// Whoever enters a container has its service account token, its Secrets and its network, and no admission check
    /// stands in between. Before 1.35 a WebSocket request needs only `get`, which looks like reading.
    ///
    /// ## Fix
    /// Give this to people for a limited time, in the namespaces that they care for, not to service accounts.
    ///
    /// ## References
    /// Kubernetes documentation, "Role Based Access Control Good Practices"; feature gate
    /// `AuthorizePodWebsocketUpgradeCreatePermission`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: debug, namespace: shop}
    /// rules:
    /// - apiGroups: [""]
    ///   resources: [pods/exec]
    ///   verbs: [create]
    /// ```
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: debug}
    /// rules:
    /// - apiGroups: [""]
    ///   resources: ["*/attach"]
    ///   verbs: ["*"]
    /// ```
    /// ```yaml good
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: logs, namespace: shop}
    /// rules:
    /// - apiGroups: [""]
    ///   resources: [pods, pods/log]
    ///   verbs: [get, list]
    /// - apiGroups: [""]
    ///   resources: ["pods/*"] # matches nothing: only `*/exec` is a pattern
    ///   verbs: [create]
    /// ```
    pub EXEC_INTO_PODS {
        id: "rbac/exec-into-pods",
        class: Security,
        severity: Warning,
        profiles: [production, hardened],
        nsa: "authentication-authorization",
        versions: "1.35 beta for create-only",
        peers: ["trivy-checks:KSV-0053", "kubescape:C-0002", "kics:rbac_roles_with_exec_permission", "datree:CONTAINERS_INCORRECT_RESOURCES_VERBS_VALUE", "rbac-police:pods_exec", "KubiScan:risky-exec-pods", "krane:risky-exec-pods", "monokle:KBP108", "trivy-checks:KSV-0054", "kics:rbac_roles_with_attach_permission", "KubiScan:risky-attach-pods", "krane:risky-attach-pods", "polaris:clusterrolePodExecAttach", "polaris:clusterrolebindingPodExecAttach", "polaris:rolePodExecAttach", "polaris:rolebindingClusterRolePodExecAttach", "polaris:rolebindingRolePodExecAttach", "kubescape:C-0063", "kics:rbac_roles_with_portforwarding_permissions"],
        check: Object(ROLES, exec_into_pods),
    }
}

fn exec_into_pods(role: Object<'_>, cx: &mut Context<'_>) {
    let version = cx.version();
    let get_suffices = (version.major, version.minor) < (1, 35);
    for rule in rules(role).filter(|rule| is_precise(*rule) && !rule.has_names()) {
        let subresources = ["pods/exec", "pods/attach", "pods/portforward"];
        let found = subresources.into_iter().find_map(|resource| {
            let create = rule.grants("create", "", resource);
            let grant = create.or_else(|| rule.grants("get", "", resource).filter(|_| get_suffices))?;
            Some((grant, resource))
        });
        let Some((grant, resource)) = found else { continue };
        let way = if matches!(grant.verb.text(), "get") { " (`get` suffices before 1.35)" } else { "" };
        cx.report(
            grant.resource,
            format!("{} may enter running pods through `{resource}`{way}", title(role)),
        )
        .help("whoever enters a pod has its token and its Secrets: give it to people, for a limited time");
    }
}

declare_rule! {
    /// A role allows requests to kubelets through `nodes/proxy`.
    ///
    /// ## Why
    /// The API server forwards the request to the kubelet, whose API runs commands in every container of the node.
    /// `get` is enough, because a command can be sent over a WebSocket; neither audit nor admission sees it.
    ///
    /// ## Fix
    /// Since 1.33 the kubelet asks for finer resources: `nodes/metrics`, `nodes/stats`, `nodes/log`, `nodes/healthz`,
    /// `nodes/pods`, `nodes/configz`.
    ///
    /// ## References
    /// CIS Kubernetes Benchmark 1.12, 5.1.10; Kubernetes documentation, "Kubelet authentication/authorization".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: prometheus}
    /// rules:
    /// - apiGroups: [""]
    ///   resources: [nodes, nodes/proxy]
    ///   verbs: [get, list, watch]
    /// ```
    /// ```yaml good
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: prometheus}
    /// rules:
    /// - apiGroups: [""]
    ///   resources: [nodes, nodes/metrics]
    ///   verbs: [get, list, watch]
    /// ```
    pub NODES_PROXY {
        id: "rbac/nodes-proxy",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        cis: ["5.1.10"],
        nsa: "authentication-authorization",
        versions: "fine-grained since 1.33",
        peers: ["trivy-checks:KSV-0047", "kubescape:C-0279", "kube-bench:cis-1.12:5.1.10", "rbac-police:nodes_proxy", "KubiScan:risky-execute-command-node-proxy", "kyverno-policies:other/restrict-clusterrole-nodesproxy", "checkov:CKV2_K8S_2"],
        check: Object(ROLES, nodes_proxy),
    }
}

fn nodes_proxy(role: Object<'_>, cx: &mut Context<'_>) {
    for rule in rules(role).filter(|rule| !rule.is_namespaced() && is_precise(*rule)) {
        // A list of nodes goes to no kubelet: of the verbs, `list` and `watch` alone do nothing.
        let mut verbs = ["get", "create", "update", "patch", "delete"].into_iter();
        let Some(grant) = verbs.find_map(|verb| rule.grants(verb, "", "nodes/proxy")) else { continue };
        let name = grant.resource.text();
        let (includes, help) = if name == "nodes/proxy" {
            (
                "",
                "use `nodes/metrics`, `nodes/stats`, `nodes/log`, `nodes/healthz`, `nodes/pods` or `nodes/configz`",
            )
        } else {
            ("includes `nodes/proxy`: it ", "list the resources that are used")
        };
        cx.report(
            grant.resource,
            format!("`{name}` {includes}lets {} run commands on every node", title(role)),
        )
        .help(help);
    }
}

/// Whether no wildcard that another rule reports makes it allow nearly everything.
fn is_precise(rule: PolicyRule<'_>) -> bool {
    let reads = rule.list("verbs").all(|verb| matches!(verb.text(), "get" | "list" | "watch"));
    rule.item("resources", "*").is_none() || reads
}
