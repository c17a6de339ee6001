//! Classes of priority and of runtimes.

use std::collections::HashMap;

use kubevet_core::{
    declare_rule,
    kubernetes::{
        Object,
        values::{names, quantity::Quantity},
    },
    rule::{Context, Kinds},
    yaml::NodeRef,
};

use super::super::{
    check::{Fields, form, not_empty, refuse, repeated, shown},
    metadata::labels::labels,
};

declare_rule! {
    /// A PriorityClass takes a name or a priority that is kept for Kubernetes itself.
    ///
    /// ## Why
    /// The API server refuses the class. Names that begin with `system-` and priorities above one billion are those of the
    /// parts that a cluster cannot run without.
    ///
    /// ## Fix
    /// Use another name, and a value of at most 1000000000.
    ///
    /// ## References
    /// `ValidatePriorityClass` in `k8s.io/kubernetes/pkg/apis/scheduling/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: scheduling.k8s.io/v1
    /// kind: PriorityClass
    /// metadata: {name: system-web}
    /// value: 1000
    /// ```
    /// ```yaml bad
    /// apiVersion: scheduling.k8s.io/v1
    /// kind: PriorityClass
    /// metadata: {name: web}
    /// value: 2000000000
    /// ```
    /// ```yaml good
    /// apiVersion: scheduling.k8s.io/v1
    /// kind: PriorityClass
    /// metadata: {name: web}
    /// value: 1000000000
    /// ```
    /// ```yaml good
    /// apiVersion: scheduling.k8s.io/v1
    /// kind: PriorityClass
    /// metadata: {name: system-node-critical}
    /// value: 2000001000
    /// ```
    pub PRIORITY_CLASS_INVALID {
        id: "api/priority-class-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "scheduling/v1",
        check: Object(Kinds::Of(&[("scheduling.k8s.io", "PriorityClass")]), priority_class_invalid),
    }
}

/// `systemPriorityClasses`.
const SYSTEM: &[(&str, i64)] =
    &[("system-node-critical", 2_000_001_000), ("system-cluster-critical", 2_000_000_000)];

/// `HighestUserDefinablePriority`.
const HIGHEST: i64 = 1_000_000_000;

fn priority_class_invalid(class: Object<'_>, cx: &mut Context<'_>) {
    not_empty(cx, class, &["preemptionPolicy"]);
    let value = class.number("value");
    let Some(name) = class.word("metadata.name") else { return };
    if name.text().starts_with("system-") {
        let known = SYSTEM.iter().find(|(system, _)| *system == name.text());
        let same = known.is_some_and(|(_, priority)| value.is_some_and(|(_, value)| value == *priority));
        if !same || class.is_set("globalDefault") {
            refuse(
                cx,
                name,
                format!("`{}` is a name that is kept for Kubernetes itself", shown(name.text())),
            )
            .help("use a name that does not begin with `system-`");
        }
    } else if let Some((node, value)) = value.filter(|(_, value)| *value > HIGHEST) {
        refuse(cx, node, format!("priority {value} is kept for Kubernetes itself"))
            .help(format!("give at most {HIGHEST}"));
    }
}

declare_rule! {
    /// A RuntimeClass has a handler, an overhead or tolerations that the API server does not take.
    ///
    /// ## Why
    /// The API server refuses the class. The handler is the name of a runtime in the configuration of the container runtime.
    ///
    /// ## Fix
    /// Correct the value.
    ///
    /// ## References
    /// `ValidateRuntimeClass` in `k8s.io/kubernetes/pkg/apis/node/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: node.k8s.io/v1
    /// kind: RuntimeClass
    /// metadata: {name: sandboxed}
    /// handler: io.containerd.runsc.v1
    /// ```
    /// ```yaml bad
    /// apiVersion: node.k8s.io/v1
    /// kind: RuntimeClass
    /// metadata: {name: sandboxed}
    /// handler: runsc
    /// scheduling:
    ///   tolerations: [{key: sandbox, operator: Exists}, {key: sandbox, operator: Exists}]
    /// ```
    /// ```yaml good
    /// apiVersion: node.k8s.io/v1
    /// kind: RuntimeClass
    /// metadata: {name: sandboxed}
    /// handler: runsc
    /// overhead: {podFixed: {cpu: 250m, memory: 120Mi}}
    /// scheduling:
    ///   nodeSelector: {sandbox: "true"}
    ///   tolerations: [{key: sandbox, operator: Exists}, {key: sandbox, operator: Exists, effect: NoExecute}]
    /// ```
    pub RUNTIME_CLASS_INVALID {
        id: "api/runtime-class-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "node/v1",
        check: Object(Kinds::Of(&[("node.k8s.io", "RuntimeClass")]), runtime_class_invalid),
    }
}

fn runtime_class_invalid(class: Object<'_>, cx: &mut Context<'_>) {
    form(cx, class.word("handler"), "name of a runtime", names::dns_label);
    for entry in class.field("overhead.podFixed").into_iter().flat_map(NodeRef::entries) {
        let name = entry.key.text();
        let standard =
            matches!(name, "cpu" | "memory" | "ephemeral-storage") || name.starts_with("hugepages-");
        if names::qualified_name(name).is_err() || !name.contains('/') && !standard {
            refuse(cx, entry.key, format!("`{}` is no resource", shown(name))).help("use `cpu` or `memory`");
        }
        if Quantity::parse(entry.value.text().trim()).is_ok_and(Quantity::is_negative) {
            refuse(cx, entry.value, "the overhead is negative").help("give an amount of zero or more");
        }
    }
    labels(class.field("scheduling.nodeSelector"), "label of nodes", cx);
    let mut seen: HashMap<[&str; 4], NodeRef<'_>> = HashMap::new();
    for toleration in class.each("scheduling.tolerations").filter(|one| one.is_map()) {
        let said = |field| toleration.said(field);
        // The operator is `Equal` where none is given, but its default comes later.
        if let Some(first) =
            seen.insert([said("key"), said("operator"), said("value"), said("effect")], toleration)
        {
            repeated(cx, toleration, first, "a toleration is listed twice");
        }
        form(cx, toleration.word("key"), "key of a taint", names::qualified_name);
        if said("key").is_empty() && said("operator") != "Exists" {
            refuse(cx, toleration, "a toleration of every taint has another operator than `Exists`")
                .help("set `operator: Exists`");
        }
        if let Some(value) = toleration.word("value").filter(|_| said("operator") == "Exists") {
            refuse(cx, value, "`Exists` takes no value").help("delete it, or use `Equal`");
        }
        if let Some(seconds) = toleration.field("tolerationSeconds").filter(|_| said("effect") != "NoExecute")
        {
            refuse(cx, seconds, "seconds go with the effect `NoExecute` only")
                .help("set `effect: NoExecute`, or delete them");
        }
    }
}
