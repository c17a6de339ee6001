//! Operating systems of pods, and namespaces that they share.

use kubevet_core::{
    declare_rule,
    kubernetes::{Container, PodSpec},
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::check::{flag, given, has_feature, one_of, required};

/// What `validateWindowsSecurityContextOptions` asks of `runAsUserName`.
pub(super) fn check_user(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        return Err("must not be empty");
    }
    if text.chars().any(|c| c.is_ascii_control()) {
        return Err("must not contain control characters");
    }
    let (domain, user) = match text.split_once('\\') {
        Some((domain, user)) => (Some(domain), user),
        None => (None, text),
    };
    if user.contains('\\') {
        return Err("must not contain more than one backslash");
    }
    if domain.is_some_and(|domain| domain.len() >= 256 || !(is_net_bios(domain) || is_dns(domain))) {
        return Err("must begin with a NetBIOS or DNS name before its backslash");
    }
    if user.is_empty() || user.len() > 104 {
        return Err("must name a user of 1 to 104 characters");
    }
    if user.chars().all(|c| matches!(c, '.' | ' ')) || user.contains(|c: char| "\"/:;|=,+*?<>@[]".contains(c))
    {
        return Err("must not consist of dots and spaces alone, nor contain \" / : ; | = , + * ? < > @ [ ]");
    }
    Ok(())
}

fn is_net_bios(domain: &str) -> bool {
    let length = domain.chars().count();
    (1..=15).contains(&length)
        && !domain.starts_with('.')
        && !domain.contains(|c: char| "\\/:*?\"<>|".contains(c))
}

fn is_dns(domain: &str) -> bool {
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    domain.split('.').all(|label| {
        let bytes = label.as_bytes();
        bytes.len() <= 63
            && edge(bytes.first())
            && edge(bytes.last())
            && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
    })
}

declare_rule! {
    /// A pod that says on which operating system it runs has fields of the other one.
    ///
    /// ## Why
    /// The API server refuses the object: with `os.name: windows` no field of Linux may be set, with `linux` no `windowsOptions`.
    /// A field `name` that is missing altogether is left to `schema/missing-required`.
    ///
    /// ## Fix
    /// Remove the fields of the other system, or `os`.
    ///
    /// ## References
    /// `validateOS`, `validateLinux` and `validateWindows` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   os: {name: windows}
    ///   securityContext: {runAsUser: 1000}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   os: {name: linux}
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext: {windowsOptions: {runAsUserName: web}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   os: {name: Linux}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   os: {name: windows}
    ///   hostPID: false
    ///   securityContext: {windowsOptions: {runAsUserName: web}, runAsNonRoot: true}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub OS_FIELD_CONFLICT {
        id: "api/os-field-conflict",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(os_field_conflict),
    }
}

const OF_PODS: &[&str] = &[
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "fsGroup",
    "fsGroupChangePolicy",
    "runAsUser",
    "runAsGroup",
    "supplementalGroups",
    "supplementalGroupsPolicy",
    "seLinuxChangePolicy",
];
const OF_CONTAINERS: &[&str] = &[
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "capabilities",
    "readOnlyRootFilesystem",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
    "runAsUser",
    "runAsGroup",
];

fn os_field_conflict(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let Some(os) = given(pod.node(), "os").filter(|os| os.is_map()) else { return };
    if !required(cx, os, "name", "`os` of the pod") {
        return;
    }
    let Some(name) = os.get("name") else { return };
    one_of(cx, name, "`os` of the pod", &["linux", "windows"]);
    let contexts = pod.containers().filter_map(Container::security_context);
    match name.text() {
        "linux" => {
            for context in pod.security_context().into_iter().chain(contexts) {
                conflict(name, given(context, "windowsOptions"), cx);
            }
        }
        "windows" => {
            for field in ["hostPID", "hostIPC"] {
                conflict(name, pod.get(field).filter(|node| node.as_bool() == Some(true)), cx);
            }
            conflict(name, given(pod.node(), "shareProcessNamespace"), cx);
            if has_feature(cx, "UserNamespacesSupport") {
                conflict(name, given(pod.node(), "hostUsers"), cx);
            }
            if let Some(context) = pod.security_context() {
                OF_PODS.iter().for_each(|field| conflict(name, given(context, field), cx));
                conflict(name, context.get("sysctls").filter(|list| !list.is_empty()), cx);
            }
            for context in contexts {
                OF_CONTAINERS.iter().for_each(|field| conflict(name, given(context, field), cx));
            }
        }
        _ => {}
    }
}

fn conflict(os: NodeRef<'_>, field: Option<NodeRef<'_>>, cx: &mut Context<'_>) {
    let Some(field) = field else { return };
    let name = field.key_node().map_or("", NodeRef::text);
    cx.report(
        Key(field),
        format!("`{name}` is no field of a pod on {}: the API server refuses it", os.text()),
    )
    .label(os, "the operating system")
    .help("remove it");
}

