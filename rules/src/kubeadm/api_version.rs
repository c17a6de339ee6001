//! Versions of kubeadm's own API.

use kubevet_core::{declare_rule, facts::Version, kubernetes::Object, rule::Context};

use super::DOCUMENTS;

/// When each version could last be read, and which kubeadm migrates it: the table `oldKnownAPIVersions` of
/// `cmd/kubeadm/app/util/config/common.go`. A version that is not listed can be read.
const HISTORY: &[Api] = &[
    Api { version: "v1alpha1", deprecated: 11, removed: 12, migrate_with: "1.11" },
    Api { version: "v1alpha2", deprecated: 12, removed: 13, migrate_with: "1.12" },
    Api { version: "v1alpha3", deprecated: 13, removed: 15, migrate_with: "1.14" },
    Api { version: "v1beta1", deprecated: 15, removed: 22, migrate_with: "1.15" },
    Api { version: "v1beta2", deprecated: 22, removed: 27, migrate_with: "1.22" },
    Api { version: "v1beta3", deprecated: 31, removed: 37, migrate_with: "1.36" },
];

struct Api {
    version: &'static str,
    /// Minor that first warned.
    deprecated: u8,
    /// Minor that first refused.
    removed: u8,
    /// Last minor that could read it and write its successor.
    migrate_with: &'static str,
}

impl Api {
    fn of(object: Object<'_>) -> Option<&'static Api> {
        HISTORY.iter().find(|api| api.version == object.version())
    }
}

declare_rule! {
    /// A kubeadm document uses an API version that the kubeadm of the target version refuses.
    ///
    /// ## Why
    /// `kubeadm init`, `join` and `upgrade` stop with "your configuration file uses an old API spec". The version that
    /// counts is the `kubernetesVersion` of the same file, or the one given with `--kubernetes-version`.
    ///
    /// ## Fix
    /// Run `kubeadm config migrate --old-config OLD --new-config NEW` with the last kubeadm that reads the old version.
    ///
    /// ## References
    /// `ValidateSupportedVersion` in Kubernetes' `cmd/kubeadm/app/util/config/common.go`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: kubeadm.k8s.io/v1beta2
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// ```
    /// ```yaml good
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// ```
    /// ```yaml good
    /// apiVersion: kubeadm.k8s.io/v1beta2
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.24.17
    /// ```
    pub REMOVED_API_VERSION {
        id: "kubeadm/removed-api-version",
        class: Upgrade,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "target version",
        check: Object(DOCUMENTS, removed_api_version),
    }
}

fn removed_api_version(object: Object<'_>, cx: &mut Context<'_>) {
    let Some(api) = Api::of(object).filter(|api| cx.version().minor >= api.removed) else { return };
    let (name, with) = (object.api_version(), api.migrate_with);
    let message = format!("kubeadm {} cannot read `{name}`: it refuses this file", cx.version());
    let place = object.node().get("apiVersion").unwrap_or(object.node());
    cx.report(place, message).help(format!(
        "migrate it with kubeadm {with}: `kubeadm config migrate --old-config … --new-config …`"
    ));
}

declare_rule! {
    /// A kubeadm document uses an API version that the kubeadm of the target version still reads, with a warning.
    ///
    /// ## Why
    /// A later minor refuses it: the upgrade that drops it then starts with a broken configuration.
    ///
    /// ## Fix
    /// Run `kubeadm config migrate` while both versions can be read.
    ///
    /// ## References
    /// `ValidateSupportedVersion` in Kubernetes' `cmd/kubeadm/app/util/config/common.go`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: kubeadm.k8s.io/v1beta3
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// ```
    /// ```yaml good
    /// apiVersion: kubeadm.k8s.io/v1beta3
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.30.4
    /// ```
    pub DEPRECATED_API_VERSION {
        id: "kubeadm/deprecated-api-version",
        class: Upgrade,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "target version",
        check: Object(DOCUMENTS, deprecated_api_version),
    }
}

fn deprecated_api_version(object: Object<'_>, cx: &mut Context<'_>) {
    let Some(api) = Api::of(object) else { return };
    let now = cx.version().minor;
    if now < api.deprecated || now >= api.removed {
        return;
    }
    let removed = Version { minor: api.removed, ..cx.version() };
    let message = format!(
        "`{}` is deprecated in kubeadm {} and refused from {removed}",
        object.api_version(),
        cx.version()
    );
    let place = object.node().get("apiVersion").unwrap_or(object.node());
    cx.report(place, message).help("migrate it now: `kubeadm config migrate --old-config … --new-config …`");
}
