//! How many control-plane nodes a cluster has.

use std::collections::BTreeSet;

use kubevet_core::{
    declare_rule,
    index::ResourceSet,
    kubernetes::{Object, is_placeholder},
    rule::{Anchor, Context, Key},
    yaml::NodeRef,
};

use crate::effective::is_below;

/// API group of kubeadm's configuration.
const KUBEADM: &str = "kubeadm.k8s.io";

/// Group of Cluster API's control planes, of any provider: `spec.replicas` are their nodes.
const CONTROL_PLANES: &str = "controlplane.cluster.x-k8s.io";

declare_rule! {
    /// A cluster has only one control-plane node.
    ///
    /// ## Why
    /// When it is lost, running pods go on, but nothing is scheduled, healed or changed until it is back; with its own etcd the state of the
    /// cluster is lost, too. kubeadm never adds a second node to a cluster without `controlPlaneEndpoint`.
    ///
    /// ## Fix
    /// Use three nodes. With kubeadm, put a load balancer or a virtual address in front and name it in `controlPlaneEndpoint` before
    /// `kubeadm init`.
    ///
    /// ## References
    /// Kubernetes documentation, "Creating Highly Available Clusters with kubeadm"; `cmd/kubeadm/app/cmd/phases/join/preflight.go`.
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// ---
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// ```
    /// ```yaml bad cluster.yaml
    /// apiVersion: controlplane.cluster.x-k8s.io/v1beta1
    /// kind: KubeadmControlPlane
    /// metadata:
    ///   name: prod
    /// spec:
    ///   version: v1.34.2
    ///   replicas: 1
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// controlPlaneEndpoint: api.example.org:6443
    /// ```
    /// ```yaml good cluster.yaml
    /// apiVersion: controlplane.cluster.x-k8s.io/v1beta1
    /// kind: KubeadmControlPlane
    /// metadata:
    ///   name: prod
    /// spec:
    ///   version: v1.34.2
    ///   replicas: 3
    /// ```
    pub SINGLE_CONTROL_PLANE {
        id: "ha/single-control-plane",
        class: Availability,
        severity: Warning,
        profiles: [production, hardened],
        versions: "all",
        check: Set(single_control_plane),
    }
}

fn single_control_plane(set: &ResourceSet, cx: &mut Context<'_>) {
    for (node, _) in set.objects().filter_map(replicas).filter(|(_, count)| *count == 1) {
        cx.report(
            node,
            "the cluster has one control-plane node: without it nothing is scheduled, healed or changed",
        )
        .help("use 3 replicas");
    }
    let joins = |cluster: Object<'_>| {
        let home = home(cluster);
        let near = |object: &Object<'_>| is_below(object.tree().path(), home);
        let mut joins = set.of_kind(KUBEADM, "JoinConfiguration").filter(near);
        joins.any(|object| control_plane(object).is_some())
    };
    for object in set.of_kind(KUBEADM, "ClusterConfiguration") {
        let endpoint = object.node().get("controlPlaneEndpoint");
        if endpoint.is_none_or(|node| node.text().is_empty()) && !joins(object) {
            let anchor = endpoint.map_or_else(|| object.site(), |node| Key(node).site());
            cx.report(anchor, "without `controlPlaneEndpoint` the cluster stays at one control-plane node: kubeadm adds no second one")
                .help("put a load balancer in front, and name it in `controlPlaneEndpoint` before `kubeadm init`")
                .absence();
        }
    }
}

/// `spec.replicas` of an object that stands for a control plane.
fn replicas(object: Object<'_>) -> Option<(NodeRef<'_>, i64)> {
    let path: &[&str] = match (object.group(), object.kind()) {
        (CONTROL_PLANES, _) => &["spec", "replicas"],
        ("cluster.x-k8s.io", "Cluster") => &["spec", "topology", "controlPlane", "replicas"],
        ("kamaji.clastix.io", "TenantControlPlane") => &["spec", "controlPlane", "deployment", "replicas"],
        _ => return None,
    };
    let node = object.node().at(path)?;
    Some((node, node.as_i64()?))
}

/// The folder that holds the folder of an object's file: the files of one cluster often lie in folders side by side.
fn home(object: Object<'_>) -> &str {
    let path: &str = object.tree().path();
    path.rsplitn(3, '/').nth(2).unwrap_or_default()
}

