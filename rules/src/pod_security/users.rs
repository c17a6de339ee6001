//! Users that containers run as.

use kubevet_core::{
    declare_rule,
    kubernetes::{Container, PodSpec},
    rule::Context,
    settings::Version,
    yaml::NodeRef,
};

/// Pods with a user namespace of their own: root in them is nobody on the node, and the standard accepts it from 1.35.
fn is_relaxed(pod: PodSpec<'_>, cx: &Context<'_>) -> bool {
    pod.has_user_namespace() && cx.version() >= Version::new(35)
}

/// A field of the pod's own `securityContext`.
fn of_pod<'t>(pod: PodSpec<'t>, field: &str) -> Option<NodeRef<'t>> {
    pod.security_context()?.get(field).filter(|value| !value.is_null())
}

declare_rule! {
    /// A container may run as root.
    ///
    /// ## Why
    /// Without `runAsNonRoot` the user of the image counts, which is mostly root: an intruder starts with all rights in
    /// the container, and a hole in the kernel or runtime gives the same rights on the node.
    ///
    /// Silent where `pod-security/run-as-root-user` reports the user, except for a standard.
    ///
    /// ## Fix
    /// Set `runAsNonRoot: true` for the pod; the image needs a numeric user, or `runAsUser`. A `runAsUser` above 0
    /// satisfies this rule unless the option `accept-run-as-user` is `false`; the Pod Security Standards want the field
    /// itself. Pods with a user namespace of their own are accepted from 1.35.
    ///
    /// ## References
    /// `check_runAsNonRoot.go` in `k8s.io/pod-security-admission/policy`.
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
    ///       command: [web]
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext: {runAsNonRoot: false}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   securityContext: {runAsNonRoot: false}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   securityContext: {runAsNonRoot: true}
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
    ///       securityContext: {runAsUser: 10001}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext: {runAsUser: 10001}
    /// ```
    /// ```toml with
    /// accept-run-as-user = false
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   hostUsers: false
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub RUN_AS_NON_ROOT {
        id: "pod-security/run-as-non-root",
        class: Security,
        severity: Warning,
        profiles: [production, hardened],
        cis: ["5.2.7"],
        pss: "restricted/run-as-non-root",
        nsa: "pod-security",
        versions: "all",
        peers: ["kube-linter:run-as-non-root", "polaris:runAsRootAllowed", "kubesec:RunAsNonRoot", "checkov:CKV_K8S_23", "trivy-checks:KSV-0012", "kubescape:C-0013", "kics:containers_running_as_root", "kube-bench:cis-1.12:5.2.7", "datree:CONTAINERS_INCORRECT_RUNASNONROOT_VALUE", "popeye:POP-302", "popeye:POP-306", "monokle:PSS203", "kubeaudit:RunAsNonRootCSCFalse", "kubeaudit:RunAsNonRootPSCFalseCSCNil", "kubeaudit:RunAsNonRootPSCNilCSCNil", "kyverno-policies:istio/service-mesh-require-run-as-nonroot", "kyverno-policies:pod-security/require-run-as-nonroot"],
        options: ["accept-run-as-user": Bool = "whether a `runAsUser` above 0 satisfies the rule; it does without the option, never for the Pod Security Standards"],
        check: Pod(run_as_non_root),
    }
}

fn run_as_non_root(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    if is_relaxed(pod, cx) {
        return;
    }
    let accept_user = !cx.standard() && cx.options().bool("accept-run-as-user", true);
    let told_root = cx.left_to("pod-security/run-as-root-user").is_some();
    let is_settled = |container: &Container<'_>| {
        let user = container.effective("runAsUser");
        user.is_some_and(|user| if user.as_i64() == Some(0) { told_root } else { accept_user })
    };
    let unsafe_ones: Vec<_> = pod.containers().filter(|container| !is_settled(container)).collect();
    let own = of_pod(pod, "runAsNonRoot");
    let inherits = unsafe_ones.iter().any(|container| container.own("runAsNonRoot").is_none());
    if let Some(node) = own.filter(|node| node.as_bool() == Some(false) && (inherits || cx.standard())) {
        cx.report(node, "`runAsNonRoot: false` for the whole pod: containers may run as root")
            .help("set it to `true`, and give images a numeric user");
    }
    let mut missing = Vec::new();
    for container in &unsafe_ones {
        match container.own("runAsNonRoot") {
            Some(node) if node.as_bool() == Some(false) => {
                let message = format!("`runAsNonRoot: false`: {} may run as root", container.title());
                cx.report(node, message).help("set it to `true`, and give the image a numeric user");
            }
            None if own.is_none() => missing.push(*container),
            _ => {}
        }
    }
    report_missing(pod, &missing, cx);
}

