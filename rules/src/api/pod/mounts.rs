//! Mounts and devices, and the volumes they name.

use std::collections::HashMap;

use kubevet_core::{
    declare_rule,
    kubernetes::{Container, PodSpec, is_placeholder},
    rule::Context,
    suggest::closest,
    yaml::NodeRef,
};

use super::{
    check::{Seen, Who, given, objects},
    paths::check_backsteps,
};

/// The volumes of a pod by their names; `None` stands for a claim template of its `StatefulSet`.
struct Volumes<'t>(HashMap<&'t str, Option<NodeRef<'t>>>);

impl<'t> Volumes<'t> {
    fn of(pod: PodSpec<'t>) -> Self {
        let name = |node: NodeRef<'t>| node.as_str().filter(|name| !name.is_empty());
        let volumes = pod.volumes().filter_map(|volume| Some((name(volume.get("name")?)?, Some(volume))));
        let claims = pod.object().spec().and_then(|spec| spec.get("volumeClaimTemplates"));
        let claims = claims.into_iter().flat_map(NodeRef::items);
        let claims = claims.filter_map(|claim| Some((name(claim.at(&["metadata", "name"])?)?, None)));
        Volumes(volumes.chain(claims).collect())
    }

    /// Reports a name of a mount that is missing, or that no volume has; the name of a volume of the pod.
    fn check(
        &self,
        entry: NodeRef<'t>,
        list: &str,
        container: Container<'t>,
        cx: &mut Context<'_>,
    ) -> Option<NodeRef<'t>> {
        let Some(name) = given(entry, "name").filter(|name| !name.text().is_empty()) else {
            let message = format!(
                "an entry of `{list}` in {} names no volume: the API server refuses it",
                container.title()
            );
            cx.report(entry, message).help("say which volume with `name`").absence();
            return None;
        };
        if self.0.contains_key(name.text()) {
            return Some(name);
        }
        if !is_placeholder(name.text()) {
            let message = format!(
                "{} mounts `{}`, and the pod has no volume of that name",
                container.title(),
                name.text()
            );
            let help = match closest(name.text(), self.0.keys().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "add the volume to `spec.volumes`, or remove the mount".to_owned(),
            };
            cx.report(name, message).help(help).absence();
        }
        None
    }
}

/// Reports a path that is missing; the path.
fn path_of<'t>(
    entry: NodeRef<'t>,
    field: &str,
    list: &str,
    container: Container<'t>,
    cx: &mut Context<'_>,
) -> Option<NodeRef<'t>> {
    let path = given(entry, field).filter(|path| !path.text().is_empty());
    if path.is_none() {
        let message = format!(
            "an entry of `{list}` in {} has no `{field}`: the API server refuses it",
            container.title()
        );
        cx.report(entry, message).help(format!("say where to mount it with `{field}`")).absence();
    }
    path
}

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
    /// ```yaml bad
    /// # A volume is mounted, or it is a device.
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: db}
    /// spec:
    ///   containers:
    ///     - name: db
    ///       image: registry.example.org/db:16.1
    ///       volumeMounts:
    ///         - {name: data, mountPath: /data}
    ///       volumeDevices:
    ///         - {name: data, devicePath: /dev/data}
    ///   volumes:
    ///     - {name: data, persistentVolumeClaim: {claimName: data}}
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
        check: Pod(volume_mount_invalid),
    }
}

