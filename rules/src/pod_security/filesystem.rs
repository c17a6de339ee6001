//! The container's own file system and its view of `/proc`.

use kubevet_core::{
    declare_rule,
    kubernetes::{Container, ContainerKind, is_placeholder},
    rule::Context,
    settings::Version,
};

use super::replace;

declare_rule! {
    /// A container can write to its root file system.
    ///
    /// ## Why
    /// An intruder leaves programs there and changes those of the image; what the program writes there is lost with the
    /// container and fills the node's disk.
    ///
    /// ## Fix
    /// Set `securityContext.readOnlyRootFilesystem: true` and mount an `emptyDir` where the program writes.
    ///
    /// ## References
    /// NSA/CISA Kubernetes Hardening Guide, "Immutable container file systems".
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
    ///       securityContext: {readOnlyRootFilesystem: false}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext: {readOnlyRootFilesystem: true}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   nodeSelector: {kubernetes.io/os: windows}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub READ_ONLY_ROOT {
        id: "pod-security/read-only-root",
        class: Security,
        severity: Info,
        profiles: [hardened],
        nsa: "pod-security",
        versions: "all",
        peers: ["kube-linter:no-read-only-root-fs", "kube-score:container-security-context-readonlyrootfilesystem", "polaris:notReadOnlyRootFilesystem", "kubesec:ReadOnlyRootFilesystem", "checkov:CKV_K8S_22", "trivy-checks:KSV-0014", "kubescape:C-0017", "kics:root_container_not_mounted_as_read_only", "datree:CONTAINERS_INCORRECT_READONLYROOTFILESYSTEM_VALUE", "monokle:KBP102", "kubeaudit:ReadOnlyRootFilesystemFalse", "kubeaudit:ReadOnlyRootFilesystemNil", "kyverno-policies:best-practices/require-ro-rootfs"],
        check: Container(read_only_root),
    }
}

fn read_only_root(container: Container<'_>, cx: &mut Context<'_>) {
    if container.kind() == ContainerKind::Ephemeral || container.pod().is_windows() {
        return;
    }
    let own = container.own("readOnlyRootFilesystem");
    let help = "set `readOnlyRootFilesystem: true` and mount an `emptyDir` where the program writes";
    match own {
        Some(node) if node.as_bool() == Some(false) => {
            let message = format!(
                "{} asks for a writable root file system: an intruder can change its programs",
                container.title()
            );
            cx.report(node, message).help(help);
        }
        None => {
            let message = format!(
                "{} can write to its root file system: an intruder can change its programs",
                container.title()
            );
            cx.report(container, message).help(help).absence();
        }
        Some(_) => {}
    }
}

declare_rule! {
    /// A container gets an unmasked `/proc`.
    ///
    /// ## Why
    /// `Unmasked` shows and lets it write parts of `/proc` that runtimes hide because they reach the node's kernel.
    /// From 1.35 the baseline standard allows it in pods with a user namespace of their own (`hostUsers: false`); the
    /// restricted standard never does.
    ///
    /// ## Fix
    /// Remove `procMount`, or set `hostUsers: false` where containers run in the container.
    ///
    /// ## References
    /// Pod Security Standards, baseline, "/proc Mount Type"; `check_procMount_restricted.go` in
    /// `k8s.io/pod-security-admission/policy`.
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
    ///       securityContext: {procMount: Unmasked}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext: {procMount: Default}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   hostUsers: false
    ///   containers:
    ///     - name: builder
    ///       image: registry.example.org/builder:1.2.0
    ///       securityContext: {procMount: Unmasked}
    /// ```
    pub PROC_MOUNT {
        id: "pod-security/proc-mount",
        class: Security,
        severity: Warning,
        profiles: [production, hardened],
        pss: "baseline/proc-mount,restricted/proc-mount",
        versions: "all",
        peers: ["kube-linter:unsafe-proc-mount", "polaris:procMount", "trivy-checks:KSV-0027", "kics:container_runs_unmasked", "monokle:PSS109", "kyverno-policies:pod-security/disallow-proc-mount"],
        fix: Unsafe,
        check: Container(proc_mount),
    }
}

fn proc_mount(container: Container<'_>, cx: &mut Context<'_>) {
    let Some(node) = container.own("procMount").filter(|node| node.text() != "Default") else { return };
    // Of the two standards the stricter one counts: a pod without findings is admitted by both.
    let relaxed = !cx.standard() && container.pod().has_user_namespace() && cx.version() >= Version::new(35);
    if node.is_scalar() && !relaxed && !is_placeholder(node.text()) {
        let message =
            format!("{} has an unmasked `/proc`: it reaches the node's kernel through it", container.title());
        cx.report(node, message).help("set it to `Default` or remove it").fix(replace(node, "Default"));
    }
}