declare_rule! {
    /// Only some containers of a Windows pod are host processes, or the pod does not use the network of its node.
    ///
    /// ## Why
    /// The API server refuses the object: all containers are host processes or none, with `hostNetwork: true`, and pod and containers agree.
    ///
    /// ## Fix
    /// Set `hostProcess: true` in `windowsOptions` of the pod alone, and `hostNetwork: true`.
    ///
    /// ## References
    /// `validateWindowsHostProcessPod` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: agent}
    /// spec:
    ///   hostNetwork: true
    ///   containers:
    ///     - name: agent
    ///       image: registry.example.org/agent:1.2.0
    ///       securityContext: {windowsOptions: {hostProcess: true}}
    ///     - {name: log, image: registry.example.org/log:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: agent}
    /// spec:
    ///   securityContext: {windowsOptions: {hostProcess: true}}
    ///   containers:
    ///     - {name: agent, image: registry.example.org/agent:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: agent}
    /// spec:
    ///   hostNetwork: true
    ///   securityContext: {windowsOptions: {hostProcess: true}}
    ///   containers:
    ///     - {name: agent, image: registry.example.org/agent:1.2.0}
    ///     - name: log
    ///       image: registry.example.org/log:1.2.0
    ///       securityContext: {windowsOptions: {hostProcess: true}}
    /// ```
    pub WINDOWS_HOST_PROCESS {
        id: "api/windows-host-process",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(windows_host_process),
    }
}

fn windows_host_process(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let of = |context: Option<NodeRef<'_>>| context?.at(&["windowsOptions", "hostProcess"])?.as_bool();
    let whole = of(pod.security_context());
    let (mut host, mut other) = (None, None);
    for container in pod.containers() {
        let own = of(container.security_context());
        if let (Some(own), Some(whole)) = (own, whole)
            && own != whole
            && let Some(node) = container.node().at(&["securityContext", "windowsOptions", "hostProcess"])
        {
            cx.report(
                node,
                format!(
                    "`hostProcess` of {} is {own}, and of the pod {whole}: the API server refuses it",
                    container.title()
                ),
            )
            .help("set it in the pod alone");
        }
        if own.or(whole) == Some(true) {
            host = host.or(Some(container));
        } else {
            other = other.or(Some(container));
        }
    }
    let Some(host) = host else { return };
    if let Some(other) = other {
        cx.report(
            other,
            format!(
                "{} is no host process, and {} is one: the API server refuses the pod",
                other.title(),
                host.title()
            ),
        )
        .label(host, "a host process")
        .help("set `hostProcess: true` in `windowsOptions` of the pod, or in no container");
    }
    if flag(pod.node(), "hostNetwork") != Some(true) {
        let message = format!(
            "{} is a host process without `hostNetwork: true`: the API server refuses the pod",
            host.title()
        );
        let draft = match pod.get("hostNetwork") {
            Some(network) => cx.report(Key(network), message),
            None => cx.report(host, message).absence(),
        };
        draft.help("set `hostNetwork: true` in the pod");
    }
}

declare_rule! {
    /// A pod shares a namespace of its node that another of its fields excludes.
    ///
    /// ## Why
    /// The API server refuses the object: `shareProcessNamespace` and `hostPID` exclude each other, and `hostUsers: false` excludes `hostPID`,
    /// `hostIPC`, `hostNetwork` and, since Kubernetes 1.34, block devices.
    ///
    /// ## Fix
    /// Remove one of the fields.
    ///
    /// ## References
    /// `validateShareProcessNamespace` and `validateHostUsers` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   hostPID: true
    ///   shareProcessNamespace: true
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   hostUsers: false
    ///   hostNetwork: true
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   hostUsers: false
    ///   shareProcessNamespace: true
    ///   hostIPC: false
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub HOST_NAMESPACE_CONFLICT {
        id: "api/host-namespace-conflict",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(host_namespace_conflict),
    }
}

fn host_namespace_conflict(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let set = |field: &str| pod.get(field).filter(|node| node.as_bool() == Some(true));
    if let (Some(shared), Some(host)) = (set("shareProcessNamespace"), set("hostPID")) {
        cx.report(
            Key(shared),
            "`shareProcessNamespace` and `hostPID` exclude each other: the API server refuses the pod",
        )
        .label(Key(host), "the other one")
        .help("remove one of them");
    }
    let users = pod.get("hostUsers").filter(|node| node.as_bool() == Some(false));
    let Some(users) = users.filter(|_| has_feature(cx, "UserNamespacesSupport")) else { return };
    let network = !has_feature(cx, "UserNamespacesHostNetworkSupport");
    let fields =
        ["hostPID", "hostIPC", "hostNetwork"].into_iter().filter(|field| *field != "hostNetwork" || network);
    let shared = fields.filter_map(set);
    let devices = pod.containers().filter_map(|container| container.get("volumeDevices"));
    let devices = devices.filter(|list| !list.is_empty() && cx.version().minor >= 34);
    for node in shared.chain(devices).collect::<Vec<_>>() {
        let name = node.key_node().map_or("", NodeRef::text);
        cx.report(
            Key(node),
            format!("`{name}` and `hostUsers: false` exclude each other: the API server refuses the pod"),
        )
        .label(Key(users), "the other one")
        .help("remove one of them");
    }
}
