//! Mounts and the volumes they name.

use std::collections::HashMap;

use kubevet_core::{
    declare_rule,
    kubernetes::{Container, is_placeholder},
    rule::Context,
    suggest::closest,
    yaml::NodeRef,
};

declare_rule! {
    /// A container mounts a volume that its pod does not have, or two volumes at one path.
    ///
    /// ## Why
    /// The API server refuses the object.
    ///
    /// ## Fix
    /// Correct the name, or add the volume to `spec.volumes` (to `volumeClaimTemplates` of a StatefulSet).
    ///
    /// ## References
    /// `ValidateVolumeMounts` in `k8s.io/kubernetes/pkg/apis/core/validation`.
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
    ///       volumeMounts:
    ///         - {name: date, mountPath: /data}
    ///   volumes:
    ///     - {name: data, emptyDir: {}}
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
    ///         - {name: data, mountPath: /data}
    ///         - {name: cache, mountPath: /data}
    ///   volumes:
    ///     - {name: data, emptyDir: {}}
    ///     - {name: cache, emptyDir: {}}
    /// ```
    /// ```yaml good
    /// apiVersion: apps/v1
    /// kind: StatefulSet
    /// metadata: {name: db}
    /// spec:
    ///   serviceName: db
    ///   selector: {matchLabels: {app: db}}
    ///   template:
    ///     metadata: {labels: {app: db}}
    ///     spec:
    ///       containers:
    ///         - name: db
    ///           image: registry.example.org/db:16.1
    ///           volumeMounts:
    ///             - {name: data, mountPath: /var/lib/db, subPath: db}
    ///             - {name: data, mountPath: /var/log/db, subPath: log}
    ///   volumeClaimTemplates:
    ///     - metadata: {name: data}
    ///       spec:
    ///         accessModes: [ReadWriteOnce]
    ///         resources: {requests: {storage: 10Gi}}
    /// ```
    pub VOLUME_MOUNT_INVALID {
        id: "api/volume-mount-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: [
            "kubevious:pod-spec-volume-config-map-ref",
            "kubevious:pod-spec-volume-secret-ref",
            "kubevious:pod-spec-volume-pvc-ref",
            "kubevious:container-volume-mount-ref",
        ],
        check: Container(volume_mount_invalid),
    }
}

fn volume_mount_invalid(container: Container<'_>, cx: &mut Context<'_>) {
    let pod = container.pod();
    let claims = pod.object().spec().and_then(|spec| spec.get("volumeClaimTemplates"));
    let claims =
        claims.into_iter().flat_map(NodeRef::items).filter_map(|claim| claim.at(&["metadata", "name"]));
    let volumes: Vec<&str> =
        pod.volumes().filter_map(|volume| volume.get("name")).chain(claims).map(NodeRef::text).collect();
    let mut paths: HashMap<&str, NodeRef<'_>> = HashMap::new();
    for (list, path_field) in [("volumeMounts", "mountPath"), ("volumeDevices", "devicePath")] {
        for mount in container.get(list).into_iter().flat_map(NodeRef::items).filter(|mount| mount.is_map()) {
            check_name(container, mount, list, &volumes, cx);
            match mount.get(path_field).filter(|path| !path.text().is_empty()) {
                None => {
                    let message = format!(
                        "an entry of `{list}` in {} has no `{path_field}`: the API server refuses it",
                        container.title()
                    );
                    cx.report(mount, message)
                        .help(format!("say where to mount it with `{path_field}`"))
                        .absence();
                }
                Some(path) => {
                    if let Some(first) = paths.insert(path.text(), path) {
                        let message = format!(
                            "{} mounts two volumes at `{}`: the API server refuses it",
                            container.title(),
                            path.text()
                        );
                        cx.report(path, message)
                            .label(first, "first mounted here")
                            .help("mount one of them elsewhere");
                    }
                }
            }
        }
    }
}

fn check_name(
    container: Container<'_>,
    mount: NodeRef<'_>,
    list: &str,
    volumes: &[&str],
    cx: &mut Context<'_>,
) {
    let Some(name) = mount.get("name").filter(|name| !name.text().is_empty()) else {
        let message = format!(
            "an entry of `{list}` in {} names no volume: the API server refuses it",
            container.title()
        );
        cx.report(mount, message).help("say which volume with `name`").absence();
        return;
    };
    if volumes.contains(&name.text()) || is_placeholder(name.text()) {
        return;
    }
    let message =
        format!("{} mounts `{}`, and the pod has no volume of that name", container.title(), name.text());
    let help = match closest(name.text(), volumes.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "add the volume to `spec.volumes`, or remove the mount".to_owned(),
    };
    cx.report(name, message).help(help).absence();
}
