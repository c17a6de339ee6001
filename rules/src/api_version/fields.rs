//! Fields and annotations about which the API server warns.

use kubevet_core::{
    declare_rule,
    facts::Version,
    finding::{Applicability, Edit, Fix},
    kubernetes::{Object, PodSpec},
    rule::{Anchor, Context, Draft, Key, Kinds},
    yaml::NodeRef,
};

declare_rule! {
    /// An object sets a field or annotation that the target version warns about: it is deprecated, or has no effect any
    /// more.
    ///
    /// ## Why
    /// What has no effect protects or configures nothing, and what is deprecated ends with a later version.
    ///
    /// ## Fix
    /// Use the field that the help names.
    ///
    /// ## References
    /// The warnings of the API server: `k8s.io/kubernetes/pkg/api/{pod,service,persistentvolume}`, each from the version on
    /// that gives it.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    ///   annotations: {service.kubernetes.io/topology-aware-hints: auto}
    /// spec:
    ///   ports: [{port: 80}]
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   trafficDistribution: PreferClose
    ///   ports: [{port: 80}]
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: PersistentVolumeClaim
    /// metadata:
    ///   name: data
    ///   annotations: {volume.beta.kubernetes.io/storage-class: fast}
    /// spec:
    ///   accessModes: [ReadWriteOnce]
    ///   resources: {requests: {storage: 1Gi}}
    /// ```
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: {name: agent}
    /// spec:
    ///   selector: {matchLabels: {app: agent}}
    ///   template:
    ///     metadata:
    ///       labels: {app: agent}
    ///       annotations: {container.apparmor.security.beta.kubernetes.io/agent: runtime/default}
    ///     spec:
    ///       containers:
    ///         - {name: agent, image: registry.example.org/agent:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: {name: agent}
    /// spec:
    ///   selector: {matchLabels: {app: agent}}
    ///   template:
    ///     metadata:
    ///       labels: {app: agent}
    ///       annotations: {container.apparmor.security.beta.kubernetes.io/agent: runtime/default}
    ///     spec:
    ///       containers:
    ///         - name: agent
    ///           image: registry.example.org/agent:1.2.0
    ///           securityContext: {appArmorProfile: {type: RuntimeDefault}}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: PersistentVolumeClaim
    /// metadata: {name: data}
    /// spec:
    ///   storageClassName: fast
    ///   accessModes: [ReadWriteOnce]
    ///   resources: {requests: {storage: 1Gi}}
    /// ```
    pub DEPRECATED_FIELD {
        id: "api-version/deprecated-field",
        class: Upgrade,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "target version",
        fix: Safe,
        check: Object(Kinds::Any, deprecated_field),
    }
}

/// Annotation, the first version that warns, what is with it, what to do. For pods and pod templates.
const OF_PODS: &[(&str, u8, &str, &str)] = &[
    (
        "scheduler.alpha.kubernetes.io/critical-pod",
        16,
        "has no effect since 1.16",
        "set `priorityClassName: system-cluster-critical` or another class",
    ),
    (
        "security.alpha.kubernetes.io/sysctls",
        11,
        "has no effect since 1.11",
        "set `securityContext.sysctls` of the pod",
    ),
    (
        "security.alpha.kubernetes.io/unsafe-sysctls",
        11,
        "has no effect since 1.11",
        "set `securityContext.sysctls` of the pod",
    ),
];

const STORAGE_CLASS: (&str, u8, &str, &str) = (
    "volume.beta.kubernetes.io/storage-class",
    8,
    "is deprecated since 1.8, and wins over the field",
    "set `spec.storageClassName` instead",
);
const MOUNT_OPTIONS: (&str, u8, &str, &str) = (
    "volume.beta.kubernetes.io/mount-options",
    31,
    "is deprecated since 1.31",
    "set `spec.mountOptions` instead",
);

const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";

