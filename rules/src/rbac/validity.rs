//! Rules that the API server refuses, or that never match.

use kubevet_core::{
    declare_rule,
    kubernetes::Object,
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::policy::{PolicyRule, ROLES, written_rules};

declare_rule! {
    /// A policy rule is one that the API server refuses, or a URL in it can match nothing.
    ///
    /// ## Why
    /// A rule speaks either of resources (`verbs`, `apiGroups` and `resources`, each with at least one entry) or of
    /// URLs (`verbs` and `nonResourceURLs`, in a ClusterRole only). Validation refuses everything else. A URL must
    /// begin with `/`, and `*` counts only as its last character or alone.
    ///
    /// ## Fix
    /// Complete the rule, or split it in two. The core API group is written `""`.
    ///
    /// ## References
    /// `k8s.io/kubernetes/pkg/apis/rbac/validation` and `pkg/apis/rbac/v1` (evaluation helpers).
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: reader, namespace: shop}
    /// rules:
    /// - resources: [pods]
    ///   verbs: [get]
    /// ```
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: health, namespace: shop}
    /// rules:
    /// - nonResourceURLs: [/healthz]
    ///   verbs: [get]
    /// ```
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: metrics}
    /// rules:
    /// - nonResourceURLs: [metrics]
    ///   verbs: [get]
    /// ```
    /// ```yaml good
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: reader}
    /// rules:
    /// - apiGroups: [""]
    ///   resources: [pods]
    ///   verbs: [get]
    /// - nonResourceURLs: [/metrics, /healthz/*]
    ///   verbs: [get]
    /// ```
    pub INVALID_RULE {
        id: "rbac/invalid-rule",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(ROLES, invalid_rule),
    }
}

fn invalid_rule(role: Object<'_>, cx: &mut Context<'_>) {
    for rule in written_rules(role) {
        let has =
            |field| rule.node().get(field).is_some_and(|list: NodeRef<'_>| list.is_seq() && !list.is_empty());
        if !has("verbs") {
            cx.report(Key(head(rule, "verbs")), "the rule names no verbs: the API server refuses it")
                .help("list the verbs that are allowed");
        }
        if has("nonResourceURLs") {
            urls(rule, cx);
            continue;
        }
        for (field, message, help) in [
            (
                "apiGroups",
                "the rule names no API group: the API server refuses it",
                "the core group is `\"\"`",
            ),
            ("resources", "the rule names no resources: the API server refuses it", "list the resources"),
        ] {
            if !has(field) {
                cx.report(Key(head(rule, field)), message).help(help);
            }
        }
    }
}

fn urls(rule: PolicyRule<'_>, cx: &mut Context<'_>) {
    let Some(list) = rule.node().get("nonResourceURLs") else { return };
    if rule.is_namespaced() {
        cx.report(Key(list), "a Role cannot allow URLs: the API server refuses it")
            .help("move it to a ClusterRole");
        return;
    }
    let others = ["apiGroups", "resources", "resourceNames"];
    if others.into_iter().any(|field| rule.list(field).next().is_some()) {
        cx.report(Key(list), "one rule cannot speak of resources and URLs: the API server refuses it")
            .help("split it in two rules");
    }
    for url in rule.list("nonResourceURLs") {
        let text = url.text();
        let fixed = text.trim_end_matches('*');
        let dead = !fixed.is_empty() && !fixed.starts_with('/') || fixed.contains('*');
        if dead && !text.contains(['$', '{']) {
            cx.report(url, format!("`{text}` matches no URL: nothing is allowed"))
                .help("begin with `/`, and use `*` only as the last character");
        }
    }
}

/// The field, where it is there but empty; else the first entry of the rule.
fn head<'t>(rule: PolicyRule<'t>, field: &str) -> NodeRef<'t> {
    let first = rule.node().entries().next().map(|entry| entry.value);
    rule.node().get(field).or(first).unwrap_or(rule.node())
}
