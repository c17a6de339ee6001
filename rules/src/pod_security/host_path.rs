//! Files and sockets of the node.

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, PodSpec, is_placeholder},
    rule::{Context, Key, Kinds, Options},
    yaml::NodeRef,
};

use super::{is_control_plane, runtime::socket};

declare_rule! {
    /// A pod mounts a path of its node.
    ///
    /// ## Why
    /// It reads what the node and other pods keep there, leaves files behind, and finds other files when it moves to
    /// another node.
    ///
    /// Silent where `pod-security/host-path-sensitive` or `pod-security/runtime-socket` reports the path, except for a standard.
    ///
    /// ## Fix
    /// Use a PersistentVolumeClaim, an `emptyDir`, a ConfigMap or a projected volume. The option `allowed-host-paths`
    /// lists paths that may be mounted, with everything below them.
    ///
    /// ## References
    /// Pod Security Standards, baseline, "HostPath Volumes".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   volumes:
    ///     - name: data
    ///       hostPath: {path: /mnt/data}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   volumes:
    ///     - name: data
    ///       persistentVolumeClaim: {claimName: data}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   volumes:
    ///     - name: logs
    ///       hostPath: {path: /var/log/pods}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```toml with
    /// allowed-host-paths = ["/var/log"]
    /// ```
    pub HOST_PATH {
        id: "pod-security/host-path",
        class: Security,
        severity: Warning,
        profiles: [hardened],
        cis: ["5.2.11"],
        pss: "baseline/host-path",
        nsa: "pod-security",
        versions: "all",
        peers: ["polaris:hostPathSet", "trivy-checks:KSV-0023", "kubescape:C-0048", "kics:non_kube_system_pod_with_host_mount", "kube-bench:cis-1.12:5.2.11", "datree:CONTAINERS_INCORRECT_KEY_HOSTPATH", "monokle:PSS105", "kyverno-policies:pod-security/disallow-host-path", "kyverno-policies:other/limit-hostpath-type-pv", "kyverno-policies:other/limit-hostpath-vols"],
        options: ["allowed-host-paths": TextList = "paths that may be mounted, with everything below them; none without it, and none for the Pod Security Standards"],
        check: Pod(host_path),
    }
}

fn host_path(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    for volume in pod.volumes() {
        let Some(source) = volume.get("hostPath").filter(|source| !source.is_null()) else { continue };
        let path = source.get("path");
        if path.is_some_and(|path| is_allowed(path, cx.options()) || is_told_elsewhere(pod, path, cx)) {
            continue;
        }
        let name = volume.get("name").map_or("", NodeRef::text);
        let message = format!("volume `{name}` is a path of the node: the pod reads and leaves files there");
        let help = "use a claim, an `emptyDir` or a projected volume";
        match path {
            Some(path) => cx.report(path, message).help(help),
            None => cx.report(Key(source), message).help(help),
        };
    }
}

/// A path without `.`, `..` and doubled slashes, as the kubelet cleans it.
pub(super) fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

fn is_at_or_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a rule that runs says more about the path.
fn is_told_elsewhere(pod: PodSpec<'_>, path: NodeRef<'_>, cx: &Context<'_>) -> bool {
    if !host_paths(pod.object()).contains(&path) {
        return false;
    }
    let sensitive = cx.left_to("pod-security/host-path-sensitive");
    sensitive.is_some_and(|options| !is_control_plane(pod) && is_sensitive(Some(pod), path, options))
        || cx.left_to("pod-security/runtime-socket").is_some() && socket(path).is_some()
}

fn is_allowed(path: NodeRef<'_>, options: &Options) -> bool {
    let path = clean(path.text());
    options.texts("allowed-host-paths").iter().any(|allowed| is_at_or_below(&path, &clean(allowed)))
}

/// Paths of the node that an object mounts: by pods, or through PersistentVolumes.
pub(super) fn host_paths(object: Object<'_>) -> Vec<NodeRef<'_>> {
    let paths: Vec<NodeRef<'_>> = if object.is("", "PersistentVolume") {
        ["hostPath", "local"].iter().filter_map(|kind| object.node().at(&["spec", kind, "path"])).collect()
    } else {
        PodSpec::of(object)
            .into_iter()
            .flat_map(PodSpec::volumes)
            .filter_map(|volume| volume.at(&["hostPath", "path"]))
            .collect()
    };
    paths
        .into_iter()
        .filter(|path| path.as_str().is_some_and(|text| text.starts_with('/') && !is_placeholder(text)))
        .collect()
}

