//! Numbers of workloads.

use kubevet_core::{declare_rule, kubernetes::Object, rule::Context};

use super::{super::check::not_negative, CONTROLLERS};

declare_rule! {
    /// A number of a workload controller is negative.
    ///
    /// ## Why
    /// The API server refuses the object.
    ///
    /// ## Fix
    /// Give a number of zero or more.
    ///
    /// ## References
    /// `ValidateNonnegativeField` in `k8s.io/apimachinery/pkg/api/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec: {replicas: -1}
    /// ```
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: {name: agent}
    /// spec: {minReadySeconds: -5}
    /// ```
    /// ```yaml good
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec: {replicas: 0, revisionHistoryLimit: 0}
    /// ```
    pub CONTROLLER_VALUE_NEGATIVE {
        id: "api/controller-value-negative",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(CONTROLLERS, controller_value_negative),
    }
}

fn controller_value_negative(object: Object<'_>, cx: &mut Context<'_>) {
    let fields: &[&str] = match object.kind() {
        "DaemonSet" => &["minReadySeconds", "revisionHistoryLimit"],
        "Deployment" => &["replicas", "minReadySeconds", "revisionHistoryLimit"],
        _ => &["replicas", "minReadySeconds"],
    };
    not_negative(cx, object.spec(), fields);
}
