//! How replicas spread over nodes.

use kubevet_core::{declare_rule, kubernetes::PodSpec, rule::Context, yaml::NodeRef};

declare_rule! {
    /// A workload of several replicas does not say that they run on different nodes.
    ///
    /// ## Why
    /// Without anti-affinity or spread constraints the scheduler may put all replicas on one node (its own default
    /// constraints are weak wishes): one lost node is an outage.
    ///
    /// ## Fix
    /// Add `topologySpreadConstraints` over `kubernetes.io/hostname`, or `podAntiAffinity`; preferred is enough.
    ///
    /// ## References
    /// Kubernetes documentation, "Pod Topology Spread Constraints" and "Assigning Pods to Nodes".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   replicas: 3
    ///   template:
    ///     spec: {containers: [{name: web, image: web:1}]}
    /// ```
    /// ```yaml good
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   replicas: 3
    ///   template:
    ///     spec:
    ///       topologySpreadConstraints:
    ///       - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway}
    ///       containers: [{name: web, image: web:1}]
    /// ```
    /// ```yaml good
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   template:
    ///     spec: {containers: [{name: web, image: web:1}]}
    /// ```
    pub ANTI_AFFINITY_MISSING {
        id: "scheduling/anti-affinity-missing",
        class: Availability,
        severity: Info,
        profiles: [production, hardened],
        versions: "all",
        peers: ["kube-linter:no-anti-affinity", "kube-score:deployment-has-host-podantiaffinity", "kube-score:statefulset-has-host-podantiaffinity", "kics:deployment_has_no_pod_anti_affinity", "kics:statefulset_has_no_pod_anti_affinity"],
        absence: true,
        check: Pod(anti_affinity_missing),
    }
}

fn anti_affinity_missing(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let owner = pod.object();
    if !matches!(owner.kind(), "Deployment" | "StatefulSet") {
        return;
    }
    let Some(replicas) =
        owner.node().at(&["spec", "replicas"]).and_then(NodeRef::as_i64).filter(|count| *count > 1)
    else {
        return;
    };
    let says = |path: &[&str]| pod.node().at(path).is_some_and(|node| !node.is_null() && !node.is_empty());
    if !says(&["affinity", "podAntiAffinity"]) && !says(&["topologySpreadConstraints"]) {
        let name = owner.name().unwrap_or_default();
        cx.report(
            owner,
            format!("the {replicas} replicas of `{name}` may all run on one node: losing it is an outage"),
        )
        .help("add `topologySpreadConstraints` over `kubernetes.io/hostname`, or `podAntiAffinity`");
    }
}
