//! The node's container runtime in the hands of a pod.

use kubevet_core::{
    declare_rule,
    kubernetes::Object,
    rule::{Context, Kinds},
    yaml::NodeRef,
};

use super::host_path::{clean, host_paths};

/// Sockets of container runtimes, `/var/run` read as `/run`.
const SOCKETS: &[&str] = &[
    "/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/k3s/containerd/containerd.sock",
    "/run/crio/crio.sock",
    "/run/cri-dockerd.sock",
    "/run/podman/podman.sock",
];

declare_rule! {
    /// A pod mounts the socket of the node's container runtime.
    ///
    /// ## Why
    /// Who talks to the socket starts privileged containers and reads every other container: control of the socket is
    /// control of the node. `readOnly` does not help, a socket is written to all the same.
    ///
    /// ## Fix
    /// Build images without the node's daemon (BuildKit rootless, kaniko, buildah), and read metrics from the kubelet.
    ///
    /// ## References
    /// Kubernetes documentation, "Security Checklist"; NSA/CISA Kubernetes Hardening Guide.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   volumes:
    ///     - name: docker
    ///       hostPath: {path: /var/run/docker.sock, type: Socket}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   volumes:
    ///     - name: containerd
    ///       hostPath: {path: /run/containerd}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   volumes:
    ///     - name: agent
    ///       hostPath: {path: /run/agent/agent.sock, type: Socket}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub RUNTIME_SOCKET {
        id: "pod-security/runtime-socket",
        class: Security,
        severity: Error,
        profiles: [recommended, production, hardened],
        nsa: "pod-security",
        versions: "all",
        peers: ["kube-linter:docker-sock", "kubesec:DockerSock", "checkov:CKV_K8S_27", "trivy-checks:KSV-0006", "kubescape:C-0074", "kics:docker_daemon_socket_is_exposed_to_containers", "datree:CONTAINERS_INCORRECT_PATH_VALUE_DOCKERSOCKET", "monokle:KBP101", "kyverno-policies:best-practices/disallow-container-sock-mounts", "kyverno-policies:other/docker-socket-check"],
        check: Object(Kinds::Any, runtime_socket),
    }
}

fn runtime_socket(object: Object<'_>, cx: &mut Context<'_>) {
    for node in host_paths(object) {
        if let Some(socket) = socket(node) {
            let name = socket.rsplit('/').next().unwrap_or(socket);
            let message = format!(
                "`{name}`, the socket of the container runtime, is mounted: who talks to it controls the node"
            );
            cx.report(node, message)
                .help("remove the volume: build images and read metrics without the socket");
        }
    }
}

/// The socket that a path of the node is, or is the folder of.
pub(super) fn socket(path: NodeRef<'_>) -> Option<&'static str> {
    let path = clean(path.text());
    let path = match path.strip_prefix("/var/run") {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("/run{rest}"),
        _ => path,
    };
    let found = SOCKETS.iter().find(|socket| {
        let folder = socket.rsplit_once('/').map_or("", |(folder, _)| folder);
        path == **socket || (path == folder && folder != "/run")
    });
    found.copied()
}
