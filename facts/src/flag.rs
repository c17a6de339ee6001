//! Command-line flags of components.

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
    /// Default of the bare flag, as pflag prints it. With a configuration file the file's defaults hold.
    pub default: &'static str,
    /// The value it has when it stands alone (`--profiling`); `None` when the next word is its value.
    pub no_value: Option<&'static str>,
    /// Why not to use it any more.
    pub deprecated: Option<&'static str>,
    /// Not shown by `--help`.
    pub hidden: bool,
}

/// What values a flag takes, and what giving it twice means.
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
    /// Any text. The last one wins.
    Text,
    /// Comma-separated; repeated ones add up.
    List,
    /// Not split at commas; repeated ones add up.
    Array,
    /// `key=value` pairs, comma-separated; repeated ones add up.
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
            "stringSlice" | "*flags.UniqueStringsValue" | "*flags.StringsValue" | "*flags.UniqueURLs" => {
                FlagKind::List
            }
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

    /// Whether giving the flag twice adds to the first value instead of replacing it.
    pub const fn accumulates(self) -> bool {
        matches!(self, FlagKind::List | FlagKind::Array | FlagKind::Map)
    }
}

impl Flag {
    fn of(record: &'static FlagRecord<'static>) -> Self {
        Flag {
            name: record.name,
            shorthand: record.shorthand,
            kind: FlagKind::of(record.kind),
            default: record.default,
            no_value: record.no_value,
            deprecated: record.deprecated,
            hidden: record.hidden,
        }
    }
}

/// A flag by its name (`_` counts as `-`, as the components normalise it) or its one-letter form.
/// For a version that the facts do not cover, the nearest one answers.
pub fn flag(component: Component, name: &str, version: Version) -> Option<Flag> {
    let dashed;
    let name = if name.contains('_') && find(component, name).is_empty() {
        dashed = name.replace('_', "-");
        &dashed
    } else {
        name
    };
    let holds = |record: &&FlagRecord<'_>| record.versions & version.bit() != 0;
    if name.len() == 1 {
        let mut all =
            part().iter().filter(|record| record.component == component.code() && record.shorthand == name);
        return all.find(holds).map(Flag::of);
    }
    find(component, name).iter().find(holds).map(Flag::of)
}

/// Every flag of a component in a version, by name.
pub fn flags(component: Component, version: Version) -> impl Iterator<Item = Flag> {
    let all = part().iter().filter(move |record| record.component == component.code());
    all.filter(move |record| record.versions & version.bit() != 0).map(Flag::of)
}

/// Records of one name, over all versions.
fn find(component: Component, name: &str) -> &'static [FlagRecord<'static>] {
    let key = (component.code(), name);
    let all = part();
    let start = all.partition_point(|record| (record.component, record.name) < key);
    let length = all[start..].partition_point(|record| (record.component, record.name) == key);
    &all[start..start + length]
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
        let range = |minor| flag(Component::KubeProxy, "proxy-port-range", Version::new(minor));
        assert!(range(30).is_some_and(|flag| flag.hidden) && range(32).is_none());
    }

    #[test]
    fn bare_kubelet_flags_have_the_open_defaults() {
        assert_eq!(default(Component::Kubelet, "anonymous-auth", 34), Some("true"));
        assert_eq!(default(Component::Kubelet, "authorization-mode", 34), Some("AlwaysAllow"));
        assert_eq!(default(Component::Kubelet, "read-only-port", 34), Some("10255"));
    }

    #[test]
    fn spellings() {
        let version = Version::new(34);
        assert_eq!(
            flag(Component::Kubelet, "anonymous_auth", version).map(|flag| flag.name),
            Some("anonymous-auth")
        );
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
    }
}
