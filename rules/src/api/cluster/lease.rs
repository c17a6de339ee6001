//! Leases.

use kubevet_core::{
    declare_rule,
    kubernetes::Object,
    rule::{Context, Key, Kinds},
};

use super::super::check::{Fields, not_negative, refuse, within};

declare_rule! {
    /// A Lease lasts no time, or prefers a holder without a strategy.
    ///
    /// ## Why
    /// The API server refuses the Lease.
    ///
    /// ## Fix
    /// Give a duration of at least one second; leave what leader election writes to it.
    ///
    /// ## References
    /// `ValidateLeaseSpec` in `k8s.io/kubernetes/pkg/apis/coordination/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: coordination.k8s.io/v1
    /// kind: Lease
    /// metadata: {name: web}
    /// spec: {leaseDurationSeconds: 0}
    /// ```
    /// ```yaml bad
    /// apiVersion: coordination.k8s.io/v1
    /// kind: Lease
    /// metadata: {name: web}
    /// spec: {renewTime: ""}
    /// ```
    /// ```yaml good
    /// apiVersion: coordination.k8s.io/v1
    /// kind: Lease
    /// metadata: {name: web}
    /// spec: {holderIdentity: web-1, leaseDurationSeconds: 15, leaseTransitions: 0, renewTime: "2026-01-02T15:04:05.000000Z"}
    /// ```
    pub LEASE_INVALID {
        id: "api/lease-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "coordination/v1",
        check: Object(Kinds::Of(&[("coordination.k8s.io", "Lease")]), lease_invalid),
    }
}

fn lease_invalid(lease: Object<'_>, cx: &mut Context<'_>) {
    let spec = lease.field("spec");
    within(cx, spec, &["leaseDurationSeconds"], &(1..=i64::MAX));
    not_negative(cx, spec, &["leaseTransitions"]);
    for field in ["acquireTime", "renewTime"] {
        if let Some(node) = spec.field(field).filter(|node| node.as_str() == Some("")) {
            refuse(cx, node, format!("`{field}` is empty, which is no time"))
                .help(format!("delete `{field}`"));
        }
    }
    let holder = spec.word("preferredHolder").filter(|_| spec.said("strategy").is_empty());
    if let Some(node) = holder {
        refuse(cx, Key(node), "a preferred holder goes with a strategy only")
            .help("set `strategy`, or delete it");
    }
}
