//! The ranges of addresses that a cluster uses, and who says them.

use std::net::IpAddr;

use kubevet_core::{
    finding::Site,
    kubernetes::{
        Object, PodSpec,
        values::net::{Cidr, Url, parse_ip, split_host_port},
    },
    rule::Anchor,
    settings::{Carrier, Cluster, Component, Origin, Setting, Settings},
    yaml::NodeRef,
};

use crate::effective::said;

/// What a range is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// Addresses of Services.
    Services,
    /// Addresses of pods.
    Pods,
    /// Addresses that a load balancer gives to Services.
    Balancer,
}

impl Use {
    /// As an adjective: "pod range".
    pub const fn name(self) -> &'static str {
        match self {
            Use::Services => "Service",
            Use::Pods => "pod",
            Use::Balancer => "load-balancer",
        }
    }
}

/// A range with the place that says it.
#[derive(Clone, Debug)]
pub struct Range {
    pub of: Use,
    pub cidr: Cidr,
    pub site: Site,
    /// Who uses or sets it: "kube-controller-manager", "flannel".
    pub by: String,
    /// Addresses are given from it, to nothing else than it is for.
    pub given: bool,
}

/// An address of a node, with the place that says it.
pub struct Address {
    pub ip: IpAddr,
    pub site: Site,
}

/// Settings that hold ranges, with their component.
const SETTINGS: &[(Component, &str, Use)] = &[
    (Component::KubeApiserver, "service-cluster-ip-range", Use::Services),
    (Component::KubeControllerManager, "service-cluster-ip-range", Use::Services),
    (Component::KubeControllerManager, "cluster-cidr", Use::Pods),
    (Component::KubeProxy, "clusterCIDR", Use::Pods),
];

/// The ranges that the components of a cluster are told, installers included.
pub fn of_components(cluster: &Cluster<'_>) -> Vec<Range> {
    let all = SETTINGS.iter().flat_map(|(component, name, of)| {
        cluster.component(*component).flat_map(|settings| of_setting(settings, name, *of))
    });
    all.collect()
}

/// The ranges of one setting; none where one of them cannot be read.
pub fn of_setting(settings: &Settings, name: &str, of: Use) -> Vec<Range> {
    let Some(setting) = said(settings, name) else { return Vec::new() };
    let by = match setting.origin() {
        Some(Origin::Injected(who, _)) => (*who).to_owned(),
        _ => settings.component.to_string(),
    };
    let parsed: Result<Vec<_>, _> = setting.list().unwrap_or_default().into_iter().map(Cidr::parse).collect();
    // kube-proxy may be told the network that nodes and pods share.
    let given = match settings.component {
        Component::KubeProxy => false,
        Component::KubeControllerManager => settings.get("allocate-node-cidrs").as_bool() == Some(true),
        _ => true,
    };
    let ranges = parsed.unwrap_or_default().into_iter();
    ranges.map(|cidr| Range { of, cidr, site: setting.site(), by: by.clone(), given }).collect()
}

/// Whether the set describes one cluster alone, so that network objects anywhere in it are this cluster's.
fn is_alone(cluster: &Cluster<'_>) -> bool {
    let others = cluster.set.clusters().iter().filter(|other| other.name != cluster.settings.name);
    let mut others = others.map(|settings| Cluster { settings, set: cluster.set });
    others.all(|other| of_components(&other).is_empty())
}

/// The pools that a network plugin takes addresses of pods from.
pub fn pools(cluster: &Cluster<'_>) -> Vec<Range> {
    if !is_alone(cluster) {
        return Vec::new();
    }
    let set = cluster.set;
    let mut found = Vec::new();
    for group in ["crd.projectcalico.org", "projectcalico.org"] {
        for object in set.of_kind(group, "IPPool") {
            found.extend(pool(object.node().at(&["spec", "cidr"]), "Calico's IPPool"));
        }
    }
    for object in set.of_kind("operator.tigera.io", "Installation") {
        let pools = object.node().at(&["spec", "calicoNetwork", "ipPools"]);
        for item in pools.into_iter().flat_map(NodeRef::items) {
            found.extend(pool(item.get("cidr"), "Calico's Installation"));
        }
    }
    for pod in set.of_kind("apps", "DaemonSet").filter_map(PodSpec::of) {
        for entry in pod.containers().filter_map(|container| container.get("env")).flat_map(NodeRef::items) {
            if entry.get("name").is_some_and(|name| name.text() == "CALICO_IPV4POOL_CIDR") {
                found.extend(pool(entry.get("value"), "calico-node"));
            }
        }
    }
    for object in set.of_kind("", "ConfigMap") {
        let data = |key| object.node().at(&["data", key]);
        match object.name() {
            Some("cilium-config") => {
                found.extend(pool(data("cluster-pool-ipv4-cidr"), "Cilium"));
            }
            Some("kube-flannel-cfg") => found.extend(data("net-conf.json").and_then(flannel)),
            _ => {}
        }
    }
    found
}

