//! Which pods are isolated.

use std::collections::BTreeMap;

use kubevet_core::{
    declare_rule,
    index::ResourceSet,
    kubernetes::{Object, PodSpec, values::selector::Selector},
    rule::{Context, Key},
    yaml::NodeRef,
};

const GROUP: &str = "networking.k8s.io";

declare_rule! {
    /// A namespace with workloads has no policy that denies traffic by default.
    ///
    /// ## Why
    /// Without a policy every pod of the cluster reaches every port of every other one: whoever breaks into one
    /// workload is in front of all others.
    ///
    /// ## Fix
    /// Add a NetworkPolicy with an empty `podSelector` and the policy type `Ingress`, and allow what is needed.
    /// Namespaces of a set with a policy for the whole cluster are not reported.
    ///
    /// ## References
    /// CIS Kubernetes Benchmark 1.12, 5.3.2; Kubernetes documentation, "Network Policies".
    ///
    /// ## Examples
    /// ```yaml bad closed
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   template:
    ///     spec: {containers: [{name: web, image: web:1}]}
    /// ```
    /// ```yaml good closed
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   template:
    ///     spec: {containers: [{name: web, image: web:1}]}
    /// ```
    /// ```yaml with policy.yaml
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: default-deny, namespace: shop}
    /// spec:
    ///   podSelector: {}
    ///   policyTypes: [Ingress]
    /// ```
    pub DEFAULT_DENY_MISSING {
        id: "network-policy/default-deny-missing",
        class: Security,
        severity: Warning,
        profiles: [production, hardened],
        cis: ["5.3.2"],
        nsa: "network-separation",
        versions: "all",
        peers: ["kubeaudit:MissingDefaultDenyEgressNetworkPolicy", "kubeaudit:MissingDefaultDenyIngressAndEgressNetworkPolicy", "kubeaudit:MissingDefaultDenyIngressNetworkPolicy", "kubescape:C-0054", "kubescape:C-0049", "kubescape:C-0206", "kube-bench:cis-1.12:5.3.2", "kube-linter:non-isolated-pod", "kube-score:pod-networkpolicy", "polaris:missingNetworkPolicy", "checkov:CKV2_K8S_6", "kubescape:C-0030", "kubescape:C-0260", "kics:pod_misconfigured_network_policy", "popeye:POP-1204", "popeye:POP-1205", "kyverno-policies:other/require-network-policy"],
        absence: true,
        check: Set(default_deny_missing),
    }
}

/// Policies for the whole cluster: of SIG Network, Calico and Cilium.
const CLUSTER_POLICIES: &[(&str, &str)] = &[
    ("policy.networking.k8s.io", "AdminNetworkPolicy"),
    ("policy.networking.k8s.io", "BaselineAdminNetworkPolicy"),
    ("policy.networking.k8s.io", "ClusterNetworkPolicy"),
    ("projectcalico.org", "GlobalNetworkPolicy"),
    ("crd.projectcalico.org", "GlobalNetworkPolicy"),
    ("cilium.io", "CiliumClusterwideNetworkPolicy"),
];

fn default_deny_missing(set: &ResourceSet, cx: &mut Context<'_>) {
    if CLUSTER_POLICIES.iter().any(|(group, kind)| set.of_kind(group, kind).next().is_some()) {
        return;
    }
    let mut workloads: BTreeMap<&str, Object<'_>> = BTreeMap::new();
    for object in
        set.objects().filter(|object| PodSpec::of(*object).is_some() && object.kind() != "PodTemplate")
    {
        if let Some(namespace) = set.namespace(object).name() {
            workloads.entry(namespace).or_insert(object);
        }
    }
    for (namespace, workload) in workloads {
        let denies = set.in_namespace(GROUP, "NetworkPolicy", namespace).any(isolates_all);
        if denies || namespace == "kube-system" || !set.closed(Some(namespace)) {
            continue;
        }
        let anchor = set.find("", "Namespace", None, namespace).unwrap_or(workload);
        cx.report(anchor, format!("namespace `{namespace}` has no default-deny policy: every pod of the cluster reaches its pods"))
            .help("add a NetworkPolicy with `podSelector: {}` and `policyTypes: [Ingress]`, and allow what is needed");
    }
}

/// Whether a policy isolates every pod of its namespace: it selects all and allows some traffic at most.
fn isolates_all(policy: Object<'_>) -> bool {
    let Some(spec) = policy.spec() else { return false };
    let everything =
        spec.get("podSelector").is_none_or(|node| node.is_null() || node.is_map() && node.is_empty());
    let types = spec.get("policyTypes").filter(|types| !types.is_empty());
    // Without types the API server adds `Ingress`.
    let ingress = types.is_none_or(|types| types.items().any(|kind| kind.text() == "Ingress"));
    let rules = spec.get("ingress").into_iter().flat_map(NodeRef::items);
    let allows_all = rules.into_iter().any(|rule| rule.is_empty() || rule.is_null());
    everything && ingress && !allows_all
}

declare_rule! {
    /// The selector of a NetworkPolicy matches no pod: the policy protects nothing.
    ///
    /// ## Why
    /// A policy holds for pods whose labels match its `podSelector`. One letter of difference, and the pods that were
    /// meant stay open, without any error.
    ///
    /// ## Fix
    /// Select labels that a pod template has.
    ///
    /// ## References
    /// Kubernetes documentation, "Network Policies".
    ///
    /// ## Examples
    /// ```yaml bad closed
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: database}
    /// spec:
    ///   podSelector: {matchLabels: {app: databse}}
    /// ```
    /// ```yaml with database.yaml
    /// apiVersion: apps/v1
    /// kind: StatefulSet
    /// metadata: {name: database}
    /// spec:
    ///   template:
    ///     metadata: {labels: {app: database}}
    ///     spec: {containers: [{name: database, image: postgres:17}]}
    /// ```
    /// ```yaml good closed
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: default-deny}
    /// spec:
    ///   podSelector: {}
    /// ```
    pub SELECTS_NOTHING {
        id: "network-policy/selects-nothing",
        class: Consistency,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: ["kube-linter:dangling-networkpolicy", "kube-score:networkpolicy-targets-pod", "kubescape:C-0299", "kics:network_policy_is_not_targeting_any_pod", "popeye:POP-1200", "kubevious:network-policy-pod-selector-ref"],
        absence: true,
        check: Set(selects_nothing),
    }
}

fn selects_nothing(set: &ResourceSet, cx: &mut Context<'_>) {
    for policy in set.of_kind(GROUP, "NetworkPolicy") {
        let node = policy.spec().and_then(|spec| spec.get("podSelector"));
        let (Some(node), Some(namespace)) = (node, set.namespace(policy).name()) else { continue };
        let Some(selector) = Selector::of_label_selector(node).filter(|selector| !selector.is_empty()) else {
            continue;
        };
        let Some(unmatched) = set.selects_nothing(policy, namespace, &selector) else { continue };
        let name = policy.name().unwrap_or_default();
        let message = format!("no pod has the labels that policy `{name}` selects: it protects nothing");
        match unmatched.near {
            Some((requirement, said)) => cx.report(requirement, message).label(said, unmatched.describe()),
            None => cx.report(Key(node), message),
        }
        .help("select labels that a pod template has");
    }
}
