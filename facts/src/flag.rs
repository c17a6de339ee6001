//! Command-line flags of components.

use std::sync::OnceLock;

use crate::{
    Component, Version,
    data::{FlagRecord, flags as part},
};

/// One flag of one component in one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Its name without dashes, as the component prints it.
    pub name: &'static str,
    /// One letter, `""` when it has none.
    pub shorthand: &'static str,
    /// What values it takes.
    pub kind: FlagKind,
    /// What its flags library calls the type of its value: `int32`, `mapStringBool`, `*flag.uintValue`. Decides what it parses.
    pub type_name: &'static str,
    /// Default of the bare flag, as pflag prints it. With a configuration file the file's defaults hold.
    pub default: &'static str,
    /// The value it has when it stands alone (`--profiling`); `None` when the next word is its value.
    pub no_value: Option<&'static str>,
    /// Why not to use it any more.
    pub deprecated: Option<&'static str>,
    /// Not shown by `--help`.
    pub hidden: bool,
    /// Whether giving it twice adds to the first value; otherwise the last one wins.
    pub repeatable: bool,
}

/// What values a flag takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlagKind {
    /// `true` or `false`; may stand alone.
    Bool,
    /// A whole number.
    Integer,
    /// A decimal number.
    Float,
    /// A Go duration such as `1m30s`.
    Duration,
    /// An IP address.
    Ip,
    /// An IP address with a port.
    IpPort,
    /// Any other text.
    Text,
    /// Items separated by commas.
    List,
    /// One item, which may hold commas.
    Array,
    /// `key=value` pairs separated by commas.
    Map,
}

impl FlagKind {
    /// From the type names of pflag, of Kubernetes' own flag types, and of etcd's Go flags.
    fn of(name: &str) -> Self {
        match name {
            "bool" | "*flag.boolValue" => FlagKind::Bool,
            "int" | "int32" | "int64" | "uint" | "uint32" | "*flag.intValue" | "*flag.int64Value"
            | "*flag.uintValue" | "*flag.uint64Value" | "*flags.uint32Value" | "Level" => FlagKind::Integer,
            "float32" | "float64" => FlagKind::Float,
            "duration" | "*flag.durationValue" => FlagKind::Duration,
            "ip" => FlagKind::Ip,
            "ipport" => FlagKind::IpPort,
            "stringSlice"
            | "int32Slice"
            | "cidrs"
            | "[]v1.Taint"
            | "*flags.UniqueStringsValue"
            | "*flags.StringsValue"
            | "*flags.UniqueURLs" => FlagKind::List,
            "stringArray" | "namedCertKey" => FlagKind::Array,
            "mapStringBool"
            | "mapStringString"
            | "stringToString"
            | "colonSeparatedMultimapStringString"
            | "*featuregate.featureGate"
            | "reserved-memory"
            | "pattern=N,..." => FlagKind::Map,
            _ => FlagKind::Text,
        }
    }
}

/// Whether values of this type add up: the `Set` of etcd's lists, of taints and of the cloud provider's CIDRs replaces.
fn adds_up(name: &str) -> bool {
    let kind = FlagKind::of(name);
    let replaces =
        name.starts_with('*') && name != "*featuregate.featureGate" || matches!(name, "cidrs" | "[]v1.Taint");
    matches!(kind, FlagKind::List | FlagKind::Array | FlagKind::Map) && !replaces
}

impl Flag {
    fn of(record: &'static FlagRecord<'static>) -> Self {
        Flag {
            name: record.name,
            shorthand: record.shorthand,
            kind: FlagKind::of(record.kind),
            type_name: record.kind,
            default: record.default,
            no_value: record.no_value,
            deprecated: record.deprecated,
            hidden: record.hidden,
            repeatable: adds_up(record.kind),
        }
    }
}

