//! Network policies.

use kubevet_core::{
    declare_rule,
    kubernetes::{
        Object, is_placeholder,
        values::{names, net::Cidr},
    },
    rule::{Context, Key, Kinds},
    yaml::NodeRef,
};

use super::super::{
    check::{Fields, form, is_served, missing, not_empty, refuse, shown, within},
    net,
};

declare_rule! {
    /// A NetworkPolicy has peers, ranges or ports that the API server does not take.
    ///
    /// ## Why
    /// The API server refuses the policy. A peer is a selector of pods, of namespaces or both, or a range of addresses; an
    /// exception is a part of its range; a range of ports begins with a number.
    ///
    /// ## Fix
    /// Correct the value. Everything is allowed by an empty rule, not by an empty peer.
    ///
    /// ## References
    /// `ValidateNetworkPolicySpec` in `k8s.io/kubernetes/pkg/apis/networking/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: web}
    /// spec:
    ///   podSelector: {}
    ///   ingress: [{from: [{}]}]
    /// ```
    /// ```yaml bad
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: web}
    /// spec:
    ///   podSelector: {}
    ///   ingress:
    ///     - from:
    ///         - ipBlock: {cidr: 192.0.2.0/24}
    ///           podSelector: {}
    /// ```
    /// ```yaml bad
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: web}
    /// spec:
    ///   podSelector: {}
    ///   egress:
    ///     - to: [{ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.0/24]}}]
    /// ```
    /// ```yaml bad
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: web}
    /// spec:
    ///   podSelector: {}
    ///   egress:
    ///     - ports: [{port: http, endPort: 90}]
    /// ```
    /// ```yaml bad
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: web}
    /// spec:
    ///   podSelector: {}
    ///   policyTypes: [ingress]
    /// ```
    /// ```yaml good
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: web}
    /// spec:
    ///   podSelector: {}
    ///   policyTypes: [Ingress, Egress]
    ///   ingress:
    ///     - {}
    ///     - from: [{podSelector: {}, namespaceSelector: {}}]
    ///       ports: [{port: http}, {}, {port: 8000, endPort: 8000, protocol: UDP}]
    ///   egress:
    ///     - to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]
    /// ```
    pub NETWORK_POLICY_INVALID {
        id: "api/network-policy-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "networking.k8s.io/v1",
        check: Object(Kinds::Of(&[("networking.k8s.io", "NetworkPolicy")]), network_policy_invalid),
    }
}

fn network_policy_invalid(policy: Object<'_>, cx: &mut Context<'_>) {
    let Some(spec) = policy.field("spec").filter(|_| is_served(policy, cx)) else { return };
    for (rules, peers) in [("ingress", "from"), ("egress", "to")] {
        for rule in spec.each(rules).filter(|rule| rule.is_map()) {
            rule.each(peers).for_each(|one| peer(one, cx));
            rule.each("ports").filter(|port| port.is_map()).for_each(|one| port(one, cx));
        }
    }
    let Some(types) = spec.field("policyTypes") else { return };
    if types.len() > 2 {
        refuse(cx, Key(types), "there are two types of policies, and more are listed")
            .help("list each type once");
        return;
    }
    for node in types.items() {
        let text = node.text();
        if !matches!(text, "Ingress" | "Egress") && node.as_str().is_some() && !is_placeholder(text) {
            refuse(cx, node, format!("`{}` is no type of a policy", shown(text)))
                .help("use `Ingress` or `Egress`");
        }
    }
}

fn peer(peer: NodeRef<'_>, cx: &mut Context<'_>) {
    let block = peer.field("ipBlock");
    let selector = peer.field("podSelector").or_else(|| peer.field("namespaceSelector"));
    match (block, selector) {
        (Some(block), Some(selector)) => {
            refuse(cx, Key(selector), "a peer is a range of addresses or a selector, not both")
                .label(Key(block), "the range")
                .help("make two peers of it");
        }
        // `from: [null]` is the schema's business, fields of other names too.
        (None, None) if peer.is_map() && peer.entries().all(|entry| entry.value.is_null()) => {
            let help = "name pods, namespaces or addresses; to allow everything, leave out the whole list";
            refuse(cx, peer, "the peer names nobody").help(help).absence();
        }
        _ => {}
    }
    let Some(block) = block else { return };
    let Some(node) = block.word("cidr") else { return };
    let whole = net::check_range(cx, node).or_else(|| Cidr::parse(node.text()).ok());
    for except in block.each("except") {
        let part = net::check_range(cx, except);
        let (Some(whole), Some(part)) = (whole, part) else { continue };
        let inside =
            whole.is_ipv4() == part.is_ipv4() && whole.covers(part) && whole.prefix() < part.prefix();
        if !inside {
            refuse(cx, except, format!("`{}` is no part of `{whole}`", shown(except.text())))
                .label(node, "the range")
                .help("give a smaller range inside of it");
        }
    }
}

fn port(port: NodeRef<'_>, cx: &mut Context<'_>) {
    not_empty(cx, port, &["protocol"]);
    let end = port.field("endPort");
    let Some(node) = port.field("port") else {
        if let Some(end) = end {
            missing(cx, port, "`endPort` does not go without `port`", "set `port` to the first one")
                .label(Key(end), "`endPort`");
        }
        return;
    };
    if let Some(first) = node.as_i64() {
        within(cx, port, &["port"], &(1..=65535));
        if let Some((end, last)) = port.number("endPort") {
            if last < first {
                refuse(cx, end, format!("the last port {last} is below the first, {first}"))
                    .label(node, "the first")
                    .help("give a number that is not smaller");
            } else {
                within(cx, port, &["endPort"], &(1..=65535));
            }
        }
        return;
    }
    if let Some(end) = end {
        refuse(cx, Key(end), "`endPort` does not go with a port of a name")
            .label(node, "the name")
            .help("give both as numbers");
    }
    if let Ok(number) = node.text().parse::<u16>() {
        refuse(cx, node, format!("`{number}` in quotes is the name of a port"))
            .help(format!("write {number} without quotes"));
    } else {
        form(cx, Some(node), "name of a port", names::port_name);
    }
}
