//! Kernel parameters of pods.

use kubevet_core::{
    declare_rule,
    kubernetes::PodSpec,
    rule::{Context, Key},
};

use super::check::{Seen, flag, format, objects, required};

declare_rule! {
    /// A kernel parameter has no valid name, comes twice, or belongs to the node whose namespace the pod shares.
    ///
    /// ## Why
    /// The API server refuses the object: `net.*` excludes `hostNetwork`, and parameters of IPC exclude `hostIPC`. A field `name` that is
    /// missing altogether is left to `schema/missing-required`.
    ///
    /// ## Fix
    /// Correct the name, or set the parameter on the node.
    ///
    /// ## References
    /// `validateSysctls` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   hostNetwork: true
    ///   securityContext:
    ///     sysctls: [{name: net.core.somaxconn, value: "1024"}]
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   securityContext:
    ///     sysctls: [{name: net.ipv4.*, value: "1"}]
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   hostIPC: true
    ///   securityContext:
    ///     sysctls:
    ///       - {name: net.core.somaxconn, value: "1024"}
    ///       - {name: net/ipv4/conf/eth0.100/rp_filter, value: "1"}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub SYSCTL_INVALID {
        id: "api/sysctl-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(sysctl_invalid),
    }
}

fn sysctl_invalid(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let Some(context) = pod.security_context() else { return };
    let mut seen = Seen::new();
    for sysctl in objects(context, "sysctls") {
        if !required(cx, sysctl, "name", "a sysctl") {
            continue;
        }
        let Some(name) = sysctl.get("name") else { continue };
        format(cx, name, "sysctl", is_sysctl);
        if let Some(first) = seen.insert(name) {
            cx.report(name, format!("sysctl `{}` stands twice: the API server refuses the pod", name.text()))
                .label(first, "the first one")
                .help("keep one of them");
        }
        let host = match namespace(name.text()).filter(|_| is_sysctl(name.text()).is_ok()) {
            Some(host) if flag(pod.node(), host) == Some(true) => host,
            _ => continue,
        };
        let message =
            format!("sysctl `{}` is one of the node with `{host}`: the API server refuses it", name.text());
        let draft = cx.report(name, message).help("set it on the node, or leave the namespace of the node");
        if let Some(host) = pod.get(host) {
            draft.label(Key(host), "the pod shares it here");
        }
    }
}

/// `IsValidSysctlName`: segments between dots or slashes.
fn is_sysctl(text: &str) -> Result<(), &'static str> {
    let lower = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let segment = |part: &str| {
        let bytes = part.as_bytes();
        bytes.first().is_some_and(lower)
            && bytes.last().is_some_and(lower)
            && bytes.iter().all(|byte| lower(byte) || matches!(byte, b'-' | b'_'))
    };
    if text.len() <= 253 && text.split(['.', '/']).all(segment) {
        return Ok(());
    }
    Err("must consist of lower case letters, digits, `-` and `_` between dots or slashes")
}

/// The field that gives a pod the namespace of the node that a parameter belongs to (`sysctl.GetNamespace`).
fn namespace(name: &str) -> Option<&'static str> {
    // With a slash first, slashes separate and dots belong to names.
    let slashes = name.find(['.', '/']).is_some_and(|at| name.as_bytes()[at] == b'/');
    let separator = if slashes { '/' } else { '.' };
    let (first, rest) = name.split_once(separator)?;
    let second = rest.split(separator).next().unwrap_or_default();
    match first {
        "net" => Some("hostNetwork"),
        "fs" if second == "mqueue" && rest.len() > second.len() => Some("hostIPC"),
        "kernel" => matches!(
            rest,
            "sem"
                | "shmall"
                | "shmmax"
                | "shmmni"
                | "shm_rmid_forced"
                | "shm"
                | "msgmax"
                | "msgmnb"
                | "msgmni"
                | "msg"
        )
        .then_some("hostIPC"),
        _ => None,
    }
}
