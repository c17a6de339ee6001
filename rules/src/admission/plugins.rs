//! Which admission plugins run.

use kubevet_core::{
    declare_rule,
    rule::Context,
    settings::{Component, Setting, Settings},
};

use crate::effective::{report, set};

/// The lists that turn plugins on: the flag, and the old one that it replaced.
const ENABLING: [&str; 2] = ["enable-admission-plugins", "admission-control"];

/// The settings that turn a plugin on, and whether all lists are known.
fn enabling<'a>(settings: &'a Settings, plugin: &str) -> (Option<Setting<'a>>, bool) {
    let lists = ENABLING.map(|name| settings.get(name));
    let known = lists.iter().all(|setting| setting.list().is_some());
    let has = |setting: &Setting<'_>| setting.list().is_some_and(|list| list.contains(&plugin));
    (lists.into_iter().find(has), known)
}

declare_rule! {
    /// The admission plugin NodeRestriction is not enabled.
    ///
    /// ## Why
    /// Without it a kubelet may change the labels, taints and pods of every node: a broken node draws the cluster's most valuable pods
    /// to itself. The plugin is off by default; kubeadm enables it, and an own `enable-admission-plugins` replaces kubeadm's.
    ///
    /// ## Fix
    /// Add `NodeRestriction` to `--enable-admission-plugins`.
    ///
    /// ## References
    /// Kubernetes documentation, "Admission Control in Kubernetes", NodeRestriction.
    ///
    /// ## Examples
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --authorization-mode=Node,RBAC
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     - name: enable-admission-plugins
    ///       value: AlwaysPullImages
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     - name: enable-admission-plugins
    ///       value: NodeRestriction,AlwaysPullImages
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// ```
    pub NODE_RESTRICTION_MISSING {
        id: "admission/node-restriction-missing",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        cis: ["1.2.14"],
        nsa: "authentication-authorization",
        versions: "all",
        peers: ["checkov:CKV_K8S_85", "trivy-checks:KCV-0016", "kubescape:C-0127", "kics:node_restriction_admission_control_plugin_not_set", "kube-bench:cis-1.12:1.2.14"],
        check: Settings(Component::KubeApiserver, node_restriction_missing),
    }
}

fn node_restriction_missing(settings: &Settings, cx: &mut Context<'_>) {
    let (None, true) = enabling(settings, "NodeRestriction") else { return };
    let [new, old] = ENABLING.map(|name| settings.get(name));
    let setting = if old.is_explicit() && !new.is_explicit() { old } else { new };
    let list = setting.list().unwrap_or_default();
    let wanted: Vec<&str> = std::iter::once("NodeRestriction").chain(list).collect();
    report(cx, &setting, "the admission plugin `NodeRestriction` is not enabled: one broken node may change the labels and pods of all others")
        .help(set(&setting, &wanted.join(",")));
}

declare_rule! {
    /// The admission plugin AlwaysAdmit is enabled.
    ///
    /// ## Why
    /// It does nothing and is deprecated since 1.13; who enables it usually believes that it decides something.
    ///
    /// ## Fix
    /// Remove it from the list.
    ///
    /// ## References
    /// Kubernetes documentation, "Admission Control in Kubernetes", AlwaysAdmit.
    ///
    /// ## Examples
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --enable-admission-plugins=AlwaysAdmit,NodeRestriction
    /// ```
    /// ```ini good kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --enable-admission-plugins=NodeRestriction
    /// ```
    pub ALWAYS_ADMIT {
        id: "admission/always-admit",
        class: Security,
        severity: Warning,
        profiles: [recommended, production, hardened],
        cis: ["1.2.10"],
        nsa: "authentication-authorization",
        versions: "deprecated 1.13",
        peers: ["checkov:CKV_K8S_79", "trivy-checks:KCV-0011", "kubescape:C-0122", "kics:always_admit_admission_control_plugin_set", "kube-bench:cis-1.12:1.2.10"],
        check: Settings(Component::KubeApiserver, always_admit),
    }
}

fn always_admit(settings: &Settings, cx: &mut Context<'_>) {
    if let (Some(setting), _) = enabling(settings, "AlwaysAdmit") {
        cx.report(setting, "the admission plugin `AlwaysAdmit` decides nothing: it is deprecated since 1.13")
            .help("remove it from the list");
    }
}

declare_rule! {
    /// The admission plugin ServiceAccount is disabled.
    ///
    /// ## Why
    /// Pods then get neither a service account nor its token: what they run cannot talk to the API server, and rules about accounts
    /// hold for nothing.
    ///
    /// ## Fix
    /// Remove it from `--disable-admission-plugins`.
    ///
    /// ## References
    /// Kubernetes documentation, "Admission Control in Kubernetes", ServiceAccount.
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta3
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     disable-admission-plugins: ServiceAccount
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta3
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     disable-admission-plugins: DefaultStorageClass
    /// ```
    pub SERVICE_ACCOUNT_OFF {
        id: "admission/service-account-off",
        class: Security,
        severity: Warning,
        profiles: [recommended, production, hardened],
        cis: ["1.2.12"],
        versions: "all",
        peers: ["checkov:CKV_K8S_82", "trivy-checks:KCV-0014", "kubescape:C-0125", "kics:service_account_admission_control_plugin_disabled", "kube-bench:cis-1.12:1.2.12"],
        check: Settings(Component::KubeApiserver, service_account_off),
    }
}

fn service_account_off(settings: &Settings, cx: &mut Context<'_>) {
    let setting = settings.get("disable-admission-plugins");
    if setting.list().is_some_and(|list| list.contains(&"ServiceAccount")) {
        cx.report(setting, "the admission plugin `ServiceAccount` is disabled: pods get neither a service account nor its token")
            .help("remove it from the list");
    }
}
