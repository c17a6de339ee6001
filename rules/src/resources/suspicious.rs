//! Quantities with a wrong unit.

use kubevet_core::{
    declare_rule,
    kubernetes::{Container, PodSpec, values::quantity::Quantity},
    rule::Context,
    yaml::NodeRef,
};

declare_rule! {
    /// A quantity of memory or CPU has a size that only a wrong unit explains.
    ///
    /// ## Why
    /// `memory: 100` is a hundred bytes, `memory: 100m` a tenth of a byte, and `cpu: 500` five hundred cores. The container
    /// is killed at its start, or never scheduled.
    ///
    /// ## Fix
    /// Write the unit that was meant: `100Mi`, `500m`.
    ///
    /// ## References
    /// Kubernetes documentation, "Resource Management for Pods and Containers": units. Requests below 4Mi that say their unit
    /// in mebibytes or megabytes are passed by.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources:
    ///         limits: {memory: 100}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources:
    ///         requests: {memory: 100m}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources:
    ///         requests: {cpu: 500}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   resources:
    ///     limits: {memory: 512k}
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources:
    ///         limits: {memory: 100Mi, cpu: 500m}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources:
    ///         requests: {memory: 1Mi, cpu: 64}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources:
    ///         requests: {memory: 0}
    /// ```
    pub SUSPICIOUS_QUANTITY {
        id: "resources/suspicious-quantity",
        class: Correctness,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(suspicious_quantity),
    }
}

/// No program starts in less: 4Mi.
const SMALLEST_MEMORY: i128 = 4 << 20;
/// More than nearly all machines have.
const MOST_CORES: i128 = 256;

fn suspicious_quantity(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let nodes = std::iter::once(pod.node()).chain(pod.containers().map(Container::node));
    for node in nodes {
        for list in ["requests", "limits"] {
            if let Some(memory) = node.at(&["resources", list, "memory"]) {
                check_memory(memory, list, cx);
            }
            if let Some(cpu) = node.at(&["resources", list, "cpu"]) {
                check_cpu(cpu, cx);
            }
        }
    }
}

fn check_memory(node: NodeRef<'_>, list: &str, cx: &mut Context<'_>) {
    let text = node.text();
    let Ok(quantity) = Quantity::parse(text) else { return };
    // Parts of bytes are a rule of their own.
    if quantity.milli() % 1000 != 0 && cx.left_to("api/fractional-bytes").is_some() {
        return;
    }
    let deliberate = list == "requests" && (text.ends_with("Mi") || text.ends_with('M'));
    if quantity.is_negative() || quantity.is_zero() || quantity.units() >= SMALLEST_MEMORY || deliberate {
        return;
    }
    let (is, help) = if let Some(number) = text.strip_suffix('m') {
        ("in thousandths of a byte".to_owned(), format!("write `{number}Mi` for mebibytes"))
    } else {
        let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        (format!("{} bytes", quantity.units()), format!("write `{digits}Mi` for mebibytes"))
    };
    cx.report(node, format!("memory of `{text}` is {is}: no program runs in so little")).help(help);
}

fn check_cpu(node: NodeRef<'_>, cx: &mut Context<'_>) {
    let Ok(quantity) = Quantity::parse(node.text()) else { return };
    if quantity.milli() > MOST_CORES * 1000 {
        let text = node.text();
        cx.report(node, format!("cpu of `{text}` means {} cores: hardly a node has them", quantity.units()))
            .help("write thousandths of a core with `m`: `500m` is half a core");
    }
}
