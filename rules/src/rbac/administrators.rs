//! Who is made administrator.

use kubevet_core::{declare_rule, index::ResourceSet, kubernetes::Object, rule::Context};

use super::{
    binding::{bound_role, subjects},
    policy::{BINDINGS, GROUP, PolicyRule, rules, title},
};

declare_rule! {
    /// A ClusterRoleBinding makes somebody administrator of the whole cluster.
    ///
    /// ## Why
    /// `cluster-admin`, or a role that allows as much, reads all Secrets, changes every workload and hands out every
    /// right. A workload with it gives the cluster to whoever breaks into that workload.
    ///
    /// ## Fix
    /// Bind a role with the rights that are used. People in the option `break-glass` are not reported; nor are the
    /// groups `system:masters` and `kubeadm:cluster-admins`, which have these rights by design.
    ///
    /// ## References
    /// CIS Kubernetes Benchmark 1.12, 5.1.1; Kubernetes documentation, "Role Based Access Control Good Practices".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: ci}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
    /// subjects:
    /// - {kind: ServiceAccount, name: ci, namespace: ci}
    /// ```
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: ci}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: everything}
    /// subjects:
    /// - {kind: ServiceAccount, name: ci, namespace: ci}
    /// ```
    /// ```yaml with role.yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: everything}
    /// rules:
    /// - {apiGroups: ["*"], resources: ["*"], verbs: ["*"]}
    /// ```
    /// ```yaml good
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: admins}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
    /// subjects:
    /// - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: "kubeadm:cluster-admins"}
    /// - {apiGroup: rbac.authorization.k8s.io, kind: User, name: emergency}
    /// ```
    /// ```toml with
    /// break-glass = ["emergency"]
    /// ```
    /// ```yaml good
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: ci}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
    /// subjects:
    /// - {kind: ServiceAccount, name: ci, namespace: ci}
    /// ```
    pub CLUSTER_ADMIN_BINDING {
        id: "rbac/cluster-admin-binding",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        cis: ["5.1.1"],
        nsa: "authentication-authorization",
        versions: "all",
        peers: ["kube-linter:cluster-admin-role-binding", "polaris:clusterrolebindingClusterAdmin", "polaris:rolebindingClusterAdminClusterRole", "polaris:rolebindingClusterAdminRole", "trivy-checks:KSV-0111", "kubescape:C-0185", "kics:cluster_admin_role_binding_with_super_user_permissions", "kube-bench:cis-1.12:5.1.1", "datree:CIS_INVALID_ROLE_CLUSTER_ADMIN", "kyverno-policies:other/restrict-binding-clusteradmin", "kubescape:C-0035", "rbac-police:cluster_admin", "krane:subjects-with-open-cluster-wide-access"],
        options: ["break-glass": TextList = "names of users, groups and service accounts that are administrators on purpose"],
        check: Set(cluster_admin_binding),
    }
}

fn cluster_admin_binding(set: &ResourceSet, cx: &mut Context<'_>) {
    for binding in set.of_kind(GROUP, "ClusterRoleBinding") {
        let Some(role) = binding.node().at(&["roleRef", "name"]) else { continue };
        let built_in = role.text() == "cluster-admin";
        let own = bound_role(set, binding).filter(|role| rules(*role).any(is_administrator));
        if !built_in && own.is_none() {
            continue;
        }
        let intended = cx.options().texts("break-glass");
        for subject in subjects(binding) {
            let by_design = matches!(subject.name.text(), "system:masters" | "kubeadm:cluster-admins");
            if by_design && subject.kind == "Group" || intended.iter().any(|name| name == subject.name.text())
            {
                continue;
            }
            let (kind, name) = (subject.kind, subject.name.text());
            let name = match subject.namespace.filter(|_| kind == "ServiceAccount") {
                Some(namespace) => format!("{namespace}/{name}"),
                None => name.to_owned(),
            };
            let message = format!("the {kind} `{name}` is administrator of the whole cluster");
            let draft = cx.report(subject.name, message).help("bind a role with the rights that are used");
            match own.filter(|_| !built_in) {
                Some(own) => draft.label(own, format!("{} allows everything", title(own))),
                None => draft.label(role, "`cluster-admin` allows everything"),
            };
        }
    }
}

/// Whether a rule allows all of reading and writing everywhere, also without the wildcard for verbs.
fn is_administrator(rule: PolicyRule<'_>) -> bool {
    const VERBS: &[&str] = &["create", "delete", "get", "list", "patch", "update", "watch"];
    let any = |list| rule.item(list, "*").is_some();
    any("apiGroups")
        && any("resources")
        && (any("verbs") || VERBS.iter().all(|verb| rule.item("verbs", verb).is_some()))
}

declare_rule! {
    /// A binding names the group `system:masters`.
    ///
    /// ## Why
    /// Members of this group skip authorization altogether: no role limits them and no removed binding stops them.
    /// Binding it to a role does nothing, and shows that somebody is put into it.
    ///
    /// ## Fix
    /// Bind a group of one's own to `cluster-admin`: it can be revoked.
    ///
    /// ## References
    /// CIS Kubernetes Benchmark 1.12, 5.1.7; Kubernetes documentation, "Role Based Access Control Good Practices".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: admins}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
    /// subjects:
    /// - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:masters"}
    /// ```
    /// ```yaml good
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: admins}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
    /// subjects:
    /// - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: platform-team}
    /// ```
    pub MASTERS_GROUP {
        id: "rbac/masters-group",
        class: Security,
        severity: Warning,
        profiles: [recommended, production, hardened],
        cis: ["5.1.7"],
        nsa: "authentication-authorization",
        versions: "all",
        peers: ["trivy-checks:KSV-0123", "kubescape:C-0246", "kube-bench:cis-1.12:5.1.7", "datree:CIS_INVALID_VALUE_SYSTEM_MASTERS", "kyverno-policies:other/restrict-binding-system-groups"],
        check: Object(BINDINGS, masters_group),
    }
}

fn masters_group(binding: Object<'_>, cx: &mut Context<'_>) {
    for subject in subjects(binding).filter(|subject| subject.is_group("system:masters")) {
        cx.report(
            subject.name,
            "`system:masters` skips authorization: this binding changes nothing, and nothing revokes it",
        )
        .help("bind a group of your own, and put nobody into `system:masters`");
    }
}
