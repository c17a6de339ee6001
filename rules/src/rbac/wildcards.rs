//! `*` in roles.

use kubevet_core::{declare_rule, kubernetes::Object, rule::Context};

use super::policy::{GROUP, PolicyRule, ROLES, rules, title};

declare_rule! {
    /// A role allows every verb on every resource of every API group.
    ///
    /// ## Why
    /// It is `cluster-admin` by another name, or, as a Role, the administrator of its namespace: it reads all Secrets,
    /// runs anything, and grants itself and others more. What is added to the API later is included, too.
    ///
    /// ## Fix
    /// List the groups, resources and verbs that are used. Who really needs everything gets `cluster-admin`, where
    /// everybody sees it.
    ///
    /// ## References
    /// CIS Kubernetes Benchmark 1.12, 5.1.3; Kubernetes documentation, "Role Based Access Control Good Practices".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: operator}
    /// rules:
    /// - apiGroups: ["*"]
    ///   resources: ["*"]
    ///   verbs: ["*"]
    /// ```
    /// ```yaml good
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: operator}
    /// rules:
    /// - apiGroups: [apps]
    ///   resources: [deployments]
    ///   verbs: [get, list, watch, update]
    /// ```
    pub WILDCARD_ALL {
        id: "rbac/wildcard-all",
        class: Security,
        severity: Error,
        profiles: [recommended, production, hardened],
        cis: ["5.1.3"],
        nsa: "authentication-authorization",
        versions: "all",
        peers: ["trivy-checks:KSV-0044", "kubescape:C-0187", "KubiScan:risky-any-verb", "KubiScan:risky-any-verb-secrets", "KubiScan:risky-any-verb-pods", "KubiScan:risky-any-verb-deployments", "KubiScan:risky-any-verb-daemonsets", "KubiScan:risky-any-verb-statefulsets", "KubiScan:risky-any-verb-replicationcontrollers", "KubiScan:risky-any-verb-replicasets", "KubiScan:risky-any-verb-cronjobs", "KubiScan:risky-any-verb-groups", "krane:risky-any-verb-secrets", "krane:risky-any-verb-pods", "krane:risky-any-verb-deployments", "krane:risky-any-verb-daemonsets", "krane:risky-any-verb-statefulsets", "krane:risky-any-verb-replicationcontrollers", "krane:risky-any-verb-replicasets", "krane:risky-any-verb-cronjobs", "krane:risky-any-verb-jobs", "krane:risky-any-verb-roles", "krane:risky-any-verb-clusterroles", "krane:risky-any-verb-rolebindings", "krane:risky-any-verb-clusterrolebindings", "krane:risky-any-verb-users", "krane:risky-any-verb-groups", "trivy-checks:KSV-0112", "krane:subjects-with-open-ns-level-access"],
        check: Object(ROLES, wildcard_all),
    }
}

fn wildcard_all(role: Object<'_>, cx: &mut Context<'_>) {
    for rule in rules(role).filter(|rule| rule.is_everything()) {
        let Some(verb) = rule.item("verbs", "*") else { continue };
        let what = if rule.is_namespaced() {
            "everything in its namespace, Secrets and role bindings included"
        } else {
            "everything to every resource: it is `cluster-admin` by another name"
        };
        cx.report(verb, format!("{} may do {what}", title(role)))
            .help("list the API groups, resources and verbs that are used");
    }
}

declare_rule! {
    /// A role allows changes to every resource of an API group of Kubernetes.
    ///
    /// ## Why
    /// `*` stands for every resource with all its subresources, also for those that a later version adds: in the core
    /// group for Secrets, `pods/exec` and `nodes/proxy`. `*/scale` and other single subresources are not meant here.
    ///
    /// ## Fix
    /// List the resources that are used. A group of one's own custom resources is not reported.
    ///
    /// ## References
    /// CIS Kubernetes Benchmark 1.12, 5.1.3; Kubernetes documentation, "Using RBAC Authorization".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: controller}
    /// rules:
    /// - apiGroups: ["", apps]
    ///   resources: ["*"]
    ///   verbs: [get, list, update]
    /// ```
    /// ```yaml good
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: controller}
    /// rules:
    /// - apiGroups: [""]
    ///   resources: ["*"]
    ///   verbs: [list]
    /// - apiGroups: ["*"]
    ///   resources: ["*/scale"]
    ///   verbs: [update]
    /// - apiGroups: [shop.example.com]
    ///   resources: ["*"]
    ///   verbs: ["*"]
    /// ```
    pub WILDCARD_RESOURCE {
        id: "rbac/wildcard-resource",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        cis: ["5.1.3"],
        nsa: "authentication-authorization",
        versions: "all",
        peers: ["trivy-checks:KSV-0046", "kyverno-policies:other/restrict-wildcard-resources", "kube-linter:wildcard-in-rules", "checkov:CKV_K8S_49", "kics:rbac_wildcard_in_rule", "kube-bench:cis-1.12:5.1.3", "datree:CIS_INVALID_WILDCARD_ROLE", "KubiScan:risky-any-resource-delete", "KubiScan:risky-any-resource-delete#2", "KubiScan:risky-any-resource-create", "KubiScan:risky-any-resource-list", "KubiScan:risky-any-resource-get", "KubiScan:risky-any-resource-impersonate", "krane:risky-any-resource-delete", "krane:risky-any-resource-deletecollection", "krane:risky-any-resource-create", "krane:risky-any-resource-list", "krane:risky-any-resource-get", "krane:risky-any-resource-impersonate"],
        check: Object(ROLES, wildcard_resource),
    }
}

