//! Resource quotas.

use kubevet_core::{
    declare_rule,
    kubernetes::{
        Object, is_placeholder,
        values::{names, quantity::Quantity},
    },
    rule::{Context, Key, Kinds},
    yaml::{Entry, NodeRef},
};

use super::super::check::{Fields, refuse, shown};

declare_rule! {
    /// A ResourceQuota limits resources that there are not, or has scopes that do not go together.
    ///
    /// ## Why
    /// The API server refuses the quota. Names without a domain are those that Kubernetes counts; objects are counted in whole
    /// numbers; most scopes go with `pods`, `cpu` and `memory` only.
    ///
    /// ## Fix
    /// Correct the name: objects of other kinds are `count/<resource>.<group>`.
    ///
    /// ## References
    /// `ValidateResourceQuotaSpec` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ResourceQuota
    /// metadata: {name: shop}
    /// spec: {hard: {deployments: 10}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ResourceQuota
    /// metadata: {name: shop}
    /// spec: {hard: {pods: 1.5}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ResourceQuota
    /// metadata: {name: shop}
    /// spec:
    ///   hard: {services: 5}
    ///   scopes: [NotTerminating]
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ResourceQuota
    /// metadata: {name: shop}
    /// spec:
    ///   hard: {pods: 5}
    ///   scopeSelector:
    ///     matchExpressions: [{scopeName: BestEffort, operator: In, values: ["true"]}]
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: ResourceQuota
    /// metadata: {name: shop}
    /// spec:
    ///   hard: {count/deployments.apps: 10, requests.cpu: 500m, requests.nvidia.com/gpu: 4, hugepages-2Mi: 1Gi, persistentvolumeclaims: 5}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: ResourceQuota
    /// metadata: {name: shop}
    /// spec:
    ///   hard: {pods: 5, limits.memory: 1Gi}
    ///   scopeSelector:
    ///     matchExpressions: [{scopeName: PriorityClass, operator: In, values: [high]}]
    /// ```
    pub QUOTA_INVALID {
        id: "api/quota-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(Kinds::Of(&[("", "ResourceQuota")]), quota_invalid),
    }
}

/// Objects that are counted (`integerResources`).
const COUNTED: &[&str] = &[
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];

/// The other resources of a quota (`standardQuotaResources`).
const AMOUNTS: &[&str] = &[
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.storage",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
];

/// Resources of pods that scopes go with.
const OF_PODS: &[&str] =
    &["pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"];

fn is_standard(name: &str) -> bool {
    COUNTED.contains(&name)
        || AMOUNTS.contains(&name)
        || name.starts_with("hugepages-")
        || name.starts_with("requests.hugepages-")
}

fn quota_invalid(quota: Object<'_>, cx: &mut Context<'_>) {
    let Some(spec) = quota.field("spec") else { return };
    let hard: Vec<Entry<'_>> = spec.field("hard").into_iter().flat_map(NodeRef::entries).collect();
    for entry in &hard {
        let name = entry.key.text();
        if is_placeholder(name) {
            continue;
        }
        if let Err(problem) = names::qualified_name(name) {
            refuse(cx, entry.key, format!("`{}` is no resource", shown(name))).help(format!("it {problem}"));
        } else if !name.contains('/') && !is_standard(name) {
            refuse(cx, entry.key, format!("quotas know no resource `{}`", shown(name)))
                .help(format!("count objects of any kind with `count/{}.<group>`", shown(name)));
        } else if COUNTED.contains(&name) || is_extended(name) {
            let whole =
                Quantity::parse(entry.value.text().trim()).is_ok_and(|amount| amount.milli() % 1000 == 0);
            if !whole && Quantity::parse(entry.value.text().trim()).is_ok() {
                refuse(cx, entry.value, format!("`{}` are counted in whole numbers", shown(name)))
                    .help("give a whole number");
            }
        }
    }
    let mut seen = Vec::new();
    for node in spec.each("scopes") {
        scope(node, &hard, &mut seen, cx);
    }
    seen.clear();
    for requirement in spec.each("scopeSelector.matchExpressions").filter(|one| one.is_map()) {
        if let Some(node) = requirement.word("scopeName") {
            scope(node, &hard, &mut seen, cx);
        }
        selector(requirement, cx);
    }
}

/// `IsExtendedResourceName`: of another domain than Kubernetes' own, and nothing that a quota asks for.
fn is_extended(name: &str) -> bool {
    let domain = name.split_once('/').map(|(domain, _)| domain);
    domain.is_some_and(|domain| {
        domain != "kubernetes.io" && !domain.ends_with(".kubernetes.io") && !name.starts_with("requests.")
    })
}

/// Reports a scope that is none, goes with no resource of the quota, or not with another scope.
fn scope<'t>(node: NodeRef<'t>, hard: &[Entry<'_>], seen: &mut Vec<NodeRef<'t>>, cx: &mut Context<'_>) {
    let text = node.text();
    if node.as_str().is_none() || is_placeholder(text) {
        return;
    }
    let (fits, opposite): (&[&str], &str) = match text {
        "BestEffort" => (&["pods"], "NotBestEffort"),
        "NotBestEffort" => (OF_PODS, "BestEffort"),
        "Terminating" => (OF_PODS, "NotTerminating"),
        "NotTerminating" => (OF_PODS, "Terminating"),
        "PriorityClass" | "CrossNamespacePodAffinity" => (OF_PODS, ""),
        "VolumeAttributesClass" => (&["persistentvolumeclaims", "requests.storage"], ""),
        _ => {
            refuse(cx, node, format!("`{}` is no scope of a quota", shown(text)))
                .help("use `Terminating`, `NotTerminating`, `BestEffort`, `NotBestEffort`, `PriorityClass` or `CrossNamespacePodAffinity`");
            return;
        }
    };
    let odd = hard.iter().find(|entry| is_standard(entry.key.text()) && !fits.contains(&entry.key.text()));
    if let Some(odd) = odd {
        refuse(cx, node, format!("the scope `{text}` does not go with `{}`", shown(odd.key.text())))
            .label(odd.key, "this resource")
            .help("limit it in a quota of its own");
    }
    if let Some(other) = seen.iter().find(|other| other.text() == opposite) {
        refuse(cx, node, format!("`{text}` and `{opposite}` leave no pod"))
            .label(*other, "the other scope")
            .help("keep one of them");
    }
    seen.push(node);
}

fn selector(requirement: NodeRef<'_>, cx: &mut Context<'_>) {
    let Some(operator) = requirement.word("operator") else { return };
    let values = requirement.field("values").filter(|values| !values.is_empty());
    let scope = requirement.said("scopeName");
    let by_value = matches!(scope, "PriorityClass" | "VolumeAttributesClass");
    match (operator.text(), values) {
        ("In" | "NotIn" | "DoesNotExist", _) if !by_value && !scope.is_empty() => {
            refuse(cx, operator, format!("the scope `{}` is there or not: it has no values", shown(scope)))
                .help("use `Exists`");
        }
        (text @ ("In" | "NotIn"), None) => {
            refuse(cx, operator, format!("`{text}` has no values to compare with")).help("list the values");
        }
        (text @ ("Exists" | "DoesNotExist"), Some(values)) => {
            refuse(cx, Key(values), format!("`{text}` takes no values")).help("delete them");
        }
        ("In" | "NotIn" | "Exists" | "DoesNotExist", _) => {}
        (other, _) => {
            refuse(cx, operator, format!("`{}` is no operator of a scope", shown(other)))
                .help("use `In`, `NotIn`, `Exists` or `DoesNotExist`");
        }
    }
}