fn deprecated_field(object: Object<'_>, cx: &mut Context<'_>) {
    let here = || object.metadata().and_then(|metadata| metadata.get("annotations"));
    match (object.group(), object.kind()) {
        ("", "Service") => service(object, cx),
        ("", "PersistentVolumeClaim") => annotations(here(), &[STORAGE_CLASS], cx),
        ("", "PersistentVolume") => {
            annotations(here(), &[STORAGE_CLASS, MOUNT_OPTIONS], cx);
            recycle(object, cx);
        }
        ("discovery.k8s.io", "EndpointSlice") => {
            let node = object.node().get("addressType").filter(|node| node.text() == "FQDN");
            if let Some(node) = node {
                let message = "addresses of the type `FQDN` are deprecated: nothing in Kubernetes uses them";
                cx.report(node, message).help("list addresses of the type `IPv4` or `IPv6`");
            }
        }
        ("", "Node") => {
            if let Some(node) = object.node().at(&["spec", "externalID"]) {
                cx.report(Key(node), "`externalID` is deprecated: Kubernetes does not use it")
                    .help("delete it");
            }
        }
        _ => {}
    }
    if let Some(pod) = PodSpec::of(object) {
        let annotated = pod.template().at(&["metadata", "annotations"]);
        annotations(annotated, OF_PODS, cx);
        app_armor(pod, annotated, cx);
    }
}

fn annotations(node: Option<NodeRef<'_>>, rows: &[(&str, u8, &str, &str)], cx: &mut Context<'_>) {
    let Some(node) = node else { return };
    for (name, since, what, help) in rows {
        if let Some(value) = node.get(name).filter(|_| cx.version() >= Version::new(*since)) {
            cx.report(Key(value), format!("the annotation `{name}` {what}")).help(*help);
        }
    }
}

fn service(object: Object<'_>, cx: &mut Context<'_>) {
    const HINTS: &str = "service.kubernetes.io/topology-aware-hints";
    const MODE: &str = "service.kubernetes.io/topology-mode";
    let annotations = object.metadata().and_then(|metadata| metadata.get("annotations"));
    if let Some(value) = annotations.and_then(|all| all.get(HINTS)) {
        let message = format!("the annotation `{HINTS}` is deprecated since 1.27");
        let draft = cx.report(Key(value), message).help(format!("write `{MODE}`"));
        let alone = annotations.is_some_and(|all| all.get(MODE).is_none());
        if let Some(key) = value.key_node().filter(|_| alone) {
            replace(draft, key, MODE);
        }
    }
    let node = object.node().at(&["spec", "trafficDistribution"]);
    if let Some(node) = node.filter(|node| node.text() == "PreferClose" && cx.version() >= Version::new(35)) {
        let message = "`PreferClose` is deprecated since 1.35: it is another name of `PreferSameZone`";
        let draft =
            cx.report(node, message).help("write `PreferSameZone`, once no older version has to read it");
        replace(draft, node, "PreferSameZone");
    }
}

fn replace(draft: Draft<'_>, node: NodeRef<'_>, text: &str) {
    draft.fix(Fix {
        title: format!("write `{text}`"),
        applicability: Applicability::Safe,
        edits: vec![Edit { span: node.site().place.span, text: text.to_owned() }],
    });
}

fn recycle(object: Object<'_>, cx: &mut Context<'_>) {
    let node = object.node().at(&["spec", "persistentVolumeReclaimPolicy"]);
    if let Some(node) = node.filter(|node| node.text() == "Recycle" && cx.version() >= Version::new(30)) {
        let message = "the reclaim policy `Recycle` is deprecated: only `nfs` and `hostPath` volumes know it";
        cx.report(node, message).help("let a storage class provision volumes, with `Delete` or `Retain`");
    }
}

/// The annotation of a container counts only where neither it nor its pod has the field.
fn app_armor(pod: PodSpec<'_>, annotated: Option<NodeRef<'_>>, cx: &mut Context<'_>) {
    let Some(annotated) = annotated.filter(|_| cx.version() >= Version::new(30)) else { return };
    for container in pod.containers().filter(|container| container.effective("appArmorProfile").is_none()) {
        let Some(value) = annotated.get(&format!("{APP_ARMOR}{}", container.name())) else { continue };
        let message = format!("the AppArmor annotation of {} is deprecated since 1.30", container.title());
        let profile = match value.text().split_once('/') {
            Some(("localhost", name)) => format!("{{type: Localhost, localhostProfile: {name}}}"),
            Some(("runtime", "default")) => "{type: RuntimeDefault}".to_owned(),
            _ if value.text() == "unconfined" => "{type: Unconfined}".to_owned(),
            _ => continue,
        };
        cx.report(Key(value), message)
            .help(format!("write `appArmorProfile: {profile}` into its `securityContext`"));
    }
}
