//! Disruption budgets.

use kubevet_core::{
    declare_rule,
    kubernetes::Object,
    rule::{Context, Key, Kinds},
};

use super::super::check::{Fields, amount, not_empty, refuse};

declare_rule! {
    /// A PodDisruptionBudget says both of its limits, or one that the API server does not take.
    ///
    /// ## Why
    /// The API server refuses the budget.
    ///
    /// ## Fix
    /// Keep one of `minAvailable` and `maxUnavailable`, as a number or as a percentage of at most 100.
    ///
    /// ## References
    /// `ValidatePodDisruptionBudgetSpec` in `k8s.io/kubernetes/pkg/apis/policy/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: policy/v1
    /// kind: PodDisruptionBudget
    /// metadata: {name: web}
    /// spec: {minAvailable: 1, maxUnavailable: 1, selector: {matchLabels: {app: web}}}
    /// ```
    /// ```yaml bad
    /// apiVersion: policy/v1
    /// kind: PodDisruptionBudget
    /// metadata: {name: web}
    /// spec: {minAvailable: 150%, selector: {matchLabels: {app: web}}}
    /// ```
    /// ```yaml bad
    /// apiVersion: policy/v1
    /// kind: PodDisruptionBudget
    /// metadata: {name: web}
    /// spec: {maxUnavailable: "1", selector: {matchLabels: {app: web}}}
    /// ```
    /// ```yaml good
    /// apiVersion: policy/v1
    /// kind: PodDisruptionBudget
    /// metadata: {name: web}
    /// spec: {minAvailable: 50%, maxUnavailable: null, selector: {matchLabels: {app: web}}}
    /// ```
    pub PDB_INVALID {
        id: "api/pdb-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "policy/v1",
        check: Object(Kinds::Of(&[("policy", "PodDisruptionBudget")]), pdb_invalid),
    }
}

fn pdb_invalid(budget: Object<'_>, cx: &mut Context<'_>) {
    let (least, most) = (budget.field("spec.minAvailable"), budget.field("spec.maxUnavailable"));
    if let (Some(least), Some(most)) = (least, most) {
        refuse(cx, Key(most), "a budget has `minAvailable` or `maxUnavailable`, not both")
            .label(Key(least), "`minAvailable`")
            .help("delete one of them");
    }
    not_empty(cx, budget, &["spec.unhealthyPodEvictionPolicy"]);
    amount(cx, least, true);
    amount(cx, most, true);
}
