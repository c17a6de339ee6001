//! Label selectors, wherever an object has one.

use kubevet_core::{
    declare_rule,
    facts::{Schema, schema},
    kubernetes::{Object, PodSpec, is_placeholder},
    rule::{Context, Key, Kinds},
    yaml::NodeRef,
};

use super::{
    super::check::{Fields, refuse, shown},
    labels,
};

declare_rule! {
    /// A label selector has an unknown operator, values where none belong or none where some do, or keys and values that
    /// no label can have.
    ///
    /// ## Why
    /// The API server refuses the object.
    ///
    /// ## Fix
    /// `In` and `NotIn` need `values`, `Exists` and `DoesNotExist` have none.
    ///
    /// ## References
    /// `ValidateLabelSelector` in `k8s.io/apimachinery/pkg/apis/meta/v1/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: web}
    /// spec:
    ///   podSelector:
    ///     matchExpressions: [{key: app, operator: Equals, values: [web]}]
    /// ```
    /// ```yaml bad
    /// apiVersion: policy/v1
    /// kind: PodDisruptionBudget
    /// metadata: {name: web}
    /// spec:
    ///   minAvailable: 1
    ///   selector:
    ///     matchExpressions: [{key: app, operator: Exists, values: [web]}]
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers: [{name: web, image: registry.example.org/web:1.2.0}]
    ///   topologySpreadConstraints:
    ///     - maxSkew: 1
    ///       topologyKey: kubernetes.io/hostname
    ///       whenUnsatisfiable: DoNotSchedule
    ///       labelSelector: {matchLabels: {app: "web server"}}
    /// ```
    /// ```yaml good
    /// apiVersion: policy/v1
    /// kind: PodDisruptionBudget
    /// metadata: {name: web}
    /// spec:
    ///   minAvailable: 1
    ///   selector:
    ///     matchLabels: {app.kubernetes.io/name: web}
    ///     matchExpressions:
    ///       - {key: tier, operator: In, values: [front, back]}
    ///       - {key: old, operator: DoesNotExist}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers: [{name: web, image: registry.example.org/web:1.2.0}]
    ///   affinity:
    ///     nodeAffinity:
    ///       requiredDuringSchedulingIgnoredDuringExecution:
    ///         nodeSelectorTerms:
    ///           - matchExpressions: [{key: cores, operator: Gt, values: ["4"]}]
    /// ```
    pub LABEL_SELECTOR_INVALID {
        id: "api/label-selector-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(Kinds::Any, label_selector_invalid),
    }
}

fn label_selector_invalid(object: Object<'_>, cx: &mut Context<'_>) {
    // Selectors of metrics are given to the metrics server as they are.
    if object.group() == "autoscaling" {
        return;
    }
    // Most objects have none, and the walk is long.
    let span = object.node().span();
    let text = &object.tree().text()[span.start as usize..span.end as usize];
    if !text.contains("matchLabels") && !text.contains("matchExpressions") {
        return;
    }
    if let Some(schema) = schema(object.api_version(), object.kind(), cx.version()) {
        let pod = PodSpec::of(object).map(PodSpec::node);
        walk(object.node(), schema, pod, cx);
    }
}

/// Goes down to every `LabelSelector`: the one type with these two fields.
fn walk(node: NodeRef<'_>, schema: Schema, pod: Option<NodeRef<'_>>, cx: &mut Context<'_>) {
    if node.is_seq() {
        if let Some(items) = schema.items() {
            node.items().for_each(|item| walk(item, items, pod, cx));
        }
        return;
    }
    if !node.is_map() {
        return;
    }
    for entry in node.entries() {
        let name = entry.key.text();
        match schema.field(name) {
            Some(_) if name == "status" => {}
            Some(_) if name == "matchLabels" && schema.field("matchExpressions").is_some() => {
                labels::labels(Some(entry.value), "label", cx);
            }
            Some(_) if name == "matchExpressions" && schema.field("matchLabels").is_some() => {
                let inside = pod.is_some_and(|pod| pod.span().contains(node.span()));
                entry.value.items().for_each(|one| requirement(one, inside, cx));
            }
            Some(field) if !entry.value.is_scalar() => walk(entry.value, field.schema(), pod, cx),
            _ => {}
        }
    }
}

/// `ValidateLabelSelectorRequirement`. Rules about schemas report what is empty, but not in pods.
fn requirement(one: NodeRef<'_>, of_pod: bool, cx: &mut Context<'_>) {
    let said = |field| one.field(field).filter(|node| of_pod || !node.text().is_empty());
    if let Some(key) = said("key") {
        labels::key(key, "label", cx);
    }
    let values = one.field("values");
    if let Some(node) =
        said("operator").filter(|node| node.as_str().is_some_and(|text| !is_placeholder(text)))
    {
        match (node.text(), values.filter(|values| !values.is_empty())) {
            (operator @ ("In" | "NotIn"), None) => {
                let what = format!("`{operator}` has no values to compare with");
                let place = values.map_or_else(|| Key(node), Key);
                refuse(cx, place, what).help("list the values, or use `Exists` or `DoesNotExist`");
            }
            (operator @ ("Exists" | "DoesNotExist"), Some(values)) => {
                refuse(cx, Key(values), format!("`{operator}` takes no values"))
                    .help("delete them, or use `In` or `NotIn`");
            }
            ("In" | "NotIn" | "Exists" | "DoesNotExist", _) => {}
            (other, _) => {
                refuse(cx, node, format!("`{}` is no operator of a label selector", shown(other)))
                    .help("use `In`, `NotIn`, `Exists` or `DoesNotExist`");
            }
        }
    }
    values.into_iter().flat_map(NodeRef::items).for_each(|value| labels::value(value, cx));
}
