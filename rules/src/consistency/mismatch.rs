//! Ranges that several components are told differently.

use kubevet_core::{
    declare_rule,
    kubernetes::values::net::Cidr,
    rule::Context,
    settings::{Cluster, Component},
};

use super::ranges::{Range, Use, of_setting, pools};

declare_rule! {
    /// The API server and the controller manager have different Service ranges.
    ///
    /// ## Why
    /// The controller manager keeps the Service range out of what it gives to nodes for pods. With another range it may give addresses of
    /// Services to pods.
    ///
    /// ## Fix
    /// Give both the same `--service-cluster-ip-range`.
    ///
    /// ## References
    /// Kubernetes documentation, "kube-controller-manager", `--service-cluster-ip-range`.
    ///
    /// ## Examples
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --service-cluster-ip-range=10.32.0.0/24
    /// ```
    /// ```ini with kube-controller-manager.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-controller-manager --allocate-node-cidrs --service-cluster-ip-range=10.0.0.0/24
    /// ```
    /// ```ini good kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --service-cluster-ip-range=10.32.0.0/24
    /// ```
    /// ```ini with kube-controller-manager.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-controller-manager --allocate-node-cidrs --service-cluster-ip-range=10.32.0.0/24
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// networking:
    ///   serviceSubnet: 10.100.0.0/16
    ///   podSubnet: 10.244.0.0/16
    /// ```
    pub SERVICE_CIDR_MISMATCH {
        id: "consistency/service-cidr-mismatch",
        class: Consistency,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Cluster(service_cidr_mismatch),
    }
}

fn service_cidr_mismatch(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    let name = "service-cluster-ip-range";
    let Some(servers) = agreed(cluster, Component::KubeApiserver, name, Use::Services) else { return };
    let Some(managers) = agreed(cluster, Component::KubeControllerManager, name, Use::Services) else {
        return;
    };
    // Without `--allocate-node-cidrs` the controller manager does nothing with its range.
    if managers.iter().any(|range| range.given) && !same(&servers, &managers) {
        let message = format!(
            "kube-controller-manager has the Service range `{}`, kube-apiserver has `{}`: pods may get addresses of Services",
            text(&managers),
            text(&servers)
        );
        cx.report(managers[0].site.clone(), message)
            .label(servers[0].site.clone(), "the range of kube-apiserver")
            .help("give both the same range");
    }
}

declare_rule! {
    /// The controller manager, kube-proxy and the network plugin have different pod ranges.
    ///
    /// ## Why
    /// kube-proxy takes traffic from outside of its range for foreign and hides its source, so network policies do not see who calls. flannel
    /// does not even start when the nodes' ranges are not inside its own.
    ///
    /// ## Fix
    /// Use one range everywhere. A pool of the network plugin may lie inside it.
    ///
    /// ## References
    /// Kubernetes documentation, "kube-proxy Configuration (v1alpha1)", `clusterCIDR`; kubeadm's `networking.podSubnet`.
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// networking:
    ///   podSubnet: 10.244.0.0/16
    /// ---
    /// apiVersion: kubeproxy.config.k8s.io/v1alpha1
    /// kind: KubeProxyConfiguration
    /// clusterCIDR: 10.200.0.0/16
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// networking:
    ///   podSubnet: 10.10.0.0/16
    /// ```
    /// ```yaml with addons/kube-flannel.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: kube-flannel-cfg
    ///   namespace: kube-flannel
    /// data:
    ///   net-conf.json: |
    ///     {
    ///       "Network": "10.244.0.0/16",
    ///       "Backend": {"Type": "vxlan"}
    ///     }
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// networking:
    ///   podSubnet: 10.244.0.0/16
    /// ```
    /// ```yaml with addons/pool.yaml
    /// apiVersion: crd.projectcalico.org/v1
    /// kind: IPPool
    /// metadata:
    ///   name: default
    /// spec:
    ///   cidr: 10.244.128.0/17
    /// ```
    pub POD_CIDR_MISMATCH {
        id: "consistency/pod-cidr-mismatch",
        class: Consistency,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Cluster(pod_cidr_mismatch),
    }
}

fn pod_cidr_mismatch(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    let managers = agreed(cluster, Component::KubeControllerManager, "cluster-cidr", Use::Pods);
    let proxies = agreed(cluster, Component::KubeProxy, "clusterCIDR", Use::Pods);
    if let (Some(managers), Some(proxies)) = (&managers, &proxies)
        // A range that holds the other takes nothing for foreign.
        && !managers.iter().all(|one| proxies.iter().any(|other| other.cidr.covers(one.cidr)))
    {
        let message = format!(
            "kube-proxy has the pod range `{}`, kube-controller-manager has `{}`: traffic of pods is taken for foreign",
            text(proxies),
            text(managers)
        );
        cx.report(proxies[0].site.clone(), message)
            .label(managers[0].site.clone(), "the range that nodes get theirs from")
            .help("use one range for both");
    }
    let Some(told) = managers.or(proxies) else { return };
    let pools = pools(cluster);
    for ipv4 in [true, false] {
        let of_family = |range: &&Range| range.cidr.is_ipv4() == ipv4;
        let Some(range) = told.iter().find(of_family) else { continue };
        let mut pools = pools.iter().filter(of_family).peekable();
        let Some(first) = pools.peek().copied() else { continue };
        let fits = |pool: &Range| range.cidr.covers(pool.cidr) || pool.cidr.covers(range.cidr);
        if !pools.any(fits) {
            let message = format!(
                "{} gives pods addresses of `{}`, the cluster's pod range is `{}`: kube-proxy takes their traffic for foreign",
                first.by, first.cidr, range.cidr
            );
            cx.report(first.site.clone(), message)
                .label(range.site.clone(), format!("the pod range of {}", range.by))
                .help("use the cluster's pod range, or a part of it");
        }
    }
}

/// The ranges that all copies of a component have which have some; `None` where nobody has, or they differ: then the
/// files are of several clusters.
fn agreed(cluster: &Cluster<'_>, component: Component, name: &str, of: Use) -> Option<Vec<Range>> {
    let copies = cluster.component(component).map(|settings| of_setting(settings, name, of));
    let mut copies = copies.filter(|ranges| !ranges.is_empty());
    let first = copies.next()?;
    copies.all(|other| same(&first, &other)).then_some(first)
}

/// Whether two lists hold the same ranges, in any order.
fn same(one: &[Range], other: &[Range]) -> bool {
    let holds = |list: &[Range], cidr: Cidr| list.iter().any(|range| range.cidr == cidr);
    one.iter().all(|range| holds(other, range.cidr)) && other.iter().all(|range| holds(one, range.cidr))
}

fn text(ranges: &[Range]) -> String {
    let texts: Vec<_> = ranges.iter().map(|range| range.cidr.to_string()).collect();
    texts.join(",")
}
