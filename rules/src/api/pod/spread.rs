//! Topology spread constraints, and selectors of pods.

use std::collections::HashMap;

use kubevet_core::{
    declare_rule,
    kubernetes::{PodSpec, values::names},
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::{
    affinity::pod_terms,
    check::{absent, format, given, has_feature, is_complete, objects, one_of, required, shown, within},
};

declare_rule! {
    /// A topology spread constraint has a number, a word or a key that the API server refuses, or repeats another constraint.
    ///
    /// ## Why
    /// The API server refuses the object: `maxSkew` and `minDomains` are positive, `minDomains` needs `whenUnsatisfiable: DoNotSchedule`, and a
    /// pair of `topologyKey` and `whenUnsatisfiable` stands once. Fields that are missing altogether are left to `schema/missing-required`.
    ///
    /// ## Fix
    /// Correct the value, or remove the repeated constraint.
    ///
    /// ## References
    /// `validateTopologySpreadConstraints` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   topologySpreadConstraints:
    ///     - {maxSkew: 0, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule, labelSelector: {}}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   topologySpreadConstraints:
    ///     - maxSkew: 1
    ///       minDomains: 2
    ///       topologyKey: kubernetes.io/hostname
    ///       whenUnsatisfiable: ScheduleAnyway
    ///       labelSelector: {matchLabels: {app: web}}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   topologySpreadConstraints:
    ///     - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}}
    ///     - {maxSkew: 2, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: db}}}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   topologySpreadConstraints:
    ///     - maxSkew: 1
    ///       minDomains: 2
    ///       topologyKey: topology.kubernetes.io/zone
    ///       whenUnsatisfiable: DoNotSchedule
    ///       nodeTaintsPolicy: Honor
    ///       labelSelector: {matchLabels: {app: web}}
    ///       matchLabelKeys: [pod-template-hash]
    ///     - {maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: {}}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub TOPOLOGY_SPREAD_INVALID {
        id: "api/topology-spread-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: [
            "kube-score:pod-topology-spread-constraints", "polaris:topologySpreadConstraint",
            "datree:EKS_MISSING_KEY_TOPOLOGYKEY", "kyverno-policies:other/topologyspreadconstraints-policy",
        ],
        check: Pod(topology_spread_invalid),
    }
}

fn topology_spread_invalid(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let mut pairs = Pairs::new();
    for constraint in objects(pod.node(), "topologySpreadConstraints") {
        let who = "a topology spread constraint";
        if required(cx, constraint, "maxSkew", who)
            && let Some(skew) = constraint.get("maxSkew")
        {
            within(cx, skew, "`maxSkew`", 1..=i64::MAX);
        }
        required(cx, constraint, "topologyKey", who);
        let action = given(constraint, "whenUnsatisfiable");
        if let Some(action) = action.filter(|_| required(cx, constraint, "whenUnsatisfiable", who)) {
            one_of(cx, action, "`whenUnsatisfiable`", &["DoNotSchedule", "ScheduleAnyway"]);
        }
        check_repeated(&mut pairs, constraint, cx);
        if let Some(domains) = given(constraint, "minDomains") {
            within(cx, domains, "`minDomains`", 1..=i64::MAX);
            if let Some(action) = action.filter(|action| action.as_str() == Some("ScheduleAnyway")) {
                cx.report(
                    Key(domains),
                    "`minDomains` is without `whenUnsatisfiable: DoNotSchedule`: the API server refuses it",
                )
                .label(action, "it says this")
                .help("remove `minDomains`, or set `DoNotSchedule`");
            }
        }
        for field in ["nodeAffinityPolicy", "nodeTaintsPolicy"] {
            if let Some(policy) = given(constraint, field) {
                one_of(cx, policy, format_args!("`{field}`"), &["Honor", "Ignore"]);
            }
        }
        if given(constraint, "matchLabelKeys").is_some() {
            check_label_keys(pod, constraint, cx);
        }
    }
}

/// The pairs of topology key and action that were met.
type Pairs<'t> = HashMap<(&'t str, &'t str), NodeRef<'t>>;

fn check_repeated<'t>(pairs: &mut Pairs<'t>, constraint: NodeRef<'t>, cx: &mut Context<'_>) {
    let (key, action) = (constraint.get("topologyKey"), constraint.get("whenUnsatisfiable"));
    let (Some(key), Some(action)) = (key, action) else { return };
    if let Some(first) = pairs.insert((key.text(), action.text()), constraint) {
        let message = format!(
            "two constraints are about `{}` and `{}`: the API server refuses the pod",
            shown(key.text()),
            shown(action.text())
        );
        cx.report(key, message).label(first, "the first one").help("keep one of them");
    }
}

