//! Keys that are no fields.

use kubevet_core::{
    declare_rule,
    facts::{Field, config_api_versions, config_kind},
    kubernetes::Object,
    rule::{Context, Kinds},
    settings::Version,
    suggest::closest,
    yaml::NodeRef,
};

use super::decode::{Problem, Unknown, fate, problems};

declare_rule! {
    /// A configuration file has a key that is no field of its kind.
    ///
    /// ## Why
    /// What it says is not done. The kubelet, kube-proxy, kubeadm and the audit policy ignore such a key and write a line into a log; the scheduler
    /// and the files of the API server are refused as a whole. Names are case-sensitive.
    ///
    /// ## Fix
    /// Correct the name or its place: the finding says which is near.
    ///
    /// ## References
    /// The Go types of the configuration APIs, Kubernetes 1.28 and newer; their loaders.
    ///
    /// ## Examples
    /// ```yaml bad kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// authentication:
    ///   anonymus:
    ///     enabled: false
    /// ```
    /// ```yaml bad kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// anonymous:
    ///   enabled: false
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// nodeRegistration:
    ///   name: n1
    /// ```
    /// ```yaml bad encryption.yaml
    /// apiVersion: apiserver.config.k8s.io/v1
    /// kind: EncryptionConfiguration
    /// resources:
    ///   - resources: [secrets]
    ///     providers:
    ///       - aescbc:
    ///         keys:
    ///           - name: k1
    ///             secret: c2VjcmV0
    /// ```
    /// ```yaml bad scheduler.yaml
    /// apiVersion: kubescheduler.config.k8s.io/v1
    /// kind: KubeSchedulerConfiguration
    /// profiles:
    ///   - pluginConfig:
    ///       - name: NodeResourcesFit
    ///         args:
    ///           scoringStrategie:
    ///             type: MostAllocated
    /// ```
    /// ```yaml bad admission.yaml
    /// apiVersion: apiserver.config.k8s.io/v1
    /// kind: AdmissionConfiguration
    /// plugins:
    ///   - name: PodSecurity
    ///     configuration:
    ///       apiVersion: pod-security.admission.config.k8s.io/v1
    ///       kind: PodSecurityConfiguration
    ///       defaults:
    ///         enforce-level: baseline
    /// ```
    /// ```yaml good kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// featureGates:
    ///   NodeSwap: true
    /// evictionHard:
    ///   memory.available: 100Mi
    /// {{ .Name }}: x
    /// ```
    /// ```yaml good scheduler.yaml
    /// apiVersion: kubescheduler.config.k8s.io/v1
    /// kind: KubeSchedulerConfiguration
    /// profiles:
    ///   - schedulerName: packed
    ///     pluginConfig:
    ///       - name: NodeResourcesFit
    ///         args:
    ///           scoringStrategy:
    ///             type: MostAllocated
    ///       - name: OfOthers
    ///         args:
    ///           anything: goes
    /// ```
    /// ```yaml good policy.yaml
    /// apiVersion: audit.k8s.io/v1
    /// kind: Policy
    /// metadata:
    ///   name: p
    /// rules:
    ///   - level: Metadata
    /// ```
    /// ```yaml good old.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta1
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.16.0
    /// noSuchField: 1
    /// ```
    pub UNKNOWN_FIELD {
        id: "component-config/unknown-field",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "version of the kind",
        check: Object(Kinds::Any, unknown_field),
    }
}

fn unknown_field(object: Object<'_>, cx: &mut Context<'_>) {
    let version = cx.version();
    for unknown in unknowns(object, version) {
        if !versions_with(&unknown).is_empty() {
            continue;
        }
        let written = unknown.key.text();
        let message = format!("`{written}` is no field of {}: {}", owner(&unknown), fate(object, version));
        cx.report(unknown.key, message).help(advice(&unknown, version));
    }
}

