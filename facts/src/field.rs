//! Fields of configuration files.

use crate::{
    Version,
    data::{self, FieldRecord},
};

/// A kind of configuration file in one version of Kubernetes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigKind {
    /// `kubelet.config.k8s.io/v1beta1`; empty for the kubeconfig, whose type says none.
    pub api_version: &'static str,
    /// `KubeletConfiguration`.
    pub kind: &'static str,
    fields: Fields,
}

/// A field of a configuration file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in the file.
    pub name: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// What its items, or the values of its entries, are; only for lists and maps.
    pub items: Option<FieldKind>,
    /// Whether the Go type lets it be left out (`omitempty` or a pointer). Many others may be left out too.
    pub optional: bool,
    /// The constants that the Go type of the value declares, if any. Not always all that validation takes.
    pub values: &'static [&'static str],
    inner: Option<Fields>,
}

/// What a field holds, by its form in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Text.
    String,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// A Go duration such as `1m30s`.
    Duration,
    /// A point in time.
    Time,
    /// A quantity such as `10Mi`.
    Quantity,
    /// Base64.
    Bytes,
    /// A structure with its own fields.
    Object,
    /// A list.
    Array,
    /// A map with free keys.
    Map,
    /// Anything.
    Any,
}

impl FieldKind {
    /// By their code in the data.
    const ALL: [FieldKind; 12] = [
        FieldKind::String,
        FieldKind::Bool,
        FieldKind::Integer,
        FieldKind::Number,
        FieldKind::Duration,
        FieldKind::Time,
        FieldKind::Quantity,
        FieldKind::Bytes,
        FieldKind::Object,
        FieldKind::Array,
        FieldKind::Map,
        FieldKind::Any,
    ];

    /// Names of the kinds in dumps, by code.
    #[doc(hidden)]
    pub const NAMES: [&str; 12] = [
        "string", "bool", "integer", "number", "duration", "time", "quantity", "bytes", "object", "array",
        "map", "any",
    ];
}

/// The fields of one structure in one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fields {
    of: u16,
    version: Version,
}

impl Fields {
    fn all(self) -> impl Iterator<Item = Field> {
        let all = &data::fields().fields;
        let start = all.partition_point(|record| record.of < self.of);
        let same = all[start..].iter().take_while(move |record| record.of == self.of);
        same.filter(move |record| record.versions & self.version.bit() != 0)
            .map(move |record| self.field(record))
    }

    fn field(self, record: &'static FieldRecord<'static>) -> Field {
        Field {
            name: record.name,
            kind: FieldKind::ALL[usize::from(record.kind)],
            items: record.items.map(|code| FieldKind::ALL[usize::from(code)]),
            optional: record.optional,
            values: &record.values,
            inner: record.reference.map(|of| Fields { of, version: self.version }),
        }
    }
}

impl ConfigKind {
    /// Its fields, by name.
    pub fn fields(self) -> impl Iterator<Item = Field> {
        self.fields.all()
    }

    /// The field at a path such as `authentication.anonymous.enabled`. Lists are passed through without an index.
    pub fn field(self, path: &str) -> Option<Field> {
        let (mut fields, mut found) = (Some(self.fields), None);
        for name in path.split('.') {
            let field = fields?.all().find(|field| field.name == name)?;
            fields = field.inner;
            found = Some(field);
        }
        found
    }
}

impl Field {
    /// Fields of the structure that it, or each of its items, holds.
    pub fn fields(self) -> impl Iterator<Item = Field> {
        self.inner.into_iter().flat_map(Fields::all)
    }
}

