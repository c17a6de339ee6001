//! Workload selectors and the labels of their own pods.

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, PodSpec, values::selector::Selector},
    rule::{Context, Kinds},
};

/// Controllers whose selector must match their template. A Job's is generated unless `manualSelector` is set.
const CONTROLLERS: Kinds = Kinds::Of(&[
    ("apps", "Deployment"),
    ("apps", "StatefulSet"),
    ("apps", "DaemonSet"),
    ("apps", "ReplicaSet"),
    ("", "ReplicationController"),
    ("batch", "Job"),
]);

declare_rule! {
    /// The selector of a workload does not match the labels of its own pod template.
    ///
    /// ## Why
    /// The API server refuses the object: the controller would create pods that it cannot find again.
    ///
    /// ## Fix
    /// Give the template every label that the selector asks for. The selector of an existing object cannot be changed.
    ///
    /// ## References
    /// `ValidateDeploymentSpec` and its siblings in `k8s.io/kubernetes/pkg/apis/apps/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   selector:
    ///     matchLabels: {app: web}
    ///   template:
    ///     metadata:
    ///       labels: {app: wbe}
    ///     spec:
    ///       containers:
    ///         - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   selector:
    ///     matchLabels: {app: web}
    ///     matchExpressions:
    ///       - {key: tier, operator: In, values: [front, edge]}
    ///   template:
    ///     metadata:
    ///       labels: {app: web, tier: front, release: stable}
    ///     spec:
    ///       containers:
    ///         - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub SELECTOR_MISMATCH {
        id: "api/selector-mismatch",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: [
            "kube-linter:mismatching-selector",
            "kube-score:deployment-pod-selector-labels-match-template-metadata-labels",
            "kube-score:statefulset-pod-selector-labels-match-template-metadata-labels",
            "kubescape:C-0296",
            "popeye:POP-508",
        ],
        absence: true,
        check: Object(CONTROLLERS, selector_mismatch),
    }
}

fn selector_mismatch(object: Object<'_>, cx: &mut Context<'_>) {
    let (Some(spec), Some(pod)) = (object.spec(), PodSpec::of(object)) else { return };
    if object.kind() == "Job"
        && spec.get("manualSelector").and_then(kubevet_core::yaml::NodeRef::as_bool) != Some(true)
    {
        return;
    }
    let Some(node) = spec.get("selector").filter(|node| node.is_map() && !node.is_empty()) else { return };
    let selector = match object.kind() {
        "ReplicationController" => Selector::of_map(node),
        _ => Selector::of_label_selector(node),
    };
    let labels: Vec<_> = pod.labels().collect();
    // What is wrong with the selector itself has rules of its own.
    let Some(selector) = selector.filter(|selector| !selector.is_empty() && !selector.matches(&labels))
    else {
        return;
    };
    let missing = selector.first_unmatched(&labels).unwrap_or_default();
    let Some(failing) = selector.requirements().iter().find(|one| !one.matches(&labels)) else { return };
    let place = pod.template().at(&["metadata", "labels"]);
    let other = place.and_then(|labels| labels.get(failing.key));
    let message = format!(
        "the pod template lacks `{missing}`, which the selector asks for: the API server refuses the {}",
        object.kind()
    );
    let draft = cx
        .report(failing.node, message)
        .help("give the template's `metadata.labels` every label of the selector");
    match (other, place) {
        (Some(value), _) => draft.label(value, "the template says this"),
        (None, Some(labels)) => draft.label(labels, "these are the labels of the template"),
        (None, None) => draft,
    };
}
