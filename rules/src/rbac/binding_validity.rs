//! Bindings that the API server refuses.

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, values::names},
    rule::{Context, Kinds},
    yaml::NodeRef,
};

use crate::api::check::{Fields, form, missing, refuse};

declare_rule! {
    /// A binding names its role or its subjects in a way that the API server does not take.
    ///
    /// ## Why
    /// The API server refuses the binding. A ClusterRoleBinding gives a ClusterRole only, and says the namespace of each
    /// ServiceAccount; a ServiceAccount has no API group.
    ///
    /// ## Fix
    /// Correct the reference.
    ///
    /// ## References
    /// `ValidateClusterRoleBinding`, `ValidateRoleBindingSubject` in `k8s.io/kubernetes/pkg/apis/rbac/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: readers}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
    /// subjects: [{kind: ServiceAccount, name: web}]
    /// ```
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: readers}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
    /// ```
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata: {name: readers}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
    /// subjects: [{apiGroup: rbac.authorization.k8s.io, kind: ServiceAccount, name: web}]
    /// ```
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata: {name: readers}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: shop/reader}
    /// subjects: [{kind: ServiceAccount, name: Web}]
    /// ```
    /// ```yaml good
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata: {name: readers}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:reader"}
    /// subjects:
    ///   - {kind: ServiceAccount, name: web}
    ///   - {kind: ServiceAccount, name: "${ACCOUNT}", namespace: "${NAMESPACE}"}
    ///   - {kind: User, name: Jane Doe}
    ///   - {kind: Group, apiGroup: rbac.authorization.k8s.io, name: "system:masters"}
    /// ```
    pub INVALID_BINDING {
        id: "rbac/invalid-binding",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(BINDINGS, invalid_binding),
    }
}

const BINDINGS: Kinds = Kinds::Of(&[
    ("rbac.authorization.k8s.io", "RoleBinding"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
]);

fn invalid_binding(binding: Object<'_>, cx: &mut Context<'_>) {
    let cluster = binding.kind() == "ClusterRoleBinding";
    let kind = binding.field("roleRef.kind");
    if let Some(node) = kind.filter(|node| cluster && node.text() == "Role") {
        refuse(cx, node, "a ClusterRoleBinding cannot give a Role")
            .help("make it a RoleBinding in the namespace of the Role, or a ClusterRole of the Role");
    }
    form(cx, binding.word("roleRef.name"), "name of a role", |text| match text {
        "." | ".." => Err("must not be `.` or `..`"),
        _ if text.contains(['/', '%']) => Err("must not contain `/` or `%`"),
        _ => Ok(()),
    });
    binding.each("subjects").filter(|subject| subject.is_map()).for_each(|one| subject(one, cluster, cx));
}

fn subject(subject: NodeRef<'_>, cluster: bool, cx: &mut Context<'_>) {
    if subject.said("kind") != "ServiceAccount" {
        return;
    }
    form(cx, subject.word("name"), "name of a ServiceAccount", names::dns_subdomain);
    // Other groups are no values of the field at all.
    if let Some(group) = subject.field("apiGroup").filter(|group| group.text() == "rbac.authorization.k8s.io")
    {
        refuse(cx, group, "a ServiceAccount has no API group").help("delete `apiGroup`");
    }
    if cluster && subject.field("namespace").is_none_or(|node| node.as_str() == Some("")) {
        missing(cx, subject, "a ServiceAccount in a ClusterRoleBinding says no namespace", "set `namespace`");
    }
}
