//! Files that a component reads, and the volumes of its container.

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, PodSpec, is_placeholder},
    rule::{Anchor, Context},
    settings::{Carrier, Cluster, Component, Setting, Settings},
    yaml::NodeRef,
};

/// Flags whose value is the path of a file that an administrator provides.
const FILES: &[&str] = &[
    "admission-control-config-file",
    "audit-log-path",
    "audit-policy-file",
    "audit-webhook-config-file",
    "authentication-config",
    "authentication-kubeconfig",
    "authentication-token-webhook-config-file",
    "authorization-config",
    "authorization-kubeconfig",
    "authorization-webhook-config-file",
    "config",
    "egress-selector-config-file",
    "encryption-provider-config",
    "kubeconfig",
    "oidc-ca-file",
    "token-auth-file",
    "tracing-config-file",
];

/// A volume in a container.
struct Mount<'t> {
    /// Its path; none for those that kubeadm adds.
    node: Option<NodeRef<'t>>,
    path: &'t str,
    writable: bool,
}

impl Mount<'_> {
    fn holds(&self, path: &str) -> bool {
        let rest = path.strip_prefix(self.path.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// The volumes of the containers that run control-plane components as static pods, where all are known.
fn mounts<'c>(cluster: &Cluster<'c>, settings: &Settings) -> Option<Vec<Mount<'c>>> {
    let section = match settings.component {
        Component::KubeApiserver => "apiServer",
        Component::KubeControllerManager => "controllerManager",
        Component::KubeScheduler => "scheduler",
        _ => return None,
    };
    let file = cluster.set.file_at(&settings.site.place.path)?;
    let mounts = match settings.carrier {
        Carrier::Kubeadm => of_kubeadm(&file.objects().collect::<Vec<_>>(), section)?,
        Carrier::StaticPod => {
            let mut containers =
                file.objects().filter_map(PodSpec::of).flat_map(|pod| pod.containers().collect::<Vec<_>>());
            let container = containers.find(|container| container.site().place == settings.site.place)?;
            let list = container.get("volumeMounts").into_iter().flat_map(NodeRef::items);
            list.filter_map(mount).collect()
        }
        _ => return None,
    };
    let known = mounts.iter().all(|mount: &Mount<'_>| !is_placeholder(mount.path));
    known.then_some(mounts)
}

fn mount(node: NodeRef<'_>) -> Option<Mount<'_>> {
    let path = node.get("mountPath")?;
    let writable = node.get("readOnly").is_none_or(|node| node.as_bool() == Some(false));
    Some(Mount { node: Some(path), path: path.text(), writable })
}

/// What kubeadm mounts: `cmd/kubeadm/app/phases/controlplane/volumes.go`.
fn of_kubeadm<'t>(objects: &[Object<'t>], section: &str) -> Option<Vec<Mount<'t>>> {
    let ours = |object: &&Object<'t>| object.group() == "kubeadm.k8s.io";
    // Patches may add volumes.
    if objects.iter().filter(ours).any(|object| object.node().get("patches").is_some()) {
        return None;
    }
    let cluster = objects.iter().filter(ours).find(|object| object.kind() == "ClusterConfiguration")?.node();
    let certificates = cluster
        .get("certificatesDir")
        .map(NodeRef::text)
        .filter(|text| !text.is_empty())
        .unwrap_or("/etc/kubernetes/pki");
    let own = [
        certificates,
        "/etc/ssl/certs",
        "/etc/pki",
        "/etc/ca-certificates",
        "/usr/share/ca-certificates",
        "/usr/local/share/ca-certificates",
        "/etc/kubernetes/controller-manager.conf",
        "/etc/kubernetes/scheduler.conf",
    ];
    let own = own.into_iter().map(|path| Mount { node: None, path, writable: false });
    let extra = cluster.at(&[section, "extraVolumes"]).into_iter().flat_map(NodeRef::items);
    Some(own.chain(extra.filter_map(mount)).collect())
}

/// The files that flags name by their whole path.
fn files(settings: &Settings) -> impl Iterator<Item = (Setting<'_>, &str)> {
    let said = FILES.iter().map(|name| settings.get(name)).filter(Setting::is_explicit);
    said.filter_map(|setting| {
        let path = setting.text().filter(|path| path.starts_with('/') && !path.starts_with("/dev/"))?;
        Some((setting, path))
    })
}