/// A flag by its name (`_` counts as `-`, as all components but etcd normalise it) or its one-letter form.
/// For a version that the facts do not cover, the nearest one answers.
pub fn flag(component: Component, name: &str, version: Version) -> Option<Flag> {
    let dashed;
    let name = if name.contains('_') && component != Component::Etcd {
        dashed = name.replace('_', "-");
        &dashed
    } else {
        name
    };
    let holds = |record: &&FlagRecord<'_>| record.versions & version.bit() != 0;
    if name.len() == 1 {
        let of_component = |record: &&FlagRecord<'_>| record.component == component.code();
        let mut all =
            short().iter().copied().filter(|record| of_component(record) && record.shorthand == name);
        return all.find(holds).map(Flag::of);
    }
    find(component, name).iter().find(holds).map(Flag::of)
}

/// The covered versions in which a component has a flag, oldest first; empty for one that it never had.
pub fn flag_versions(component: Component, name: &str) -> Vec<Version> {
    Version::SUPPORTED.map(Version::new).filter(|version| flag(component, name, *version).is_some()).collect()
}

/// Every flag of a component in a version, by name.
pub fn flags(component: Component, version: Version) -> impl Iterator<Item = Flag> {
    let all = part().iter().filter(move |record| record.component == component.code());
    all.filter(move |record| record.versions & version.bit() != 0).map(Flag::of)
}

/// Records with a one-letter form: few of all.
fn short() -> &'static [&'static FlagRecord<'static>] {
    static SHORT: OnceLock<Vec<&FlagRecord<'_>>> = OnceLock::new();
    SHORT.get_or_init(|| part().iter().filter(|record| !record.shorthand.is_empty()).collect())
}

/// Records of one name, over all versions.
fn find(component: Component, name: &str) -> &'static [FlagRecord<'static>] {
    let key = (component.code(), name);
    let all = part();
    let start = all.partition_point(|record| (record.component, record.name) < key);
    let length = all[start..].partition_point(|record| (record.component, record.name) == key);
    &all[start..start + length]
}

