//! Filters of system calls.

use kubevet_core::{
    declare_rule,
    kubernetes::{Container, PodSpec, is_placeholder},
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::{replace, says_windows};

/// `securityContext.seccompProfile` of a pod or container.
fn profile(owner: NodeRef<'_>) -> Option<NodeRef<'_>> {
    owner.at(&["securityContext", "seccompProfile"]).filter(|profile| !profile.is_null())
}

/// Whether the standard accepts the profile. What is filled in later is given the benefit of the doubt.
fn is_valid(profile: NodeRef<'_>) -> bool {
    let kind = profile.get("type").map_or("", NodeRef::text);
    matches!(kind, "RuntimeDefault" | "Localhost") || is_placeholder(kind)
}

declare_rule! {
    /// A pod or container switches the filter of system calls off.
    ///
    /// ## Why
    /// `Unconfined` opens every system call of the node's kernel, among them those that most escapes from containers
    /// need.
    ///
    /// ## Fix
    /// Set `type: RuntimeDefault`, or `Localhost` with a profile of your own.
    ///
    /// ## References
    /// Pod Security Standards, baseline, "Seccomp".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   securityContext:
    ///     seccompProfile: {type: Unconfined}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext:
    ///         seccompProfile: {type: Unconfined}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext:
    ///         seccompProfile: {type: RuntimeDefault}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       command: [web]
    /// ```
    pub SECCOMP_UNCONFINED {
        id: "pod-security/seccomp-unconfined",
        class: Security,
        severity: Warning,
        profiles: [production, hardened],
        pss: "baseline/seccomp",
        versions: "all",
        peers: ["kubesec:SeccompUnconfined", "trivy-checks:KSV-0104", "monokle:PSS110", "kubeaudit:SeccompDisabledContainer", "kubeaudit:SeccompDisabledPod", "kyverno-policies:pod-security/restrict-seccomp"],
        fix: Unsafe,
        check: Pod(seccomp_unconfined),
    }
}

fn seccomp_unconfined(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let owners = std::iter::once(pod.node()).chain(pod.containers().map(Container::node));
    for profile in owners.filter_map(profile).filter(|profile| !is_valid(*profile)) {
        let message = "every system call of the node's kernel is open, and most escapes from containers need one of them";
        match profile.get("type").filter(|kind| !kind.text().is_empty()) {
            Some(kind) => cx
                .report(kind, format!("seccomp profile `{}`: {message}", kind.text()))
                .help("set it to `RuntimeDefault`")
                .fix(replace(kind, "RuntimeDefault")),
            None => cx
                .report(Key(profile), "this seccomp profile has no `type`: the API server refuses it")
                .help("add `type: RuntimeDefault`")
                .absence(),
        };
    }
}

declare_rule! {
    /// A container has no seccomp profile, and its pod has none either.
    ///
    /// ## Why
    /// Without one the kubelet runs it unconfined, unless it is started with `seccompDefault`: every system call of the
    /// node's kernel is open.
    ///
    /// ## Fix
    /// Set `spec.securityContext.seccompProfile.type: RuntimeDefault` once for the pod.
    ///
    /// ## References
    /// Pod Security Standards, restricted, "Seccomp"; Kubernetes documentation, "Restrict a Container's Syscalls with
    /// seccomp".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext: {runAsNonRoot: true}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext:
    ///         seccompProfile: {type: RuntimeDefault}
    ///     - name: proxy
    ///       image: registry.example.org/proxy:1.2.0
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   securityContext:
    ///     seccompProfile: {type: RuntimeDefault}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext:
    ///         seccompProfile: {type: Localhost, localhostProfile: web.json}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   os: {name: windows}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub SECCOMP_MISSING {
        id: "pod-security/seccomp-missing",
        class: Security,
        severity: Info,
        profiles: [hardened],
        cis: ["5.6.2"],
        pss: "restricted/seccomp",
        nsa: "pod-security",
        versions: "all",
        peers: ["kube-score:container-seccomp-profile", "kubesec:SeccompAny", "checkov:CKV_K8S_31", "trivy-checks:KSV-0030", "kubescape:C-0210", "kics:seccomp_profile_is_not_configured", "kube-bench:cis-1.12:5.6.2", "datree:CONTAINERS_INCORRECT_SECCOMP_PROFILE", "monokle:PSS205", "kubeaudit:SeccompProfileMissing", "kyverno-policies:pod-security/restrict-seccomp-strict"],
        check: Pod(seccomp_missing),
    }
}

fn seccomp_missing(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let own = profile(pod.node());
    // A pod that is unconfined on purpose is the business of the rule above, except where the standard wants both.
    if says_windows(pod) || own.is_some_and(|own| is_valid(own) || !cx.standard()) {
        return;
    }
    let missing: Vec<_> = pod.containers().filter(|container| profile(container.node()).is_none()).collect();
    if missing.is_empty() {
        return;
    }
    if missing.len() == pod.containers().count() {
        let message = "no container has a seccomp profile: every system call of the node's kernel is open";
        cx.report(pod, message)
            .help("set `securityContext.seccompProfile.type: RuntimeDefault` for the pod")
            .absence();
        return;
    }
    for container in missing {
        let message = format!(
            "{} has no seccomp profile: every system call of the node's kernel is open",
            container.title()
        );
        cx.report(container, message)
            .help("set `seccompProfile.type: RuntimeDefault` for the container or its pod")
            .absence();
    }
}
