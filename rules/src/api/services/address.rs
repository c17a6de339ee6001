//! Addresses of Services.

use std::net::IpAddr;

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, is_placeholder},
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::{
    super::{
        check::{Fields, refuse, repeated, shown},
        net,
    },
    SERVICE, type_of,
};

declare_rule! {
    /// An address, range or address family of a Service is none that the API server takes.
    ///
    /// ## Why
    /// The API server refuses the Service.
    ///
    /// ## Fix
    /// Correct the value. Without `clusterIP` there are no `clusterIPs`, and the first of them is the same address.
    ///
    /// ## References
    /// `ValidateServiceClusterIPsRelatedFields` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec: {clusterIP: 10.96.0.300, ports: [{port: 80}]}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec: {externalIPs: [127.0.0.1], ports: [{port: 80}]}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec: {clusterIPs: [10.96.0.7], ports: [{port: 80}]}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec: {clusterIP: 10.96.0.7, ipFamilies: [IPv6], ports: [{port: 80}]}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec: {type: LoadBalancer, loadBalancerSourceRanges: [192.0.2.7], ports: [{port: 80}]}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   type: LoadBalancer
    ///   clusterIP: 10.96.0.7
    ///   clusterIPs: [10.96.0.7, "fd00::7"]
    ///   ipFamilies: [IPv4, IPv6]
    ///   externalIPs: [192.0.2.7]
    ///   loadBalancerSourceRanges: [" 192.0.2.0/24"]
    ///   ports: [{port: 80}]
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec: {clusterIP: "${ADDRESS}", clusterIPs: ["${ADDRESS}"], ports: [{port: 80}]}
    /// ```
    pub SERVICE_ADDRESS_INVALID {
        id: "api/service-address-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(SERVICE, service_address_invalid),
    }
}

fn service_address_invalid(service: Object<'_>, cx: &mut Context<'_>) {
    let Some(spec) = service.field("spec") else { return };
    for node in spec.each("externalIPs") {
        net::check_endpoint(cx, node);
    }
    for node in spec.each("loadBalancerSourceRanges") {
        net::check_range(cx, node);
    }
    if type_of(service) != Some("ExternalName") {
        families(spec, cx);
        cluster_addresses(spec, cx);
    }
}

fn families(spec: NodeRef<'_>, cx: &mut Context<'_>) {
    let mut first: Option<NodeRef<'_>> = None;
    for node in spec.each("ipFamilies") {
        let text = node.text();
        if is_placeholder(text) {
            continue;
        }
        if !matches!(text, "IPv4" | "IPv6") {
            refuse(cx, node, format!("`{}` is no family of addresses", shown(text)))
                .help("use `IPv4` or `IPv6`");
        } else if let Some(first) = first.filter(|first| first.text() == text) {
            repeated(cx, node, first, format!("`{text}` is listed twice"));
        }
        first = first.or(Some(node));
    }
}

fn cluster_addresses(spec: NodeRef<'_>, cx: &mut Context<'_>) {
    let single = spec.field("clusterIP").filter(|node| !node.text().is_empty());
    let Some(list) = spec.field("clusterIPs").filter(|list| list.is_seq() && !list.is_empty()) else {
        if let Some(node) = single.filter(|node| node.text() != "None") {
            let address = net::check_address(cx, node);
            in_family(spec, 0, node, address, cx);
        }
        return;
    };
    let items: Vec<NodeRef<'_>> = list.items().collect();
    if single.into_iter().chain(items.iter().copied()).any(|node| is_placeholder(node.text())) {
        return;
    }
    match single {
        None => {
            refuse(cx, Key(list), "`clusterIPs` does not go without `clusterIP`")
                .help("set `clusterIP` to the first of them");
            return;
        }
        Some(single) if single.text() != items[0].text() => {
            refuse(cx, items[0], "the first of `clusterIPs` is not `clusterIP`")
                .label(single, "`clusterIP`")
                .help("write the same address in both");
        }
        _ => {}
    }
    if items[0].text() == "None" && items.len() > 1 {
        refuse(cx, items[1], "`None` must be the only one of `clusterIPs`").help("delete the others");
        return;
    }
    let literal = items.iter().enumerate().filter(|(_, node)| node.text() != "None");
    let addresses: Vec<Option<IpAddr>> = literal
        .map(|(at, node)| {
            let address = net::check_address(cx, *node);
            in_family(spec, at, *node, address, cx);
            address
        })
        .collect();
    if items.len() > 2 {
        refuse(cx, items[2], "there can be two of `clusterIPs`").help("delete the others");
    } else if let [Some(one), Some(other)] = addresses[..]
        && one.is_ipv4() == other.is_ipv4()
    {
        refuse(cx, items[1], "two of `clusterIPs` are of one family").help("give one address of each family");
    }
}

/// Reports an address that is not of the family which stands at the same place.
fn in_family(spec: NodeRef<'_>, at: usize, node: NodeRef<'_>, address: Option<IpAddr>, cx: &mut Context<'_>) {
    let Some((family, address)) = spec.each("ipFamilies").nth(at).zip(address) else { return };
    let wanted = match family.text() {
        "IPv4" => true,
        "IPv6" => false,
        _ => return,
    };
    if address.is_ipv4() != wanted {
        refuse(cx, node, format!("`{}` is no address of {}", node.text(), family.text()))
            .label(family, "the family at this place")
            .help("correct the address or the family");
    }
}
