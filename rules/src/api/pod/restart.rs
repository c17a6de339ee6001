//! When pods start again, and what only running pods have.

use kubevet_core::{
    declare_rule,
    kubernetes::PodSpec,
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::{
    check::{given, within},
    container_restart::POLICIES,
};

declare_rule! {
    /// The pod template of a workload has a restart policy that the kind does not take.
    ///
    /// ## Why
    /// The API server refuses the object: Deployments, ReplicaSets, StatefulSets, DaemonSets and ReplicationControllers take `Always`, Jobs
    /// and CronJobs `OnFailure` or `Never`, and Jobs with a `podFailurePolicy` only `Never`. The default is `Always`: a Job must say another.
    ///
    /// ## Fix
    /// Set `restartPolicy: OnFailure` or `Never` in Jobs; remove it elsewhere.
    ///
    /// ## References
    /// `k8s.io/kubernetes/pkg/apis/apps/validation` and `k8s.io/kubernetes/pkg/apis/batch/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {name: migrate}
    /// spec:
    ///   template:
    ///     spec:
    ///       containers:
    ///         - {name: migrate, image: registry.example.org/migrate:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec:
    ///       restartPolicy: OnFailure
    ///       containers:
    ///         - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: batch/v1
    /// kind: CronJob
    /// metadata: {name: backup}
    /// spec:
    ///   schedule: "@daily"
    ///   jobTemplate:
    ///     spec:
    ///       template:
    ///         spec:
    ///           restartPolicy: OnFailure
    ///           containers:
    ///             - {name: backup, image: registry.example.org/backup:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: once}
    /// spec:
    ///   restartPolicy: Never
    ///   containers:
    ///     - {name: once, image: registry.example.org/once:1.2.0}
    /// ```
    pub RESTART_POLICY {
        id: "api/restart-policy",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: [
            "kube-linter:restart-policy", "datree:WORKLOAD_INCORRECT_RESTARTPOLICY_VALUE_ALWAYS",
            "kube-score:cronjob-restartpolicy",
        ],
        check: Pod(restart_policy),
    }
}

/// Whether the kind keeps its pods running: `apps`, and what came before it.
fn is_controller(pod: PodSpec<'_>) -> bool {
    let object = pod.object();
    matches!(object.group(), "apps" | "extensions") || object.is("", "ReplicationController")
}

fn restart_policy(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let object = pod.object();
    let policy = pod.get("restartPolicy").filter(|policy| !policy.is_null() && policy.as_str() != Some(""));
    let word = policy.map_or(Some("Always"), NodeRef::as_str);
    let Some(word) = word.filter(|word| POLICIES.contains(word)) else { return };
    if is_controller(pod) {
        if let Some(policy) = policy.filter(|_| word != "Always") {
            cx.report(
                policy,
                format!("`restartPolicy: {word}` in a {}: the API server takes only `Always`", object.kind()),
            )
            .help("remove it, or run the program in a Job");
        }
    } else if object.group() == "batch" {
        if word == "Always" {
            match policy {
                Some(policy) => cx.report(policy, format!("`restartPolicy: Always` in a {}: the API server refuses it, as its pods must end", object.kind())),
                None => cx.report(pod, format!("the pods of this {} have no `restartPolicy`: the API server refuses the default `Always`", object.kind())).absence(),
            }
            .help("set `restartPolicy: OnFailure`, or `Never` to start a new pod for each attempt");
            return;
        }
        let job = pod.object().spec().and_then(|spec| {
            if object.kind() == "CronJob" { spec.at(&["jobTemplate", "spec"]) } else { Some(spec) }
        });
        let failures = job.and_then(|job| given(job, "podFailurePolicy"));
        if let (Some(policy), Some(failures)) = (policy.filter(|_| word != "Never"), failures) {
            cx.report(
                policy,
                format!(
                    "`restartPolicy: {word}` beside `podFailurePolicy`: the API server takes only `Never`"
                ),
            )
            .label(Key(failures), "the policy")
            .help("set `restartPolicy: Never`");
        }
    }
}

declare_rule! {
    /// The pods of a controller have a deadline, or the deadline of a pod is out of range.
    ///
    /// ## Why
    /// The API server refuses `activeDeadlineSeconds` in templates of Deployments, ReplicaSets, StatefulSets, DaemonSets and
    /// ReplicationControllers: such pods have no end. Elsewhere it lies between 1 and 2147483647.
    ///
    /// ## Fix
    /// Remove it; a Job has an `activeDeadlineSeconds` of its own.
    ///
    /// ## References
    /// `ValidatePodSpec` in `k8s.io/kubernetes/pkg/apis/core/validation`, `k8s.io/kubernetes/pkg/apis/apps/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec:
    ///       activeDeadlineSeconds: 3600
    ///       containers:
    ///         - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: once}
    /// spec:
    ///   activeDeadlineSeconds: 0
    ///   containers:
    ///     - {name: once, image: registry.example.org/once:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {name: migrate}
    /// spec:
    ///   template:
    ///     spec:
    ///       activeDeadlineSeconds: 3600
    ///       restartPolicy: Never
    ///       containers:
    ///         - {name: migrate, image: registry.example.org/migrate:1.2.0}
    /// ```
    pub ACTIVE_DEADLINE_IN_CONTROLLER {
        id: "api/active-deadline-in-controller",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(active_deadline_in_controller),
    }
}

fn active_deadline_in_controller(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let Some(deadline) = given(pod.node(), "activeDeadlineSeconds") else { return };
    if is_controller(pod) {
        let kind = pod.object().kind();
        cx.report(Key(deadline), format!("the pods of a {kind} have a deadline: the API server refuses it"))
            .help("remove `activeDeadlineSeconds`, or run the program in a Job");
    } else {
        within(cx, deadline, "`activeDeadlineSeconds` of the pod", 1..=i64::from(i32::MAX));
    }
}

declare_rule! {
    /// A manifest has ephemeral containers.
    ///
    /// ## Why
    /// The API server refuses the object: they are added to a pod that runs, with `kubectl debug`.
    ///
    /// ## Fix
    /// Remove them.
    ///
    /// ## References
    /// `ValidatePodCreate` and `ValidatePodTemplateSpec` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    ///   ephemeralContainers:
    ///     - {name: debug, image: registry.example.org/debug:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    ///   ephemeralContainers: []
    /// ```
    pub EPHEMERAL_CONTAINER_ON_CREATE {
        id: "api/ephemeral-container-on-create",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: ["kyverno-policies:other/block-ephemeral-containers"],
        check: Pod(ephemeral_container_on_create),
    }
}

fn ephemeral_container_on_create(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    if let Some(list) = pod.get("ephemeralContainers").filter(|list| list.is_seq() && !list.is_empty()) {
        cx.report(Key(list), "a manifest cannot have ephemeral containers: the API server refuses it")
            .help("remove them, and use `kubectl debug` on the running pod");
    }
}
