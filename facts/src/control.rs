//! The control plane: admission plugins, authorization modes, bootstrap roles, kubeadm's constants.

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

/// A bootstrap role by kind, namespace (`""` for a ClusterRole) and name.
pub fn bootstrap_role(kind: &str, namespace: &str, name: &str, version: Version) -> Option<BootstrapRole> {
    let mut all = data::control().roles.iter();
    let record = all.find(|record| {
        (record.kind, record.namespace, record.name) == (kind, namespace, name)
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
    let all = data::control().roles.iter().filter(move |record| record.versions & version.bit() != 0);
    all.filter(|record| record.kind.ends_with("Binding"))
        .map(|record| (record.kind, record.namespace, record.name))
}

/// A constant of kubeadm, such as `etcdVersion`, `coreDNSVersion` or `pauseVersion`.
pub fn kubeadm_constant(name: &str, version: Version) -> Option<&'static str> {
    let minor = version.nearest_supported().minor;
    let all = &data::control().kubeadm;
    all.iter().find(|(of, constant, _)| *of == minor && *constant == name).map(|(_, _, value)| *value)
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
        assert_eq!(kubeadm_constant("etcdVersion", Version::new(34)), Some("3.6.5-0"));
    }
}
