//! Workloads, but for the pods that they make.

pub(super) mod cron_job;
pub(super) mod daemon_set;
pub(super) mod failure_policy;
pub(super) mod job;
pub(super) mod numbers;
pub(super) mod schedule;
pub(super) mod selector;
pub(super) mod selector_missing;
pub(super) mod stateful_set;
pub(super) mod strategy;

use kubevet_core::rule::Kinds;

/// Controllers that keep pods of a template running.
const CONTROLLERS: Kinds = Kinds::Of(&[
    ("apps", "Deployment"),
    ("apps", "StatefulSet"),
    ("apps", "DaemonSet"),
    ("apps", "ReplicaSet"),
    ("", "ReplicationController"),
]);