/// `"Network": "10.244.0.0/16"` of flannel's `net-conf.json`.
fn flannel(node: NodeRef<'_>) -> Option<Range> {
    let text = node.text();
    let key = text.find("\"Network\"")? + "\"Network\"".len();
    let start = key + text[key..].find('"')? + 1;
    let end = start + text[start..].find('"')?;
    let cidr = Cidr::parse(&text[start..end]).ok()?;
    let mut site = node.site();
    site.place.span = node.text_span(start..end).unwrap_or(site.place.span);
    Some(Range { of: Use::Pods, cidr, site, by: "flannel".to_owned(), given: true })
}

/// The ranges that load balancers inside the cluster give addresses from.
pub fn balancers(cluster: &Cluster<'_>) -> Vec<Range> {
    if !is_alone(cluster) {
        return Vec::new();
    }
    let set = cluster.set;
    let metallb = set.of_kind("metallb.io", "IPAddressPool").map(|object| ("MetalLB", object, "addresses"));
    let cilium = set.of_kind("cilium.io", "CiliumLoadBalancerIPPool");
    let cilium = cilium.map(|object| ("Cilium", object, "blocks"));
    let mut found = Vec::new();
    for (by, object, field) in metallb.chain(cilium) {
        for item in object.node().at(&["spec", field]).into_iter().flat_map(NodeRef::items) {
            let node = item.get("cidr").or_else(|| item.get("start")).unwrap_or(item);
            // `10.0.0.1-10.0.0.9`: what its first address is in stands for all.
            let first = node.text().split('-').next().unwrap_or_default().trim();
            let length = if first.contains(':') { 128 } else { 32 };
            let cidr = Cidr::parse(first).or_else(|_| Cidr::parse(&format!("{first}/{length}")));
            let by = by.to_owned();
            found.extend(cidr.ok().map(|cidr| Range {
                of: Use::Balancer,
                cidr,
                site: node.site(),
                by,
                given: true,
            }));
        }
    }
    found
}

fn pool(node: Option<NodeRef<'_>>, by: &str) -> Option<Range> {
    let node = node?;
    let cidr = Cidr::parse(node.text()).ok()?;
    Some(Range { of: Use::Pods, cidr, site: node.site(), by: by.to_owned(), given: true })
}

/// Settings that hold an address of a node, or URLs with one.
const ADDRESSES: &[(Component, &str)] = &[
    (Component::KubeApiserver, "advertise-address"),
    (Component::KubeApiserver, "etcd-servers"),
    (Component::Kubelet, "node-ip"),
    (Component::Etcd, "advertise-client-urls"),
    (Component::Etcd, "initial-advertise-peer-urls"),
];

/// The addresses of nodes, and of the endpoint in front of them.
pub fn addresses(cluster: &Cluster<'_>) -> Vec<Address> {
    let mut found = Vec::new();
    for (component, name) in ADDRESSES {
        // A control plane in pods of another cluster has addresses of that one.
        let own = cluster.component(*component).filter(|settings| settings.carrier != Carrier::Workload);
        for setting in own.filter_map(|settings| said(settings, name)) {
            found.extend(ips(&setting).into_iter().map(|ip| Address { ip, site: setting.site() }));
        }
    }
    for object in cluster.documents("kubeadm.k8s.io", "ClusterConfiguration") {
        found.extend(endpoint(object));
    }
    found.retain(|address| !address.ip.is_loopback() && !address.ip.is_unspecified());
    found
}

fn ips(setting: &Setting<'_>) -> Vec<IpAddr> {
    let items = setting.list().unwrap_or_default().into_iter();
    items.filter_map(|item| parse_ip(Url::parse(item).map_or(item, |url| url.host))).collect()
}

fn endpoint(object: Object<'_>) -> Option<Address> {
    let node = object.node().get("controlPlaneEndpoint")?;
    let (host, _) = split_host_port(node.text())?;
    Some(Address { ip: parse_ip(host)?, site: node.site() })
}
