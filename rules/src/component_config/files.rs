//! Files that a component reads, and the files of the set.

use kubevet_core::{
    declare_rule,
    index::SourceFile,
    rule::Context,
    settings::{Carrier, Cluster, Setting},
    suggest::closest,
};

/// Flags whose files are kept beside the manifests of a node; those with credentials seldom are.
const KEPT: &[&str] = &[
    "admission-control-config-file",
    "audit-policy-file",
    "authentication-config",
    "authorization-config",
    "config",
    "egress-selector-config-file",
    "tracing-config-file",
];

declare_rule! {
    /// The files hold the folder of a node from which a component reads its configuration, but not the file that its flag
    /// names.
    ///
    /// ## Why
    /// What the repository brings to the node is not complete: the component does not find the file and does not start.
    ///
    /// ## Fix
    /// Add the file, or correct the path in the flag.
    ///
    /// ## References
    /// Kubernetes documentation, "kube-apiserver", "kube-scheduler": flags that name files.
    ///
    /// ## Examples
    /// ```yaml bad node/etc/kubernetes/manifests/kube-apiserver.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: kube-apiserver, namespace: kube-system}
    /// spec:
    ///   containers:
    ///     - name: kube-apiserver
    ///       image: registry.k8s.io/kube-apiserver:v1.34.2
    ///       command: [kube-apiserver, --audit-policy-file=/etc/kubernetes/audit/policy.yaml]
    /// ```
    /// ```yaml with node/etc/kubernetes/audit/audit-policy.yaml
    /// apiVersion: audit.k8s.io/v1
    /// kind: Policy
    /// rules: [{level: Metadata}]
    /// ```
    /// ```yaml good node/etc/kubernetes/manifests/kube-apiserver.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: kube-apiserver, namespace: kube-system}
    /// spec:
    ///   containers:
    ///     - name: kube-apiserver
    ///       image: registry.k8s.io/kube-apiserver:v1.34.2
    ///       command: [kube-apiserver, --audit-policy-file=/etc/kubernetes/audit/policy.yaml]
    /// ```
    /// ```yaml with node/etc/kubernetes/audit/policy.yaml
    /// apiVersion: audit.k8s.io/v1
    /// kind: Policy
    /// rules: [{level: Metadata}]
    /// ```
    /// ```yaml good node/etc/kubernetes/manifests/kube-apiserver.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: nothing-of-the-folder-is-here, namespace: kube-system}
    /// spec:
    ///   containers:
    ///     - name: kube-apiserver
    ///       image: registry.k8s.io/kube-apiserver:v1.34.2
    ///       command: [kube-apiserver, --audit-policy-file=/etc/kubernetes/audit/policy.yaml]
    /// ```
    pub CONFIG_FILE_MISSING {
        id: "component-config/config-file-missing",
        class: Consistency,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "all",
        absence: true,
        check: Cluster(config_file_missing),
    }
}

fn config_file_missing(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    let components = cluster.settings.components.iter();
    for settings in components.filter(|settings| settings.carrier == Carrier::StaticPod) {
        for setting in KEPT.iter().map(|name| settings.get(name)).filter(Setting::is_explicit) {
            let Some(path) = setting.text().filter(|path| path.starts_with('/')) else { continue };
            let inside = match cluster.settings.name.as_str() {
                "." => path.trim_start_matches('/').to_owned(),
                root => format!("{root}{path}"),
            };
            let (folder, name) = inside.rsplit_once('/').unwrap_or(("", &inside));
            let of_folder = |file: &SourceFile| {
                let (other, name) = file.source().path().rsplit_once('/')?;
                (other == folder).then(|| name.to_owned())
            };
            let beside: Vec<String> = cluster.set.files().iter().filter_map(of_folder).collect();
            if beside.is_empty() || beside.iter().any(|other| other == name) {
                continue;
            }
            let message = format!(
                "`{path}` is not among the files of its folder: {} does not start",
                settings.component
            );
            let help = match closest(name, beside.iter().map(String::as_str)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("add the file to `{folder}`, or correct the path"),
            };
            cx.report(&setting, message).help(help);
        }
    }
}
