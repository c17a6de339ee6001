//! Endpoints and `EndpointSlices`.

use std::collections::HashMap;

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, values::names},
    rule::{Context, Key, Kinds},
    yaml::NodeRef,
};

use super::{
    super::{
        check::{Fields, form, missing, not_empty, refuse, repeated, shown},
        net,
    },
    port_number,
};

declare_rule! {
    /// An Endpoints object or EndpointSlice has addresses or ports that the API server does not take.
    ///
    /// ## Why
    /// The API server refuses the object. Addresses are those of other machines: no loopback, no link-local ones.
    ///
    /// ## Fix
    /// Correct the address or port; several ports of one subset need different names.
    ///
    /// ## References
    /// `ValidateEndpointSlice` in `k8s.io/kubernetes/pkg/apis/discovery/validation`; `validateEndpointSubsets` in
    /// `pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: discovery.k8s.io/v1
    /// kind: EndpointSlice
    /// metadata: {name: db}
    /// addressType: IPv4
    /// endpoints: [{addresses: [127.0.0.1]}]
    /// ```
    /// ```yaml bad
    /// apiVersion: discovery.k8s.io/v1
    /// kind: EndpointSlice
    /// metadata: {name: db}
    /// addressType: IPv6
    /// endpoints: [{addresses: [10.0.0.7]}]
    /// ```
    /// ```yaml bad
    /// apiVersion: discovery.k8s.io/v1
    /// kind: EndpointSlice
    /// metadata: {name: db}
    /// addressType: IPv4
    /// endpoints: [{addresses: [10.0.0.7]}]
    /// ports: [{port: 80}, {port: 81}]
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Endpoints
    /// metadata: {name: db}
    /// subsets:
    ///   - addresses: [{ip: db.example.org}]
    ///     ports: [{port: 5432}]
    /// ```
    /// ```yaml good
    /// apiVersion: discovery.k8s.io/v1
    /// kind: EndpointSlice
    /// metadata: {name: db}
    /// addressType: FQDN
    /// endpoints: [{addresses: [db.example.org], hostname: db}]
    /// ports: [{name: "", port: 5432}, {name: metrics, port: 9100}]
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Endpoints
    /// metadata: {name: db}
    /// subsets:
    ///   - notReadyAddresses: [{ip: 10.0.0.7, nodeName: node-1}]
    ///     ports: [{port: 5432}]
    /// ```
    pub ENDPOINTS_INVALID {
        id: "api/endpoints-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(Kinds::Of(&[("", "Endpoints"), ("discovery.k8s.io", "EndpointSlice")]), endpoints_invalid),
    }
}

fn endpoints_invalid(object: Object<'_>, cx: &mut Context<'_>) {
    if object.kind() == "Endpoints" {
        object.each("subsets").filter(|subset| subset.is_map()).for_each(|one| subset(one, cx));
        return;
    }
    let endpoints: Vec<NodeRef<'_>> = object.each("endpoints").filter(|one| one.is_map()).collect();
    if let (true, Some(list)) = (endpoints.len() > 1000, object.field("endpoints")) {
        refuse(cx, Key(list), "a slice has at most 1000 endpoints").help("make several slices");
        return;
    }
    for endpoint in endpoints {
        if let Some(list) = endpoint.field("addresses").filter(|list| list.is_seq()) {
            if list.len() > 100 {
                refuse(cx, Key(list), "an endpoint has at most 100 addresses").help("make several endpoints");
            }
            list.items().for_each(|node| address(object.said("addressType"), node, cx));
        }
        form(cx, endpoint.field("nodeName"), "name of a node", names::dns_subdomain);
        form(cx, endpoint.field("hostname"), "name of a host", names::dns_label);
        hints(endpoint, cx);
    }
    slice_ports(object, cx);
}

fn address(family: &str, node: NodeRef<'_>, cx: &mut Context<'_>) {
    let wanted = match family {
        "IPv4" => true,
        "IPv6" => false,
        "FQDN" => {
            form(cx, Some(node), "name of a host", |text| {
                let name = text.strip_suffix('.').unwrap_or(text);
                names::dns_subdomain(name)?;
                if !name.contains('.') {
                    return Err("must have a domain behind its first part");
                }
                name.split('.').try_for_each(names::dns_label)
            });
            return;
        }
        _ => return,
    };
    if let Some(address) = net::check_endpoint(cx, node).filter(|address| address.is_ipv4() != wanted) {
        refuse(cx, node, format!("`{address}` is no address of {family}"))
            .help("correct it, or change `addressType`");
    }
}

fn hints(endpoint: NodeRef<'_>, cx: &mut Context<'_>) {
    for (list, what) in [("hints.forZones", "zone"), ("hints.forNodes", "node")] {
        let mut seen: HashMap<&str, NodeRef<'_>> = HashMap::new();
        for name in endpoint.each(list).filter_map(|hint| hint.word("name")) {
            if let Some(first) = seen.insert(name.text(), name) {
                repeated(cx, name, first, format!("{what} `{}` is listed twice", shown(name.text())));
            }
            match what {
                "zone" => form(cx, Some(name), "name of a zone", names::label_value),
                _ => form(cx, Some(name), "name of a node", names::dns_subdomain),
            }
        }
        if let Some(node) = endpoint.field(list).filter(|node| node.len() > 8) {
            refuse(cx, Key(node), format!("an endpoint has hints for at most 8 {what}s")).help("list fewer");
        }
    }
}

fn slice_ports(object: Object<'_>, cx: &mut Context<'_>) {
    let mut seen: HashMap<&str, NodeRef<'_>> = HashMap::new();
    for port in object.each("ports").filter(|port| port.is_map()) {
        not_empty(cx, port, &["protocol"]);
        let name = port.field("name");
        form(cx, name.filter(|name| !name.text().is_empty()), "name of a port", names::dns_label);
        form(cx, port.field("appProtocol"), "application protocol", names::qualified_name);
        let text = name.map_or("", NodeRef::text);
        if let Some(first) = seen.insert(text, name.unwrap_or(port)) {
            repeated(cx, name.unwrap_or(port), first, format!("two ports are called `{}`", shown(text)));
        }
    }
}

fn subset(subset: NodeRef<'_>, cx: &mut Context<'_>) {
    if !subset.has("addresses") && !subset.has("notReadyAddresses") {
        missing(cx, subset, "the subset has no addresses", "set `addresses` or `notReadyAddresses`");
    }
    for list in ["addresses", "notReadyAddresses"] {
        for address in subset.each(list).filter(|address| address.is_map()) {
            if let Some(node) = address.field("ip") {
                net::check_endpoint(cx, node);
            }
            form(cx, address.word("hostname"), "name of a host", names::dns_label);
            form(cx, address.field("nodeName"), "name of a node", names::dns_subdomain);
        }
    }
    let ports: Vec<NodeRef<'_>> = subset.each("ports").filter(|port| port.is_map()).collect();
    for port in &ports {
        let name = port.field("name").filter(|name| !name.text().is_empty());
        if ports.len() > 1 && name.is_none() {
            missing(cx, *port, "one of several ports has no name", "name every port");
        }
        form(cx, name, "name of a port", names::dns_label);
        port_number(cx, *port, "port");
        form(cx, port.field("appProtocol"), "application protocol", names::qualified_name);
    }
}
