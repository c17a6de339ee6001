//! Verbs that turn some rights into all rights.

use kubevet_core::{declare_rule, kubernetes::Object, rule::Context};

use super::policy::{GROUP, Grant, PolicyRule, ROLES, rules, title};

declare_rule! {
    /// A role allows `escalate` on roles: whoever has it writes itself any right.
    ///
    /// ## Why
    /// The API server refuses to write a role with rights that the writer does not have. `escalate` switches this
    /// check off.
    ///
    /// ## Fix
    /// Remove the verb. A controller that writes roles needs the rights that it hands out, or `bind` on single roles.
    ///
    /// ## References
    /// CIS Kubernetes Benchmark 1.12, 5.1.8; Kubernetes documentation, "Using RBAC Authorization", privilege escalation
    /// prevention.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: role-writer}
    /// rules:
    /// - apiGroups: [rbac.authorization.k8s.io]
    ///   resources: [clusterroles]
    ///   verbs: [create, update, escalate]
    /// ```
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: owner, namespace: shop}
    /// rules:
    /// - apiGroups: [rbac.authorization.k8s.io]
    ///   resources: [roles, rolebindings]
    ///   verbs: ["*"]
    /// ```
    /// ```yaml good
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: role-writer}
    /// rules:
    /// - apiGroups: [rbac.authorization.k8s.io]
    ///   resources: [clusterroles]
    ///   verbs: [create, update]
    /// - apiGroups: [apps]
    ///   resources: [deployments]
    ///   verbs: ["*"]
    /// ```
    pub ESCALATE {
        id: "rbac/escalate",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        cis: ["5.1.8"],
        nsa: "authentication-authorization",
        versions: "all",
        peers: ["checkov:CKV_K8S_158", "rbac-police:escalate_roles", "kubescape:C-0191", "kube-bench:cis-1.12:5.1.8", "datree:CIS_INVALID_VALUE_BIND_IMPERSONATE_ESCALATE", "kyverno-policies:other/restrict-escalation-verbs-roles", "kics:rbac_roles_allow_privilege_escalation"],
        check: Object(ROLES, escalate),
    }
}

fn escalate(role: Object<'_>, cx: &mut Context<'_>) {
    for rule in limited(role) {
        if let Some(grant) = on_roles(rule, "escalate") {
            let includes = if grant.verb.text() == "*" { "includes `escalate`: it " } else { "" };
            cx.report(
                grant.node(),
                format!("`{}` {includes}allows writing roles with any right", grant.node().text()),
            )
            .help("remove `escalate`: who writes roles needs the rights that they hold");
        }
    }
}

declare_rule! {
    /// A role allows `bind` on all roles: whoever has it binds itself to any of them.
    ///
    /// ## Why
    /// The API server refuses a binding to a role with rights that the writer does not have. `bind` switches this
    /// check off; without `resourceNames` also for `cluster-admin`.
    ///
    /// ## Fix
    /// Name the roles that may be bound in `resourceNames`.
    ///
    /// ## References
    /// CIS Kubernetes Benchmark 1.12, 5.1.8; Kubernetes documentation, "Using RBAC Authorization", privilege escalation
    /// prevention.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: tenant-controller}
    /// rules:
    /// - apiGroups: [rbac.authorization.k8s.io]
    ///   resources: [clusterroles]
    ///   verbs: [bind]
    /// ```
    /// ```yaml good
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: tenant-controller}
    /// rules:
    /// - apiGroups: [rbac.authorization.k8s.io]
    ///   resources: [clusterroles]
    ///   resourceNames: [edit, view]
    ///   verbs: [bind]
    /// ```
    pub BIND_ROLES {
        id: "rbac/bind-roles",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        cis: ["5.1.8"],
        nsa: "authentication-authorization",
        versions: "all",
        peers: ["checkov:CKV_K8S_157", "rbac-police:bind_roles", "kubescape:C-0191", "kube-bench:cis-1.12:5.1.8", "datree:CIS_INVALID_VALUE_BIND_IMPERSONATE_ESCALATE", "kyverno-policies:other/restrict-escalation-verbs-roles"],
        check: Object(ROLES, bind_roles),
    }
}

fn bind_roles(role: Object<'_>, cx: &mut Context<'_>) {
    for rule in limited(role).filter(|rule| !rule.has_names()) {
        // A wildcard is one cause: `rbac/escalate` reports it.
        if let Some(grant) = on_roles(rule, "bind").filter(|grant| grant.verb.text() != "*") {
            cx.report(
                grant.node(),
                "`bind` without `resourceNames` allows handing out every role, `cluster-admin` included",
            )
            .help("name the roles that may be bound in `resourceNames`");
        }
    }
}