fn unknowns(object: Object<'_>, version: Version) -> impl Iterator<Item = Unknown<'_>> {
    problems(object, version).into_iter().filter_map(|problem| match problem {
        Problem::Unknown(unknown) => Some(unknown),
        Problem::WrongType { .. } => None,
    })
}

/// The structure that does not have the field, in words.
fn owner(unknown: &Unknown<'_>) -> String {
    match unknown.path.rsplit_once('.') {
        Some((parent, _)) => format!("`{parent}` in `{}`", unknown.kind.kind),
        None => format!("`{}`", unknown.kind.kind),
    }
}

/// Kinds that stand in one file.
const NEIGHBOURS: [&str; 5] = [
    "ClusterConfiguration",
    "InitConfiguration",
    "JoinConfiguration",
    "KubeletConfiguration",
    "KubeProxyConfiguration",
];

/// What may have been meant: a name that is near, or the place of the same name.
fn advice(unknown: &Unknown<'_>, version: Version) -> String {
    let written = unknown.key.text();
    let same = unknown.siblings.iter().find(|name| name.eq_ignore_ascii_case(written));
    if let Some(near) = same.copied().or_else(|| closest(written, unknown.siblings.iter().copied())) {
        return format!("did you mean `{near}`?");
    }
    let mut paths = Vec::new();
    for field in unknown.kind.fields() {
        places(field, written, "", 0, &mut paths);
    }
    // Of several places, one below the structure it stands in is meant, if any.
    let parent = unknown.path.rsplit_once('.').map_or("", |(parent, _)| parent);
    let below: Vec<_> =
        paths.iter().filter(|path| !parent.is_empty() && path.starts_with(&format!("{parent}."))).collect();
    // A structure beside it that is empty has lost its content to the wrong indentation.
    let map = unknown.key.parent();
    let empty = below.iter().find(|path| {
        let inside = path[parent.len()..].trim_start_matches('.').split('.').next().unwrap_or_default();
        map.and_then(|map| map.get(inside)).is_some_and(NodeRef::is_null)
    });
    if let Some(path) = empty {
        return format!("indent it: `{written}` belongs at `{path}`");
    }
    let one =
        paths.first().filter(|_| paths.len() == 1).or(below.first().filter(|_| below.len() == 1).copied());
    if let Some(path) = one {
        return format!("`{written}` belongs at `{path}`");
    }
    let has = |kind: &&str| {
        let mut versions = config_api_versions(kind).into_iter();
        versions.any(|api| config_kind(api, kind, version).is_some_and(|kind| kind.field(written).is_some()))
    };
    let top = !unknown.path.contains('.');
    let other = NEIGHBOURS.iter().copied().find(|kind| top && *kind != unknown.kind.kind && has(kind));
    match other {
        Some(kind) => format!("it is a field of `{kind}`: move it there"),
        None => format!("remove it, or look for its name among those of {}", owner(unknown)),
    }
}

/// Deeper structures repeat themselves.
const DEPTH: usize = 6;

/// The places below a field where a name is a field.
fn places(field: Field, name: &str, above: &str, depth: usize, found: &mut Vec<String>) {
    let path = if above.is_empty() { field.name.to_owned() } else { format!("{above}.{}", field.name) };
    if field.name == name {
        found.push(path.clone());
    }
    if depth < DEPTH {
        field.fields().for_each(|inner| places(inner, name, &path, depth + 1, found));
    }
}

/// Versions in which the kind has the field.
fn versions_with(unknown: &Unknown<'_>) -> Vec<Version> {
    let has = |version: &Version| {
        let kind = config_kind(unknown.kind.api_version, unknown.kind.kind, *version);
        kind.is_some_and(|kind| kind.field(&unknown.path).is_some())
    };
    Version::SUPPORTED.map(Version::new).filter(has).collect()
}

declare_rule! {
    /// A configuration file has a field that only newer versions know.
    ///
    /// ## Why
    /// Kinds grow without a new API version: the component of this version ignores the field, or refuses the file.
    ///
    /// ## Fix
    /// Upgrade first, or leave the field out.
    ///
    /// ## References
    /// The Go types of the configuration APIs in each version.
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta3
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.30.2
    /// ---
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// crashLoopBackOff:
    ///   maxContainerRestartPeriod: 60s
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// ---
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// crashLoopBackOff:
    ///   maxContainerRestartPeriod: 60s
    /// ```
    pub FIELD_NOT_YET_AVAILABLE {
        id: "component-config/field-not-yet-available",
        class: Upgrade,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "target version",
        check: Object(Kinds::Any, field_not_yet_available),
    }
}

fn field_not_yet_available(object: Object<'_>, cx: &mut Context<'_>) {
    let version = cx.version();
    for unknown in unknowns(object, version) {
        let versions = versions_with(&unknown);
        let Some(first) = versions.first().filter(|first| **first > version) else { continue };
        let message = format!(
            "`{}` of `{}` comes with Kubernetes {first}, and this is {version}: {}",
            unknown.path,
            unknown.kind.kind,
            fate(object, version)
        );
        cx.report(unknown.key, message).help("leave it out until the upgrade");
    }
}

declare_rule! {
    /// A configuration file has a field that its version no longer knows.
    ///
    /// ## Why
    /// The component ignores the field, or refuses the file.
    ///
    /// ## Fix
    /// Remove the field.
    ///
    /// ## References
    /// The Go types of the configuration APIs in each version.
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   timeoutForControlPlane: 4m0s
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta3
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.30.2
    /// apiServer:
    ///   timeoutForControlPlane: 4m0s
    /// ```
    pub REMOVED_FIELD {
        id: "component-config/removed-field",
        class: Upgrade,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "target version",
        check: Object(Kinds::Any, removed_field),
    }
}

fn removed_field(object: Object<'_>, cx: &mut Context<'_>) {
    let version = cx.version();
    for unknown in unknowns(object, version) {
        let Some(last) = versions_with(&unknown).into_iter().rfind(|older| *older < version) else {
            continue;
        };
        let message = format!(
            "`{}` of `{}` ended with Kubernetes {last}, and this is {version}: {}",
            unknown.path,
            unknown.kind.kind,
            fate(object, version)
        );
        cx.report(unknown.key, message).help("remove it");
    }
}
