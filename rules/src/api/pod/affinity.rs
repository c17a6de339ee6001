//! Affinities of pods to nodes and to other pods.

use kubevet_core::{
    declare_rule,
    kubernetes::{PodSpec, values::names},
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::{
    check::{format, given, has_feature, objects, one_of, required, within},
    spread::check_label_keys,
};

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

declare_rule! {
    /// A node affinity has no terms, a weight outside of 1 to 100, or a requirement that contradicts itself.
    ///
    /// ## Why
    /// The API server refuses the object. Fields that are missing altogether are left to `schema/missing-required`.
    ///
    /// ## Fix
    /// `In` and `NotIn` want values, `Exists` and `DoesNotExist` none, `Gt` and `Lt` exactly one; `matchFields` knows `metadata.name` alone.
    ///
    /// ## References
    /// `validateNodeAffinity` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   affinity:
    ///     nodeAffinity:
    ///       requiredDuringSchedulingIgnoredDuringExecution:
    ///         nodeSelectorTerms:
    ///           - matchExpressions: [{key: kubernetes.io/arch, operator: Exists, values: [amd64]}]
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   affinity:
    ///     nodeAffinity:
    ///       preferredDuringSchedulingIgnoredDuringExecution:
    ///         - weight: 200
    ///           preference:
    ///             matchExpressions: [{key: kubernetes.io/arch, operator: In, values: [amd64]}]
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   affinity:
    ///     nodeAffinity:
    ///       requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: []}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   affinity:
    ///     nodeAffinity:
    ///       requiredDuringSchedulingIgnoredDuringExecution:
    ///         nodeSelectorTerms:
    ///           - matchExpressions: [{key: example.org/memory, operator: Gt, values: ["64"]}]
    ///             matchFields: [{key: metadata.name, operator: NotIn, values: [node-1]}]
    ///           - {}
    ///       preferredDuringSchedulingIgnoredDuringExecution:
    ///         - weight: 100
    ///           preference:
    ///             matchExpressions: [{key: kubernetes.io/arch, operator: In, values: [amd64, arm64]}]
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub NODE_AFFINITY_INVALID {
        id: "api/node-affinity-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(node_affinity_invalid),
    }
}

fn node_affinity_invalid(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let Some(affinity) = pod.node().at(&["affinity", "nodeAffinity"]) else { return };
    if let Some(selector) = affinity.get(REQUIRED).filter(|selector| selector.is_map()) {
        required(cx, selector, "nodeSelectorTerms", "the required node affinity");
        // Labels of nodes are compared with these values: since 1.32 they must be ones that a label can have.
        let strict = cx.version().minor >= 32;
        for term in objects(selector, "nodeSelectorTerms") {
            check_term(term, strict, cx);
        }
    }
    for preferred in objects(affinity, PREFERRED) {
        check_weight(preferred, cx);
        if let Some(term) = preferred.get("preference") {
            check_term(term, false, cx);
        }
    }
}

/// A weight that is not there is 0.
fn check_weight(preferred: NodeRef<'_>, cx: &mut Context<'_>) {
    if required(cx, preferred, "weight", "a preferred affinity")
        && let Some(weight) = preferred.get("weight")
    {
        within(cx, weight, "the weight of an affinity", 1..=100);
    }
}

const OPERATORS: &[&str] = &["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"];

/// `ValidateNodeSelectorTerm`.
pub(in crate::api) fn check_term(term: NodeRef<'_>, strict: bool, cx: &mut Context<'_>) {
    for expression in objects(term, "matchExpressions") {
        if required(cx, expression, "key", "a requirement of the node affinity")
            && let Some(key) = expression.get("key")
        {
            format(cx, key, "a key of the node affinity", names::qualified_name);
        }
        check_operator(expression, OPERATORS, cx);
        if strict {
            for value in expression.get("values").into_iter().flat_map(NodeRef::items) {
                format(cx, value, "a value of the node affinity", names::label_value);
            }
        }
    }
    for field in objects(term, "matchFields") {
        if required(cx, field, "key", "a field requirement of the node affinity")
            && let Some(key) = field.get("key")
        {
            one_of(cx, key, "`key` in `matchFields`", &["metadata.name"]);
        }
        check_operator(field, &["In", "NotIn"], cx);
        for value in field.get("values").into_iter().flat_map(NodeRef::items) {
            format(cx, value, "the name of a node", names::dns_subdomain);
        }
    }
}

fn check_operator(requirement: NodeRef<'_>, operators: &[&str], cx: &mut Context<'_>) {
    if !required(cx, requirement, "operator", "a requirement of the node affinity") {
        return;
    }
    let Some(operator) = requirement.get("operator") else { return };
    let word = operator.text();
    one_of(cx, operator, "`operator`", operators);
    let count = requirement.get("values").map_or(0, NodeRef::len);
    let of_field = operators.len() == 2;
    let (good, wanted) = match word {
        "In" | "NotIn" if of_field => (count == 1, "exactly one value"),
        "In" | "NotIn" => (count > 0, "values"),
        "Gt" | "Lt" => (count == 1, "exactly one value"),
        "Exists" | "DoesNotExist" => (count == 0, "no values"),
        _ => return,
    };
    if !good && operators.contains(&word) {
        let message =
            format!("operator `{word}` of the node affinity wants {wanted}: the API server refuses {count}");
        let place = requirement.get("values").filter(|values| !values.is_null());
        match place {
            Some(values) => cx.report(Key(values), message),
            None => cx.report(operator, message),
        }
        .help(format!("give `{word}` {wanted}, or take another operator"));
    }
}

declare_rule! {
    /// A pod affinity or anti-affinity has no topology key, a weight outside of 1 to 100, or names that are none.
    ///
    /// ## Why
    /// The API server refuses the object. Fields that are missing altogether are left to `schema/missing-required`. Label selectors have a rule
    /// of their own.
    ///
    /// ## Fix
    /// Name a label of nodes in `topologyKey`, such as `kubernetes.io/hostname`; `matchLabelKeys` needs a `labelSelector` without these keys.
    ///
    /// ## References
    /// `validatePodAffinityTerm` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   affinity:
    ///     podAntiAffinity:
    ///       requiredDuringSchedulingIgnoredDuringExecution:
    ///         - labelSelector: {matchLabels: {app: web}}
    ///           topologyKey: ""
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   affinity:
    ///     podAffinity:
    ///       preferredDuringSchedulingIgnoredDuringExecution:
    ///         - weight: 0
    ///           podAffinityTerm:
    ///             labelSelector: {matchLabels: {app: cache}}
    ///             topologyKey: kubernetes.io/hostname
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   affinity:
    ///     podAffinity:
    ///       requiredDuringSchedulingIgnoredDuringExecution:
    ///         - topologyKey: kubernetes.io/hostname
    ///           matchLabelKeys: [pod-template-hash]
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web, labels: {app: web}}
    /// spec:
    ///   affinity:
    ///     podAntiAffinity:
    ///       requiredDuringSchedulingIgnoredDuringExecution:
    ///         - labelSelector: {matchLabels: {app: web}}
    ///           topologyKey: kubernetes.io/hostname
    ///           namespaces: [prod]
    ///           matchLabelKeys: [pod-template-hash]
    ///       preferredDuringSchedulingIgnoredDuringExecution:
    ///         - weight: 1
    ///           podAffinityTerm: {labelSelector: {}, topologyKey: topology.kubernetes.io/zone}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub POD_AFFINITY_INVALID {
        id: "api/pod-affinity-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(pod_affinity_invalid),
    }
}

