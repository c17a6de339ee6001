//! Nodes.

use std::collections::HashMap;

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, is_placeholder, values::names},
    rule::{Context, Kinds},
    yaml::NodeRef,
};

use super::super::{
    check::{Fields, form, refuse, repeated, shown},
    net,
};

declare_rule! {
    /// A Node has taints or ranges of pods that the API server does not take.
    ///
    /// ## Why
    /// The API server refuses the Node.
    ///
    /// ## Fix
    /// Correct the taint; give at most one range of each family.
    ///
    /// ## References
    /// `ValidateNode` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Node
    /// metadata: {name: node-1}
    /// spec:
    ///   taints: [{key: gpu, value: "yes", effect: NoRun}]
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Node
    /// metadata: {name: node-1}
    /// spec:
    ///   podCIDRs: [10.244.0.0/24, 10.244.1.0/24]
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Node
    /// metadata: {name: node-1}
    /// spec:
    ///   taints: [{key: gpu, effect: NoSchedule}, {key: gpu, value: "yes", effect: NoExecute}]
    ///   podCIDRs: [10.244.0.0/24, "fd00::/64"]
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Node
    /// metadata: {name: without-a-range-yet}
    /// spec: {podCIDR: ""}
    /// ```
    pub NODE_INVALID {
        id: "api/node-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(Kinds::Of(&[("", "Node")]), node_invalid),
    }
}

fn node_invalid(node: Object<'_>, cx: &mut Context<'_>) {
    let mut seen: HashMap<(&str, &str), NodeRef<'_>> = HashMap::new();
    for taint in node.each("spec.taints").filter(|taint| taint.is_map()) {
        form(cx, taint.field("key"), "key of a taint", names::qualified_name);
        form(cx, taint.field("value"), "value of a taint", names::label_value);
        if let Some(effect) =
            taint.field("effect").filter(|effect| effect.as_str().is_some() && !is_placeholder(effect.text()))
            && !matches!(effect.text(), "NoSchedule" | "PreferNoSchedule" | "NoExecute")
        {
            refuse(cx, effect, format!("`{}` is no effect of a taint", shown(effect.text())))
                .help("use `NoSchedule`, `PreferNoSchedule` or `NoExecute`");
        }
        if let Some(first) = seen.insert((taint.said("key"), taint.said("effect")), taint) {
            repeated(cx, taint, first, "two taints have the same key and effect");
        }
    }
    let mut families: HashMap<bool, NodeRef<'_>> = HashMap::new();
    // The old field stands for the first of the new ones.
    let single = node.word("spec.podCIDR").filter(|_| !node.has("spec.podCIDRs"));
    for range in single.into_iter().chain(node.each("spec.podCIDRs")) {
        let Some(parsed) = net::check_range(cx, range) else { continue };
        if let Some(first) = families.insert(parsed.is_ipv4(), range) {
            repeated(cx, range, first, "two ranges are of one family");
        }
    }
}