declare_rule! {
    /// A flag names a file that no volume brings into the container.
    ///
    /// ## Why
    /// The file is on the node, not in the image. The component does not find it and does not start; a log that is written there is lost with
    /// the container.
    ///
    /// ## Fix
    /// Mount the file, or its folder: with `extraVolumes` of kubeadm, or `volumes` and `volumeMounts` of the pod.
    ///
    /// ## References
    /// `getHostPathVolumesForTheControlPlane` in `cmd/kubeadm/app/phases/controlplane`.
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     - name: audit-policy-file
    ///       value: /etc/kubernetes/audit/policy.yaml
    /// ```
    /// ```yaml bad manifests/kube-apiserver.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kube-apiserver
    ///   namespace: kube-system
    /// spec:
    ///   containers:
    ///     - name: kube-apiserver
    ///       image: registry.k8s.io/kube-apiserver:v1.34.2
    ///       command: [kube-apiserver, --encryption-provider-config=/etc/kubernetes/encryption.yaml]
    ///       volumeMounts:
    ///         - name: pki
    ///           mountPath: /etc/kubernetes/pki
    ///           readOnly: true
    ///   volumes:
    ///     - name: pki
    ///       hostPath: {path: /etc/kubernetes/pki}
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     - name: audit-policy-file
    ///       value: /etc/kubernetes/audit/policy.yaml
    ///     - name: audit-log-path
    ///       value: "-"
    ///     - name: oidc-ca-file
    ///       value: /etc/ssl/certs/idp.pem
    ///     - name: encryption-provider-config
    ///       value: /etc/kubernetes/pki/encryption.yaml
    ///   extraVolumes:
    ///     - name: audit
    ///       hostPath: /etc/kubernetes/audit
    ///       mountPath: /etc/kubernetes/audit
    ///       readOnly: true
    /// ```
    pub FILE_NOT_MOUNTED {
        id: "component-config/file-not-mounted",
        class: Consistency,
        severity: Error,
        profiles: [recommended, production, hardened],
        cis: ["1.2.16"],
        versions: "all",
        check: Cluster(file_not_mounted),
    }
}

fn file_not_mounted(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for settings in &cluster.settings.components {
        let Some(mounts) = mounts(cluster, settings) else { continue };
        for (setting, path) in
            files(settings).filter(|(_, path)| !mounts.iter().any(|mount| mount.holds(path)))
        {
            let component = settings.component;
            let consequence = if setting.name() == "audit-log-path" {
                "the log is lost with the container"
            } else {
                "it does not start"
            };
            let message =
                format!("no volume brings `{path}` into the container of {component}: {consequence}");
            let help = match settings.carrier {
                Carrier::Kubeadm => "add it, or its folder, to the `extraVolumes` of the component",
                _ => "add a `hostPath` volume for it, or for its folder, and mount it",
            };
            cx.report(&setting, message).help(help).absence();
        }
    }
}

declare_rule! {
    /// A volume with a file that a component only reads can be written.
    ///
    /// ## Why
    /// Who breaks into the component may change its own rules there: the audit policy, the list of authenticators, the certificates.
    ///
    /// ## Fix
    /// Add `readOnly: true`.
    ///
    /// ## References
    /// Kubernetes documentation, "Volumes", "Read-only mounts".
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     - name: audit-policy-file
    ///       value: /etc/kubernetes/audit/policy.yaml
    ///   extraVolumes:
    ///     - name: audit
    ///       hostPath: /etc/kubernetes/audit
    ///       mountPath: /etc/kubernetes/audit
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     - name: audit-policy-file
    ///       value: /etc/kubernetes/audit/policy.yaml
    ///     - name: audit-log-path
    ///       value: /var/log/kubernetes/audit.log
    ///   extraVolumes:
    ///     - name: audit
    ///       hostPath: /etc/kubernetes/audit
    ///       mountPath: /etc/kubernetes/audit
    ///       readOnly: true
    ///     - name: log
    ///       hostPath: /var/log/kubernetes
    ///       mountPath: /var/log/kubernetes
    /// ```
    pub CREDENTIAL_FILE_WRITABLE {
        id: "component-config/credential-file-writable",
        class: Security,
        severity: Info,
        profiles: [hardened],
        versions: "all",
        check: Cluster(credential_file_writable),
    }
}

fn credential_file_writable(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for settings in &cluster.settings.components {
        let Some(mounts) = mounts(cluster, settings) else { continue };
        let log = settings.get("audit-log-path");
        let written = |mount: &Mount<'_>| log.text().is_some_and(|path| mount.holds(path));
        for mount in mounts.iter().filter(|mount| mount.writable && !written(mount)) {
            let Some(node) = mount.node else { continue };
            let Some((setting, path)) = files(settings).find(|(_, path)| mount.holds(path)) else { continue };
            let message =
                format!("{} can write to `{}`, where it only reads `{path}`", settings.component, mount.path);
            cx.report(node, message).label(&setting, "this file").help("add `readOnly: true`").absence();
        }
    }
}
