//! What autoscalers scale.

use kubevet_core::{declare_rule, index::ResourceSet, kubernetes::Object, rule::Context, yaml::NodeRef};

declare_rule! {
    /// An autoscaler refers to a workload that does not exist.
    ///
    /// ## Why
    /// The autoscaler reports an error in its status and never scales anything; the load test finds out.
    ///
    /// ## Fix
    /// Correct name, kind or API group of the target. It lies in the autoscaler's own namespace.
    ///
    /// ## References
    /// Kubernetes documentation, "Horizontal Pod Autoscaling"; the same field of VerticalPodAutoscaler and of KEDA's
    /// ScaledObject.
    ///
    /// ## Examples
    /// ```yaml bad closed
    /// apiVersion: autoscaling/v2
    /// kind: HorizontalPodAutoscaler
    /// metadata: {name: web}
    /// spec:
    ///   scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: web}
    ///   maxReplicas: 5
    /// ```
    /// ```yaml with deployment.yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   template:
    ///     spec: {containers: [{name: web, image: web:1}]}
    /// ```
    /// ```yaml good closed
    /// apiVersion: autoscaling/v2
    /// kind: HorizontalPodAutoscaler
    /// metadata: {name: web}
    /// spec:
    ///   scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
    ///   maxReplicas: 5
    /// ```
    /// ```yaml with deployment.yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   template:
    ///     spec: {containers: [{name: web, image: web:1}]}
    /// ```
    pub TARGET_MISSING {
        id: "autoscaling/target-missing",
        class: Consistency,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: ["kube-linter:dangling-horizontalpodautoscaler", "kube-score:horizontalpodautoscaler-has-target", "kubescape:C-0300", "kics:hpa_targets_invalid_object", "popeye:POP-600", "kubevious:hpa-scale-target-ref", "kyverno-policies:other/verify-vpa-target"],
        absence: true,
        check: Set(target_missing),
    }
}

/// Autoscalers: API group, kind, and the field with the target.
const AUTOSCALERS: &[(&str, &str, &str)] = &[
    ("autoscaling", "HorizontalPodAutoscaler", "scaleTargetRef"),
    ("autoscaling.k8s.io", "VerticalPodAutoscaler", "targetRef"),
    ("keda.sh", "ScaledObject", "scaleTargetRef"),
];
/// What can be scaled without custom controllers.
const SCALABLE: &[(&str, &str)] = &[
    ("", "ReplicationController"),
    ("apps", "DaemonSet"),
    ("apps", "Deployment"),
    ("apps", "ReplicaSet"),
    ("apps", "StatefulSet"),
    ("batch", "CronJob"),
    ("batch", "Job"),
];

fn target_missing(set: &ResourceSet, cx: &mut Context<'_>) {
    for (group, kind, field) in AUTOSCALERS {
        for scaler in set.of_kind(group, kind) {
            let target = scaler.spec().and_then(|spec| spec.get(field));
            let (Some(target), Some(namespace)) = (target, set.namespace(scaler).name()) else { continue };
            check_target(set, scaler, target, namespace, cx);
        }
    }
}

fn check_target(
    set: &ResourceSet,
    scaler: Object<'_>,
    target: NodeRef<'_>,
    namespace: &str,
    cx: &mut Context<'_>,
) {
    let text = |field| target.get(field).and_then(NodeRef::as_str);
    // KEDA scales a Deployment when no kind is given.
    let is_keda = scaler.group() == "keda.sh";
    let kind = text("kind").or(is_keda.then_some("Deployment"));
    let (Some(kind), Some(name)) = (kind, text("name")) else { return };
    let version = text("apiVersion").unwrap_or(if is_keda { "apps/v1" } else { "" });
    let group = version.split_once('/').map_or("", |(group, _)| group);
    if set.find(group, kind, Some(namespace), name).is_some() || name.contains(['$', '{']) {
        return;
    }
    let Some(node) = target.get("name") else { return };
    // The same name in another kind or group: the reference itself is wrong.
    let mut others = SCALABLE.iter().filter(|known| **known != (group, kind));
    let mistaken = others.find_map(|(group, kind)| set.find(group, kind, Some(namespace), name));
    let scaler_kind = scaler.kind();
    if let Some(other) = mistaken.filter(|_| set.keeps_pods(namespace)) {
        let wrong = if other.kind() == kind { target.get("apiVersion") } else { target.get("kind") };
        let (is, said) = (format!("{}/{}", other.api_version(), other.kind()), format!("{version}/{kind}"));
        cx.report(
            wrong.unwrap_or(node),
            format!("{scaler_kind} scales nothing: `{name}` is `{is}`, not `{said}`"),
        )
        .label(other, "what was probably meant")
        .help("correct `apiVersion` and `kind` of the target");
        return;
    }
    if !SCALABLE.contains(&(group, kind)) && set.of_kind(group, kind).next().is_none() {
        return;
    }
    let Some(absent) = set.absent(scaler, group, kind, Some(namespace), name) else { return };
    let draft = cx
        .report(
            node,
            format!("there is no {kind} `{name}` in namespace `{namespace}`: {scaler_kind} scales nothing"),
        )
        .help("correct the name: the target lies in the namespace of the autoscaler");
    if let Some((near, _)) = absent.near {
        draft.label(near, absent.describe());
    }
}
