//! The kubelet and the container runtime of its node.

use kubevet_core::{
    declare_rule,
    finding::Place,
    index::SourceFile,
    recognise::FileKind,
    rule::Context,
    settings::{Cluster, Component, Origin, Settings},
    source::Span,
};

use crate::effective::is_near;

declare_rule! {
    /// The kubelet and its container runtime use different cgroup drivers.
    ///
    /// ## Why
    /// Two programs then manage one tree of cgroups: the kubelet does not start, or limits do not hold and the node becomes unstable under load.
    /// Since 1.31 the kubelet asks the runtime, but containerd before 2.0 does not answer.
    ///
    /// ## Fix
    /// Use `systemd` for both: `SystemdCgroup = true` for containerd, `cgroup_manager = "systemd"` for CRI-O.
    ///
    /// ## References
    /// Kubernetes documentation, "Container Runtimes", cgroup drivers; `getCgroupDriverFromCRI` in `cmd/kubelet/app`.
    ///
    /// ## Examples
    /// ```yaml bad kubelet-config.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// cgroupDriver: cgroupfs
    /// ```
    /// ```toml with containerd/config.toml
    /// version = 2
    /// [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
    ///   SystemdCgroup = true
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta3
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.29.4
    /// ```
    /// ```toml with etc/crio/crio.conf
    /// [crio.runtime]
    /// cgroup_manager = "cgroupfs"
    /// ```
    /// ```yaml good kubelet-config.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// cgroupDriver: systemd
    /// ```
    /// ```toml with containerd/config.toml
    /// version = 2
    /// [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
    ///   SystemdCgroup = true
    /// ```
    /// ```yaml good kubelet-config.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// cgroupDriver: cgroupfs
    /// ```
    /// ```toml with containerd/config.toml
    /// version = 3
    /// [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
    ///   SystemdCgroup = true
    /// ```
    pub CGROUP_DRIVER_MISMATCH {
        id: "kubelet/cgroup-driver-mismatch",
        class: Consistency,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "file default cgroupfs; kubeadm writes systemd since 1.22; runtimes that answer decide from 1.31",
        check: Cluster(cgroup_driver_mismatch),
    }
}

fn cgroup_driver_mismatch(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for settings in cluster.component(Component::Kubelet) {
        let files = cluster.set.files().iter().filter(|file| file.kind() == FileKind::ContainerRuntime);
        let near = files.filter(|file| is_near(cluster, settings, file.source().path()));
        let runtimes: Vec<Runtime> = near.filter_map(runtime).collect();
        let Some(runtime) = runtimes.first() else { continue };
        // Several nodes may lie in one folder.
        if runtimes.iter().any(|other| other.driver != runtime.driver) || asks(settings, runtime) {
            continue;
        }
        let setting = settings.get("cgroupDriver");
        let known = settings.complete || setting.origin().and_then(Origin::site).is_some();
        if let Some(driver) = setting.text().filter(|driver| known && *driver != runtime.driver) {
            let (name, other) = (runtime.name, runtime.driver);
            cx.report(
                &setting,
                format!(
                    "the kubelet uses the cgroup driver `{driver}`, {name} uses `{other}`: pods fail to start, or limits do not hold"
                ),
            )
            .label(runtime.place.clone(), format!("{name} says `{other}`"))
            .help(runtime.help);
        }
    }
}

/// What the configuration of a container runtime says.
struct Runtime {
    name: &'static str,
    driver: &'static str,
    /// It tells the kubelet the driver: `RuntimeConfig` of the CRI.
    answers: bool,
    place: Place,
    help: &'static str,
}

/// Whether the kubelet takes the runtime's driver, whatever its own configuration says.
fn asks(settings: &Settings, runtime: &Runtime) -> bool {
    runtime.answers && settings.gate("KubeletCgroupDriverFromCRI") != Some(false)
}

fn runtime(file: &SourceFile) -> Option<Runtime> {
    let text = file.source().text();
    let (mut table, mut version, mut start) = ("", 1, 0);
    for line in text.split_inclusive('\n') {
        let body = line.trim();
        let place = || {
            let indent = line.len() - line.trim_start().len();
            let span = Span::new(start + indent, start + indent + body.len());
            Place { path: file.source().path().clone(), span }
        };
        if body.starts_with('[') {
            table = body;
        } else if let Some((key, value)) = body.split_once('=') {
            let value = value.split('#').next().unwrap_or_default().trim();
            match key.trim() {
                "version" if table.is_empty() => version = value.parse().unwrap_or(version),
                "SystemdCgroup" if table.contains("runtimes.runc.options") => {
                    return Some(Runtime {
                        name: "containerd",
                        driver: if value == "true" { "systemd" } else { "cgroupfs" },
                        // The third version of the file came with containerd 2.0.
                        answers: version >= 3,
                        place: place(),
                        help: "use `systemd` for both: `SystemdCgroup = true` and `cgroupDriver: systemd`",
                    });
                }
                "cgroup_manager" if table == "[crio.runtime]" => {
                    let driver =
                        ["systemd", "cgroupfs"].into_iter().find(|one| value.trim_matches('"') == *one)?;
                    return Some(Runtime {
                        name: "CRI-O",
                        driver,
                        // Since 1.28, and CRI-O is as old as its kubelet.
                        answers: true,
                        place: place(),
                        help: "use `systemd` for both: `cgroup_manager = \"systemd\"` and `cgroupDriver: systemd`",
                    });
                }
                _ => {}
            }
        }
        start += line.len();
    }
    None
}