fn pod_affinity_invalid(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let Some(affinity) = pod.get("affinity") else { return };
    for list in ["podAffinity", "podAntiAffinity"].iter().filter_map(|list| affinity.get(list)) {
        for preferred in objects(list, PREFERRED) {
            check_weight(preferred, cx);
        }
    }
    for term in pod_terms(pod) {
        if required(cx, term, "topologyKey", "a pod affinity")
            && let Some(key) = term.get("topologyKey")
        {
            format(cx, key, "`topologyKey` of a pod affinity", names::qualified_name);
        }
        for name in term.get("namespaces").into_iter().flat_map(NodeRef::items) {
            format(cx, name, "a namespace of a pod affinity", names::dns_label);
        }
        if (given(term, "matchLabelKeys").is_some() || given(term, "mismatchLabelKeys").is_some())
            && has_feature(cx, "MatchLabelKeysInPodAffinity")
        {
            check_label_keys(pod, term, cx);
        }
    }
}

/// Terms of pod affinities and anti-affinities, required and preferred ones.
pub(super) fn pod_terms(pod: PodSpec<'_>) -> impl Iterator<Item = NodeRef<'_>> {
    let affinity = pod.get("affinity").into_iter();
    let lists = affinity
        .flat_map(|one| ["podAffinity", "podAntiAffinity"].into_iter().filter_map(move |list| one.get(list)));
    lists.flat_map(|list| {
        let preferred = objects(list, PREFERRED).filter_map(|one| one.get("podAffinityTerm"));
        objects(list, REQUIRED).chain(preferred.filter(|term| term.is_map()))
    })
}
