//! What a budget allows.

use kubevet_core::{
    declare_rule,
    finding::{Applicability, Edit, Fix},
    index::ResourceSet,
    kubernetes::{Object, PodSpec},
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::coverage::{GROUP, KIND, Scalers, selector};

declare_rule! {
    /// A PodDisruptionBudget allows no eviction: the nodes of its pods cannot be drained.
    ///
    /// ## Why
    /// `kubectl drain`, node upgrades and the cluster autoscaler wait for the budget. One that allows zero evictions
    /// blocks them until somebody deletes it, or the pods. That holds for `maxUnavailable: 0`, for a `minAvailable`
    /// that reaches the number of replicas (percentages round up), and for a budget with neither field.
    ///
    /// ## Fix
    /// Use `maxUnavailable: 1`. A workload of one replica cannot be protected: run two, or accept the interruption.
    ///
    /// ## References
    /// Kubernetes documentation, "Specifying a Disruption Budget for your Application";
    /// `k8s.io/kubernetes/pkg/controller/disruption`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: policy/v1
    /// kind: PodDisruptionBudget
    /// metadata: {name: web}
    /// spec:
    ///   maxUnavailable: 0
    ///   selector: {matchLabels: {app: web}}
    /// ```
    /// ```yaml bad
    /// apiVersion: policy/v1
    /// kind: PodDisruptionBudget
    /// metadata: {name: web}
    /// spec:
    ///   minAvailable: 2
    ///   selector: {matchLabels: {app: web}}
    /// ---
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   replicas: 2
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec: {containers: [{name: web, image: web:1}]}
    /// ```
    /// ```yaml bad
    /// apiVersion: policy/v1
    /// kind: PodDisruptionBudget
    /// metadata: {name: web}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    /// ```
    /// ```yaml good
    /// apiVersion: policy/v1
    /// kind: PodDisruptionBudget
    /// metadata: {name: web}
    /// spec:
    ///   minAvailable: 50%
    ///   selector: {matchLabels: {app: web}}
    /// ---
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   replicas: 2
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec: {containers: [{name: web, image: web:1}]}
    /// ```
    /// ```yaml good
    /// apiVersion: policy/v1
    /// kind: PodDisruptionBudget
    /// metadata: {name: web}
    /// spec:
    ///   maxUnavailable: 1
    ///   selector: {matchLabels: {app: web}}
    /// ```
    pub BLOCKS_DRAIN {
        id: "pdb/blocks-drain",
        class: Availability,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        versions: "all",
        peers: ["kube-linter:pdb-max-unavailable", "kyverno-policies:other/pdb-maxunavailable-with-deployments", "kyverno-policies:other/pdb-maxunavailable", "kube-linter:pdb-min-available", "popeye:POP-901", "kyverno-policies:other/deployment-replicas-higher-than-pdb", "kyverno-policies:other/pdb-minavailable-check", "kyverno-policies:other/require-replicas-allow-disruption", "polaris:pdbDisruptionsIsZero", "kyverno-policies:other/require-reasonable-pdbs", "polaris:pdbMinAvailableGreaterThanHPAMinReplicas", "kube-score:poddisruptionbudget-has-policy"],
        fix: Unsafe,
        check: Set(blocks_drain),
    }
}

fn blocks_drain(set: &ResourceSet, cx: &mut Context<'_>) {
    let scalers = Scalers::new(set);
    for budget in set.of_kind(GROUP, KIND) {
        let Some(spec) = budget.spec() else { continue };
        let field = |name| spec.get(name).filter(|node: &NodeRef<'_>| !node.is_null());
        let name = budget.name().unwrap_or_default();
        match (field("maxUnavailable"), field("minAvailable")) {
            (Some(max), _) => {
                if matches!(Amount::of(max), Some(Amount::Count(0) | Amount::Percent(0))) {
                    let message =
                        format!("budget `{name}` allows no eviction: nodes with its pods cannot be drained");
                    cx.report(max, message).help("use `maxUnavailable: 1`").fix(allow_one(max));
                }
            }
            (None, Some(min)) => least(set, &scalers, budget, min, cx),
            (None, None) if set.is_whole(budget) => {
                let message = format!(
                    "budget `{name}` says neither `minAvailable` nor `maxUnavailable`: it allows no eviction"
                );
                cx.report(Key(spec), message).help("add `maxUnavailable: 1`").absence();
            }
            (None, None) => {}
        }
    }
}

/// `minAvailable`: as many as there are, or all of them.
fn least(
    set: &ResourceSet,
    scalers: &Scalers<'_>,
    budget: Object<'_>,
    min: NodeRef<'_>,
    cx: &mut Context<'_>,
) {
    let name = budget.name().unwrap_or_default();
    let Some(amount) = Amount::of(min) else { return };
    // More than all pods is no budget at all.
    if matches!(amount, Amount::Percent(101..)) && cx.left_to("api/pdb-invalid").is_some() {
        return;
    }
    if matches!(amount, Amount::Percent(100..)) {
        let message =
            format!("budget `{name}` wants all pods available: nodes with its pods cannot be drained");
        cx.report(min, message).help("use `maxUnavailable: 1`").fix(allow_one(min));
        return;
    }
    let Some((replicas, workload)) = protected(set, scalers, budget) else { return };
    let wanted = match amount {
        Amount::Count(count) => count,
        Amount::Percent(percent) => (replicas * percent + 99) / 100,
    };
    if wanted < replicas {
        return;
    }
    let kind = workload.kind();
    let title = workload.name().unwrap_or_default();
    let (message, help) = if replicas == 1 {
        (
            format!(
                "budget `{name}` never lets go of the only replica of {kind} `{title}`: its node cannot be drained"
            ),
            "run two replicas, or accept the interruption with `maxUnavailable: 1`",
        )
    } else {
        (
            format!(
                "budget `{name}` wants {wanted} of the {replicas} replicas of {kind} `{title}`: no node of theirs can be drained"
            ),
            "use `maxUnavailable: 1`",
        )
    };
    let count = workload.node().at(&["spec", "replicas"]);
    let draft = cx.report(min, message).help(help).fix(allow_one(min));
    match count {
        Some(count) => draft.label(count, "the replicas"),
        None => draft.label(workload, "the workload"),
    };
}

/// How few pods a budget may find, with a workload of them. `None` where the files do not tell: pods of other kinds,
/// counts that an autoscaler elsewhere or a kustomization may change.
fn protected<'a>(
    set: &'a ResourceSet,
    scalers: &Scalers<'_>,
    budget: Object<'a>,
) -> Option<(i64, Object<'a>)> {
    let namespace = set.namespace(budget).name()?;
    let selector = selector(budget).filter(|selector| !selector.is_empty())?;
    let workloads: Vec<Object<'a>> = set.selected(namespace, &selector).map(PodSpec::object).collect();
    let mut total = 0;
    for workload in &workloads {
        let workload = *workload;
        let counted =
            matches!(workload.kind(), "Deployment" | "ReplicaSet" | "ReplicationController" | "StatefulSet");
        let known = set.namespace(workload).name() == Some(namespace) && set.is_whole(workload);
        // Without `replicas` somebody else may set them, unless the files are everything.
        let said = workload.node().at(&["spec", "replicas"]).is_some() || set.closed(Some(namespace));
        if !(counted && known && said) {
            return None;
        }
        total += scalers.replicas(workload, namespace)?;
    }
    let first = *workloads.first()?;
    // The same workload twice: alternatives, not parts.
    let twice = workloads.iter().skip(1).any(|other| other.name() == first.name());
    (total > 0 && !twice).then_some((total, first))
}

/// A number of pods, or a share of them.
enum Amount {
    Count(i64),
    Percent(i64),
}

impl Amount {
    fn of(node: NodeRef<'_>) -> Option<Self> {
        if let Some(count) = node.as_i64() {
            return Some(Amount::Count(count));
        }
        let percent = node.as_str()?.strip_suffix('%')?.parse().ok()?;
        Some(Amount::Percent(percent))
    }
}

fn allow_one(node: NodeRef<'_>) -> Fix {
    let value = Edit { span: node.span(), text: "1".into() };
    let key = node.key_node().filter(|key| key.text() != "maxUnavailable");
    let key = key.map(|key| Edit { span: key.span(), text: "maxUnavailable".into() });
    Fix {
        title: "allow one eviction at a time".into(),
        applicability: Applicability::Unsafe,
        edits: key.into_iter().chain([value]).collect(),
    }
}
