//! The two forms of `extraArgs`.

use kubevet_core::{
    declare_rule,
    kubernetes::Object,
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::DOCUMENTS;

/// Where kubeadm documents hold extra arguments.
const PLACES: &[&[&str]] = &[
    &["apiServer", "extraArgs"],
    &["controllerManager", "extraArgs"],
    &["scheduler", "extraArgs"],
    &["etcd", "local", "extraArgs"],
    &["nodeRegistration", "kubeletExtraArgs"],
];

declare_rule! {
    /// `extraArgs` has the form of another version of kubeadm's API.
    ///
    /// ## Why
    /// v1beta4 wants a list of `name` and `value`; older versions want a map. kubeadm cannot decode the other form and refuses the file.
    ///
    /// ## Fix
    /// Write the arguments in the form of the document's `apiVersion`.
    ///
    /// ## References
    /// `Arg` in kubeadm's v1beta4 types; Kubernetes documentation, "kubeadm Configuration (v1beta4)".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     audit-log-path: /var/log/audit.log
    /// ```
    /// ```yaml good
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     - name: audit-log-path
    ///       value: /var/log/audit.log
    /// ```
    /// ```yaml bad
    /// apiVersion: kubeadm.k8s.io/v1beta3
    /// kind: JoinConfiguration
    /// nodeRegistration:
    ///   kubeletExtraArgs:
    ///     - name: node-ip
    ///       value: 10.0.0.7
    /// ```
    /// ```yaml bad
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// scheduler:
    ///   extraArgs:
    ///     - v: "2"
    /// ```
    pub EXTRA_ARGS_FORM {
        id: "kubeadm/extra-args-form",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(DOCUMENTS, extra_args_form),
    }
}

fn extra_args_form(object: Object<'_>, cx: &mut Context<'_>) {
    let wants_map = object.version().starts_with("v1alpha")
        || matches!(object.version(), "v1beta1" | "v1beta2" | "v1beta3");
    for node in PLACES.iter().filter_map(|path| object.node().at(path)) {
        let name = node.key_node().map_or("extraArgs", NodeRef::text);
        if wants_map && node.is_seq() {
            cx.report(
                Key(node),
                format!(
                    "`{name}` is a list, and `{}` wants a map: kubeadm cannot read it",
                    object.api_version()
                ),
            )
            .help("write `flag: \"value\"` pairs, or migrate the file to `kubeadm.k8s.io/v1beta4`");
        } else if !wants_map && node.is_map() {
            cx.report(
                Key(node),
                format!(
                    "`{name}` is a map, and `{}` wants a list: kubeadm cannot read it",
                    object.api_version()
                ),
            )
            .help("write each argument as `- name: flag` with a `value: \"…\"` below it");
        } else if !wants_map {
            for item in node.items().filter(|item| item.get("name").is_none_or(|name| name.text().is_empty()))
            {
                cx.report(
                    item,
                    format!("an entry of `{name}` has no `name`: kubeadm cannot tell which flag it is"),
                )
                .help("write `- name: flag` with a `value: \"…\"` below it");
            }
        }
    }
}