/// Every value that a text flag takes (each item of a list), where the component refuses all others; empty where it takes
/// any. As Kubernetes 1.37 refuses them (`generator/flag-values.py` asks its validation).
pub fn flag_values(component: Component, name: &str) -> &'static [&'static str] {
    let mut all = crate::data::control().flag_values.iter();
    let found = all.find(|(of, flag, _)| *of == component as u8 && *flag == name);
    found.map_or(&[], |(_, _, values)| values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn default(component: Component, name: &str, minor: u8) -> Option<&'static str> {
        flag(component, name, Version::new(minor)).map(|flag| flag.default)
    }

    #[test]
    fn defaults_change_between_versions() {
        assert_eq!(default(Component::KubeApiserver, "audit-log-maxage", 35), Some("0"));
        assert_eq!(default(Component::KubeApiserver, "audit-log-maxage", 36), Some("366"));
        assert_eq!(default(Component::KubeApiserver, "enable-logs-handler", 30), Some("true"));
        assert_eq!(default(Component::KubeApiserver, "enable-logs-handler", 31), Some("false"));
        assert_eq!(default(Component::Kubelet, "fail-cgroupv1", 34), Some("false"));
        assert_eq!(default(Component::Kubelet, "fail-cgroupv1", 35), Some("true"));
        assert_eq!(default(Component::KubeControllerManager, "node-monitor-grace-period", 31), Some("40s"));
        assert_eq!(default(Component::KubeControllerManager, "node-monitor-grace-period", 32), Some("50s"));
    }

    #[test]
    fn flags_come_and_go() {
        assert!(default(Component::Kubelet, "pod-infra-container-image", 34).is_some());
        assert!(default(Component::Kubelet, "pod-infra-container-image", 35).is_none());
        assert!(default(Component::KubeApiserver, "cloud-provider", 32).is_some());
        assert!(default(Component::KubeApiserver, "cloud-provider", 33).is_none());
        assert!(default(Component::Kubelet, "register-schedulable", 33).is_some());
        assert!(default(Component::Kubelet, "register-schedulable", 34).is_none());
        assert!(default(Component::Kubelet, "storage-driver-db", 36).is_some());
        assert!(default(Component::Kubelet, "storage-driver-db", 37).is_none());
        assert!(default(Component::KubeControllerManager, "concurrent-service-syncs", 37).is_none());
        let minors = |component, name| {
            flag_versions(component, name).iter().map(|version| version.minor).collect::<Vec<_>>()
        };
        assert_eq!(minors(Component::Kubelet, "pod_infra_container_image"), (28..=34).collect::<Vec<_>>());
        assert!(minors(Component::Kubelet, "no-such-flag").is_empty());
        // etcd 3.7, which kubeadm installs from 1.37 on, has no experimental flags any more.
        assert!(default(Component::Etcd, "experimental-initial-corrupt-check", 36).is_some());
        assert!(flags(Component::Etcd, Version::new(37)).all(|flag| !flag.name.starts_with("experimental-")));
        let range = |minor| flag(Component::KubeProxy, "proxy-port-range", Version::new(minor));
        assert!(range(30).is_some_and(|flag| flag.hidden) && range(32).is_none());
    }

    #[test]
    fn etcd_says_what_its_help_does_not() {
        let etcd = |name, minor| flag(Component::Etcd, name, Version::new(minor));
        for minor in Version::SUPPORTED {
            assert!(etcd("config-file", minor).is_some() && etcd("initial-cluster-state", minor).is_some());
            assert_eq!(etcd("snapshot-count", minor).map(|flag| flag.kind), Some(FlagKind::Integer));
        }
        let catchup = etcd("experimental-snapshot-catchup-entries", 34).and_then(|flag| flag.deprecated);
        assert!(catchup.is_some_and(|text| text.contains("--snapshot-catchup-entries")));
        assert!(etcd("discovery", 37).is_none() && etcd("discovery", 36).is_some());
    }

    #[test]
    fn bare_kubelet_flags_have_the_open_defaults() {
        assert_eq!(default(Component::Kubelet, "anonymous-auth", 34), Some("true"));
        assert_eq!(default(Component::Kubelet, "authorization-mode", 34), Some("AlwaysAllow"));
        assert_eq!(default(Component::Kubelet, "read-only-port", 34), Some("10255"));
    }

    #[test]
    fn every_component_logs_json() {
        for component in Component::ALL.into_iter().filter(|component| *component != Component::Etcd) {
            for minor in Version::SUPPORTED {
                assert_eq!(
                    default(component, "log-json-info-buffer-size", minor),
                    Some("0"),
                    "{component} 1.{minor}"
                );
            }
        }
    }

    #[test]
    fn spellings() {
        let version = Version::new(34);
        assert_eq!(
            flag(Component::Kubelet, "anonymous_auth", version).map(|flag| flag.name),
            Some("anonymous-auth")
        );
        let syncs = flag(Component::KubeControllerManager, "concurrent_rc_syncs", version);
        assert_eq!(syncs.map(|flag| flag.name), Some("concurrent-rc-syncs"));
        assert!(flag(Component::Etcd, "data_dir", version).is_none());
        assert_eq!(flag(Component::Kubelet, "v", version).map(|flag| flag.name), Some("v"));
        assert!(
            flag(Component::KubeApiserver, "profiling", version)
                .is_some_and(|flag| flag.no_value == Some("true"))
        );
        assert!(
            flag(Component::Etcd, "client-cert-auth", version)
                .is_some_and(|flag| flag.kind == FlagKind::Bool)
        );
        assert!(flag(Component::KubeApiserver, "anonymous-auht", version).is_none());
        let repeatable = |component, name| flag(component, name, version).map(|flag| flag.repeatable);
        assert_eq!(repeatable(Component::KubeApiserver, "service-account-issuer"), Some(true));
        assert_eq!(repeatable(Component::Kubelet, "eviction-hard"), Some(true));
        assert_eq!(repeatable(Component::Kubelet, "register-with-taints"), Some(false));
        assert_eq!(repeatable(Component::Etcd, "listen-client-urls"), Some(false));
    }
}
