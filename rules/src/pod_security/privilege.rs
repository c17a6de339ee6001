//! Privileged containers and the gain of privileges.

use kubevet_core::{declare_rule, kubernetes::Container, rule::Context, yaml::NodeRef};

use super::{replace, says_windows};

declare_rule! {
    /// A container is privileged.
    ///
    /// ## Why
    /// It has every capability and every device of its node, without seccomp, AppArmor and masked paths: root in the
    /// container is root on the node.
    ///
    /// ## Fix
    /// Drop `privileged` and add the single capabilities that are needed. Node agents (network, storage, kube-proxy)
    /// that need it say so with a suppression and its reason.
    ///
    /// ## References
    /// Pod Security Standards, baseline, "Privileged Containers".
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
    ///       securityContext: {privileged: true}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   initContainers:
    ///     - name: sysctl
    ///       image: registry.example.org/tools:1.2.0
    ///       command: [sysctl, -w, vm.max_map_count=262144]
    ///       securityContext:
    ///         privileged: true
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
    ///       securityContext: {privileged: false}
    /// ```
    pub PRIVILEGED {
        id: "pod-security/privileged",
        class: Security,
        severity: Warning,
        profiles: [recommended, production, hardened: Error],
        cis: ["5.2.2"],
        pss: "baseline/privileged",
        nsa: "pod-security",
        versions: "all",
        peers: ["kube-linter:privileged-container", "kube-score:container-security-context-privileged", "polaris:runAsPrivileged", "kubesec:Privileged", "checkov:CKV_K8S_16", "trivy-checks:KSV-0017", "kubescape:C-0057", "kics:container_is_privileged", "kube-bench:cis-1.12:5.2.2", "datree:CONTAINERS_INCORRECT_PRIVILEGED_VALUE_TRUE", "monokle:PSS103", "kubeaudit:PrivilegedNil", "kubeaudit:PrivilegedTrue", "kyverno-policies:pod-security/disallow-privileged-containers", "polaris:linuxHardening", "kubescape:C-0055"],
        fix: Unsafe,
        check: Container(privileged),
    }
}

fn privileged(container: Container<'_>, cx: &mut Context<'_>) {
    if let Some(node) = container.own("privileged").filter(|node| node.as_bool() == Some(true)) {
        let message = format!(
            "{} is privileged: it has every capability and every device of its node",
            container.title()
        );
        cx.report(node, message)
            .help("drop `privileged` and add the single capabilities that are needed")
            .fix(replace(node, "false"));
    }
}

/// Containers that keep the privilege in any case: the API server refuses `allowPrivilegeEscalation: false` for them.
fn must_escalate(container: Container<'_>) -> bool {
    let privileged = container.own("privileged").and_then(NodeRef::as_bool) == Some(true);
    let added = container.own("capabilities").and_then(|capabilities| capabilities.get("add"));
    privileged
        || added
            .into_iter()
            .flat_map(NodeRef::items)
            .any(|name| matches!(name.text(), "SYS_ADMIN" | "CAP_SYS_ADMIN"))
}

declare_rule! {
    /// A container does not forbid its processes to gain privileges.
    ///
    /// ## Why
    /// `allowPrivilegeEscalation` defaults to true: a set-user-ID program in the image makes root out of any user.
    /// Containers that ask for it are the business of `pod-security/privilege-escalation-requested`, except for the Pod
    /// Security Standards; containers that are privileged or add `SYS_ADMIN` can have no other value.
    ///
    /// ## Fix
    /// Set `securityContext.allowPrivilegeEscalation: false`.
    ///
    /// ## References
    /// Pod Security Standards, restricted, "Privilege Escalation"; the kernel's `no_new_privs`.
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
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext: {allowPrivilegeEscalation: false}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext: {privileged: true}
    /// ```
    pub PRIVILEGE_ESCALATION {
        id: "pod-security/privilege-escalation",
        class: Security,
        severity: Info,
        profiles: [production: Warning, hardened: Warning],
        cis: ["5.2.6"],
        pss: "restricted/privilege-escalation",
        nsa: "pod-security",
        versions: "all",
        peers: ["kube-linter:privilege-escalation-container", "polaris:privilegeEscalationAllowed", "kubesec:AllowPrivilegeEscalation", "checkov:CKV_K8S_20", "trivy-checks:KSV-0001", "kubescape:C-0016", "kics:privilege_escalation_allowed", "kube-bench:cis-1.12:5.2.6", "datree:CONTAINERS_MISSING_KEY_ALLOWPRIVILEGEESCALATION", "monokle:PSS202", "kubeaudit:AllowPrivilegeEscalationNil", "kubeaudit:AllowPrivilegeEscalationTrue", "kyverno-policies:pod-security/disallow-privilege-escalation"],
        check: Container(privilege_escalation),
    }
}

