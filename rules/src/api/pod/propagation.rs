//! Mounts that reach beyond their container.

use kubevet_core::{declare_rule, kubernetes::Container, rule::Context, yaml::NodeRef};

use super::check::{Who, flag, given, has_feature, objects, one_of};

declare_rule! {
    /// A mount wants to propagate mounts to the node from a container that is not privileged, or to be read-only recursively while it is
    /// not read-only.
    ///
    /// ## Why
    /// The API server refuses the object.
    ///
    /// ## Fix
    /// Use `HostToContainer`, or give the container `privileged: true` if it manages mounts of the node. `recursiveReadOnly` needs
    /// `readOnly: true` and no propagation.
    ///
    /// ## References
    /// `validateMountPropagation` and `validateMountRecursiveReadOnly` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: csi}
    /// spec:
    ///   containers:
    ///     - name: csi
    ///       image: registry.example.org/csi:1.2.0
    ///       volumeMounts:
    ///         - {name: pods, mountPath: /pods, mountPropagation: Bidirectional}
    ///   volumes:
    ///     - {name: pods, hostPath: {path: /var/lib/kubelet/pods}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       volumeMounts:
    ///         - {name: data, mountPath: /data, recursiveReadOnly: Enabled}
    ///   volumes:
    ///     - {name: data, hostPath: {path: /srv/data}}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: csi}
    /// spec:
    ///   containers:
    ///     - name: csi
    ///       image: registry.example.org/csi:1.2.0
    ///       securityContext: {privileged: true}
    ///       volumeMounts:
    ///         - {name: pods, mountPath: /pods, mountPropagation: Bidirectional}
    ///         - {name: dev, mountPath: /dev, readOnly: true, recursiveReadOnly: IfPossible, mountPropagation: None}
    ///   volumes:
    ///     - {name: pods, hostPath: {path: /var/lib/kubelet/pods}}
    ///     - {name: dev, hostPath: {path: /dev}}
    /// ```
    pub MOUNT_PROPAGATION {
        id: "api/mount-propagation",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Container(mount_propagation),
    }
}

fn mount_propagation(container: Container<'_>, cx: &mut Context<'_>) {
    for mount in objects(container.node(), "volumeMounts") {
        let propagation = given(mount, "mountPropagation");
        if let Some(propagation) = propagation {
            one_of(cx, propagation, "`mountPropagation`", &["None", "HostToContainer", "Bidirectional"]);
            let privileged = || container.own("privileged").and_then(NodeRef::as_bool) == Some(true);
            if propagation.as_str() == Some("Bidirectional") && !privileged() {
                let message = format!(
                    "{} propagates mounts to the node and is not privileged: the API server refuses it",
                    container.title()
                );
                cx.report(propagation, message)
                    .help("use `HostToContainer`, or set `privileged: true`")
                    .absence();
            }
        }
        let Some(recursive) = given(mount, "recursiveReadOnly") else { continue };
        if recursive.as_str() == Some("Disabled") || !has_feature(cx, "RecursiveReadOnlyMounts") {
            continue;
        }
        let who = Who::Container(container);
        if !one_of(cx, recursive, "`recursiveReadOnly`", &["Disabled", "Enabled", "IfPossible"]) {
            continue;
        }
        if flag(mount, "readOnly") != Some(true) {
            cx.report(recursive, format!("`recursiveReadOnly` of a mount of {who} is without `readOnly: true`: the API server refuses it"))
                .help("set `readOnly: true` beside it")
                .absence();
        }
        if let Some(propagation) = propagation.filter(|propagation| propagation.as_str() != Some("None")) {
            cx.report(recursive, format!("`recursiveReadOnly` and `mountPropagation` of {who} exclude each other: the API server refuses it"))
                .label(propagation, "the propagation")
                .help("remove one of them");
        }
    }
}
