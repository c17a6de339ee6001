//! Who is bound: administrators, everybody, nobody in particular.

use kubevet_core::{declare_rule, index::ResourceSet, kubernetes::Object, rule::Context, yaml::NodeRef};

use super::policy::{BINDINGS, GROUP, PolicyRule, is_built_in_copy, rules, title};

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
        let own =
            set.named(GROUP, "ClusterRole", role.text()).find(|role| rules(*role).any(is_administrator));
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
            let message = format!(
                "the {} `{}` is administrator of the whole cluster",
                subject.kind,
                subject.name.text()
            );
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

declare_rule! {
    /// A binding gives rights to callers that nobody has authenticated.
    ///
    /// ## Why
    /// `system:anonymous` and `system:unauthenticated` are everyone who reaches the API server, where anonymous
    /// requests are allowed (they are by default).
    ///
    /// ## Fix
    /// Remove the subject. Kubernetes itself binds the group to `system:public-info-viewer`, and kubeadm the user to
    /// `kubeadm:bootstrap-signer-clusterinfo`; these are not reported.
    ///
    /// ## References
    /// Kubernetes documentation, "Role Based Access Control Good Practices" and "Authenticating".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: open}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
    /// subjects:
    /// - {apiGroup: rbac.authorization.k8s.io, kind: User, name: "system:anonymous"}
    /// ```
    /// ```yaml good
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: info}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:public-info-viewer"}
    /// subjects:
    /// - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:unauthenticated"}
    /// ```
    pub ANONYMOUS_SUBJECT {
        id: "rbac/anonymous-subject",
        class: Security,
        severity: Error,
        profiles: [recommended, production, hardened],
        cis: ["5.1.1"],
        nsa: "authentication-authorization",
        versions: "all",
        peers: ["kubesec:BindingsToSystemAnonymous", "trivy-checks:KSV-0122", "kubescape:C-0262", "krane:unauthenticated-subject-access"],
        check: Object(BINDINGS, anonymous_subject),
    }
}

fn anonymous_subject(binding: Object<'_>, cx: &mut Context<'_>) {
    let role = role_name(binding);
    if matches!(role, "system:public-info-viewer" | "kubeadm:bootstrap-signer-clusterinfo") {
        return;
    }
    for subject in subjects(binding).filter(|subject| subject.is_anonymous()) {
        let name = subject.name.text();
        cx.report(
            subject.name,
            format!("`{name}` gives the rights of `{role}` to everyone who reaches the API server"),
        )
        .help("remove the subject");
    }
}

declare_rule! {
    /// A binding gives rights to every user or to all service accounts at once.
    ///
    /// ## Why
    /// `system:authenticated` holds everyone with any credential, on some clusters every account of the provider;
    /// `system:serviceaccounts` every workload of the cluster. Whoever breaks into one of them has the rights.
    ///
    /// ## Fix
    /// Bind the groups or service accounts that need the role. Roles for discovery, for questions about oneself and
    /// for reading named ConfigMaps are not reported.
    ///
    /// ## References
    /// Kubernetes documentation, "Role Based Access Control Good Practices"; `bootstrappolicy`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: everybody}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
    /// subjects:
    /// - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:serviceaccounts"}
    /// ```
    /// ```yaml good
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: questions}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: questions}
    /// subjects:
    /// - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:authenticated"}
    /// ```
    /// ```yaml with role.yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: questions}
    /// rules:
    /// - {apiGroups: [authorization.k8s.io], resources: [selfsubjectaccessreviews], verbs: [create]}
    /// - {nonResourceURLs: [/version], verbs: [get]}
    /// ```
    pub BROAD_GROUP_SUBJECT {
        id: "rbac/broad-group-subject",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        cis: ["5.1.1"],
        nsa: "authentication-authorization",
        versions: "all",
        peers: ["trivy-checks:KSV-01011", "kubescape:C-0265", "kyverno-policies:other/restrict-binding-system-groups"],
        check: Set(broad_group_subject),
    }
}

/// What Kubernetes itself binds to these groups (`bootstrappolicy`).
const FOR_EVERYBODY: &[&str] = &[
    "system:basic-user",
    "system:discovery",
    "system:public-info-viewer",
    "system:service-account-issuer-discovery",
];

fn broad_group_subject(set: &ResourceSet, cx: &mut Context<'_>) {
    let bindings =
        ["RoleBinding", "ClusterRoleBinding"].into_iter().flat_map(|kind| set.of_kind(GROUP, kind));
    for binding in bindings {
        let role = role_name(binding);
        if FOR_EVERYBODY.contains(&role) || is_harmless(set, binding) {
            continue;
        }
        for subject in subjects(binding) {
            let Some(who) = subject.everybody() else { continue };
            cx.report(
                subject.name,
                format!("`{}` gives the rights of `{role}` to {who}", subject.name.text()),
            )
            .help("name the users, groups or service accounts that need them");
        }
    }
}

/// Whether the bound role is in the set and allows no more than discovery, health checks and self reviews.
fn is_harmless(set: &ResourceSet, binding: Object<'_>) -> bool {
    let Some(role) = bound_role(set, binding) else { return false };
    let mut rules = rules(role).peekable();
    rules.peek().is_some()
        && rules.all(|rule| {
            let only = |list, allowed: &[&str]| rule.list(list).all(|item| allowed.contains(&item.text()));
            let reads = only("verbs", &["get", "list", "watch"]);
            // Named ConfigMaps are how a project tells everybody its version (kubeadm: `cluster-info`).
            let published = reads && rule.has_names() && only("resources", &["configmaps"]);
            let urls = reads && rule.list("nonResourceURLs").next().is_some();
            published || urls || rule.list("resources").all(|item| item.text().starts_with("selfsubject"))
        })
}

/// The role that a binding means, when the set has it. Where several files define it, the one beside the binding.
fn bound_role<'a>(set: &'a ResourceSet, binding: Object<'a>) -> Option<Object<'a>> {
    let kind = binding.node().at(&["roleRef", "kind"]).map_or("", NodeRef::text);
    let namespace = set.namespace(binding).name().filter(|_| kind == "Role");
    let here = |role: &Object<'_>| namespace.is_none_or(|name| set.namespace(*role).may_be(name));
    let all = || set.named(GROUP, kind, role_name(binding)).filter(here);
    let beside = all().find(|role| role.tree().path() == binding.tree().path());
    beside.or_else(|| all().next().filter(|_| all().nth(1).is_none()))
}

fn role_name(binding: Object<'_>) -> &str {
    binding.node().at(&["roleRef", "name"]).map_or("", NodeRef::text)
}

/// A subject of a binding that has a name.
#[derive(Clone, Copy)]
struct Subject<'t> {
    kind: &'t str,
    name: NodeRef<'t>,
}

/// Subjects of a binding, unless it is a copy of one that the API server makes itself.
fn subjects(binding: Object<'_>) -> impl Iterator<Item = Subject<'_>> {
    let list = binding.node().get("subjects").filter(|_| !is_built_in_copy(binding));
    list.into_iter().flat_map(NodeRef::items).filter_map(|node| {
        let kind = node.get("kind")?.as_str()?;
        Some(Subject { kind, name: node.get("name").filter(|name| name.as_str().is_some())? })
    })
}

impl Subject<'_> {
    fn is_group(self, name: &str) -> bool {
        self.kind == "Group" && self.name.text() == name
    }

    fn is_anonymous(self) -> bool {
        self.is_group("system:unauthenticated")
            || self.kind == "User" && self.name.text() == "system:anonymous"
    }

    /// Who is in the group, when it holds everybody of some sort.
    fn everybody(self) -> Option<&'static str> {
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