declare_rule! {
    /// A role allows to impersonate any user, group or service account.
    ///
    /// ## Why
    /// Who impersonates has the rights of the other, and the group `system:masters` has all of them. The audit log
    /// shows both names, authorization only the impersonated one.
    ///
    /// ## Fix
    /// Name the identities in `resourceNames`.
    ///
    /// ## References
    /// CIS Kubernetes Benchmark 1.12, 5.1.8; Kubernetes documentation, "User Impersonation".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: dashboard}
    /// rules:
    /// - apiGroups: [""]
    ///   resources: [users, groups]
    ///   verbs: [impersonate]
    /// ```
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: dashboard}
    /// rules:
    /// - apiGroups: [authentication.k8s.io]
    ///   resources: [users]
    ///   verbs: ["impersonate:user-info"]
    /// ```
    /// ```yaml good
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: dashboard, namespace: shop}
    /// rules:
    /// - apiGroups: [""]
    ///   resources: [users]
    ///   verbs: [impersonate]
    /// ```
    /// ```yaml good
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: dashboard}
    /// rules:
    /// - apiGroups: [""]
    ///   resources: [groups]
    ///   resourceNames: [viewers]
    ///   verbs: [impersonate]
    /// ```
    pub IMPERSONATE {
        id: "rbac/impersonate",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        cis: ["5.1.8"],
        nsa: "authentication-authorization",
        versions: "constrained form 1.35 alpha, 1.36 beta",
        peers: ["checkov:CKV2_K8S_3", "trivy-checks:KSV-0043", "kubescape:C-0065", "kics:rbac_roles_with_impersonate_permission", "rbac-police:impersonate", "KubiScan:risky-impersonate-groups", "krane:risky-impersonate-privileged-groups", "kubescape:C-0191", "kube-bench:cis-1.12:5.1.8", "datree:CIS_INVALID_VALUE_BIND_IMPERSONATE_ESCALATE", "kyverno-policies:other/restrict-escalation-verbs-roles"],
        check: Object(ROLES, impersonate),
    }
}

/// What can be impersonated, the worst first: verb, API group, resource, and whether it lies in a namespace
/// (`k8s.io/apiserver/pkg/endpoints/filters/impersonation`). A Role cannot allow what lies in none.
/// `impersonate:associated-node` is left out: it reaches only the node that the caller runs on.
const IDENTITIES: &[(&str, &str, &str, bool, &str)] = &[
    ("impersonate", "", "groups", false, "any group, `system:masters` included"),
    ("impersonate", "", "users", false, "any user"),
    ("impersonate:user-info", "authentication.k8s.io", "groups", false, "any group but `system:masters`"),
    ("impersonate:user-info", "authentication.k8s.io", "users", false, "any user"),
    ("impersonate", "", "serviceaccounts", true, "any service account"),
    ("impersonate:serviceaccount", "authentication.k8s.io", "serviceaccounts", true, "any service account"),
    ("impersonate:arbitrary-node", "authentication.k8s.io", "nodes", false, "any node"),
];

fn impersonate(role: Object<'_>, cx: &mut Context<'_>) {
    for rule in limited(role).filter(|rule| !rule.has_names()) {
        let found = IDENTITIES.iter().find_map(|(verb, group, resource, namespaced, who)| {
            let grant = rule.grants(verb, group, resource)?;
            (*namespaced || !rule.is_namespaced()).then_some((grant, who))
        });
        if let Some((grant, who)) = found {
            cx.report(grant.node(), format!("{} may impersonate {who}", title(role)))
                .help("name the identities in `resourceNames`");
        }
    }
}

/// Rules that do not already allow everything.
fn limited(role: Object<'_>) -> impl Iterator<Item = PolicyRule<'_>> {
    rules(role).filter(|rule| !rule.is_everything())
}

/// A verb on roles, or on cluster roles where the rule can allow those.
fn on_roles<'t>(rule: PolicyRule<'t>, verb: &str) -> Option<Grant<'t>> {
    let roles = rule.grants(verb, GROUP, "roles");
    roles.or_else(|| rule.grants(verb, GROUP, "clusterroles").filter(|_| !rule.is_namespaced()))
}
