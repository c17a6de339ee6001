//! What pods may do to their nodes: the Pod Security Standards and what they leave open.

mod capabilities;
mod filesystem;
mod host;
mod host_path;
mod kernel;
mod privilege;
mod runtime;
mod seccomp;
mod users;

use kubevet_core::{
    finding::{Applicability, Edit, Fix},
    kubernetes::PodSpec,
    rule::Rule,
    settings::Component,
    yaml::NodeRef,
};

/// The rules of the group.
pub const RULES: &[&Rule] = &[
    &capabilities::CAPABILITIES_BASELINE,
    &capabilities::CAPABILITIES_RESTRICTED,
    &capabilities::CAPABILITY_DANGEROUS,
    &capabilities::NET_RAW,
    &filesystem::PROC_MOUNT,
    &filesystem::READ_ONLY_ROOT,
    &host::HOST_IPC,
    &host::HOST_NETWORK,
    &host::HOST_PID,
    &host::HOST_PORT,
    &host_path::HOST_PATH,
    &host_path::HOST_PATH_SENSITIVE,
    &runtime::RUNTIME_SOCKET,
    &kernel::UNSAFE_SYSCTL,
    &privilege::PRIVILEGED,
    &privilege::PRIVILEGE_ESCALATION,
    &privilege::PRIVILEGE_ESCALATION_REQUESTED,
    &seccomp::SECCOMP_MISSING,
    &seccomp::SECCOMP_UNCONFINED,
    &users::LOW_UID,
    &users::RUN_AS_NON_ROOT,
    &users::RUN_AS_ROOT_USER,
];

/// Whether it is a static pod of the control plane: these need the node's network and files to do their work.
fn is_control_plane(pod: PodSpec<'_>) -> bool {
    let first_word = |list: Option<NodeRef<'_>>| {
        let word = list?.items().next()?.as_str()?;
        Component::from_binary(word)
    };
    let component = |component| {
        matches!(
            component,
            Some(
                Component::Etcd
                    | Component::KubeApiserver
                    | Component::KubeControllerManager
                    | Component::KubeScheduler
            )
        )
    };
    pod.object().is("", "Pod")
        && pod.object().namespace() == Some("kube-system")
        && pod.containers().any(|container| {
            component(first_word(container.get("command"))) || component(first_word(container.get("args")))
        })
}

/// Writes another scalar in place of one. The pod behaves differently afterwards, so a person decides.
fn replace(node: NodeRef<'_>, text: &str) -> Fix {
    Fix {
        title: format!("replace `{}` by `{text}`", node.text()),
        applicability: Applicability::Unsafe,
        edits: vec![Edit { span: node.span(), text: text.to_owned() }],
    }
}

/// Whether the pod says that it runs on Windows, in the only field that the Pod Security Standards look at.
fn says_windows(pod: PodSpec<'_>) -> bool {
    pod.node().at(&["os", "name"]).and_then(NodeRef::as_str) == Some("windows")
}