/// What makes a joining node one of the control plane.
fn control_plane(object: Object<'_>) -> Option<NodeRef<'_>> {
    object.node().get("controlPlane").filter(|node| !node.is_null())
}

declare_rule! {
    /// A control plane with its own etcd has an even number of nodes.
    ///
    /// ## Why
    /// Each change needs more than half of the etcd members. Four nodes bear the loss of one, as three do; two bear none, which is worse
    /// than a single node: the loss of either stops the cluster.
    ///
    /// ## Fix
    /// Use three or five nodes.
    ///
    /// ## References
    /// etcd documentation, "Frequently Asked Questions", why an odd number of members.
    ///
    /// ## Examples
    /// ```yaml bad cluster.yaml
    /// apiVersion: controlplane.cluster.x-k8s.io/v1beta1
    /// kind: KubeadmControlPlane
    /// metadata:
    ///   name: prod
    /// spec:
    ///   version: v1.34.2
    ///   replicas: 2
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// controlPlaneEndpoint: api.example.org:6443
    /// ---
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// nodeRegistration:
    ///   name: cp-1
    /// ```
    /// ```yaml with join.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: JoinConfiguration
    /// nodeRegistration:
    ///   name: cp-2
    /// controlPlane:
    ///   localAPIEndpoint:
    ///     advertiseAddress: 10.0.0.12
    /// ```
    /// ```yaml good cluster.yaml
    /// apiVersion: controlplane.cluster.x-k8s.io/v1beta1
    /// kind: KubeadmControlPlane
    /// metadata:
    ///   name: prod
    /// spec:
    ///   replicas: 2
    ///   kubeadmConfigSpec:
    ///     clusterConfiguration:
    ///       etcd:
    ///         external:
    ///           endpoints: [https://10.0.0.21:2379, https://10.0.0.22:2379, https://10.0.0.23:2379]
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// controlPlaneEndpoint: api.example.org:6443
    /// ---
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// ```
    /// ```yaml with join.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: JoinConfiguration
    /// controlPlane: {}
    /// ```
    pub EVEN_CONTROL_PLANES {
        id: "ha/even-control-planes",
        class: Availability,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        versions: "all",
        check: Set(even_control_planes),
    }
}

fn even_control_planes(set: &ResourceSet, cx: &mut Context<'_>) {
    for object in set.objects().filter(|object| is_stacked(*object)) {
        if let Some((node, count)) = replicas(object) {
            report_even(node, count, cx);
        }
    }
    let mut clusters = set.of_kind(KUBEADM, "ClusterConfiguration");
    // Files of several clusters: nobody knows which node joins which.
    let Some(cluster) = clusters.next().filter(|_| clusters.next().is_none()) else { return };
    if cluster.node().at(&["etcd", "external"]).is_some_and(|node| !node.is_null()) {
        return;
    }
    let inits = set.of_kind(KUBEADM, "InitConfiguration").map(|object| (object, object.node().get("kind")));
    let joins = set.of_kind(KUBEADM, "JoinConfiguration");
    let joins = joins.filter_map(|object| Some((object, Some(control_plane(object)?))));
    let nodes: Vec<_> = inits.chain(joins).collect();
    // A file without the node's name is for any number of nodes.
    let names: Option<BTreeSet<&str>> = nodes.iter().map(|(object, _)| node_name(*object)).collect();
    let distinct = names.is_some_and(|names| names.len() == nodes.len());
    if let Some((_, Some(last))) = nodes.last().filter(|_| distinct) {
        report_even(Key(*last), nodes.len() as i64, cx);
    }
}

fn report_even(anchor: impl Anchor, count: i64, cx: &mut Context<'_>) {
    if count > 0 && count % 2 == 0 {
        let bears = if count == 2 {
            "the loss of either stops it".to_owned()
        } else {
            format!("it bears no more losses than with {}", count - 1)
        };
        cx.report(
            anchor,
            format!("the control plane has {count} nodes with their own etcd, an even number: {bears}"),
        )
        .help(format!("use {} nodes", count + 1));
    }
}

/// Whether each node of the control plane runs a member of etcd.
fn is_stacked(object: Object<'_>) -> bool {
    let lacks = |path: &[&str]| object.node().at(path).is_none_or(NodeRef::is_null);
    object.group() == CONTROL_PLANES
        && match object.kind() {
            "KubeadmControlPlane" => {
                lacks(&["spec", "kubeadmConfigSpec", "clusterConfiguration", "etcd", "external"])
            }
            "RKE2ControlPlane" => lacks(&["spec", "serverConfig", "externalDatastoreSecret"]),
            "TalosControlPlane" => true,
            _ => false,
        }
}

/// What tells a node from the others.
fn node_name(object: Object<'_>) -> Option<&str> {
    let paths: [&[&str]; 3] = [
        &["nodeRegistration", "name"],
        &["localAPIEndpoint", "advertiseAddress"],
        &["controlPlane", "localAPIEndpoint", "advertiseAddress"],
    ];
    let said = paths.iter().find_map(|path| object.node().at(path)?.as_str());
    said.filter(|name| !name.is_empty() && !is_placeholder(name))
}
