//! Bindings: whom they give which role.

use kubevet_core::{index::ResourceSet, kubernetes::Object, yaml::NodeRef};

use super::policy::{GROUP, is_built_in_copy};

/// The role that a binding means, when the set has it. Where several files define it, the one beside the binding.
pub fn bound_role<'a>(set: &'a ResourceSet, binding: Object<'a>) -> Option<Object<'a>> {
    let kind = binding.node().at(&["roleRef", "kind"]).map_or("", NodeRef::text);
    let namespace = set.namespace(binding).name().filter(|_| kind == "Role");
    let here = |role: &Object<'_>| namespace.is_none_or(|name| set.namespace(*role).may_be(name));
    let all = || set.named(GROUP, kind, role_name(binding)).filter(here);
    let beside = all().find(|role| role.tree().path() == binding.tree().path());
    beside.or_else(|| all().next().filter(|_| all().nth(1).is_none()))
}

/// The name in `roleRef`.
pub fn role_name(binding: Object<'_>) -> &str {
    binding.node().at(&["roleRef", "name"]).map_or("", NodeRef::text)
}

/// A subject of a binding that has a name.
#[derive(Clone, Copy)]
pub struct Subject<'t> {
    /// `User`, `Group` or `ServiceAccount`.
    pub kind: &'t str,
    /// Its name.
    pub name: NodeRef<'t>,
    /// Namespace of a service account, when it says one.
    pub namespace: Option<&'t str>,
}

/// Subjects of a binding, unless it is a copy of one that the API server makes itself.
pub fn subjects(binding: Object<'_>) -> impl Iterator<Item = Subject<'_>> {
    let list = binding.node().get("subjects").filter(|_| !is_built_in_copy(binding));
    list.into_iter().flat_map(NodeRef::items).filter_map(|node| {
        let kind = node.get("kind")?.as_str()?;
        let name = node.get("name").filter(|name| name.as_str().is_some())?;
        let namespace = node.get("namespace").and_then(NodeRef::as_str).filter(|text| !text.is_empty());
        Some(Subject { kind, name, namespace })
    })
}

impl Subject<'_> {
    /// Whether it is this group.
    pub fn is_group(self, name: &str) -> bool {
        self.kind == "Group" && self.name.text() == name
    }

    /// Whether nobody has to authenticate to be it.
    pub fn is_anonymous(self) -> bool {
        self.is_group("system:unauthenticated")
            || self.kind == "User" && self.name.text() == "system:anonymous"
    }

    /// Who is in the group, when it holds everybody of some sort.
    pub fn everybody(self) -> Option<&'static str> {
        let name = self.name.text();
        match name {
            _ if self.kind != "Group" => None,
            "system:authenticated" => Some("everyone with any credential"),
            "system:serviceaccounts" => Some("every workload of the cluster"),
            _ if name.starts_with("system:serviceaccounts:") => Some("every workload of a namespace"),
            _ => None,
        }
    }
}
