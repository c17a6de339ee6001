//! Ranges that get into each other's way.

use kubevet_core::{
    declare_rule,
    rule::Context,
    settings::{Cluster, Component},
};

use super::ranges::{Address, Range, Use, addresses, balancers, of_components, of_setting, pools};

declare_rule! {
    /// Two address ranges of a cluster overlap, or a node's address lies in one.
    ///
    /// ## Why
    /// An address then belongs to two things: to a pod and a Service, to a pod and a node. What is reached depends on the node that asks, and
    /// it fails on the day when both are in use.
    ///
    /// ## Fix
    /// Choose ranges that have nothing in common with each other, nor with the networks of the nodes. Changing them later means a new cluster.
    ///
    /// ## References
    /// Kubernetes documentation, "Cluster Networking", IP address ranges.
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// networking:
    ///   podSubnet: 10.96.128.0/17
    ///   serviceSubnet: 10.96.0.0/12
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// localAPIEndpoint:
    ///   advertiseAddress: 10.244.1.10
    /// ---
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// networking:
    ///   podSubnet: 10.244.0.0/16
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// networking:
    ///   podSubnet: 10.244.0.0/16
    /// ```
    /// ```yaml with addons/pool.yaml
    /// apiVersion: metallb.io/v1beta1
    /// kind: IPAddressPool
    /// metadata:
    ///   name: default
    ///   namespace: metallb-system
    /// spec:
    ///   addresses:
    ///     - 10.244.10.0/24
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// controlPlaneEndpoint: 192.168.1.10:6443
    /// networking:
    ///   podSubnet: 10.244.0.0/16,fd00:10:244::/56
    ///   serviceSubnet: 10.96.0.0/16,fd00:10:96::/112
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// networking:
    ///   podSubnet: ${POD_CIDR}
    /// ```
    pub NETWORK_OVERLAP {
        id: "consistency/network-overlap",
        class: Consistency,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Cluster(network_overlap),
    }
}

fn network_overlap(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    let mut ranges = of_components(cluster);
    if ranges.is_empty() || several(cluster) {
        return;
    }
    ranges.extend(pools(cluster));
    ranges.extend(balancers(cluster));
    // The same range is often said twice: by a flag and by a field. The one that addresses are given from counts.
    ranges.sort_by_key(|range| !range.given);
    let mut distinct: Vec<&Range> = Vec::new();
    for range in &ranges {
        if !distinct.iter().any(|other| (other.of, other.cidr) == (range.of, range.cidr)) {
            distinct.push(range);
        }
    }
    distinct.sort_by_key(|range| range.of);
    for (at, range) in distinct.iter().enumerate() {
        for other in distinct[..at].iter().filter(|other| other.of != range.of) {
            if range.cidr.overlaps(other.cidr) {
                report_overlap(range, other, cx);
            }
        }
    }
    let mut seen = Vec::new();
    for address in addresses(cluster) {
        let within =
            distinct.iter().find(|range| range.of != Use::Balancer && range.cidr.contains(address.ip));
        if let Some(range) = within.filter(|_| !seen.contains(&address.ip)) {
            report_address(&address, range, cx);
        }
        seen.push(address.ip);
    }
}

/// Whether the files of a folder describe several clusters: their API servers have different ranges.
fn several(cluster: &Cluster<'_>) -> bool {
    let servers = cluster.component(Component::KubeApiserver);
    let mut servers = servers
        .map(|settings| of_setting(settings, "service-cluster-ip-range", Use::Services))
        .map(|ranges| ranges.iter().map(|range| range.cidr).collect::<Vec<_>>());
    let first = servers.next();
    servers.any(|other| Some(other) != first)
}

fn report_overlap(range: &Range, other: &Range, cx: &mut Context<'_>) {
    let (one, two) = (range.of.name(), other.of.name());
    let message = if range.cidr.host_bits() == 0 {
        format!(
            "the {one} address `{}` lies in the {two} range `{}`: it may belong to both",
            range.cidr, other.cidr
        )
    } else {
        format!(
            "the {one} range `{}` overlaps the {two} range `{}`: an address may belong to both",
            range.cidr, other.cidr
        )
    };
    cx.report(range.site.clone(), message)
        .label(other.site.clone(), format!("the {two} range of {}", other.by))
        .help("choose ranges that have nothing in common");
}

fn report_address(address: &Address, range: &Range, cx: &mut Context<'_>) {
    let (ip, of) = (address.ip, range.of.name());
    let message = format!(
        "the address `{ip}` of a node or endpoint lies in the {of} range `{}`: it may be given to a {of}, too",
        range.cidr
    );
    cx.report(address.site.clone(), message)
        .label(range.site.clone(), format!("the {of} range of {}", range.by))
        .help("choose a range that has nothing in common with the network of the nodes");
}
