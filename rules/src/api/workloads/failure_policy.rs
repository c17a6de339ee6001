//! Pod failure policies of Jobs.

use std::collections::HashMap;

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, PodSpec, values::names},
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::{
    super::check::{Fields, form, missing, refuse, repeated, shown},
    job::{JOBS, job_spec},
};

declare_rule! {
    /// A pod failure policy has rules that the API server does not take.
    ///
    /// ## Why
    /// The API server refuses the Job. A rule looks at exit codes or at conditions of the pod, at exactly one of them; exit
    /// codes are listed once each, in order, and 0 is no failure.
    ///
    /// ## Fix
    /// Correct the rule.
    ///
    /// ## References
    /// `validatePodFailurePolicy` in `k8s.io/kubernetes/pkg/apis/batch/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {name: import}
    /// spec:
    ///   podFailurePolicy:
    ///     rules:
    ///       - action: FailJob
    /// ```
    /// ```yaml bad
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {name: import}
    /// spec:
    ///   podFailurePolicy:
    ///     rules:
    ///       - action: FailJob
    ///         onExitCodes: {operator: In, values: [42, 3]}
    /// ```
    /// ```yaml bad
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {name: import}
    /// spec:
    ///   podFailurePolicy:
    ///     rules:
    ///       - action: FailIndex
    ///         onExitCodes: {operator: In, values: [42]}
    /// ```
    /// ```yaml bad
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {name: import}
    /// spec:
    ///   podFailurePolicy:
    ///     rules:
    ///       - action: FailJob
    ///         onExitCodes: {containerName: main, operator: In, values: [42]}
    ///   template:
    ///     spec:
    ///       restartPolicy: Never
    ///       containers: [{name: import, image: registry.example.org/import:1.2.0}]
    /// ```
    /// ```yaml good
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {name: import}
    /// spec:
    ///   podFailurePolicy:
    ///     rules:
    ///       - action: Ignore
    ///         onPodConditions: [{type: DisruptionTarget}]
    ///       - action: FailJob
    ///         onExitCodes: {containerName: import, operator: NotIn, values: [0, 42]}
    ///   template:
    ///     spec:
    ///       restartPolicy: Never
    ///       containers: [{name: import, image: registry.example.org/import:1.2.0}]
    /// ```
    pub POD_FAILURE_POLICY_INVALID {
        id: "api/pod-failure-policy-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "1.25+",
        check: Object(JOBS, pod_failure_policy_invalid),
    }
}

fn pod_failure_policy_invalid(object: Object<'_>, cx: &mut Context<'_>) {
    let Some(spec) = job_spec(object) else { return };
    let Some(rules) = spec.field("podFailurePolicy.rules") else { return };
    if rules.len() > 20 {
        refuse(cx, Key(rules), "a pod failure policy has at most 20 rules").help("join some of them");
    }
    for rule in rules.items().filter(|rule| rule.is_map()) {
        let codes = rule.field("onExitCodes");
        let conditions = rule.field("onPodConditions").filter(|list| !list.is_empty());
        match (codes, conditions) {
            (Some(_), Some(conditions)) => {
                refuse(cx, Key(conditions), "a rule looks at exit codes or at conditions, not at both")
                    .help("make two rules of it");
            }
            (None, None) => {
                missing(
                    cx,
                    rule,
                    "the rule says neither exit codes nor conditions",
                    "set `onExitCodes` or `onPodConditions`",
                );
            }
            _ => {}
        }
        if let Some(action) = rule.field("action").filter(|action| action.text() == "FailIndex")
            && spec.field("backoffLimitPerIndex").is_none()
        {
            refuse(cx, action, "`FailIndex` needs `backoffLimitPerIndex`")
                .help("set `backoffLimitPerIndex`")
                .absence();
        }
        for condition in conditions.into_iter().flat_map(NodeRef::items) {
            form(cx, condition.word("type"), "type of a condition", names::qualified_name);
            let status =
                condition.word("status").filter(|node| !matches!(node.text(), "True" | "False" | "Unknown"));
            if let Some(status) = status {
                refuse(cx, status, format!("`{}` is no status of a condition", shown(status.text())))
                    .help("write `\"True\"`, `\"False\"` or `Unknown`");
            }
        }
        if let Some(codes) = codes {
            exit_codes(object, codes, cx);
        }
    }
}

fn exit_codes(object: Object<'_>, codes: NodeRef<'_>, cx: &mut Context<'_>) {
    if let (Some(name), Some(pod)) = (codes.word("containerName"), PodSpec::of(object)) {
        let lists = ["initContainers", "containers"].into_iter().filter_map(|list| pod.get(list));
        if lists.flat_map(NodeRef::items).all(|container| container.said("name") != name.text()) {
            refuse(cx, name, format!("the pod has no container `{}`", shown(name.text())))
                .help("name a container of the template");
        }
    }
    let Some(values) = codes.field("values") else { return };
    if values.len() > 255 {
        refuse(cx, Key(values), "at most 255 exit codes can be listed")
            .help("list the exit codes that are meant");
    }
    let mut seen: HashMap<i64, NodeRef<'_>> = HashMap::new();
    let mut last = i64::MIN;
    let mut ordered = true;
    for (node, value) in values.items().filter_map(|node| Some((node, node.as_i64()?))) {
        if value == 0 && codes.said("operator") == "In" {
            refuse(cx, node, "exit code 0 is no failure").help("delete it, or use `NotIn`");
        }
        if let Some(first) = seen.insert(value, node) {
            repeated(cx, node, first, format!("exit code {value} is listed twice"));
        }
        ordered &= value >= last;
        last = value;
    }
    if !ordered {
        refuse(cx, Key(values), "the exit codes are not in order").help("sort them");
    }
}