/// The kind of configuration file that components of a version, or kubeadm, read. For a version that the facts do not cover,
/// the nearest one answers.
pub fn config_kind(api_version: &str, kind: &str, version: Version) -> Option<ConfigKind> {
    let readable = data::config().kinds.iter();
    let mut readable = readable.filter(|record| record.api_version == api_version && record.kind == kind);
    readable.find(|record| record.versions & version.bit() != 0)?;
    let known = data::fields().kinds.iter().find(|(of, name, _)| *of == api_version && *name == kind);
    known.map(|(api_version, kind, of)| ConfigKind { api_version, kind, fields: Fields { of: *of, version } })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Component, config_defaults};

    const KUBELET: (&str, &str) = ("kubelet.config.k8s.io/v1beta1", "KubeletConfiguration");

    fn kubelet(path: &str, minor: u8) -> Option<Field> {
        config_kind(KUBELET.0, KUBELET.1, Version::new(minor))?.field(path)
    }

    #[test]
    fn paths_and_types() {
        assert_eq!(
            kubelet("authentication.anonymous.enabled", 34).map(|field| field.kind),
            Some(FieldKind::Bool)
        );
        let mode = kubelet("authorization.mode", 34).expect("a field");
        assert!(mode.values.contains(&"Webhook") && mode.values.contains(&"AlwaysAllow"));
        let gates = kubelet("featureGates", 34).expect("a field");
        assert_eq!((gates.kind, gates.items), (FieldKind::Map, Some(FieldKind::Bool)));
        let options = kubelet("logging.options.json", 34).expect("a field");
        assert!(
            options.fields().any(|field| field.name == "splitStream"),
            "embedded structures are passed through"
        );
        let buffer = kubelet("logging.options.json.infoBufferSize", 34).expect("a field");
        assert_eq!(buffer.kind, FieldKind::Quantity);
        assert!(kubelet("authentication.anonymous.enable", 34).is_none());
        assert!(kubelet("readOnlyPort.value", 34).is_none());
    }

    #[test]
    fn fields_come_and_go() {
        assert!(kubelet("failCgroupV1", 30).is_none() && kubelet("failCgroupV1", 31).is_some());
        assert!(kubelet("tlsCurvePreferences", 35).is_none() && kubelet("tlsCurvePreferences", 36).is_some());
        assert!(config_kind("kubeadm.k8s.io/v1beta3", "ClusterConfiguration", Version::new(37)).is_none());
        let cluster =
            |minor| config_kind("kubeadm.k8s.io/v1beta4", "ClusterConfiguration", Version::new(minor));
        let external = cluster(35).and_then(|kind| kind.field("etcd.external.httpEndpoints"));
        assert!(
            external.is_some()
                && cluster(34).and_then(|kind| kind.field("etcd.external.httpEndpoints")).is_none()
        );
    }

    /// Defaults come from real objects, fields from Go types: both must name the same paths.
    #[test]
    fn defaults_are_of_known_fields() {
        let kinds = [
            (Component::Kubelet, KUBELET.0, KUBELET.1),
            (Component::KubeProxy, "kubeproxy.config.k8s.io/v1alpha1", "KubeProxyConfiguration"),
            (Component::KubeScheduler, "kubescheduler.config.k8s.io/v1", "KubeSchedulerConfiguration"),
        ];
        for (component, api_version, kind) in kinds {
            for version in Version::SUPPORTED.map(Version::new) {
                let kind = config_kind(api_version, kind, version).expect("is known");
                let paths: Vec<_> = config_defaults(component, version).map(|(path, _)| path).collect();
                assert!(paths.len() > 10, "{component} {version}");
                for path in paths.into_iter().filter(|path| !matches!(*path, "apiVersion" | "kind")) {
                    assert!(reaches(kind, path), "{component} {version} {path}");
                }
            }
        }
    }

    /// Whether the path is a field, or lies in one whose content is free.
    fn reaches(kind: ConfigKind, path: &str) -> bool {
        let ends = path.match_indices('.').map(|(at, _)| at);
        let free = |at: usize| kind.field(&path[..at]).is_some_and(|field| field.kind == FieldKind::Map);
        kind.field(path).is_some() || ends.into_iter().any(free)
    }

    #[test]
    fn every_kind_has_fields() {
        for record in &data::config().kinds {
            let Some(minor) =
                Version::SUPPORTED.rev().find(|minor| record.versions & Version::new(*minor).bit() != 0)
            else {
                panic!("{} is in no version", record.kind);
            };
            let kind = config_kind(record.api_version, record.kind, Version::new(minor)).expect("is known");
            assert!(kind.fields().next().is_some(), "{} {}", record.api_version, record.kind);
        }
    }
}