/// Folders that rule the node, with everything below them.
const SENSITIVE: &[&str] = &[
    "/etc",
    "/proc",
    "/sys",
    "/boot",
    "/dev",
    "/root",
    "/home",
    "/var/lib/kubelet",
    "/var/lib/etcd",
    "/var/lib/docker",
    "/var/lib/containerd",
    "/var/lib/rancher",
    "/usr",
    "/lib",
    "/bin",
    "/sbin",
];

/// Folders that hold such folders or the sockets of the container runtime.
const SENSITIVE_ALONE: &[&str] = &["/", "/var", "/var/run", "/run", "/var/lib"];

/// Devices that every program may use, and where drivers of storage and devices meet the kubelet by their sockets: no
/// program's data is there.
const HARMLESS: &[&str] = &[
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/var/lib/kubelet/device-plugins",
    "/var/lib/kubelet/plugins",
    "/var/lib/kubelet/plugins_registry",
];

/// What ordinary programs read of a node: harmless as long as nobody writes there.
const READABLE: &[&str] = &[
    "/etc/localtime",
    "/etc/os-release",
    "/etc/ssl/certs",
    "/etc/ca-certificates",
    "/usr/share/ca-certificates",
    "/lib/modules",
    "/sys/fs/cgroup",
];

declare_rule! {
    /// A pod or PersistentVolume mounts a path of the node that holds its secrets or decides what it runs.
    ///
    /// ## Why
    /// Who reads `/etc/kubernetes` or `/var/lib/kubelet` has the node's keys and the Secrets of its pods; who writes to
    /// `/etc`, `/usr` or `/root` runs programs as root on the node. A mount that is narrower than the volume does not
    /// help: the volume can be mounted again. Static pods of the control plane are left alone.
    ///
    /// ## Fix
    /// Mount only the one file that is needed, `readOnly`, or get the data through the API. Certificates of
    /// authorities, time zone, kernel modules and control groups are accepted when every mount is `readOnly`, and the
    /// folders where drivers of storage and devices put their sockets. The
    /// option `allowed-host-paths` lists paths that may be mounted, with everything below them.
    ///
    /// ## References
    /// Kubernetes documentation, "Volumes", hostPath.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   volumes:
    ///     - name: host
    ///       hostPath: {path: /}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   volumes:
    ///     - name: pki
    ///       hostPath: {path: /opt/../etc/kubernetes/pki/}
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
    ///       volumeMounts:
    ///         - {name: certs, mountPath: /etc/ssl/certs}
    ///   volumes:
    ///     - name: certs
    ///       hostPath: {path: /etc/ssl/certs}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: PersistentVolume
    /// metadata: {name: node}
    /// spec:
    ///   capacity: {storage: 1Gi}
    ///   accessModes: [ReadWriteOnce]
    ///   hostPath: {path: /var/lib/kubelet}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       volumeMounts:
    ///         - {name: certs, mountPath: /etc/ssl/certs, readOnly: true}
    ///   volumes:
    ///     - name: certs
    ///       hostPath: {path: /etc/ssl/certs}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   volumes:
    ///     - name: data
    ///       hostPath: {path: /mnt/data}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   volumes:
    ///     - name: config
    ///       hostPath: {path: /etc/agent/conf.d}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```toml with
    /// allowed-host-paths = ["/etc/agent"]
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   volumes:
    ///     - name: random
    ///       hostPath: {path: /dev/urandom, type: CharDevice}
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       volumeMounts: [{name: random, mountPath: /dev/random}]
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: kube-scheduler, namespace: kube-system}
    /// spec:
    ///   containers:
    ///     - name: kube-scheduler
    ///       image: registry.k8s.io/kube-scheduler:v1.34.2
    ///       command: [kube-scheduler, --kubeconfig=/etc/kubernetes/scheduler.conf]
    ///       volumeMounts:
    ///         - {name: kubeconfig, mountPath: /etc/kubernetes/scheduler.conf, readOnly: true}
    ///   volumes:
    ///     - name: kubeconfig
    ///       hostPath: {path: /etc/kubernetes/scheduler.conf, type: FileOrCreate}
    /// ```
    pub HOST_PATH_SENSITIVE {
        id: "pod-security/host-path-sensitive",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        nsa: "pod-security",
        versions: "all",
        peers: ["kube-linter:sensitive-host-mounts", "kubesec:ProcMount", "trivy-checks:KSV-0121", "kics:workload_mounting_with_sensitive_os_directory", "kubeaudit:SensitivePathsMounted", "kubescape:C-0020"],
        options: ["allowed-host-paths": TextList = "paths that may be mounted, with everything below them; none without it"],
        check: Object(Kinds::Any, host_path_sensitive),
    }
}

