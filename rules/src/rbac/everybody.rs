//! Rights for everybody.

use kubevet_core::{declare_rule, index::ResourceSet, kubernetes::Object, rule::Context};

use super::{
    binding::{bound_role, role_name, subjects},
    policy::{BINDINGS, GROUP, rules},
};

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