/// `ValidateMatchLabelKeysAndMismatchLabelKeys`, and what was asked before the keys were merged into the selector.
pub(super) fn check_label_keys(pod: PodSpec<'_>, holder: NodeRef<'_>, cx: &mut Context<'_>) {
    let selector = given(holder, "labelSelector");
    let keys = |field| holder.get(field).into_iter().flat_map(NodeRef::items);
    for field in ["matchLabelKeys", "mismatchLabelKeys"] {
        let list = given(holder, field).filter(|list| !list.is_empty());
        if let Some(list) = list.filter(|_| selector.is_none()) {
            cx.report(Key(list), format!("`{field}` is without `labelSelector`: the API server refuses it"))
                .help("add a `labelSelector`")
                .absence();
            continue;
        }
        for key in keys(field) {
            format(cx, key, format_args!("a key in `{field}`"), names::qualified_name);
        }
    }
    let of_affinity = holder.get("maxSkew").is_none();
    let merged = of_affinity || has_feature(cx, "MatchLabelKeysInPodTopologySpreadSelectorMerge");
    for key in keys("matchLabelKeys") {
        if let Some(other) = keys("mismatchLabelKeys").find(|other| other.text() == key.text()) {
            let message = format!(
                "`{}` stands in `matchLabelKeys` and `mismatchLabelKeys`: the API server refuses it",
                key.text()
            );
            cx.report(key, message).label(other, "the other one").help("keep one of them");
        }
        let Some(other) = selector.and_then(|selector| in_selector(selector, key.text())) else { continue };
        // The server adds what a Pod's own label says to the selector before it looks.
        let labelled = pod.labels().any(|(label, _)| label == key.text());
        if !merged || pod.object().is("", "Pod") && labelled {
            let message = format!(
                "`{}` stands in `matchLabelKeys` and in `labelSelector`: the API server refuses it",
                key.text()
            );
            cx.report(key, message).label(other, "the other one").help("remove one of them");
        }
    }
}

/// Where a selector names a label.
fn in_selector<'t>(selector: NodeRef<'t>, label: &str) -> Option<NodeRef<'t>> {
    let expressions = objects(selector, "matchExpressions").filter_map(|expression| expression.get("key"));
    let named = expressions.into_iter().find(|key| key.text() == label);
    named.or_else(|| selector.at(&["matchLabels", label]))
}

declare_rule! {
    /// A topology spread constraint or a pod affinity has no label selector, and so is about no pod.
    ///
    /// ## Why
    /// The API server accepts it with a warning: a selector that is absent matches nothing, an empty one (`{}`) matches every pod of the
    /// namespace. The constraint has no effect.
    ///
    /// ## Fix
    /// Select the labels of the pods that are meant, most often those of the pod itself.
    ///
    /// ## References
    /// `warningsForPodSpecAndMeta` in `k8s.io/kubernetes/pkg/api/pod`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web, labels: {app: web}}
    /// spec:
    ///   topologySpreadConstraints:
    ///     - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web, labels: {app: web}}
    /// spec:
    ///   affinity:
    ///     podAntiAffinity:
    ///       requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname}]
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web, labels: {app: web}}
    /// spec:
    ///   topologySpreadConstraints:
    ///     - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule, labelSelector: {}}
    ///   affinity:
    ///     podAntiAffinity:
    ///       requiredDuringSchedulingIgnoredDuringExecution:
    ///         - {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub NULL_LABEL_SELECTOR {
        id: "api/null-label-selector",
        class: Correctness,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "all",
        absence: true,
        check: Pod(null_label_selector),
    }
}

fn null_label_selector(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    if !is_complete(pod.object()) {
        return;
    }
    let constraints =
        objects(pod.node(), "topologySpreadConstraints").map(|one| (one, "topology spread constraint"));
    for (holder, what) in constraints.chain(pod_terms(pod).map(|one| (one, "pod affinity"))) {
        // What needs a selector is refused without one.
        let refused =
            ["matchLabelKeys", "mismatchLabelKeys"].iter().any(|field| given(holder, field).is_some());
        if given(holder, "labelSelector").is_none() && !refused {
            absent(cx, holder, format!("a {what} has no `labelSelector`: it matches no pod"))
                .help("select the labels of the pods that are meant; `{}` selects every pod");
        }
    }
}
