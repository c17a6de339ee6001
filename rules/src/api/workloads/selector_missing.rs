//! Selectors that workloads must have, and the one that Jobs must not.

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, PodSpec},
    rule::{Context, Key, Kinds},
    yaml::NodeRef,
};

use super::{
    super::check::{Fields, is_served, missing, refuse},
    CONTROLLERS,
};

declare_rule! {
    /// A Deployment, ReplicaSet, StatefulSet or DaemonSet has no selector, or an empty one.
    ///
    /// ## Why
    /// The API server refuses it: since `apps/v1`, the selector is no longer made of the labels of the template.
    ///
    /// ## Fix
    /// Set `spec.selector.matchLabels` to labels that the template has.
    ///
    /// ## References
    /// `ValidateDeploymentSpec` and its neighbours in `k8s.io/kubernetes/pkg/apis/apps/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec: {containers: [{name: web, image: registry.example.org/web:1.2.0}]}
    /// ```
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: {name: agent}
    /// spec:
    ///   selector: {}
    ///   template:
    ///     metadata: {labels: {app: agent}}
    ///     spec: {containers: [{name: agent, image: registry.example.org/agent:1.2.0}]}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ReplicationController
    /// metadata: {name: web}
    /// spec:
    ///   template:
    ///     spec: {containers: [{name: web, image: registry.example.org/web:1.2.0}]}
    /// ```
    /// ```yaml good
    /// apiVersion: apps/v1
    /// kind: StatefulSet
    /// metadata: {name: db}
    /// spec:
    ///   selector:
    ///     matchExpressions: [{key: app, operator: Exists}]
    ///   template:
    ///     metadata: {labels: {app: db}}
    ///     spec: {containers: [{name: db, image: registry.example.org/db:1.2.0}]}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: ReplicationController
    /// metadata: {name: web}
    /// spec:
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec: {containers: [{name: web, image: registry.example.org/web:1.2.0}]}
    /// ```
    pub SELECTOR_MISSING {
        id: "api/selector-missing",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "apps/v1",
        absence: true,
        check: Object(CONTROLLERS, selector_missing),
    }
}

fn selector_missing(object: Object<'_>, cx: &mut Context<'_>) {
    let Some(spec) = object.field("spec").filter(|spec| spec.is_map() && is_served(object, cx)) else {
        return;
    };
    let labels = spec.field("template.metadata.labels").filter(|labels| !labels.is_empty());
    let selector = spec.field("selector");
    let kind = object.kind();
    if kind == "ReplicationController" {
        // It is made of the labels of the template.
        if labels.is_none() && !spec.has("selector") && spec.has("template") {
            missing(
                cx,
                spec,
                "there is neither a selector nor a label of the template",
                "set `spec.selector` and the labels of the template",
            );
        }
        return;
    }
    let empty =
        selector.is_some_and(|one| one.is_map() && !one.has("matchLabels") && !one.has("matchExpressions"));
    if selector.is_some() && !empty {
        return;
    }
    // Labels right in the selector are another mistake, which the schema tells.
    if selector.is_some_and(|selector| {
        !selector.is_empty()
            && selector.entries().any(|one| !matches!(one.key.text(), "matchLabels" | "matchExpressions"))
    }) {
        return;
    }
    let help = "give `matchLabels` labels that the template has";
    let draft = match selector {
        Some(selector) => {
            refuse(cx, Key(selector), format!("the selector of this {kind} is empty")).help(help)
        }
        None => missing(cx, spec, format!("this {kind} has no selector"), help),
    };
    if let Some(labels) = labels {
        draft.label(labels, "the labels of the template");
    }
}

declare_rule! {
    /// A Job says a selector without `manualSelector: true`, or labels that the API server gives it.
    ///
    /// ## Why
    /// The API server refuses it: it makes selectors of Jobs itself, from a label with the Job's own UID. Both are often
    /// left over from a Job that was exported from a cluster.
    ///
    /// ## Fix
    /// Delete the selector and the labels `controller-uid` and `job-name`.
    ///
    /// ## References
    /// `validateGeneratedSelector` in `k8s.io/kubernetes/pkg/apis/batch/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {name: import}
    /// spec:
    ///   selector: {matchLabels: {app: import}}
    ///   template:
    ///     metadata: {labels: {app: import}}
    ///     spec:
    ///       restartPolicy: Never
    ///       containers: [{name: import, image: registry.example.org/import:1.2.0}]
    /// ```
    /// ```yaml bad
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {name: import}
    /// spec:
    ///   template:
    ///     metadata: {labels: {controller-uid: 2b1e0a1c-3d4e-4f5a-8b6c-7d8e9f0a1b2c}}
    ///     spec:
    ///       restartPolicy: Never
    ///       containers: [{name: import, image: registry.example.org/import:1.2.0}]
    /// ```
    /// ```yaml bad
    /// apiVersion: batch/v1
    /// kind: CronJob
    /// metadata: {name: import}
    /// spec:
    ///   schedule: "@daily"
    ///   jobTemplate:
    ///     spec:
    ///       manualSelector: true
    ///       template:
    ///         spec:
    ///           restartPolicy: Never
    ///           containers: [{name: import, image: registry.example.org/import:1.2.0}]
    /// ```
    /// ```yaml good
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {name: import}
    /// spec:
    ///   manualSelector: true
    ///   selector: {matchLabels: {app: import}}
    ///   template:
    ///     metadata: {labels: {app: import, job-name: import}}
    ///     spec:
    ///       restartPolicy: Never
    ///       containers: [{name: import, image: registry.example.org/import:1.2.0}]
    /// ```
    pub JOB_SELECTOR {
        id: "api/job-selector",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(Kinds::Of(&[("batch", "Job"), ("batch", "CronJob")]), job_selector),
    }
}

fn job_selector(object: Object<'_>, cx: &mut Context<'_>) {
    let help = "delete the selector: the API server makes one for each Job";
    if object.kind() == "CronJob" {
        let spec = object.field("spec.jobTemplate.spec");
        if let Some(selector) = spec.field("selector") {
            refuse(cx, Key(selector), "the Jobs of a CronJob take no selector").help(help);
        }
        if spec.is_set("manualSelector") {
            let Some(node) = spec.field("manualSelector") else { return };
            refuse(cx, Key(node), "the Jobs of a CronJob take no selector of their own")
                .help("delete `manualSelector`");
        }
        return;
    }
    let spec = object.field("spec");
    if spec.is_set("manualSelector") {
        if spec.field("selector").is_none() {
            let Some(node) = spec.field("manualSelector") else { return };
            refuse(cx, Key(node), "`manualSelector` is true, and there is no selector")
                .help("delete `manualSelector`")
                .absence();
        }
        return;
    }
    if let Some(selector) = spec
        .field("selector")
        .filter(|selector| selector.has("matchLabels") || selector.has("matchExpressions"))
    {
        refuse(cx, Key(selector), "a Job without `manualSelector: true` takes no selector").help(help);
        return;
    }
    let labels = PodSpec::of(object).and_then(|pod| pod.template().field("metadata.labels"));
    let name = object.name().unwrap_or_default();
    for entry in labels.into_iter().flat_map(NodeRef::entries) {
        let wrong = match entry.key.text() {
            "controller-uid" | "batch.kubernetes.io/controller-uid" => true,
            "job-name" | "batch.kubernetes.io/job-name" => entry.value.text() != name,
            _ => false,
        };
        if wrong {
            refuse(
                cx,
                entry.key,
                format!("the API server sets the label `{}` of a Job's pods itself", entry.key.text()),
            )
            .help("delete the label");
        }
    }
}
