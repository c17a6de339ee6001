//! Which workloads have a budget.

use std::collections::{HashMap, HashSet};

use kubevet_core::{
    declare_rule,
    index::ResourceSet,
    kubernetes::{Object, PodSpec, values::selector::Selector},
    rule::{Context, Key},
    yaml::{NodeId, NodeRef},
};

/// API group of disruption budgets.
pub const GROUP: &str = "policy";
/// Kind of disruption budgets.
pub const KIND: &str = "PodDisruptionBudget";

declare_rule! {
    /// A workload of several replicas has no PodDisruptionBudget.
    ///
    /// ## Why
    /// A drained node evicts its pods at once. Without a budget nothing stops a maintenance or the cluster autoscaler
    /// from evicting all replicas in the same minute.
    ///
    /// ## Fix
    /// Add a budget with `maxUnavailable: 1` that selects the pods.
    ///
    /// ## References
    /// Kubernetes documentation, "Disruptions" and "Specifying a Disruption Budget for your Application".
    ///
    /// ## Examples
    /// ```yaml bad closed
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   replicas: 3
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec: {containers: [{name: web, image: web:1}]}
    /// ```
    /// ```yaml good closed
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   replicas: 3
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec: {containers: [{name: web, image: web:1}]}
    /// ```
    /// ```yaml with budget.yaml
    /// apiVersion: policy/v1
    /// kind: PodDisruptionBudget
    /// metadata: {name: web}
    /// spec:
    ///   maxUnavailable: 1
    ///   selector: {matchLabels: {app: web}}
    /// ```
    /// ```yaml good closed
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   replicas: 1
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec: {containers: [{name: web, image: web:1}]}
    /// ```
    pub MISSING {
        id: "pdb/missing",
        class: Availability,
        severity: Warning,
        profiles: [production, hardened],
        versions: "all",
        peers: ["kube-score:statefulset-has-poddisruptionbudget", "kube-score:deployment-has-poddisruptionbudget", "polaris:missingPodDisruptionBudget", "kics:deployment_without_pod_disruption_budget", "kics:statefulset_without_pod_disruption_budget", "popeye:POP-206", "kyverno-policies:other/require-pdb"],
        absence: true,
        check: Set(missing),
    }
}

fn missing(set: &ResourceSet, cx: &mut Context<'_>) {
    let scalers = Scalers::new(set);
    let mut covered = HashSet::new();
    let mut unclear = HashSet::new();
    for budget in set.of_kind(GROUP, KIND) {
        let Some(namespace) = set.namespace(budget).name() else { continue };
        match selector(budget) {
            Some(selector) => covered.extend(set.selected(namespace, &selector).map(place)),
            // A selector that nobody knows may be the right one.
            None => {
                unclear.insert(namespace);
            }
        }
    }
    let workloads = ["Deployment", "StatefulSet"].into_iter().flat_map(|kind| set.of_kind("apps", kind));
    for pod in workloads.filter_map(PodSpec::of) {
        let workload = pod.object();
        let Some(namespace) = set.namespace(workload).name() else { continue };
        let Some(replicas) = scalers.replicas(workload, namespace).filter(|replicas| *replicas > 1) else {
            continue;
        };
        if covered.contains(&place(pod)) || unclear.contains(namespace) || !set.closed(Some(namespace)) {
            continue;
        }
        let name = workload.name().unwrap_or_default();
        cx.report(workload, format!("no disruption budget covers the {replicas} replicas of `{name}`: a drain may evict all at once"))
            .help("add a PodDisruptionBudget with `maxUnavailable: 1` for its pods");
    }
}

fn place(pod: PodSpec<'_>) -> (&str, NodeId) {
    (pod.node().tree().path(), pod.node().id())
}

