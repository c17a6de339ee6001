//! How Services are reached from outside.

use kubevet_core::{
    declare_rule,
    kubernetes::Object,
    rule::{Context, Kinds},
};

declare_rule! {
    /// A Service of type `NodePort` opens a port on every node.
    ///
    /// ## Why
    /// The port is open on all interfaces of all nodes, past Ingress, its TLS and its access rules, and a
    /// NetworkPolicy sees rewritten source addresses.
    ///
    /// ## Fix
    /// Use `ClusterIP` behind an Ingress or a Gateway, or `LoadBalancer`. The option `allowed-services` names those
    /// that must stay.
    ///
    /// ## References
    /// Kubernetes documentation, "Service", type NodePort.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   type: NodePort
    ///   selector: {app: web}
    ///   ports: [{port: 80}]
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{port: 80}]
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: ingress}
    /// spec:
    ///   type: NodePort
    ///   selector: {app: ingress}
    ///   ports: [{port: 443}]
    /// ```
    /// ```toml with
    /// allowed-services = ["ingress"]
    /// ```
    pub NODE_PORT {
        id: "service/node-port",
        class: Security,
        severity: Info,
        profiles: [hardened],
        versions: "all",
        peers: ["kube-score:service-type", "kics:service_type_is_nodeport", "datree:SERVICE_INCORRECT_TYPE_VALUE_NODEPORT", "popeye:POP-1104", "kyverno-policies:best-practices/restrict-nodeport", "kube-linter:exposed-services", "monokle:KBP114"],
        options: ["allowed-services": TextList = "names of Services that may have the type; none without it"],
        check: Object(Kinds::Of(&[("", "Service")]), node_port),
    }
}

fn node_port(service: Object<'_>, cx: &mut Context<'_>) {
    let name = service.name().unwrap_or_default();
    let Some(kind) = service.node().at(&["spec", "type"]).filter(|kind| kind.as_str() == Some("NodePort"))
    else {
        return;
    };
    if !cx.options().texts("allowed-services").iter().any(|allowed| allowed == name) {
        cx.report(
            kind,
            format!("`NodePort` opens a port for Service `{name}` on every node, past Ingress and its rules"),
        )
        .help("use `ClusterIP` behind an Ingress or Gateway, or `LoadBalancer`");
    }
}
