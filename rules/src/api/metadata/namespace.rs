//! Namespaces of objects that have none.

use kubevet_core::{
    declare_rule,
    facts::api,
    kubernetes::Object,
    rule::{Context, Kinds},
};

use super::super::check::Fields;

declare_rule! {
    /// An object that belongs to the whole cluster says a namespace.
    ///
    /// ## Why
    /// The namespace means nothing: the object is not in it, is seen from everywhere, and stays when the namespace is deleted.
    ///
    /// ## Fix
    /// Delete `metadata.namespace`, or use the namespaced kind: a Role instead of a ClusterRole.
    ///
    /// ## References
    /// `EnsureObjectNamespaceMatchesRequestNamespace` in `k8s.io/apiserver/pkg/registry/rest`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: reader, namespace: shop}
    /// rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
    /// ```
    /// ```yaml good
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: reader, namespace: shop}
    /// rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata: {name: shop, namespace: ""}
    /// ```
    pub NAMESPACE_CONFLICT {
        id: "api/namespace-conflict",
        class: Correctness,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(Kinds::Any, namespace_conflict),
    }
}

fn namespace_conflict(object: Object<'_>, cx: &mut Context<'_>) {
    let Some(node) = object.field("metadata.namespace").filter(|node| !node.text().is_empty()) else {
        return;
    };
    if api(object.api_version(), object.kind()).is_none_or(|api| api.namespaced != Some(false)) {
        return;
    }
    cx.report(node, format!("{} belongs to the whole cluster: its namespace means nothing", object.title()))
        .help("delete `metadata.namespace`");
}