declare_rule! {
    /// The selector of a PodDisruptionBudget matches no pod: the budget protects nothing.
    ///
    /// ## Why
    /// A budget holds for pods whose labels match its selector. One letter of difference, and a drain evicts the pods
    /// that were meant all at once.
    ///
    /// ## Fix
    /// Select labels that a pod template has. (An empty selector selects every pod of the namespace.)
    ///
    /// ## References
    /// Kubernetes documentation, "Specifying a Disruption Budget for your Application".
    ///
    /// ## Examples
    /// ```yaml bad closed
    /// apiVersion: policy/v1
    /// kind: PodDisruptionBudget
    /// metadata: {name: web}
    /// spec:
    ///   maxUnavailable: 1
    ///   selector: {matchLabels: {name: web}}
    /// ```
    /// ```yaml with deployment.yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   replicas: 3
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec: {containers: [{name: web, image: web:1}]}
    /// ```
    /// ```yaml good closed
    /// apiVersion: policy/v1
    /// kind: PodDisruptionBudget
    /// metadata: {name: all}
    /// spec:
    ///   maxUnavailable: 1
    ///   selector: {}
    /// ```
    pub SELECTS_NOTHING {
        id: "pdb/selects-nothing",
        class: Consistency,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: ["popeye:POP-900"],
        absence: true,
        check: Set(selects_nothing),
    }
}

fn selects_nothing(set: &ResourceSet, cx: &mut Context<'_>) {
    for budget in set.of_kind(GROUP, KIND) {
        let Some(namespace) = set.namespace(budget).name() else { continue };
        let Some(selector) = selector(budget).filter(|selector| !selector.is_empty()) else { continue };
        let Some(unmatched) = set.selects_nothing(budget, namespace, &selector) else { continue };
        let Some(node) = budget.spec().and_then(|spec| spec.get("selector")) else { continue };
        let name = budget.name().unwrap_or_default();
        let message = format!("no pod has the labels that budget `{name}` selects: it protects nothing");
        match unmatched.near {
            Some((requirement, said)) => cx.report(requirement, message).label(said, unmatched.describe()),
            None => cx.report(Key(node), message),
        }
        .help("select labels that a pod template has");
    }
}

/// The selector of a budget; `None` when it has none or something in it is not known.
pub fn selector(budget: Object<'_>) -> Option<Selector<'_>> {
    Selector::of_label_selector(budget.spec()?.get("selector")?)
}

/// The autoscalers of a set.
pub struct Scalers<'a> {
    /// The smallest number of replicas by namespace, kind and name of the workload; `None` where nobody can tell.
    minimum: HashMap<(&'a str, &'a str, &'a str), Option<i64>>,
}

impl<'a> Scalers<'a> {
    /// Finds them.
    pub fn new(set: &'a ResourceSet) -> Self {
        let mut minimum = HashMap::new();
        for (group, kind) in [("autoscaling", "HorizontalPodAutoscaler"), ("keda.sh", "ScaledObject")] {
            for scaler in set.of_kind(group, kind) {
                let target = |field| scaler.node().at(&["spec", "scaleTargetRef", field]).map(NodeRef::text);
                let (Some(namespace), Some(name)) = (set.namespace(scaler).name(), target("name")) else {
                    continue;
                };
                let key = (namespace, target("kind").unwrap_or("Deployment"), name);
                // KEDA may scale to zero when nobody says otherwise.
                let least = match group {
                    "autoscaling" => count(scaler.node().at(&["spec", "minReplicas"])),
                    _ => scaler.node().at(&["spec", "minReplicaCount"]).and_then(NodeRef::as_i64),
                };
                minimum.insert(key, least);
            }
        }
        Scalers { minimum }
    }

    /// How few replicas a workload may have: the minimum of the autoscaler that scales it, else `replicas`, else one.
    /// `None` where nobody can tell.
    pub fn replicas(&self, workload: Object<'_>, namespace: &str) -> Option<i64> {
        match self.minimum.get(&(namespace, workload.kind(), workload.name()?)) {
            Some(minimum) => *minimum,
            None => count(workload.node().at(&["spec", "replicas"])),
        }
    }
}

/// A number of replicas, one by default.
fn count(node: Option<NodeRef<'_>>) -> Option<i64> {
    match node.filter(|node| !node.is_null()) {
        Some(node) => node.as_i64(),
        None => Some(1),
    }
}
