//! Fields that cannot be changed once an object is there.

use kubevet_core::{
    declare_rule,
    index::ResourceSet,
    kubernetes::Object,
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::super::check::Fields;

declare_rule! {
    /// An object differs from its earlier revision in a field that the API server does not let anybody change.
    ///
    /// ## Why
    /// Applying it fails, and everything else of the change does not happen either.
    ///
    /// The earlier revision is in the folder that the option `base` names: a checkout of what the cluster has, given along with
    /// the new files. Without the option the rule is silent.
    ///
    /// ## Fix
    /// Keep the old value, or delete the object and create it again.
    ///
    /// ## References
    /// `Validate…Update` in `k8s.io/kubernetes/pkg/apis/*/validation`.
    ///
    /// ## Examples
    /// ```yaml bad new/web.yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   selector: {matchLabels: {app: web, tier: front}}
    /// ```
    /// ```yaml with deployed/web.yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    /// ```
    /// ```toml with
    /// base = "deployed"
    /// ```
    /// ```yaml bad new/config.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: settings}
    /// immutable: true
    /// data: {mode: slow}
    /// ```
    /// ```yaml with deployed/config.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: settings}
    /// immutable: true
    /// data: {mode: fast}
    /// ```
    /// ```toml with
    /// base = "deployed"
    /// ```
    /// ```yaml good new/web.yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   replicas: 3
    ///   selector: {matchLabels: {tier: front, app: web}}
    /// ```
    /// ```yaml with deployed/web.yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   replicas: 2
    ///   selector:
    ///     matchLabels: {app: "web", tier: front}
    ///     matchExpressions: null
    /// ```
    /// ```toml with
    /// base = "deployed"
    /// ```
    /// ```yaml good
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    /// ```
    pub IMMUTABLE_FIELD {
        id: "api/immutable-field",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        options: ["base": Text = "folder with the revision that the cluster has; the rule is silent without it"],
        check: Set(immutable_field),
    }
}

/// Fields by group and kind. What only some values of another field forbid is asked in [`fields`].
const FIELDS: &[(&str, &str, &[&str])] = &[
    ("apps", "Deployment", &["spec.selector"]),
    ("apps", "ReplicaSet", &["spec.selector"]),
    ("apps", "DaemonSet", &["spec.selector"]),
    (
        "apps",
        "StatefulSet",
        &["spec.selector", "spec.serviceName", "spec.podManagementPolicy", "spec.volumeClaimTemplates"],
    ),
    (
        "batch",
        "Job",
        &[
            "spec.selector",
            "spec.template",
            "spec.completionMode",
            "spec.podFailurePolicy",
            "spec.backoffLimitPerIndex",
        ],
    ),
    ("rbac.authorization.k8s.io", "RoleBinding", &["roleRef"]),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding", &["roleRef"]),
    (
        "",
        "PersistentVolumeClaim",
        &[
            "spec.accessModes",
            "spec.storageClassName",
            "spec.volumeMode",
            "spec.selector",
            "spec.dataSource",
            "spec.dataSourceRef",
        ],
    ),
    (
        "",
        "PersistentVolume",
        &["spec.volumeMode", "spec.csi", "spec.nfs", "spec.hostPath", "spec.local", "spec.iscsi", "spec.fc"],
    ),
    ("", "Secret", &["type"]),
    ("storage.k8s.io", "StorageClass", &["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"]),
    ("storage.k8s.io", "VolumeAttributesClass", &["driverName", "parameters"]),
    (
        "storage.k8s.io",
        "CSIDriver",
        &["spec.attachRequired", "spec.fsGroupPolicy", "spec.volumeLifecycleModes"],
    ),
    ("scheduling.k8s.io", "PriorityClass", &["value", "preemptionPolicy"]),
    ("node.k8s.io", "RuntimeClass", &["handler"]),
    ("networking.k8s.io", "IngressClass", &["spec.controller"]),
    ("discovery.k8s.io", "EndpointSlice", &["addressType"]),
    (
        "apiextensions.k8s.io",
        "CustomResourceDefinition",
        &["spec.scope", "spec.names.kind", "spec.names.plural"],
    ),
];

fn immutable_field(set: &ResourceSet, cx: &mut Context<'_>) {
    let Some(base) = cx.options().text("base").map(|base| base.trim_end_matches('/').to_owned()) else {
        return;
    };
    let is_old = |object: &Object<'_>| {
        object.tree().path().strip_prefix(&base).is_some_and(|rest| rest.starts_with('/'))
    };
    for old in set.objects().filter(is_old) {
        let Some(name) = old.name() else { continue };
        let same = set.named(old.group(), old.kind(), name).filter(|other| !is_old(other));
        let same: Vec<Object<'_>> =
            same.filter(|other| set.namespace(*other) == set.namespace(old)).collect();
        // Several new ones are several stages: nobody knows which one follows.
        if let [new] = same[..] {
            compare(old, new, cx);
        }
    }
}

/// Fields of an object that cannot change.
fn fields(old: Object<'_>) -> Vec<&'static str> {
    let listed = FIELDS.iter().find(|(group, kind, _)| old.is(group, kind));
    let mut fields: Vec<&str> = listed.map(|(_, _, fields)| fields.to_vec()).unwrap_or_default();
    if matches!(old.kind(), "ConfigMap" | "Secret") && old.group().is_empty() && old.is_set("immutable") {
        fields.extend(["data", "binaryData", "stringData", "immutable"]);
    }
    fields
}

fn compare(old: Object<'_>, new: Object<'_>, cx: &mut Context<'_>) {
    for path in fields(old) {
        let (before, now) = (old.field(path), new.field(path));
        // A field that is not said may have been filled in, with the same value.
        let (Some(before), Some(now)) = (before, now) else { continue };
        if !is_same(before, now) {
            let name = path.rsplit('.').next().unwrap_or_default();
            cx.report(Key(now), format!("`{name}` of {} cannot be changed: applying it fails", new.title()))
                .label(Key(before), "it was this")
                .help("keep the old value, or delete the object and create it again");
        }
    }
}

/// Whether two values are the same to the API server: the order of keys and fields that are `null` do not count.
fn is_same(one: NodeRef<'_>, other: NodeRef<'_>) -> bool {
    if one.is_map() && other.is_map() {
        let covers = |one: NodeRef<'_>, other: NodeRef<'_>| {
            one.entries()
                .filter(|entry| !entry.value.is_null())
                .all(|entry| other.get(entry.key.text()).is_some_and(|value| is_same(entry.value, value)))
        };
        return covers(one, other) && covers(other, one);
    }
    if one.is_seq() && other.is_seq() {
        return one.len() == other.len()
            && one.items().zip(other.items()).all(|(one, other)| is_same(one, other));
    }
    one.is_scalar() && other.is_scalar() && one.value() == other.value()
}
