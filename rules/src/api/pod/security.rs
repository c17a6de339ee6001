//! Security contexts: values, and values that exclude each other.

use kubevet_core::{
    declare_rule,
    kubernetes::{Container, PodSpec, values::names},
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::{
    check::{Who, format, given, has_feature, one_of, required, within},
    paths::check_relative,
    profiles::check_annotations,
    windows::check_user,
};

declare_rule! {
    /// A container's security context forbids more privileges and grants them at once.
    ///
    /// ## Why
    /// The API server refuses the object: `allowPrivilegeEscalation: false` excludes `privileged: true` and the capability
    /// `CAP_SYS_ADMIN` (in this spelling), and `procMount: Unmasked` needs `hostUsers: false`.
    ///
    /// ## Fix
    /// Remove the privilege, or the promise not to escalate.
    ///
    /// ## References
    /// `ValidateSecurityContext` in `k8s.io/kubernetes/pkg/apis/core/validation`.
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
    ///       securityContext: {privileged: true, allowPrivilegeEscalation: false}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext: {allowPrivilegeEscalation: false, capabilities: {add: [CAP_SYS_ADMIN]}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext: {procMount: Unmasked}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   hostUsers: false
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext: {allowPrivilegeEscalation: false, procMount: Unmasked, capabilities: {add: [NET_BIND_SERVICE]}}
    ///     - name: agent
    ///       image: registry.example.org/agent:1.2.0
    ///       securityContext: {privileged: true, capabilities: {add: [CAP_SYS_ADMIN]}}
    /// ```
    pub SECURITY_CONTEXT_CONFLICT {
        id: "api/security-context-conflict",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Container(security_context_conflict),
    }
}

fn security_context_conflict(container: Container<'_>, cx: &mut Context<'_>) {
    let Some(context) = container.security_context() else { return };
    let escalation = context.get("allowPrivilegeEscalation").filter(|node| node.as_bool() == Some(false));
    if let Some(escalation) = escalation {
        let privileged = context.get("privileged").filter(|node| node.as_bool() == Some(true));
        let added = context.at(&["capabilities", "add"]).into_iter().flat_map(NodeRef::items);
        let added = added.filter(|one| one.as_str() == Some("CAP_SYS_ADMIN"));
        for (node, what) in privileged
            .map(|node| (node, "`privileged: true`"))
            .into_iter()
            .chain(added.map(|one| (one, "`CAP_SYS_ADMIN`")))
        {
            let message = format!(
                "{} has {what} and `allowPrivilegeEscalation: false`: the API server refuses it",
                container.title()
            );
            cx.report(node, message).label(escalation, "this excludes it").help("remove one of them");
        }
    }
    let unmasked = context.get("procMount").filter(|node| node.as_str() == Some("Unmasked"));
    if let Some(unmasked) = unmasked
        && !container.pod().has_user_namespace()
        && has_feature(cx, "ProcMountType")
    {
        let message = format!(
            "`procMount: Unmasked` of {} is without `hostUsers: false`: the API server refuses it",
            container.title()
        );
        cx.report(unmasked, message)
            .help("set `hostUsers: false` in the pod, or remove `procMount`")
            .absence();
    }
}

declare_rule! {
    /// A security context has an id, a profile or a policy that the API server refuses.
    ///
    /// ## Why
    /// The API server refuses the object. Ids lie between 0 and 2147483647; a profile of type `Localhost` names its `localhostProfile`, and
    /// no other type does. Annotations of seccomp and AppArmor are looked at, too: they may not contradict the fields, nor name
    /// containers that do not exist.
    ///
    /// ## Fix
    /// Correct the value; use the fields in place of the annotations.
    ///
    /// ## References
    /// `validatePodSpecSecurityContext`, `ValidateSecurityContext`, `ValidateAppArmorPodAnnotations` in
    /// `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   securityContext: {runAsUser: -1}
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
    ///       securityContext: {seccompProfile: {type: Localhost}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext: {seccompProfile: {type: runtime/default}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   annotations: {container.apparmor.security.beta.kubernetes.io/wbe: runtime/default}
    /// spec:
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   annotations: {container.apparmor.security.beta.kubernetes.io/web: localhost/web}
    /// spec:
    ///   securityContext:
    ///     runAsUser: 1000
    ///     fsGroup: 0
    ///     supplementalGroups: [2147483647]
    ///     fsGroupChangePolicy: OnRootMismatch
    ///     seccompProfile: {type: Localhost, localhostProfile: profiles/web.json}
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext: {seccompProfile: {type: RuntimeDefault}}
    /// ```
    pub SECURITY_CONTEXT_INVALID {
        id: "api/security-context-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: ["kubeaudit:AppArmorInvalidAnnotation"],
        check: Pod(security_context_invalid),
    }
}

const IDS: std::ops::RangeInclusive<i64> = 0..=i32::MAX as i64;

fn security_context_invalid(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    if let Some(context) = pod.security_context().filter(|context| context.is_map()) {
        check_pod(context, cx);
        check_shared(context, Who::Pod, cx);
    }
    for container in pod.containers() {
        if let Some(context) = container.security_context().filter(|context| context.is_map()) {
            if let Some(mount) = given(context, "procMount").filter(|_| has_feature(cx, "ProcMountType")) {
                one_of(cx, mount, "`procMount`", &["Default", "Unmasked"]);
            }
            check_shared(context, Who::Container(container), cx);
        }
    }
    check_annotations(pod, cx);
}

fn check_pod(context: NodeRef<'_>, cx: &mut Context<'_>) {
    if let Some(group) = given(context, "fsGroup") {
        within(cx, group, "`fsGroup` of the pod", IDS);
    }
    for group in context.get("supplementalGroups").into_iter().flat_map(NodeRef::items) {
        within(cx, group, "a group in `supplementalGroups`", IDS);
    }
    if let Some(policy) = given(context, "fsGroupChangePolicy") {
        one_of(cx, policy, "`fsGroupChangePolicy`", &["Always", "OnRootMismatch"]);
    }
    if let Some(policy) = given(context, "supplementalGroupsPolicy")
        && has_feature(cx, "SupplementalGroupsPolicy")
    {
        one_of(cx, policy, "`supplementalGroupsPolicy`", &["Merge", "Strict"]);
    }
    if let Some(policy) = given(context, "seLinuxChangePolicy")
        && has_feature(cx, "SELinuxChangePolicy")
    {
        let all = has_feature(cx, "SELinuxMount");
        let values: &[&str] = if all { &["MountOption", "Recursive"] } else { &["Recursive"] };
        one_of(cx, policy, "`seLinuxChangePolicy`", values);
    }
}

/// What pods and containers have in common.
fn check_shared(context: NodeRef<'_>, who: Who<'_>, cx: &mut Context<'_>) {
    for field in ["runAsUser", "runAsGroup"] {
        if let Some(id) = given(context, field) {
            within(cx, id, format_args!("`{field}` of {who}"), IDS);
        }
    }
    if let Some(profile) = given(context, "seccompProfile").filter(|profile| profile.is_map()) {
        check_profile(profile, "seccompProfile", who, cx);
    }
    if let Some(profile) = given(context, "appArmorProfile").filter(|profile| profile.is_map())
        && cx.version().minor >= 30
    {
        check_profile(profile, "appArmorProfile", who, cx);
    }
    if let Some(windows) = given(context, "windowsOptions").filter(|options| options.is_map()) {
        check_windows(windows, who, cx);
    }
}

/// `validateSeccompProfileField` and `ValidateAppArmorProfileField`.
fn check_profile(profile: NodeRef<'_>, field: &str, who: Who<'_>, cx: &mut Context<'_>) {
    if !required(cx, profile, "type", format_args!("`{field}` of {who}")) {
        return;
    }
    let Some(kind) = profile.get("type") else { return };
    one_of(cx, kind, format_args!("`{field}`"), &["Localhost", "RuntimeDefault", "Unconfined"]);
    let seccomp = field == "seccompProfile";
    let local = given(profile, "localhostProfile");
    match (kind.text(), local) {
        // An empty path of seccomp is a path.
        ("Localhost", Some(local)) if seccomp => {
            check_relative(local, format_args!("`localhostProfile` of {who}"), cx);
        }
        ("Localhost", _) => {
            let what = format_args!("`{field}` of type `Localhost` of {who}");
            if required(cx, profile, "localhostProfile", what)
                && let Some(local) = local
            {
                format(cx, local, format_args!("`localhostProfile` of {who}"), |text| {
                    let plain = text.trim().len() == text.len() && text.len() <= 4095;
                    if plain {
                        Ok(())
                    } else {
                        Err("must have no white space around it, and at most 4095 characters")
                    }
                });
            }
        }
        ("RuntimeDefault" | "Unconfined", Some(local)) => {
            let message = format!(
                "`localhostProfile` of {who} is of type `{}`: the API server takes it only with `Localhost`",
                kind.text()
            );
            cx.report(Key(local), message)
                .label(kind, "the type")
                .help("remove it, or set `type: Localhost`");
        }
        _ => {}
    }
}

/// `validateWindowsSecurityContextOptions`.
fn check_windows(options: NodeRef<'_>, who: Who<'_>, cx: &mut Context<'_>) {
    if let Some(name) = given(options, "gmsaCredentialSpecName") {
        format(cx, name, format_args!("`gmsaCredentialSpecName` of {who}"), names::dns_subdomain);
    }
    if let Some(spec) = given(options, "gmsaCredentialSpec") {
        format(cx, spec, format_args!("`gmsaCredentialSpec` of {who}"), |text| match text.len() {
            0 => Err("must not be empty"),
            1..=65_536 => Ok(()),
            _ => Err("must be no more than 64 KiB"),
        });
    }
    if let Some(user) = given(options, "runAsUserName") {
        format(cx, user, format_args!("`runAsUserName` of {who}"), check_user);
    }
}
