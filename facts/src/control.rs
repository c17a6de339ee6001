//! The control plane: admission plugins, authorization modes, bootstrap roles.

use crate::{Version, data};

/// An admission plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdmissionPlugin {
    /// Its name.
    pub name: &'static str,
    /// Whether it runs when nobody says otherwise.
    pub default_on: bool,
}

/// The admission plugins of a version, by name.
pub fn admission_plugins(version: Version) -> impl Iterator<Item = AdmissionPlugin> {
    let all = data::control().plugins.iter().filter(move |record| record.versions & version.bit() != 0);
    all.map(|record| AdmissionPlugin { name: record.name, default_on: record.default_on })
}

/// A controller of kube-controller-manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Controller {
    /// Its name, as `--controllers` takes it.
    pub name: &'static str,
    /// Whether `*` turns it on.
    pub default_on: bool,
}

/// The controllers of a version, by name.
pub fn controllers(version: Version) -> impl Iterator<Item = Controller> {
    let all = data::control().controllers.iter().filter(move |record| record.versions & version.bit() != 0);
    all.map(|record| Controller { name: record.name, default_on: record.default_on })
}

/// A controller by its name, or by the older short one that `--controllers` still takes (`csrsigning`).
pub fn controller(name: &str, version: Version) -> Option<Controller> {
    let aliases = &data::control().controller_aliases;
    let full = aliases.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, full)| *full);
    controllers(version).find(|controller| controller.name == full)
}

/// Names of the scheduler's plugins in a version.
pub fn scheduler_plugins(version: Version) -> impl Iterator<Item = &'static str> {
    let all =
        data::control().scheduler_plugins.iter().filter(move |(_, versions)| versions & version.bit() != 0);
    all.map(|(name, _)| *name)
}

/// Whether the API server of a version serves a group version (`apps/v1`) when `--runtime-config` says nothing; `None` when
/// it does not know it at all.
pub fn group_version_on(group_version: &str, version: Version) -> Option<bool> {
    let mut all = data::control().group_versions.iter();
    let known = all.find(|record| record.name == group_version && record.versions & version.bit() != 0);
    known.map(|record| record.default_on)
}

/// A TLS cipher suite that the components know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CipherSuite {
    /// Its name, as `--tls-cipher-suites` takes it.
    pub name: &'static str,
    /// Go counts it among the broken ones; usable all the same.
    pub insecure: bool,
    /// The help of `--tls-cipher-suites` prefers it.
    pub preferred: bool,
}

/// The cipher suites that the components of a version know, by name.
pub fn cipher_suites(version: Version) -> impl Iterator<Item = CipherSuite> {
    let all = data::control().suites.iter().filter(move |record| record.versions & version.bit() != 0);
    all.map(|record| CipherSuite {
        name: record.name,
        insecure: record.insecure,
        preferred: record.preferred,
    })
}

/// The authorization modes that kube-apiserver knows; the same in all covered versions.
pub fn authorization_modes() -> &'static [&'static str] {
    &data::control().authorization_modes
}

/// A role that the API server itself creates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BootstrapRole {
    /// `ClusterRole` or `Role`.
    pub kind: &'static str,
    /// Namespace of a `Role`, else `""`.
    pub namespace: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The whole object as JSON.
    pub json: &'static str,
}

/// A bootstrap role or binding by kind, namespace (`""` for a `ClusterRole`) and name.
pub fn bootstrap_role(kind: &str, namespace: &str, name: &str, version: Version) -> Option<BootstrapRole> {
    let mut all = data::roles().iter();
    let record = all.find(|record| {
        // Names differ most.
        (record.name, record.namespace, record.kind) == (name, namespace, kind)
            && record.versions & version.bit() != 0
    })?;
    Some(BootstrapRole {
        kind: record.kind,
        namespace: record.namespace,
        name: record.name,
        json: record.json,
    })
}

/// Names of the bindings that the API server itself creates: kind, namespace, name.
pub fn bootstrap_binding_names(
    version: Version,
) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let all = data::roles().iter().filter(move |record| record.versions & version.bit() != 0);
    all.filter(|record| record.kind.ends_with("Binding"))
        .map(|record| (record.kind, record.namespace, record.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plugins_roles_and_constants() {
        let on = |name| {
            admission_plugins(Version::new(34))
                .find(|plugin| plugin.name == name)
                .map(|plugin| plugin.default_on)
        };
        assert_eq!(
            (on("NodeRestriction"), on("PodSecurity"), on("PodSecurityPolicy")),
            (Some(false), Some(true), None)
        );
        assert!(authorization_modes().contains(&"Node") && !authorization_modes().contains(&"node"));
        let edit = bootstrap_role("ClusterRole", "", "system:aggregate-to-edit", Version::new(34));
        assert!(edit.is_some_and(|role| role.json.contains("pods/exec")));
        assert!(bootstrap_binding_names(Version::new(34)).any(|(_, _, name)| name == "cluster-admin"));
        let version = Version::new(34);
        assert!(
            controller("csrsigning", version)
                .is_some_and(|one| one.default_on && one.name.ends_with("-controller"))
        );
        assert!(controller("bootstrap-signer-controller", version).is_some_and(|one| !one.default_on));
        assert!(controller("service-account-controller", version).is_none());
        assert!(scheduler_plugins(version).any(|name| name == "NodeResourcesFit"));
        assert_eq!(group_version_on("apps/v1", version), Some(true));
        assert_eq!(group_version_on("storage.k8s.io/v1alpha1", version), Some(false));
        assert_eq!(group_version_on("extensions/v1beta1", version), None);
        let suite = |name| cipher_suites(version).find(|suite| suite.name == name);
        assert!(suite("TLS_RSA_WITH_RC4_128_SHA").is_some_and(|suite| suite.insecure && !suite.preferred));
        assert!(suite("TLS_AES_128_GCM_SHA256").is_some_and(|suite| !suite.insecure && suite.preferred));
    }
}
