//! Bindings that lead nowhere.

use std::collections::HashSet;

use kubevet_core::{
    declare_rule,
    index::{Absent, ResourceSet},
    kubernetes::Object,
    rule::Context,
    yaml::NodeRef,
};

use crate::reference::{MissingAccount, report_missing_accounts};

use super::{
    binding::{role_name, subjects},
    policy::{GROUP, is_built_in_role},
};

declare_rule! {
    /// A binding refers to a role that does not exist.
    ///
    /// ## Why
    /// The API server accepts the binding, and the subjects have no rights from it. `roleRef` cannot be changed later:
    /// the binding must be made again.
    ///
    /// ## Fix
    /// Correct the name or the kind. Roles of Kubernetes itself, of kubeadm and of distributions are taken as present.
    ///
    /// ## References
    /// Kubernetes documentation, "Using RBAC Authorization".
    ///
    /// ## Examples
    /// ```yaml bad closed
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata: {name: readers, namespace: shop}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: raeder}
    /// subjects:
    /// - {kind: ServiceAccount, name: web, namespace: shop}
    /// ```
    /// ```yaml with role.yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: reader, namespace: shop}
    /// rules:
    /// - {apiGroups: [""], resources: [pods], verbs: [get]}
    /// ```
    /// ```yaml good closed
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata: {name: editors, namespace: shop}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
    /// subjects:
    /// - {kind: ServiceAccount, name: web, namespace: shop}
    /// ```
    /// ```yaml good
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata: {name: readers, namespace: shop}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: made-elsewhere}
    /// subjects:
    /// - {kind: ServiceAccount, name: web, namespace: shop}
    /// ```
    pub ROLE_MISSING {
        id: "rbac/role-missing",
        class: Consistency,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: ["popeye:POP-1300", "krane:subjects-with-non-existing-roles", "kubevious:role-binding-role-ref"],
        absence: true,
        check: Set(role_missing),
    }
}

/// Prefixes of roles that Kubernetes, kubeadm and distributions bring along.
const EXTERNAL: &[&str] = &[
    "aks-",
    "cloud-",
    "eks:",
    "gce:",
    "gke-",
    "k3s-",
    "kubeadm:",
    "microk8s-",
    "openshift-",
    "rke2-",
    "system:",
];

fn role_missing(set: &ResourceSet, cx: &mut Context<'_>) {
    let mut found = HashSet::new();
    let mut missing: Vec<(Object<'_>, &str, Option<&str>, Absent<'_>)> = Vec::new();
    for binding in bindings(set) {
        let text = |field| binding.node().at(&["roleRef", field]).and_then(NodeRef::as_str);
        let (Some(kind), Some(name)) = (text("kind"), text("name")) else { continue };
        let namespace = set.namespace(binding).name().filter(|_| kind == "Role");
        let known = kind == "ClusterRole" || kind == "Role" && namespace.is_some();
        let distribution = kind == "ClusterRole" && EXTERNAL.iter().any(|prefix| name.starts_with(prefix));
        if !known || distribution || is_built_in_role(kind, namespace.unwrap_or_default(), name) {
            continue;
        }
        match set.absent(binding, GROUP, kind, namespace, name) {
            Some(absent) => missing.push((binding, kind, namespace, absent)),
            None => {
                found.insert((kind, namespace, name));
            }
        }
    }
    let names: HashSet<_> = missing.iter().map(|(binding, kind, ..)| (*kind, role_name(*binding))).collect();
    // Where most names are missing, the objects are elsewhere: only what is nearly there counts.
    let elsewhere = set.is_elsewhere(names.len(), found.len());
    for (binding, kind, namespace, absent) in missing {
        let Some(node) = binding.node().at(&["roleRef", "name"]) else { continue };
        let (name, other) = (node.text(), if kind == "Role" { "ClusterRole" } else { "Role" });
        let mistaken = set.named(GROUP, other, name).next();
        if elsewhere && mistaken.is_none() && absent.near.is_none() {
            continue;
        }
        let place = namespace.map(|namespace| format!(" in namespace `{namespace}`")).unwrap_or_default();
        let draft = cx
            .report(node, format!("there is no {kind} `{name}`{place}: the binding gives no rights"))
            .help("`roleRef` cannot be changed later: make the binding again");
        match (mistaken, absent.near) {
            (Some(role), _) => draft.label(role, format!("`{name}` is a {other}")),
            (None, Some((near, _))) => draft.label(near, absent.describe()),
            (None, None) => draft,
        };
    }
}

declare_rule! {
    /// A binding names a service account that does not exist.
    ///
    /// ## Why
    /// The rights go to nobody, or to whoever may create a service account of that name later.
    ///
    /// ## Fix
    /// Correct name or namespace, or remove the subject. `default` exists in every namespace.
    ///
    /// ## References
    /// Kubernetes documentation, "Using RBAC Authorization".
    ///
    /// ## Examples
    /// ```yaml bad closed
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata: {name: editors, namespace: shop}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
    /// subjects:
    /// - {kind: ServiceAccount, name: deployer, namespace: shop}
    /// ```
    /// ```yaml with account.yaml
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata: {name: deployer, namespace: ci}
    /// ```
    /// ```yaml good closed
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata: {name: editors, namespace: shop}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
    /// subjects:
    /// - {kind: ServiceAccount, name: deployer, namespace: ci}
    /// - {kind: ServiceAccount, name: default, namespace: shop}
    /// - {kind: User, name: jane, apiGroup: rbac.authorization.k8s.io}
    /// ```
    /// ```yaml with account.yaml
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata: {name: deployer, namespace: ci}
    /// ```
    pub SUBJECT_MISSING {
        id: "rbac/subject-missing",
        class: Consistency,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: ["kubevious:role-binding-service-account-ref"],
        absence: true,
        check: Set(subject_missing),
    }
}

fn subject_missing(set: &ResourceSet, cx: &mut Context<'_>) {
    let mut found = HashSet::new();
    let mut missing = Vec::new();
    for binding in bindings(set) {
        let own = set.namespace(binding).name();
        for subject in subjects(binding).filter(|subject| subject.kind == "ServiceAccount") {
            let said = subject.namespace;
            let (name, Some(namespace)) = (subject.name.text(), said.or(own)) else { continue };
            // Kustomize moves subjects together with the accounts that they name: the written namespace counts, too.
            let written = |account: Object<'_>| account.namespace() == said;
            let absent = set.absent(binding, "", "ServiceAccount", Some(namespace), name);
            match absent.filter(|_| !set.named("", "ServiceAccount", name).any(written)) {
                Some(absent) if name != "default" => {
                    missing.push(MissingAccount { node: subject.name, namespace, absent });
                }
                _ => {
                    found.insert((namespace, name));
                }
            }
        }
    }
    let words = ("nobody gets the rights", "correct name or namespace, or remove the subject");
    report_missing_accounts(set, missing, found.len(), words, cx);
}

fn bindings(set: &ResourceSet) -> impl Iterator<Item = Object<'_>> {
    ["RoleBinding", "ClusterRoleBinding"].into_iter().flat_map(|kind| set.of_kind(GROUP, kind))
}