fn volume_mount_invalid(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let mut volumes = None;
    for container in pod.containers() {
        let mut paths = Seen::new();
        let devices = objects(container.node(), "volumeDevices");
        let devices: HashMap<_, _> = devices
            .flat_map(|device| ["name", "devicePath"].map(|field| (field, device)))
            .filter_map(|(field, device)| Some(((field, device.get(field)?.text()), device)))
            .collect();
        for mount in objects(container.node(), "volumeMounts") {
            let name =
                volumes.get_or_insert_with(|| Volumes::of(pod)).check(mount, "volumeMounts", container, cx);
            let path = path_of(mount, "mountPath", "volumeMounts", container, cx);
            if let Some(path) = path
                && let Some(first) = paths.insert(path)
            {
                let message = format!(
                    "{} mounts two volumes at `{}`: the API server refuses it",
                    container.title(),
                    path.text()
                );
                cx.report(path, message)
                    .label(first, "first mounted here")
                    .help("mount one of them elsewhere");
            }
            let clash = name.and_then(|name| Some((name, *devices.get(&("name", name.text()))?)));
            let clash = clash.or_else(|| Some((path?, *devices.get(&("devicePath", path?.text()))?)));
            if let Some((node, device)) = clash {
                let message = format!(
                    "`{}` is mounted and a device in {}: the API server refuses it",
                    node.text(),
                    container.title()
                );
                cx.report(node, message)
                    .label(device, "the device")
                    .help("mount the volume or use it as a device, not both");
            }
        }
    }
}

declare_rule! {
    /// A container uses a block device that its pod does not have, that is no claim, or that it uses twice.
    ///
    /// ## Why
    /// The API server refuses the object: devices come from volumes with `persistentVolumeClaim` or `ephemeral`, and from
    /// `volumeClaimTemplates`.
    ///
    /// ## Fix
    /// Name a volume of a claim, and give each device a path of its own.
    ///
    /// ## References
    /// `ValidateVolumeDevices` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: db}
    /// spec:
    ///   containers:
    ///     - name: db
    ///       image: registry.example.org/db:16.1
    ///       volumeDevices:
    ///         - {name: disk, devicePath: /dev/data}
    ///   volumes:
    ///     - {name: disk, hostPath: {path: /dev/sdb}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: db}
    /// spec:
    ///   containers:
    ///     - name: db
    ///       image: registry.example.org/db:16.1
    ///       volumeDevices:
    ///         - {name: data, devicePath: /dev/data}
    ///         - {name: data, devicePath: /dev/../data}
    ///   volumes:
    ///     - {name: data, persistentVolumeClaim: {claimName: data}}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: db}
    /// spec:
    ///   containers:
    ///     - name: db
    ///       image: registry.example.org/db:16.1
    ///       volumeDevices:
    ///         - {name: data, devicePath: /dev/data}
    ///   volumes:
    ///     - {name: data, persistentVolumeClaim: {claimName: data}}
    /// ```
    pub VOLUME_DEVICE_INVALID {
        id: "api/volume-device-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(volume_device_invalid),
    }
}

fn volume_device_invalid(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let mut volumes = None;
    for container in pod.containers() {
        let (mut names, mut paths) = (Seen::new(), Seen::new());
        for device in objects(container.node(), "volumeDevices") {
            let volumes = volumes.get_or_insert_with(|| Volumes::of(pod));
            if let Some(name) = volumes.check(device, "volumeDevices", container, cx) {
                let volume = volumes.0.get(name.text()).copied().flatten();
                let claim = |volume: NodeRef<'_>| {
                    given(volume, "persistentVolumeClaim").or_else(|| given(volume, "ephemeral")).is_some()
                };
                if volume.is_some_and(|volume| !claim(volume)) {
                    let message = format!(
                        "volume `{}` of {} is no claim, so it cannot be a device: the API server refuses it",
                        name.text(),
                        container.title()
                    );
                    cx.report(name, message).help("use a volume with `persistentVolumeClaim` or `ephemeral`");
                }
                repeated(name, names.insert(name), container, cx);
            }
            if let Some(path) = path_of(device, "devicePath", "volumeDevices", container, cx) {
                repeated(path, paths.insert(path), container, cx);
                check_backsteps(path, format_args!("`devicePath` of {}", Who::Container(container)), cx);
            }
        }
    }
}

fn repeated(node: NodeRef<'_>, first: Option<NodeRef<'_>>, container: Container<'_>, cx: &mut Context<'_>) {
    if let Some(first) = first {
        let message = format!(
            "{} uses `{}` for two devices: the API server refuses it",
            container.title(),
            node.text()
        );
        cx.report(node, message).label(first, "first used here").help("remove one of them");
    }
}
