//! Horizontal pod autoscalers.

use kubevet_core::{
    declare_rule,
    facts::Version,
    kubernetes::{Object, is_placeholder, values::quantity::Quantity},
    rule::{Context, Key, Kinds},
    yaml::NodeRef,
};

use super::super::{
    check::{Fields, form, has_feature, is_served, missing, refuse, shown, within},
    networking::path_segment,
};

declare_rule! {
    /// A HorizontalPodAutoscaler has bounds, metrics or policies that the API server does not take.
    ///
    /// ## Why
    /// The API server refuses the autoscaler. Each metric has exactly the source of its type, and a target that is more than
    /// zero; policies of `behavior` have windows of at most an hour.
    ///
    /// ## Fix
    /// Correct the value. The target is named with its API group, such as `apps/v1`.
    ///
    /// ## References
    /// `validateHorizontalPodAutoscalerSpec` in `k8s.io/kubernetes/pkg/apis/autoscaling/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: autoscaling/v2
    /// kind: HorizontalPodAutoscaler
    /// metadata: {name: web}
    /// spec:
    ///   scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
    ///   minReplicas: 5
    ///   maxReplicas: 3
    /// ```
    /// ```yaml bad
    /// apiVersion: autoscaling/v2
    /// kind: HorizontalPodAutoscaler
    /// metadata: {name: web}
    /// spec:
    ///   scaleTargetRef: {kind: Deployment, name: web}
    ///   maxReplicas: 3
    /// ```
    /// ```yaml bad
    /// apiVersion: autoscaling/v2
    /// kind: HorizontalPodAutoscaler
    /// metadata: {name: web}
    /// spec:
    ///   scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
    ///   maxReplicas: 3
    ///   metrics:
    ///     - type: Resource
    ///       pods: {metric: {name: requests}, target: {type: AverageValue, averageValue: 10}}
    /// ```
    /// ```yaml bad
    /// apiVersion: autoscaling/v2
    /// kind: HorizontalPodAutoscaler
    /// metadata: {name: web}
    /// spec:
    ///   scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
    ///   maxReplicas: 3
    ///   metrics:
    ///     - type: Resource
    ///       resource: {name: cpu, target: {type: Utilization}}
    /// ```
    /// ```yaml bad
    /// apiVersion: autoscaling/v2
    /// kind: HorizontalPodAutoscaler
    /// metadata: {name: web}
    /// spec:
    ///   scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
    ///   maxReplicas: 3
    ///   behavior:
    ///     scaleDown: {stabilizationWindowSeconds: 7200}
    /// ```
    /// ```yaml good
    /// apiVersion: autoscaling/v2
    /// kind: HorizontalPodAutoscaler
    /// metadata: {name: web}
    /// spec:
    ///   scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
    ///   minReplicas: 0
    ///   maxReplicas: 3
    ///   metrics:
    ///     - type: Resource
    ///       resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}
    ///     - type: External
    ///       external: {metric: {name: queue}, target: {type: Value, value: 100}}
    ///   behavior:
    ///     scaleUp:
    ///       stabilizationWindowSeconds: 0
    ///       selectPolicy: Max
    ///       policies: [{type: Pods, value: 4, periodSeconds: 60}]
    /// ```
    /// ```yaml good
    /// apiVersion: autoscaling/v1
    /// kind: HorizontalPodAutoscaler
    /// metadata: {name: web}
    /// spec:
    ///   scaleTargetRef: {apiVersion: v1, kind: ReplicationController, name: web}
    ///   maxReplicas: 3
    ///   targetCPUUtilizationPercentage: 80
    /// ```
    pub HPA_INVALID {
        id: "api/hpa-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "autoscaling/v2",
        check: Object(Kinds::Of(&[("autoscaling", "HorizontalPodAutoscaler")]), hpa_invalid),
    }
}

fn hpa_invalid(scaler: Object<'_>, cx: &mut Context<'_>) {
    let Some(spec) = scaler.field("spec").filter(|_| is_served(scaler, cx)) else { return };
    bounds(spec, cx);
    target(spec, cx);
    within(cx, spec, &["targetCPUUtilizationPercentage"], &(1..=i64::MAX));
    spec.each("metrics").filter(|metric| metric.is_map()).for_each(|one| metric(one, cx));
    for direction in ["behavior.scaleUp", "behavior.scaleDown"] {
        let Some(rules) = spec.field(direction) else { continue };
        within(cx, rules, &["stabilizationWindowSeconds"], &(0..=3600));
        let policy =
            rules.word("selectPolicy").filter(|node| !matches!(node.text(), "Max" | "Min" | "Disabled"));
        if let Some(node) = policy {
            refuse(cx, node, format!("`{}` is no value of `selectPolicy`", shown(node.text())))
                .help("use `Max`, `Min` or `Disabled`");
        }
        if let Some(list) = rules.field("policies").filter(|list| list.is_seq() && list.is_empty()) {
            refuse(cx, Key(list), "the list of policies is empty")
                .help("list a policy, or delete `policies`");
        }
        for policy in rules.each("policies") {
            within(cx, policy, &["value"], &(1..=i64::MAX));
            within(cx, policy, &["periodSeconds"], &(1..=1800));
        }
    }
}

