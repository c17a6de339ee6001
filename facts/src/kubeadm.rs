//! What kubeadm says of its own API and installs.

use crate::{Version, config_kind_versions, data};

/// What kubeadm of one version does with a file of one version of its API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KubeadmApi {
    /// Reads it.
    Current,
    /// Reads it and warns.
    Deprecated,
    /// Reads it only with `--allow-experimental-api`.
    Experimental,
    /// Refuses it, and names the kubeadm that still migrates it: `v1.22`.
    Old {
        /// That kubeadm.
        migrate_with: &'static str,
    },
}

/// What kubeadm of a version does with files of an API version such as `kubeadm.k8s.io/v1beta3`; `None` for one that it never
/// heard of. For a version that the facts do not cover, the nearest one answers.
pub fn kubeadm_api(api_version: &str, version: Version) -> Option<KubeadmApi> {
    let mut said = data::control().kubeadm_apis.iter();
    let said = said.find(|(of, _, _, versions)| *of == api_version && versions & version.bit() != 0);
    match said {
        Some((_, "oldKnown", migrate_with, _)) => Some(KubeadmApi::Old { migrate_with }),
        Some((_, "deprecated", _, _)) => Some(KubeadmApi::Deprecated),
        Some((_, "experimental", _, _)) => Some(KubeadmApi::Experimental),
        _ => config_kind_versions(api_version, "ClusterConfiguration")
            .contains(&version.nearest_supported())
            .then_some(KubeadmApi::Current),
    }
}

/// A constant of kubeadm, such as `etcdVersion`, `coreDNSVersion`, `pauseVersion` or `minimumKubelet`.
pub fn kubeadm_constant(name: &str, version: Version) -> Option<&'static str> {
    let minor = version.nearest_supported().minor;
    let all = &data::control().kubeadm;
    all.iter().find(|(of, constant, _)| *of == minor && *constant == name).map(|(_, _, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn api_versions_age() {
        let api = |version, minor| kubeadm_api(&format!("kubeadm.k8s.io/{version}"), Version::new(minor));
        assert_eq!(api("v1beta2", 28), Some(KubeadmApi::Old { migrate_with: "v1.22" }));
        assert_eq!(
            (api("v1beta3", 30), api("v1beta3", 31)),
            (Some(KubeadmApi::Current), Some(KubeadmApi::Deprecated))
        );
        assert_eq!(api("v1beta3", 37), Some(KubeadmApi::Old { migrate_with: "v1.36" }));
        assert_eq!(
            (api("v1beta4", 30), api("v1beta4", 31)),
            (Some(KubeadmApi::Experimental), Some(KubeadmApi::Current))
        );
        assert_eq!((api("v1", 36), api("v1", 37)), (None, Some(KubeadmApi::Experimental)));
        assert_eq!(api("v1beta5", 37), None);
    }

    #[test]
    fn constants() {
        assert_eq!(kubeadm_constant("etcdVersion", Version::new(34)), Some("3.6.5-0"));
        assert_eq!(kubeadm_constant("minimumKubelet", Version::new(37)), Some("1.34.0"));
        assert_eq!(kubeadm_constant("noSuchConstant", Version::new(37)), None);
    }
}
