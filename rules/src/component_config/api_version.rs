//! API versions of configuration files that come and go.

use kubevet_core::{
    declare_rule,
    facts::{config_api_versions, config_kind, config_kind_versions, is_config_group},
    kubernetes::Object,
    rule::{Context, Kinds},
    settings::Version,
    yaml::NodeRef,
};

use super::type_meta::best;

/// The versions that know the kind of a configuration file as it is written; empty for other objects, for kubeadm's own (it
/// migrates them: `kubeadm/removed-api-version`), and where the facts do not cover the version.
fn known(object: Object<'_>, version: Version) -> Vec<Version> {
    // Credentials are written by programs.
    let others = ["kubeadm.k8s.io", "client.authentication.k8s.io"].contains(&object.group());
    let ours = is_config_group(object.group()) || object.kind() == "EncryptionConfig";
    if !ours || others || !version.is_supported() {
        return Vec::new();
    }
    config_kind_versions(object.api_version(), object.kind())
}

fn api_version(object: Object<'_>) -> NodeRef<'_> {
    object.node().get("apiVersion").unwrap_or(object.node())
}

declare_rule! {
    /// A configuration file has an API version that its Kubernetes no longer reads.
    ///
    /// ## Why
    /// The component refuses the file and does not start: the upgrade stops there.
    ///
    /// ## Fix
    /// Rewrite the file in the version that is read before the upgrade.
    ///
    /// ## References
    /// The schemes of the components in each version. What ended before Kubernetes 1.28 is reported by
    /// `component-config/unknown-api-version`.
    ///
    /// ## Examples
    /// ```yaml bad scheduler.yaml
    /// apiVersion: kubescheduler.config.k8s.io/v1beta3
    /// kind: KubeSchedulerConfiguration
    /// ```
    /// ```yaml good scheduler.yaml
    /// apiVersion: kubescheduler.config.k8s.io/v1
    /// kind: KubeSchedulerConfiguration
    /// ```
    pub REMOVED_API_VERSION {
        id: "component-config/removed-api-version",
        class: Upgrade,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "target version",
        check: Object(Kinds::Any, removed_api_version),
    }
}

fn removed_api_version(object: Object<'_>, cx: &mut Context<'_>) {
    let version = cx.version();
    let versions = known(object, version);
    let Some(last) = versions.last().filter(|last| **last < version) else { return };
    let (written, kind) = (object.api_version(), object.kind());
    let message = format!(
        "`{written}` of `{kind}` ended with Kubernetes {last}, and this is {version}: it refuses the file"
    );
    let best = best(&config_api_versions(kind), kind, version);
    cx.report(api_version(object), message).help(format!("rewrite it as `{best}`"));
}

declare_rule! {
    /// A configuration file has an API version that only a newer Kubernetes reads.
    ///
    /// ## Why
    /// The component refuses the file and does not start.
    ///
    /// ## Fix
    /// Use the version that this Kubernetes reads, or upgrade first.
    ///
    /// ## References
    /// The schemes of the components in each version.
    ///
    /// ## Examples
    /// ```yaml bad cluster.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta3
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.30.4
    /// ---
    /// apiVersion: apiserver.config.k8s.io/v1
    /// kind: AuthenticationConfiguration
    /// jwt: []
    /// ```
    /// ```yaml good cluster.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// ---
    /// apiVersion: apiserver.config.k8s.io/v1
    /// kind: AuthenticationConfiguration
    /// jwt: []
    /// ```
    pub API_VERSION_TOO_NEW {
        id: "component-config/api-version-too-new",
        class: Upgrade,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "target version",
        check: Object(Kinds::Any, api_version_too_new),
    }
}

fn api_version_too_new(object: Object<'_>, cx: &mut Context<'_>) {
    let version = cx.version();
    let versions = known(object, version);
    let Some(first) = versions.first().filter(|first| **first > version) else { return };
    let (written, kind) = (object.api_version(), object.kind());
    let message = format!(
        "`{written}` of `{kind}` comes with Kubernetes {first}, and this is {version}: it refuses the file"
    );
    let best = best(&config_api_versions(kind), kind, version);
    let help = if config_kind(best, kind, version).is_some() {
        format!("use `{best}` until the upgrade")
    } else {
        "leave it out until the upgrade".to_owned()
    };
    cx.report(api_version(object), message).help(help);
}

declare_rule! {
    /// A configuration file has an alpha or beta API version, and its Kubernetes reads a stable one.
    ///
    /// ## Why
    /// The old version ends some releases after the stable one came; the component does not start with it then.
    ///
    /// ## Fix
    /// Rewrite the file in the stable version while both are read.
    ///
    /// ## References
    /// The schemes of the components in each version; Kubernetes deprecation policy.
    ///
    /// ## Examples
    /// ```yaml bad authorization.yaml
    /// apiVersion: apiserver.config.k8s.io/v1beta1
    /// kind: AuthorizationConfiguration
    /// authorizers: []
    /// ```
    /// ```yaml bad credentials.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: CredentialProviderConfig
    /// providers: []
    /// ```
    /// ```yaml good kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// ```
    /// ```yaml good authorization.yaml
    /// apiVersion: apiserver.config.k8s.io/v1
    /// kind: AuthorizationConfiguration
    /// authorizers: []
    /// ```
    pub DEPRECATED_API_VERSION {
        id: "component-config/deprecated-api-version",
        class: Upgrade,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "target version",
        check: Object(Kinds::Any, deprecated_api_version),
    }
}

fn deprecated_api_version(object: Object<'_>, cx: &mut Context<'_>) {
    let version = cx.version();
    let (written, kind) = (object.api_version(), object.kind());
    let stable = |api: &str| !api.contains("alpha") && !api.contains("beta");
    if stable(written) || !known(object, version).contains(&version) {
        return;
    }
    let all = config_api_versions(kind);
    let Some(newer) = all.iter().find(|api| stable(api) && config_kind(api, kind, version).is_some()) else {
        return;
    };
    let message = format!("`{written}` of `{kind}` will end: Kubernetes {version} reads `{newer}`");
    cx.report(api_version(object), message).help(format!("rewrite it as `{newer}`"));
}

/// Documents that kubeadm reads in one file.
const READ_BY_KUBEADM: Kinds =
    Kinds::Groups(&["kubeadm.k8s.io", "kubelet.config.k8s.io", "kubeproxy.config.k8s.io"]);

declare_rule! {
    /// A file for kubeadm has two documents of one kind.
    ///
    /// ## Why
    /// kubeadm refuses the file: "kind … is specified twice".
    ///
    /// ## Fix
    /// Make them one, or two files.
    ///
    /// ## References
    /// `SplitConfigDocuments` in `cmd/kubeadm/app/util/marshal.go`.
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// ---
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// clusterName: prod
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// ---
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// ```
    pub DUPLICATE_DOCUMENT {
        id: "component-config/duplicate-document",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(READ_BY_KUBEADM, duplicate_document),
    }
}

fn duplicate_document(object: Object<'_>, cx: &mut Context<'_>) {
    let roots = || object.tree().documents().filter_map(|document| document.root()).filter_map(Object::new);
    if !roots().any(|root| root.group() == "kubeadm.k8s.io") {
        return;
    }
    let first = roots().find(|other| other.kind() == object.kind());
    let Some(first) = first.filter(|first| first.node() != object.node()) else { return };
    let (Some(kind), Some(earlier)) = (object.node().get("kind"), first.node().get("kind")) else { return };
    cx.report(kind, format!("`{}` is here a second time in one file: kubeadm refuses it", object.kind()))
        .label(earlier, "the first one")
        .help("make them one document, or two files");
}