fn bounds(spec: NodeRef<'_>, cx: &mut Context<'_>) {
    let to_zero = has_feature(cx, "HPAScaleToZero");
    within(cx, spec, &["minReplicas"], &(i64::from(!to_zero)..=i64::MAX));
    within(cx, spec, &["maxReplicas"], &(1..=i64::MAX));
    let (low, high) = (spec.number("minReplicas"), spec.number("maxReplicas"));
    if let (Some((low_node, low)), Some((high_node, high))) = (low, high.filter(|(_, high)| *high > 0))
        && high < low
    {
        refuse(cx, high_node, format!("`maxReplicas` is {high}, less than `minReplicas`, {low}"))
            .label(low_node, "`minReplicas`")
            .help("raise `maxReplicas`, or lower `minReplicas`");
    }
    if let Some((node, 0)) = low.filter(|_| to_zero) {
        let wakes = |metric: NodeRef<'_>| matches!(metric.said("type"), "Object" | "External");
        if !spec.each("metrics").any(wakes) {
            refuse(
                cx,
                node,
                "nothing could scale it up from zero: there is no metric of type `Object` or `External`",
            )
            .help("add such a metric, or set `minReplicas: 1`");
        }
    }
}

fn target(spec: NodeRef<'_>, cx: &mut Context<'_>) {
    let Some(target) = spec.field("scaleTargetRef").filter(|target| target.is_map()) else { return };
    form(cx, target.word("kind"), "kind", path_segment);
    form(cx, target.word("name"), "name of an object", path_segment);
    if cx.version() < Version::new(34) || target.said("kind") == "ReplicationController" {
        return;
    }
    let version = target.field("apiVersion");
    match version.and_then(NodeRef::as_str).unwrap_or_default() {
        text if is_placeholder(text) || target.field("kind").is_none() => {}
        text if text.split('/').count() > 2 => {
            let Some(node) = version else { return };
            refuse(cx, node, format!("`{}` is no version of an API", shown(text)))
                .help("write it as `apps/v1`");
        }
        text if !text.contains('/') || text.starts_with('/') => {
            let what = "the target says no API group";
            let help = "set `apiVersion` with its group, such as `apps/v1`";
            match version {
                Some(node) if !text.is_empty() => refuse(cx, node, what).help(help),
                _ => missing(cx, target, what, help),
            };
        }
        _ => {}
    }
}

/// Types of metrics, and the fields with their sources.
const SOURCES: &[(&str, &str)] = &[
    ("Object", "object"),
    ("External", "external"),
    ("Pods", "pods"),
    ("Resource", "resource"),
    ("ContainerResource", "containerResource"),
];

fn metric(metric: NodeRef<'_>, cx: &mut Context<'_>) {
    let kind = metric.said("type");
    let Some((_, wanted)) = SOURCES.iter().find(|(name, _)| *name == kind) else { return };
    let mut found = None;
    for (_, field) in SOURCES {
        let Some(node) = metric.field(field) else { continue };
        if field == wanted {
            found = Some(node);
        } else {
            refuse(cx, Key(node), format!("`{field}` does not go with a metric of type `{kind}`"))
                .help(format!("use `{wanted}`, or another `type`"));
        }
    }
    let Some(source) = found else {
        if SOURCES.iter().all(|(_, field)| metric.field(field).is_none()) {
            missing(
                cx,
                metric,
                format!("a metric of type `{kind}` has no `{wanted}`"),
                &format!("set `{wanted}`"),
            );
        }
        return;
    };
    if matches!(*wanted, "object" | "external" | "pods") {
        let name = source.field("metric.name").filter(|name| !name.text().is_empty());
        form(cx, name, "name of a metric", path_segment);
        if name.is_none() {
            missing(cx, source, "the metric has no name", "set `metric.name`");
        }
    } else if *wanted == "containerResource" && source.said("container").is_empty() {
        missing(cx, source, "the metric names no container", "set `container`");
    }
    if let Some(target) = source.field("target") {
        metric_target(target, wanted, cx);
    }
}

fn metric_target(target: NodeRef<'_>, source: &str, cx: &mut Context<'_>) {
    let kind =
        target.word("type").filter(|node| !matches!(node.text(), "Utilization" | "Value" | "AverageValue"));
    if let Some(node) = kind {
        refuse(cx, node, format!("`{}` is no type of a target", shown(node.text())))
            .help("use `Utilization`, `Value` or `AverageValue`");
    }
    for field in ["value", "averageValue"] {
        let Some(node) = target.field(field) else { continue };
        let positive = |quantity: Quantity| !quantity.is_negative() && !quantity.is_zero();
        if Quantity::parse(node.text().trim()).is_ok_and(|quantity| !positive(quantity)) {
            refuse(cx, node, format!("`{field}` of the target is not more than zero"))
                .help("give more than zero");
        }
    }
    within(cx, target, &["averageUtilization"], &(1..=i64::MAX));
    let there = |field| target.field(field).is_some();
    let (first, second): (&str, &str) = match source {
        "object" | "external" => ("value", "averageValue"),
        "pods" => ("averageValue", "averageValue"),
        _ => ("averageUtilization", "averageValue"),
    };
    if !there(first) && !there(second) {
        let help =
            if first == second { format!("set `{first}`") } else { format!("set `{first}` or `{second}`") };
        missing(cx, target, "the target has no value", &help);
    } else if first != second
        && source != "object"
        && there(first)
        && let Some(node) = target.field(second)
    {
        refuse(cx, Key(node), format!("a target has `{first}` or `{second}`, not both"))
            .help("delete one of them");
    }
}