fn report_missing(pod: PodSpec<'_>, missing: &[Container<'_>], cx: &mut Context<'_>) {
    if missing.len() > 1 && missing.len() == pod.containers().count() {
        cx.report(pod, "nothing keeps the containers of this pod from running as root")
            .help("set `securityContext.runAsNonRoot: true` for the pod")
            .absence();
        return;
    }
    for container in missing {
        let message = format!("nothing keeps {} from running as root", container.title());
        cx.report(container, message)
            .help("set `securityContext.runAsNonRoot: true` for the pod or the container")
            .absence();
    }
}

declare_rule! {
    /// A pod or container asks for user 0.
    ///
    /// ## Why
    /// It runs as root whatever the image says; together with `runAsNonRoot: true` it does not start at all. A 0 of the
    /// pod counts even where every container sets another user: new containers inherit it.
    ///
    /// ## Fix
    /// Remove `runAsUser`, or set a user above 0 that the image's files belong to.
    ///
    /// ## References
    /// `check_runAsUser.go` in `k8s.io/pod-security-admission/policy`.
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
    ///       securityContext: {runAsUser: 0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   securityContext: {runAsUser: 0}
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext: {runAsUser: 10001}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext: {runAsUser: 10001}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   hostUsers: false
    ///   securityContext: {runAsUser: 0}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub RUN_AS_ROOT_USER {
        id: "pod-security/run-as-root-user",
        class: Security,
        severity: Warning,
        profiles: [production, hardened],
        pss: "restricted/run-as-user",
        versions: "all",
        peers: ["trivy-checks:KSV-0105", "monokle:PSS204", "kubeaudit:RunAsUserCSCRoot", "kubeaudit:RunAsUserPSCRoot", "kyverno-policies:pod-security/require-run-as-non-root-user"],
        check: Pod(run_as_root_user),
    }
}

fn run_as_root_user(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    if is_relaxed(pod, cx) {
        return;
    }
    let is_root = |node: &NodeRef<'_>| node.as_i64() == Some(0);
    if let Some(node) = of_pod(pod, "runAsUser").filter(is_root) {
        cx.report(node, "`runAsUser: 0` for the whole pod: its containers run as root")
            .help("remove it, or set a user above 0");
    }
    for container in pod.containers() {
        if let Some(node) = container.own("runAsUser").filter(is_root) {
            cx.report(node, format!("`runAsUser: 0`: {} runs as root", container.title()))
                .help("remove it, or set a user above 0");
        }
    }
}

declare_rule! {
    /// A user or group number is so low that it may belong to somebody on the node.
    ///
    /// ## Why
    /// Numbers are the same inside and outside of a container: where it reaches files of the node, it acts as that
    /// user. Sites agree on a limit.
    ///
    /// ## Fix
    /// Use a number from the limit on. The option `minimum-uid` sets it, 10000 without it.
    ///
    /// ## References
    /// Kubernetes documentation, "Configure a Security Context".
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
    ///       securityContext: {runAsUser: 999}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   securityContext: {runAsGroup: 1000}
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
    ///       securityContext: {runAsUser: 10001, runAsGroup: 10001}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext: {runAsUser: 1000}
    /// ```
    /// ```toml with
    /// minimum-uid = 1000
    /// ```
    pub LOW_UID {
        id: "pod-security/low-uid",
        class: Security,
        severity: Info,
        profiles: [],
        versions: "all",
        peers: ["kube-score:container-security-context-user-group-id", "kubesec:RunAsUser", "checkov:CKV_K8S_40", "trivy-checks:KSV-0020", "kics:containers_run_with_low_uid", "datree:CONTAINERS_INCORRECT_RUNASUSER_VALUE_LOWUID", "monokle:KBP104", "kubesec:RunAsGroup", "trivy-checks:KSV-0021", "datree:CONTAINERS_INCORRECT_RUNASGROUP_VALUE_LOWGID", "monokle:KBP105"],
        options: ["minimum-uid": Integer = "lowest number that is accepted; 10000 without it"],
        check: Pod(low_uid),
    }
}

fn low_uid(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let minimum = cx.options().integer("minimum-uid", 10000);
    for (field, what) in [("runAsUser", "user"), ("runAsGroup", "group")] {
        let own = pod.containers().filter_map(|container| container.own(field));
        for node in of_pod(pod, field).into_iter().chain(own) {
            if let Some(number) = node.as_i64().filter(|number| *number > 0 && *number < minimum) {
                let message = format!(
                    "`{field}: {number}` is below {minimum}: it may be the number of a {what} of the node"
                );
                cx.report(node, message).help(format!("use a number from {minimum} on"));
            }
        }
    }
}
