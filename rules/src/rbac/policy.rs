//! Policy rules as the RBAC authorizer reads them.

use kubevet_core::{
    facts::{Version, bootstrap_role, is_group},
    kubernetes::Object,
    rule::Kinds,
    yaml::NodeRef,
};

/// API group of roles and bindings.
pub const GROUP: &str = "rbac.authorization.k8s.io";
/// Roles of both scopes.
pub const ROLES: Kinds = Kinds::Of(&[(GROUP, "Role"), (GROUP, "ClusterRole")]);
/// Bindings of both scopes.
pub const BINDINGS: Kinds = Kinds::Of(&[(GROUP, "RoleBinding"), (GROUP, "ClusterRoleBinding")]);

/// One entry of a role's `rules`.
#[derive(Clone, Copy)]
pub struct PolicyRule<'t> {
    node: NodeRef<'t>,
    role: Object<'t>,
}

/// What allows a request: the items of the rule that match it.
#[derive(Clone, Copy)]
pub struct Grant<'t> {
    /// The verb, or `*`.
    pub verb: NodeRef<'t>,
    /// The resource, or a wildcard.
    pub resource: NodeRef<'t>,
}

/// Rules as they are written, those of built-in and of aggregated roles too: the API server validates all of them.
pub fn written_rules(role: Object<'_>) -> impl Iterator<Item = PolicyRule<'_>> {
    let nodes = role.node().get("rules").into_iter().flat_map(NodeRef::items);
    nodes.filter(|node| node.is_map()).map(move |node| PolicyRule { node, role })
}

/// The rules that a role really has: an aggregated role's own rules are overwritten by the controller, and copies
/// of Kubernetes' own roles are put back by the API server.
pub fn rules(role: Object<'_>) -> impl Iterator<Item = PolicyRule<'_>> {
    let aggregated = role.node().get("aggregationRule").is_some_and(NodeRef::is_map);
    let real = !aggregated && !is_built_in_copy(role);
    let nodes = role.node().get("rules").filter(|_| real).into_iter().flat_map(NodeRef::items);
    nodes.filter(|node| node.is_map()).map(move |node| PolicyRule { node, role })
}

/// Whether an object is a copy of what the API server makes itself (`bootstrappolicy`).
pub fn is_built_in_copy(object: Object<'_>) -> bool {
    let known = || {
        is_built_in_role(
            object.kind(),
            object.namespace().unwrap_or_default(),
            object.name().unwrap_or_default(),
        )
    };
    object.labels().any(|pair| pair == ("kubernetes.io/bootstrapping", "rbac-defaults")) || known()
}

/// Whether the newest API server makes a role of this kind, namespace (`""` for cluster roles) and name itself.
pub fn is_built_in_role(kind: &str, namespace: &str, name: &str) -> bool {
    let namespace = if kind == "ClusterRole" { "" } else { namespace };
    bootstrap_role(kind, namespace, name, Version::newest()).is_some()
}

/// Kind and name in words, for messages.
pub fn title(object: Object<'_>) -> String {
    let article = if object.name().is_some_and(|name| !name.is_empty()) { "the " } else { "" };
    format!("{article}{}", object.title())
}

impl<'t> PolicyRule<'t> {
    /// The mapping.
    pub fn node(self) -> NodeRef<'t> {
        self.node
    }

    /// Whether it can only allow what lies in one namespace.
    pub fn is_namespaced(self) -> bool {
        self.role.kind() == "Role"
    }

    /// Items of one of its lists that are strings.
    pub fn list(self, field: &str) -> impl Iterator<Item = NodeRef<'t>> {
        let items = self.node.get(field).into_iter().flat_map(NodeRef::items);
        items.filter(|item| item.as_str().is_some())
    }

    /// The item of a list with this text.
    pub fn item(self, field: &str, text: &str) -> Option<NodeRef<'t>> {
        self.list(field).find(|item| item.text() == text)
    }

    /// Whether it is limited to named objects.
    pub fn has_names(self) -> bool {
        self.list("resourceNames").next().is_some()
    }

    /// Whether all three lists hold `*`.
    pub fn is_everything(self) -> bool {
        ["verbs", "apiGroups", "resources"].into_iter().all(|list| self.item(list, "*").is_some())
    }

    /// Whether it names API groups, none of them of Kubernetes itself.
    pub fn is_custom(self) -> bool {
        let mut groups = self.list("apiGroups").map(NodeRef::text).peekable();
        groups.peek().is_some() && groups.all(|group| group != "*" && !is_group(group))
    }

    /// What allows a verb on a resource (`pods`, `pods/exec`) of a group; names are not looked at.
    ///
    /// As in `k8s.io/kubernetes/pkg/apis/rbac/v1`: `*` is every resource with every subresource, `*/exec` that
    /// subresource of every resource, and `pods/*` nothing at all.
    pub fn grants(self, verb: &str, group: &str, resource: &str) -> Option<Grant<'t>> {
        let matches = |list, wanted: &str| {
            self.list(list).find(|item| matches!(item.text(), "*") || item.text() == wanted)
        };
        matches("apiGroups", group)?;
        let subresource = resource.split_once('/').map(|(_, subresource)| subresource);
        let any = |text: &str| subresource.is_some() && text.strip_prefix("*/") == subresource;
        let resource = self.list("resources").find(|item| {
            let text = item.text();
            text == "*" || text == resource || any(text)
        })?;
        Some(Grant { verb: matches("verbs", verb)?, resource })
    }
}

impl<'t> Grant<'t> {
    /// The item to point at: the one that is no wildcard, else the verb.
    pub fn node(self) -> NodeRef<'t> {
        if self.verb.text() == "*" && self.resource.text() != "*" { self.resource } else { self.verb }
    }
}
