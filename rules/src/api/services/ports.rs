//! Ports of Services.

use std::collections::HashMap;

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, is_placeholder, values::names},
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::{
    super::check::{Fields, form, missing, refuse, repeated, shown},
    SERVICE, is_headless, port_number, type_of,
};

declare_rule! {
    /// The ports of a Service are none that the API server takes.
    ///
    /// ## Why
    /// The API server refuses the Service. It needs a port unless it is headless or of type `ExternalName`; several ports need
    /// names; each pair of port and protocol, each name and each node port is there once.
    ///
    /// ## Fix
    /// Correct the port. A target port is a number, or the name of a port of the containers.
    ///
    /// ## References
    /// `validateServicePort` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec: {selector: {app: web}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   ports:
    ///     - port: 80
    ///     - {name: https, port: 443}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec: {ports: [{port: 80, targetPort: "8080"}]}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec: {ports: [{port: 80800}]}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   ports:
    ///     - {name: http, port: 80}
    ///     - {name: web, port: 80, protocol: TCP}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: db}
    /// spec: {clusterIP: None, selector: {app: db}}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: dns}
    /// spec:
    ///   ports:
    ///     - {name: dns, port: 53, protocol: UDP, targetPort: dns}
    ///     - {name: dns-tcp, port: 53, targetPort: 5353, appProtocol: kubernetes.io/h2c}
    /// ```
    pub SERVICE_PORT_INVALID {
        id: "api/service-port-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(SERVICE, service_port_invalid),
    }
}

fn service_port_invalid(service: Object<'_>, cx: &mut Context<'_>) {
    let Some(spec) = service.field("spec").filter(|spec| spec.is_map()) else { return };
    let ports: Vec<NodeRef<'_>> = spec.each("ports").filter(|port| port.is_map()).collect();
    let kind = type_of(service);
    if !spec.has("ports") && !is_headless(service) && kind.is_some_and(|kind| kind != "ExternalName") {
        let help = "list a port, or set `clusterIP: None`";
        match spec.field("ports") {
            Some(ports) => refuse(cx, Key(ports), "the Service has no port").help(help).absence(),
            None => missing(cx, spec, "the Service has no port", help),
        };
    }
    let mut names: HashMap<&str, NodeRef<'_>> = HashMap::new();
    let mut numbers: HashMap<(&str, i64), NodeRef<'_>> = HashMap::new();
    let mut node_ports: HashMap<(&str, i64), NodeRef<'_>> = HashMap::new();
    for port in &ports {
        check(*port, ports.len() > 1, cx);
        let protocol = Some(port.said("protocol")).filter(|text| !text.is_empty()).unwrap_or("TCP");
        if let Some(name) = port.word("name")
            && let Some(first) = names.insert(name.text(), name)
        {
            repeated(cx, name, first, format!("two ports are called `{}`", shown(name.text())));
        }
        if let Some((node, number)) = port.number("port")
            && let Some(first) = numbers.insert((protocol, number), node)
        {
            repeated(cx, node, first, format!("port `{number}/{protocol}` is listed twice"));
        }
        if let Some((node, number)) = port.number("nodePort").filter(|(_, number)| *number != 0)
            && let Some(first) = node_ports.insert((protocol, number), node)
        {
            repeated(cx, node, first, format!("node port `{number}/{protocol}` is taken twice"));
        }
    }
}

fn check(port: NodeRef<'_>, several: bool, cx: &mut Context<'_>) {
    let name = port.field("name").filter(|name| !name.text().is_empty());
    if several && name.is_none() {
        missing(cx, port, "one of several ports has no name", "name every port");
    }
    form(cx, name, "name of a port", names::dns_label);
    port_number(cx, port, "port");
    form(cx, port.field("appProtocol"), "application protocol", names::qualified_name);
    let Some(target) = port.field("targetPort") else { return };
    // 0 and `""` stand for the port itself.
    if target.as_i64().is_some_and(|number| number != 0) {
        port_number(cx, port, "targetPort");
    } else if let Some(text) = target.as_str().filter(|text| !text.is_empty() && !is_placeholder(text))
        && let Err(problem) = names::port_name(text)
    {
        let draft = refuse(cx, target, format!("`{}` is no name of a port", shown(text)));
        match text.parse::<u16>() {
            Ok(number) => draft.help(format!("write {number} without quotes: a number in quotes is a name")),
            Err(_) => draft.help(format!("it {problem}")),
        };
    }
}