fn wildcard_resource(role: Object<'_>, cx: &mut Context<'_>) {
    for rule in rules(role).filter(|rule| !rule.is_everything()) {
        let Some(wildcard) = rule.item("resources", "*") else { continue };
        let writes = rule.list("verbs").any(|verb| !matches!(verb.text(), "get" | "list" | "watch"));
        let matches = rule.list("apiGroups").next().is_some();
        if writes && matches && (cx.standard() || !rule.is_custom()) {
            let groups = groups(rule);
            cx.report(wildcard, format!("{} may change every resource of {groups}", title(role)))
                .help("list the resources that are used");
        }
    }
}

declare_rule! {
    /// A role allows every verb on resources of Kubernetes.
    ///
    /// ## Why
    /// Besides reading and writing, `*` stands for `deletecollection`, and on some resources for verbs that lead to
    /// administrator rights: `escalate` and `bind` on roles, `impersonate` on users and service accounts.
    ///
    /// ## Fix
    /// List the verbs that are used. Rules about custom resources alone are not reported.
    ///
    /// ## References
    /// CIS Kubernetes Benchmark 1.12, 5.1.3.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: deployer, namespace: shop}
    /// rules:
    /// - apiGroups: [apps]
    ///   resources: [deployments]
    ///   verbs: ["*"]
    /// ```
    /// ```yaml good
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: deployer, namespace: shop}
    /// rules:
    /// - apiGroups: [apps]
    ///   resources: [deployments]
    ///   verbs: [get, list, watch, create, update, patch, delete]
    /// - apiGroups: [shop.example.com]
    ///   resources: [orders]
    ///   verbs: ["*"]
    /// ```
    pub WILDCARD_VERB {
        id: "rbac/wildcard-verb",
        class: Security,
        severity: Warning,
        profiles: [production, hardened],
        cis: ["5.1.3"],
        nsa: "authentication-authorization",
        versions: "all",
        peers: ["trivy-checks:KSV-0045", "kyverno-policies:other/restrict-wildcard-verbs", "kube-linter:wildcard-in-rules", "checkov:CKV_K8S_49", "kics:rbac_wildcard_in_rule", "kube-bench:cis-1.12:5.1.3", "datree:CIS_INVALID_WILDCARD_ROLE"],
        check: Object(ROLES, wildcard_verb),
    }
}

/// Verbs that only a wildcard or a deliberate word grants, by group and resource.
const POWERFUL: &[(&str, &str, &str)] = &[
    ("escalate", GROUP, "roles"),
    ("escalate", GROUP, "clusterroles"),
    ("bind", GROUP, "roles"),
    ("bind", GROUP, "clusterroles"),
    ("impersonate", "", "users"),
    ("impersonate", "", "groups"),
    ("impersonate", "", "serviceaccounts"),
];

fn wildcard_verb(role: Object<'_>, cx: &mut Context<'_>) {
    for rule in rules(role).filter(|rule| !rule.is_everything()) {
        let Some(wildcard) = rule.item("verbs", "*") else { continue };
        let resources = rule.list("resources").next().is_some();
        if !resources || rule.is_custom() && !cx.standard() {
            continue;
        }
        let mut included: Vec<String> = POWERFUL
            .iter()
            .filter(|(verb, group, resource)| rule.grants(verb, group, resource).is_some())
            .map(|(verb, _, _)| format!("`{verb}`"))
            .collect();
        included.dedup();
        let more = if included.is_empty() { "`deletecollection`".to_owned() } else { included.join(" and ") };
        let what = named(rule);
        cx.report(wildcard, format!("{} allows every verb on {what}, {more} included", title(role)))
            .help("list the verbs that are used");
    }
}

/// The resources of a rule in words, the first ones where there are many.
fn named(rule: PolicyRule<'_>) -> String {
    if rule.item("resources", "*").is_some() {
        return format!("every resource of {}", groups(rule));
    }
    let names: Vec<String> = rule.list("resources").map(|name| format!("`{}`", name.text())).collect();
    match &names[..] {
        [first, second, _, _, ..] => format!("{first}, {second} and {} more resources", names.len() - 2),
        _ => names.join(", "),
    }
}

/// The API groups of a rule in words.
fn groups(rule: PolicyRule<'_>) -> String {
    if rule.item("apiGroups", "*").is_some() {
        return "every API group".to_owned();
    }
    let name =
        |group: &str| if group.is_empty() { "the core group".to_owned() } else { format!("`{group}`") };
    let names: Vec<String> = rule.list("apiGroups").map(|group| name(group.text())).collect();
    names.join(", ")
}
