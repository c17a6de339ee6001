//! Control-plane nodes in kubeadm documents.

use kubevet_core::{
    declare_rule,
    kubernetes::Object,
    rule::{Context, Key},
    settings::Cluster,
};

use super::GROUP;

declare_rule! {
    /// A cluster has no `controlPlaneEndpoint`.
    ///
    /// ## Why
    /// Every kubelet and kubeconfig is then bound to the first node's own address. A second control-plane node cannot be added later
    /// without new certificates and new kubeconfigs for every node.
    ///
    /// ## Fix
    /// Set `controlPlaneEndpoint` to a name or a balancer's address before `kubeadm init`, also for a cluster of one.
    ///
    /// ## References
    /// Kubernetes documentation, "Creating a cluster with kubeadm", considerations about apiserver-advertise-address and ControlPlaneEndpoint.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// ```
    /// ```yaml good
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// controlPlaneEndpoint: api.example.org:6443
    /// ```
    pub CONTROL_PLANE_ENDPOINT_MISSING {
        id: "kubeadm/control-plane-endpoint-missing",
        class: Availability,
        severity: Warning,
        profiles: [production, hardened],
        versions: "all",
        absence: true,
        check: Cluster(control_plane_endpoint_missing),
    }
}

fn control_plane_endpoint_missing(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for object in cluster.documents(GROUP, "ClusterConfiguration") {
        let endpoint = object.node().get("controlPlaneEndpoint");
        if endpoint.is_some_and(|node| !node.is_null() && !node.text().is_empty()) {
            continue;
        }
        let place = endpoint.or_else(|| object.node().get("kind")).unwrap_or(object.node());
        cx.report(place, "`controlPlaneEndpoint` is not set: every node is bound to the first node's address, and a second one cannot be added")
            .help("set it to a DNS name or a balancer's address before `kubeadm init`");
    }
}

declare_rule! {
    /// Control-plane nodes take ordinary pods although the cluster has workers.
    ///
    /// ## Why
    /// Any workload can land beside etcd and the API server: it competes for their memory and disk, and an escape from its container
    /// reaches the cluster's keys.
    ///
    /// ## Fix
    /// Remove `taints: []`: kubeadm then taints the node with `node-role.kubernetes.io/control-plane:NoSchedule`.
    ///
    /// ## References
    /// `NodeRegistrationOptions.Taints` in kubeadm's API types.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// nodeRegistration:
    ///   taints: []
    /// ---
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: JoinConfiguration
    /// discovery:
    ///   file:
    ///     kubeConfigPath: /etc/kubernetes/discovery.conf
    /// ```
    /// ```yaml good
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// nodeRegistration:
    ///   taints: []
    /// ```
    pub CONTROL_PLANE_UNTAINTED {
        id: "kubeadm/control-plane-untainted",
        class: Security,
        severity: Warning,
        profiles: [production, hardened],
        versions: "all",
        check: Cluster(control_plane_untainted),
    }
}

fn control_plane_untainted(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    let joins = || cluster.documents(GROUP, "JoinConfiguration");
    let is_control_plane =
        |object: &Object<'_>| object.node().get("controlPlane").is_some_and(|node| !node.is_null());
    let Some(worker) = joins().find(|object| !is_control_plane(object)) else { return };
    let control_planes =
        cluster.documents(GROUP, "InitConfiguration").chain(joins().filter(is_control_plane));
    for object in control_planes {
        let taints = object.node().at(&["nodeRegistration", "taints"]);
        if let Some(taints) = taints.filter(|taints| taints.is_seq() && taints.is_empty()) {
            cx.report(Key(taints), "`taints: []` lets ordinary pods run beside etcd and the API server, although the cluster has workers")
                .label(worker, "a worker is defined here")
                .help("remove it: kubeadm then taints control-plane nodes");
        }
    }
}
