//! Fields that do not go with the type of a Service.

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, is_placeholder, values::names},
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::{
    super::check::{Fields, form, missing, refuse},
    SERVICE, is_headless, type_of,
};

declare_rule! {
    /// A field of a Service does not go with its type.
    ///
    /// ## Why
    /// The API server refuses the Service.
    ///
    /// ## Fix
    /// Delete the field, or change `type`.
    ///
    /// ## References
    /// `validateService` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec: {ports: [{port: 80, nodePort: 30080}]}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec: {type: NodePort, clusterIP: None, ports: [{port: 80}]}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec: {type: ExternalName, externalName: "https://web.example.org"}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec: {externalTrafficPolicy: Local, ports: [{port: 80}]}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec: {type: NodePort, loadBalancerSourceRanges: [192.0.2.0/24], ports: [{port: 80}]}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec: {type: ExternalName, externalName: web.example.org., clusterIP: ""}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   type: LoadBalancer
    ///   externalTrafficPolicy: Local
    ///   healthCheckNodePort: 30100
    ///   loadBalancerSourceRanges: [192.0.2.0/24]
    ///   allocateLoadBalancerNodePorts: false
    ///   ports: [{port: 80, nodePort: 30080}]
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec: {externalIPs: [192.0.2.7], externalTrafficPolicy: Local, ports: [{port: 80, nodePort: 0}]}
    /// ```
    pub SERVICE_TYPE_CONFLICT {
        id: "api/service-type-conflict",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(SERVICE, service_type_conflict),
    }
}

fn service_type_conflict(service: Object<'_>, cx: &mut Context<'_>) {
    let Some(spec) = service.field("spec") else { return };
    let Some(kind) = type_of(service) else { return };
    if !matches!(kind, "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName") {
        return;
    }
    match kind {
        "ExternalName" => external_name(service, spec, cx),
        "NodePort" | "LoadBalancer" if is_headless(service) => {
            let Some(node) = spec.field("clusterIP").or_else(|| spec.field("clusterIPs")) else { return };
            refuse(cx, node, format!("a Service of type `{kind}` cannot be headless"))
                .help("delete `clusterIP: None`, or use the type `ClusterIP`");
        }
        "ClusterIP" => {
            for port in spec.each("ports") {
                let Some((node, _)) = port.number("nodePort").filter(|(_, number)| *number != 0) else {
                    continue;
                };
                refuse(cx, Key(node), "`nodePort` does not go with the type `ClusterIP`")
                    .help("set `type: NodePort`, or delete `nodePort`");
            }
        }
        _ => {}
    }
    let ranges = spec.field("loadBalancerSourceRanges").filter(|list| !list.is_empty());
    if kind == "LoadBalancer" {
        form(cx, spec.field("loadBalancerClass"), "class of load balancers", names::qualified_name);
    } else {
        let only = ranges
            .into_iter()
            .chain(spec.field("allocateLoadBalancerNodePorts"))
            .chain(spec.field("loadBalancerClass"));
        for node in only {
            does_not_go(cx, node, kind, "LoadBalancer");
        }
        let annotation = "service.beta.kubernetes.io/load-balancer-source-ranges";
        let annotations = service.field("metadata.annotations").and_then(|all| all.get(annotation));
        if let Some(node) = annotations.filter(|node| ranges.is_none() && !node.is_null()) {
            does_not_go(cx, node, kind, "LoadBalancer");
        }
    }
    let local = spec.said("externalTrafficPolicy");
    let reachable =
        matches!(kind, "NodePort" | "LoadBalancer") || kind == "ClusterIP" && spec.has("externalIPs");
    if let Some(node) = spec.word("externalTrafficPolicy").filter(|_| !reachable) {
        does_not_go(cx, node, kind, "LoadBalancer` or `NodePort");
    }
    if let Some((node, _)) = spec.number("healthCheckNodePort").filter(|(_, number)| *number != 0)
        && !(kind == "LoadBalancer" && (local == "Local" || is_placeholder(local)))
    {
        let what = "`healthCheckNodePort` needs the type `LoadBalancer` and `externalTrafficPolicy: Local`";
        refuse(cx, Key(node), what).help("delete `healthCheckNodePort`");
    }
}

fn does_not_go(cx: &mut Context<'_>, node: NodeRef<'_>, kind: &str, wanted: &str) {
    let name = node.key_node().map_or("", NodeRef::text);
    refuse(cx, Key(node), format!("`{name}` does not go with the type `{kind}`"))
        .help(format!("set `type` to `{wanted}`, or delete `{name}`"));
}

fn external_name(service: Object<'_>, spec: NodeRef<'_>, cx: &mut Context<'_>) {
    for field in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
        let Some(node) = spec.field(field) else { continue };
        let empty = if node.is_scalar() { node.text().is_empty() } else { node.is_empty() };
        if !empty && !is_placeholder(node.text()) {
            does_not_go(cx, node, "ExternalName", "ClusterIP");
        }
    }
    let name = spec.field("externalName").filter(|name| !name.text().is_empty());
    form(cx, name, "name of a host", |text| names::dns_subdomain(text.strip_suffix('.').unwrap_or(text)));
    if name.is_none() {
        let what = format!("{} has no `externalName`", service.title());
        missing(cx, spec, what, "set `externalName` to the name of the host");
    }
}