fn privilege_escalation(container: Container<'_>, cx: &mut Context<'_>) {
    let own = container.own("allowPrivilegeEscalation");
    let allowed = own.and_then(NodeRef::as_bool);
    if allowed == Some(false) || says_windows(container.pod()) {
        return;
    }
    if allowed == Some(true) && cx.standard() {
        report_requested(container, cx);
    } else if own.is_none() && (cx.standard() || !must_escalate(container)) {
        let message = format!(
            "{} does not set `allowPrivilegeEscalation: false`: set-user-ID programs make root of any user",
            container.title()
        );
        cx.report(container, message).help("set `securityContext.allowPrivilegeEscalation: false`").absence();
    }
}

declare_rule! {
    /// A container asks for the right to gain privileges.
    ///
    /// ## Why
    /// `allowPrivilegeEscalation: true` lets a set-user-ID program in the image make root out of any user, and somebody
    /// wrote it down on purpose. Containers that are privileged or add `SYS_ADMIN` can have no other value and are left
    /// alone.
    ///
    /// ## Fix
    /// Set it to `false`; programs that need a privilege get the single capability.
    ///
    /// ## References
    /// Pod Security Standards, restricted, "Privilege Escalation".
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
    ///       securityContext: {allowPrivilegeEscalation: true}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext: {allowPrivilegeEscalation: false}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       command: [agent]
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext: {privileged: true, allowPrivilegeEscalation: true}
    /// ```
    pub PRIVILEGE_ESCALATION_REQUESTED {
        id: "pod-security/privilege-escalation-requested",
        class: Security,
        severity: Warning,
        profiles: [recommended, production, hardened],
        nsa: "pod-security",
        versions: "all",
        peers: ["kube-linter:privilege-escalation-container", "polaris:privilegeEscalationAllowed", "kubesec:AllowPrivilegeEscalation", "checkov:CKV_K8S_20", "trivy-checks:KSV-0001", "kubescape:C-0016", "kics:privilege_escalation_allowed", "kube-bench:cis-1.12:5.2.6", "datree:CONTAINERS_MISSING_KEY_ALLOWPRIVILEGEESCALATION", "monokle:PSS202", "kubeaudit:AllowPrivilegeEscalationNil", "kubeaudit:AllowPrivilegeEscalationTrue", "kyverno-policies:pod-security/disallow-privilege-escalation"],
        fix: Unsafe,
        check: Container(privilege_escalation_requested),
    }
}

fn privilege_escalation_requested(container: Container<'_>, cx: &mut Context<'_>) {
    let own = container.own("allowPrivilegeEscalation");
    if own.and_then(NodeRef::as_bool) == Some(true) && !must_escalate(container) {
        report_requested(container, cx);
    }
}

fn report_requested(container: Container<'_>, cx: &mut Context<'_>) {
    let Some(node) = container.own("allowPrivilegeEscalation") else { return };
    let message = format!(
        "{} allows privilege escalation: set-user-ID programs make root of any user",
        container.title()
    );
    let draft = cx.report(node, message);
    if must_escalate(container) {
        draft.help("drop `privileged` and `SYS_ADMIN` first: with them no other value is legal");
    } else {
        draft.help("set it to `false`").fix(replace(node, "false"));
    }
}