fn host_path_sensitive(object: Object<'_>, cx: &mut Context<'_>) {
    let pod = PodSpec::of(object);
    if pod.is_some_and(is_control_plane) {
        return;
    }
    for node in host_paths(object) {
        if !is_sensitive(pod, node, cx.options()) {
            continue;
        }
        let path = clean(node.text());
        let Some(pod) = pod else {
            let message = format!("this volume gives pods `{path}` of the node, and with it the node");
            cx.report(node, message).help("keep data of pods in a folder of its own");
            continue;
        };
        let writable = writable_mount(pod, node);
        match writable {
            Some(mount) if is_readable(&path) => {
                let message =
                    format!("`{path}` of the node is mounted for writing: the node trusts what is in there");
                cx.report(node, message)
                    .label(mount, "mounted here without `readOnly: true`")
                    .help("add `readOnly: true` to the mount");
            }
            _ => {
                let message = format!("`{path}` of the node is mounted: {}", consequence(&path));
                let draft =
                    cx.report(node, message).help("mount only what is needed, `readOnly`, or use the API");
                if let Some(mount) = writable {
                    draft.label(mount, "mounted here for writing");
                }
            }
        }
    }
}

/// Whether a path rules the node; in a pod also by how it is mounted.
fn is_sensitive(pod: Option<PodSpec<'_>>, node: NodeRef<'_>, options: &Options) -> bool {
    let path = clean(node.text());
    let sensitive = SENSITIVE_ALONE.contains(&path.as_str())
        || SENSITIVE.iter().any(|folder| is_at_or_below(&path, folder));
    let harmless = HARMLESS.iter().any(|folder| is_at_or_below(&path, folder));
    let only_read = || is_readable(&path) && pod.is_some_and(|pod| writable_mount(pod, node).is_none());
    sensitive && !harmless && !is_allowed(node, options) && !only_read()
}

fn is_readable(path: &str) -> bool {
    READABLE.iter().any(|folder| is_at_or_below(path, folder))
}

/// The first mount of the volume with this `hostPath.path` through which its files can be changed.
fn writable_mount<'t>(pod: PodSpec<'t>, path: NodeRef<'t>) -> Option<NodeRef<'t>> {
    let volume = pod.volumes().find(|volume| volume.at(&["hostPath", "path"]) == Some(path))?;
    let name = volume.get("name")?.as_str()?;
    let mounts = pod
        .containers()
        .flat_map(|container| container.get("volumeMounts").into_iter().flat_map(NodeRef::items));
    mounts
        .filter(|mount| mount.get("name").and_then(NodeRef::as_str) == Some(name))
        .find(|mount| mount.get("readOnly").and_then(NodeRef::as_bool) != Some(true))
}

fn consequence(path: &str) -> &'static str {
    let below = |folders: &[&str]| folders.iter().any(|folder| is_at_or_below(path, folder));
    if below(&["/proc", "/sys", "/dev"]) {
        "it leads to the node's kernel and devices"
    } else if below(&["/etc", "/root", "/home", "/boot", "/usr", "/lib", "/bin", "/sbin"]) {
        "keys and configuration of the node are there"
    } else if below(&["/var/lib/etcd"]) {
        "all Secrets of the cluster are there"
    } else if below(&["/var/lib/kubelet", "/var/lib/docker", "/var/lib/containerd", "/var/lib/rancher"]) {
        "Secrets and files of the node's other pods are there"
    } else {
        "it contains the node's keys or its runtime's socket"
    }
}

#[cfg(test)]
mod tests {
    use super::{clean, is_at_or_below};

    #[test]
    fn paths_are_cleaned_like_the_kubelet_does() {
        assert_eq!(clean("/"), "/");
        assert_eq!(clean("//etc/./kubernetes/../ssl/"), "/etc/ssl");
        assert_eq!(clean("/../.."), "/");
        assert!(is_at_or_below("/etc/ssl", "/etc") && is_at_or_below("/etc", "/etc"));
        assert!(!is_at_or_below("/etcetera", "/etc"));
    }
}
