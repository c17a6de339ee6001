//! Configuration files of components.

use std::sync::OnceLock;

use crate::{Component, Version, api::sorted, data};

/// Default of a field when the component reads a configuration file: JSON text of a scalar, list or map.
/// A scalar that nothing sets has the zero value of its type; a list or map that nothing sets, and an unknown field, give
/// `None`.
pub fn config_default(component: Component, field: &str, version: Version) -> Option<&'static str> {
    let key = (component.code(), field);
    let all = &data::config().defaults;
    let start = all.partition_point(|record| (record.component, record.field) < key);
    let mut same = all[start..].iter().take_while(|record| (record.component, record.field) == key);
    same.find(|record| record.versions & version.bit() != 0).map(|record| record.json)
}

/// Every field with a default: its path and the JSON text.
pub fn config_defaults(
    component: Component,
    version: Version,
) -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = data::config().defaults.iter().filter(move |record| record.component == component.code());
    all.filter(move |record| record.versions & version.bit() != 0).map(|record| (record.field, record.json))
}

/// The versions that know this kind of configuration file, kubeadm's own kinds included; empty for an unknown one.
/// A version may know a kind that it reads only as an experiment: kubeadm 1.28 to 1.30 have `v1beta4`.
pub fn config_kind_versions(api_version: &str, kind: &str) -> Vec<Version> {
    let records =
        data::config().kinds.iter().filter(|record| record.api_version == api_version && record.kind == kind);
    let mask = records.fold(0, |mask, record| mask | record.versions);
    Version::SUPPORTED.map(Version::new).filter(|version| mask & version.bit() != 0).collect()
}

/// The API versions in which some covered version of Kubernetes knows a kind of configuration file, kubeadm's own kinds
/// included: `kubelet.config.k8s.io/v1beta1` for `KubeletConfiguration`.
pub fn config_api_versions(kind: &str) -> Vec<&'static str> {
    let records = data::config().kinds.iter().filter(|record| record.kind == kind);
    let mut found: Vec<_> = records.map(|record| record.api_version).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether an API group holds kinds of configuration files of components, or of kubeadm.
pub fn is_config_group(group: &str) -> bool {
    static GROUPS: OnceLock<Vec<&str>> = OnceLock::new();
    let groups = GROUPS.get_or_init(|| {
        let named = data::config().kinds.iter().filter_map(|record| record.api_version.split_once('/'));
        sorted(named.map(|(group, _)| group))
    });
    !group.is_empty() && groups.binary_search(&group).is_ok()
}

/// The configuration field that a flag sets: `authentication.anonymous.enabled` for the kubelet's `anonymous-auth`.
/// Found by setting each flag of the real component and looking which field moves.
pub fn field_of_flag(component: Component, flag: &str) -> Option<&'static str> {
    let all = &data::config().equivalence;
    all.iter().find(|(code, name, _)| *code == component.code() && *name == flag).map(|(_, _, field)| *field)
}

/// Whether a flag still counts when the component reads a configuration file (`--config`), and then wins over it. The
/// kubelet parses its flags again after the file (cmd/kubelet/app); kube-proxy keeps only its logging flags and
/// `--hostname-override` (cmd/kube-proxy/app, `Complete`), kube-scheduler only those of the leader election
/// (cmd/kube-scheduler/app/options, `ApplyTo`). Flags that set no field of the file always count.
pub fn flag_beats_file(component: Component, flag: &str) -> bool {
    let Some(field) = field_of_flag(component, flag) else { return true };
    match component {
        Component::KubeProxy => field.starts_with("logging.") || field == "hostnameOverride",
        Component::KubeScheduler => field.starts_with("leaderElection."),
        _ => true,
    }
}

/// The flag that sets a configuration field.
pub fn flag_of_field(component: Component, field: &str) -> Option<&'static str> {
    let all = &data::config().equivalence;
    all.iter().find(|(code, _, path)| *code == component.code() && *path == field).map(|(_, name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flag;

    #[test]
    fn kubelet_files_have_the_closed_defaults() {
        let default = |field| config_default(Component::Kubelet, field, Version::new(34));
        assert_eq!(default("authentication.anonymous.enabled"), Some("false"));
        assert_eq!(default("authorization.mode"), Some("\"Webhook\""));
        assert_eq!(default("readOnlyPort"), Some("0"));
        assert_eq!(default("tlsCertFile"), Some("\"\""));
        assert_eq!((default("clusterDNS"), default("noSuchField")), (None, None));
        assert_eq!(default("enforceNodeAllocatable"), Some("[\"pods\"]"));
    }

    #[test]
    fn equivalence_goes_both_ways_and_names_real_flags() {
        assert_eq!(
            field_of_flag(Component::Kubelet, "anonymous-auth"),
            Some("authentication.anonymous.enabled")
        );
        assert_eq!(flag_of_field(Component::KubeProxy, "mode"), Some("proxy-mode"));
        assert_eq!(field_of_flag(Component::Kubelet, "v"), Some("logging.verbosity"));
        assert_eq!(
            field_of_flag(Component::KubeScheduler, "leader-elect"),
            Some("leaderElection.leaderElect")
        );
        for (code, name, field) in &data::config().equivalence {
            let component = Component::ALL.into_iter().find(|one| one.code() == *code).expect("a component");
            let mut versions = Version::SUPPORTED.map(Version::new);
            assert!(versions.any(|version| flag(component, name, version).is_some()), "{component} --{name}");
            assert_eq!(flag_of_field(component, field), Some(*name));
        }
    }

    #[test]
    fn files_make_some_flags_idle() {
        assert!(flag_beats_file(Component::Kubelet, "anonymous-auth"));
        assert!(
            flag_beats_file(Component::KubeProxy, "v")
                && !flag_beats_file(Component::KubeProxy, "proxy-mode")
        );
        assert!(flag_beats_file(Component::KubeProxy, "hostname-override"));
        assert!(flag_beats_file(Component::KubeScheduler, "leader-elect"));
        assert!(!flag_beats_file(Component::KubeScheduler, "profiling"));
        assert!(flag_beats_file(Component::KubeScheduler, "bind-address"), "no field of the file");
    }

    #[test]
    fn kinds_come_and_go() {
        let minors = |api, kind| {
            config_kind_versions(api, kind).iter().map(|version| version.minor).collect::<Vec<_>>()
        };
        assert_eq!(minors("kubeadm.k8s.io/v1beta3", "ClusterConfiguration"), (28..=36).collect::<Vec<_>>());
        assert_eq!(minors("kubelet.config.k8s.io/v1beta1", "KubeletConfiguration").len(), 10);
        assert!(minors("kubelet.config.k8s.io/v1beta9", "KubeletConfiguration").is_empty());
        assert_eq!(config_api_versions("KubeletConfiguration"), ["kubelet.config.k8s.io/v1beta1"]);
        assert_eq!(config_api_versions("Policy"), ["audit.k8s.io/v1"]);
        assert!(config_api_versions("AuthorizationConfiguration").contains(&"apiserver.config.k8s.io/v1"));
        assert!(is_config_group("audit.k8s.io") && is_config_group("kubeadm.k8s.io"));
        assert!(!is_config_group("apps") && !is_config_group(""));
    }
}
