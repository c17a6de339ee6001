//! Tolerations of pods.

use kubevet_core::{
    declare_rule,
    kubernetes::{PodSpec, is_placeholder, values::names},
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::check::{format, given, has_feature, objects, one_of, shown, string};

declare_rule! {
    /// A toleration contradicts itself, or has a key or value that no taint can have.
    ///
    /// ## Why
    /// The API server refuses the object: without a key only `operator: Exists` makes sense, `Exists` has no value, and
    /// `tolerationSeconds` needs the effect `NoExecute`. Unknown operators and effects are left to `schema/invalid-enum`.
    ///
    /// ## Fix
    /// Write `operator: Exists` without `value`, or `key` and `value` of the taint.
    ///
    /// ## References
    /// `ValidateTolerations` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   tolerations: [{effect: NoSchedule}]
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   tolerations: [{key: dedicated, operator: Exists, value: web}]
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   tolerations: [{key: node.kubernetes.io/unreachable, operator: Exists, tolerationSeconds: 60}]
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   tolerations:
    ///     - {operator: Exists}
    ///     - {key: dedicated, value: web, effect: NoSchedule}
    ///     - {key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 60}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub TOLERATION_INVALID {
        id: "api/toleration-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(toleration_invalid),
    }
}

fn toleration_invalid(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    for toleration in objects(pod.node(), "tolerations") {
        let operator = toleration.get("operator");
        let word = operator.and_then(NodeRef::as_str).unwrap_or_default();
        let key = given(toleration, "key").filter(|key| key.as_str() != Some(""));
        match key {
            Some(key) => format(cx, key, "the key of a toleration", names::qualified_name),
            // What is no operator is said below.
            None if !matches!(word, "" | "Equal" | "Gt" | "Lt") => {}
            None if matches!(word, "Gt" | "Lt") && !has_feature(cx, "TaintTolerationComparisonOperators") => {
            }
            None => {
                cx.report(
                    operator.filter(|operator| !operator.text().is_empty()).unwrap_or(toleration),
                    "a toleration without a key must have `operator: Exists`: the API server refuses it",
                )
                .help("set `operator: Exists` to tolerate every taint, or name the key");
            }
        }
        if let Some(seconds) = given(toleration, "tolerationSeconds") {
            let effect = string(toleration, "effect");
            if effect != Some("NoExecute") && !effect.is_some_and(is_placeholder) {
                cx.report(
                    Key(seconds),
                    "`tolerationSeconds` is without the effect `NoExecute`: the API server refuses it",
                )
                .help("set `effect: NoExecute`, or remove the seconds");
            }
        }
        if let Some(effect) = given(toleration, "effect") {
            one_of(cx, effect, "`effect`", &["NoExecute", "NoSchedule", "PreferNoSchedule", ""]);
        }
        check_value(toleration, operator, word, cx);
    }
}

fn check_value(toleration: NodeRef<'_>, operator: Option<NodeRef<'_>>, word: &str, cx: &mut Context<'_>) {
    let value = given(toleration, "value");
    match word {
        "" | "Equal" => {
            if let Some(value) = value {
                format(cx, value, "the value of a toleration", names::label_value);
            }
        }
        "Exists" => {
            let filled = |value: &NodeRef<'_>| value.as_str().is_some_and(|text| !text.is_empty());
            if let Some(value) = value.filter(filled) {
                cx.report(
                    value,
                    format!(
                        "a toleration with `operator: Exists` has the value `{}`: the API server refuses it",
                        shown(value.text())
                    ),
                )
                .help("remove `value`, or compare it with `operator: Equal`");
            }
        }
        "Gt" | "Lt" if has_feature(cx, "TaintTolerationComparisonOperators") => {
            if let Some(value) = value {
                format(cx, value, "the value of a toleration", |text| match text.parse::<i64>() {
                    Ok(number) if number.to_string() == text => Ok(()),
                    _ => Err("must be a whole number"),
                });
            }
        }
        _ => {
            if let Some(operator) = operator {
                one_of(cx, operator, "`operator`", &["Equal", "Exists"]);
            }
        }
    }
}
