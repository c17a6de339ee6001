//! How Deployments replace pods.

use kubevet_core::{
    declare_rule,
    kubernetes::Object,
    rule::{Context, Key, Kinds},
};

use super::super::check::{Amount, Fields, amount, refuse, shown};

declare_rule! {
    /// The strategy of a Deployment is none that the API server takes.
    ///
    /// ## Why
    /// The API server refuses the Deployment. `rollingUpdate` belongs to the type `RollingUpdate` only, and a rolling update
    /// needs at least one pod that may be missing or surplus.
    ///
    /// ## Fix
    /// Delete `rollingUpdate` beside `Recreate`; let `maxUnavailable` or `maxSurge` be more than zero.
    ///
    /// ## References
    /// `ValidateDeploymentStrategy` in `k8s.io/kubernetes/pkg/apis/apps/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   strategy:
    ///     type: Recreate
    ///     rollingUpdate: {maxSurge: 1}
    /// ```
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   strategy: {type: rollingUpdate}
    /// ```
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   strategy:
    ///     rollingUpdate: {maxSurge: 0, maxUnavailable: 0%}
    /// ```
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   strategy:
    ///     rollingUpdate: {maxUnavailable: "1"}
    /// ```
    /// ```yaml good
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   strategy:
    ///     type: Recreate
    ///     rollingUpdate: null
    /// ```
    /// ```yaml good
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   strategy:
    ///     rollingUpdate: {maxSurge: 150%, maxUnavailable: 0}
    /// ```
    pub STRATEGY_INVALID {
        id: "api/strategy-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(Kinds::Of(&[("apps", "Deployment")]), strategy_invalid),
    }
}

fn strategy_invalid(object: Object<'_>, cx: &mut Context<'_>) {
    let strategy = object.field("spec.strategy");
    let update = strategy.field("rollingUpdate");
    if let Some(kind) = strategy.word("type") {
        match (kind.text(), update) {
            ("RollingUpdate", _) => {}
            ("Recreate", Some(update)) => {
                refuse(cx, Key(update), "`rollingUpdate` does not go with the type `Recreate`")
                    .label(kind, "the type")
                    .help("delete `rollingUpdate`; in a patch, set it to null");
                return;
            }
            ("Recreate", None) => return,
            (other, _) => {
                refuse(cx, kind, format!("`{}` is no strategy of a Deployment", shown(other)))
                    .help("use `RollingUpdate` or `Recreate`");
                return;
            }
        }
    }
    let unavailable = update.field("maxUnavailable");
    let surge = update.field("maxSurge");
    let most = amount(cx, unavailable, true);
    let more = amount(cx, surge, false);
    if let (Some(node), true, true) =
        (unavailable, most.is_some_and(Amount::is_zero), more.is_some_and(Amount::is_zero))
    {
        let draft =
            refuse(cx, node, "`maxUnavailable` and `maxSurge` are both 0: no pod could ever be replaced");
        let draft = draft.help("let one of them be at least 1");
        if let Some(surge) = surge {
            draft.label(surge, "`maxSurge`");
        }
    }
}

declare_rule! {
    /// A Deployment has no time left to make progress: `progressDeadlineSeconds` is not more than `minReadySeconds`.
    ///
    /// ## Why
    /// The API server refuses it: a pod counts as ready after `minReadySeconds`, and the rollout would have failed by then. The
    /// deadline is 600 seconds when none is given.
    ///
    /// ## Fix
    /// Raise `progressDeadlineSeconds`, or lower `minReadySeconds`.
    ///
    /// ## References
    /// `ValidateDeploymentSpec` in `k8s.io/kubernetes/pkg/apis/apps/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec: {minReadySeconds: 60, progressDeadlineSeconds: 60}
    /// ```
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec: {minReadySeconds: 900}
    /// ```
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec: {progressDeadlineSeconds: 0}
    /// ```
    /// ```yaml good
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec: {minReadySeconds: 60, progressDeadlineSeconds: 61}
    /// ```
    /// ```yaml good
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec: {minReadySeconds: 599}
    /// ```
    pub PROGRESS_DEADLINE {
        id: "api/progress-deadline",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(Kinds::Of(&[("apps", "Deployment")]), progress_deadline),
    }
}

/// `SetDefaults_Deployment`.
const DEADLINE: i64 = 600;

fn progress_deadline(object: Object<'_>, cx: &mut Context<'_>) {
    let ready = object.number("spec.minReadySeconds");
    let given = object.number("spec.progressDeadlineSeconds");
    let seconds = ready.map_or(0, |(_, seconds)| seconds);
    let deadline = given.map_or(DEADLINE, |(_, seconds)| seconds);
    if deadline > seconds {
        return;
    }
    let help = "raise `progressDeadlineSeconds`, or lower `minReadySeconds`";
    match (given, ready) {
        (Some((node, _)), Some((ready, _))) => {
            refuse(
                cx,
                node,
                format!("the deadline of {deadline} s is over before a pod is ready after {seconds} s"),
            )
            .label(ready, "`minReadySeconds`")
            .help(help);
        }
        (Some((node, _)), None) => {
            refuse(cx, node, "the deadline leaves no time for a pod to become ready").help(help);
        }
        (None, Some((ready, _))) => {
            refuse(
                cx,
                ready,
                format!("a pod is ready after {seconds} s, and the deadline for a rollout is {DEADLINE} s"),
            )
            .help(help);
        }
        (None, None) => {}
    }
}
