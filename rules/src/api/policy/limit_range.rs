//! Limit ranges.

use std::collections::{BTreeSet, HashMap};

use kubevet_core::{
    declare_rule,
    kubernetes::{
        Object, is_placeholder,
        values::{names, quantity::Quantity},
    },
    rule::{Context, Key, Kinds},
    yaml::NodeRef,
};

use super::super::check::{Fields, missing, refuse, repeated, shown};

declare_rule! {
    /// The limits of a LimitRange contradict each other, or are for a type that does not have them.
    ///
    /// ## Why
    /// The API server refuses the LimitRange. From the smallest to the biggest, the order is `min`, `defaultRequest`, `default`,
    /// `max`; a default of pods as a whole cannot be divided over their containers.
    ///
    /// ## Fix
    /// Correct the amounts, each in the unit that is meant.
    ///
    /// ## References
    /// `ValidateLimitRange` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: LimitRange
    /// metadata: {name: shop}
    /// spec:
    ///   limits:
    ///     - {type: Container, min: {cpu: 200m}, defaultRequest: {cpu: 100m}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: LimitRange
    /// metadata: {name: shop}
    /// spec:
    ///   limits:
    ///     - {type: Pod, default: {memory: 1Gi}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: LimitRange
    /// metadata: {name: shop}
    /// spec:
    ///   limits:
    ///     - {type: PersistentVolumeClaim, max: {cpu: 1}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: LimitRange
    /// metadata: {name: shop}
    /// spec:
    ///   limits:
    ///     - {type: Container, min: {cpu: 1}, max: {cpu: 2}, maxLimitRequestRatio: {cpu: 3}}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: LimitRange
    /// metadata: {name: shop}
    /// spec:
    ///   limits:
    ///     - {type: Container, min: {cpu: 100m}, defaultRequest: {cpu: 0.1}, default: {cpu: 1}, max: {cpu: 2}}
    ///     - {type: Pod, max: {cpu: 4}, maxLimitRequestRatio: {memory: 2}}
    ///     - {type: PersistentVolumeClaim, min: {storage: 1Gi}}
    /// ```
    pub LIMIT_RANGE_INVALID {
        id: "api/limit-range-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(Kinds::Of(&[("", "LimitRange")]), limit_range_invalid),
    }
}

fn limit_range_invalid(range: Object<'_>, cx: &mut Context<'_>) {
    let mut types: HashMap<&str, NodeRef<'_>> = HashMap::new();
    for limit in range.each("spec.limits").filter(|limit| limit.is_map()) {
        let kind = limit.said("type");
        if let Some(node) = limit.word("type") {
            let known = matches!(kind, "Pod" | "Container" | "PersistentVolumeClaim");
            if !known && (!kind.contains('/') || names::qualified_name(kind).is_err()) {
                refuse(cx, node, format!("`{}` is no type of limits", shown(kind)))
                    .help("use `Container`, `Pod` or `PersistentVolumeClaim`");
            }
            if let Some(first) = types.insert(kind, node) {
                repeated(cx, node, first, format!("there are two limits of the type `{}`", shown(kind)));
            }
        }
        for field in ["default", "defaultRequest"] {
            if let Some(node) = limit.field(field).filter(|node| kind == "Pod" && !node.is_empty()) {
                refuse(cx, Key(node), format!("`{field}` does not go with the type `Pod`"))
                    .help("use the type `Container`");
            }
        }
        if kind == "PersistentVolumeClaim"
            && limit
                .field("min")
                .and_then(|min| min.get("storage"))
                .or(limit.field("max").and_then(|max| max.get("storage")))
                .is_none()
        {
            missing(
                cx,
                limit,
                "limits of claims say no amount of `storage`",
                "set `min.storage` or `max.storage`",
            );
        }
        resources(limit, kind, cx);
    }
}

/// Fields with amounts.
const AMOUNTS: &[&str] = &["min", "defaultRequest", "default", "max", "maxLimitRequestRatio"];

fn resources(limit: NodeRef<'_>, kind: &str, cx: &mut Context<'_>) {
    let mut known = BTreeSet::new();
    for entry in AMOUNTS.iter().filter_map(|field| limit.field(field)).flat_map(NodeRef::entries) {
        let name = entry.key.text();
        if is_placeholder(name) || !known.insert(name) {
            continue;
        }
        let of_containers = matches!(kind, "Pod" | "Container");
        let standard =
            matches!(name, "cpu" | "memory" | "ephemeral-storage") || name.starts_with("hugepages-");
        let other = matches!(
            name,
            "storage" | "pods" | "services" | "secrets" | "configmaps" | "persistentvolumeclaims"
        ) || name.starts_with("requests.")
            || name.starts_with("limits.");
        let good = names::qualified_name(name).is_ok()
            && (name.contains('/') || standard || !of_containers && other);
        if !good {
            refuse(cx, entry.key, format!("`{}` is no resource of this type", shown(name)))
                .help("use `cpu`, `memory`, `ephemeral-storage`, or for claims `storage`");
        }
    }
    for name in known {
        order(limit, name, kind, cx);
    }
}

/// The amount of a field; `null` is none at all, which counts as zero.
fn amount<'t>(limit: NodeRef<'t>, field: &str, name: &str) -> Option<(NodeRef<'t>, Quantity)> {
    let node = limit.field(field)?.get(name)?;
    let text = if node.is_null() { "0" } else { node.text().trim() };
    Some((node, Quantity::parse(text).ok()?))
}

fn order(limit: NodeRef<'_>, name: &str, kind: &str, cx: &mut Context<'_>) {
    let ordered: Vec<(&str, NodeRef<'_>, Quantity)> = ["min", "defaultRequest", "default", "max"]
        .into_iter()
        .filter(|field| kind != "Pod" || matches!(*field, "min" | "max"))
        .filter_map(|field| amount(limit, field, name).map(|(node, amount)| (field, node, amount)))
        .collect();
    for pair in ordered.windows(2) {
        let [(low_field, low, least), (high_field, high, most)] = pair else { continue };
        if least > most {
            let what = format!("`{low_field}` of {} is more than `{high_field}`", shown(name));
            refuse(cx, Key(*low), what)
                .label(Key(*high), format!("`{high_field}`"))
                .help("correct one of them");
            return;
        }
    }
    let equal = name.contains('/') || name.starts_with("hugepages-");
    let of = |field| amount(limit, field, name).filter(|_| kind != "Pod");
    if let (true, Some((request, asked)), Some((_, given))) = (equal, of("defaultRequest"), of("default"))
        && asked != given
    {
        refuse(cx, Key(request), format!("`defaultRequest` and `default` of {} differ", shown(name)))
            .help("give both the same amount: it cannot be shared");
    }
    let Some((node, ratio)) = amount(limit, "maxLimitRequestRatio", name) else { return };
    let one = Quantity::parse("1").ok();
    if one.is_some_and(|one| ratio < one) {
        refuse(cx, node, "a limit is never less than its request").help("give a ratio of 1 or more");
    } else if let (Some((_, low)), Some((_, high))) = (amount(limit, "min", name), amount(limit, "max", name))
        && low.milli() > 0
        && ratio.milli() * low.milli() > high.milli() * 1000
    {
        refuse(cx, node, "the ratio is more than that of `max` to `min`")
            .help("lower it, or change `max` and `min`");
    }
}
