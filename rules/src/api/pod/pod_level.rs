//! Resources of a pod as a whole, and claims of devices.

use std::collections::{BTreeMap, HashMap, HashSet};

use kubevet_core::{
    declare_rule,
    kubernetes::{
        ContainerKind, PodSpec, is_placeholder,
        values::{names, quantity::Quantity},
    },
    rule::{Context, Key},
    suggest::closest,
    yaml::NodeRef,
};

use super::{
    check::{Seen, Who, format, given, has_feature, objects, required, shown, string},
    references::exactly_one,
    resources::{PAGES, amount, amounts, check_extended},
};

declare_rule! {
    /// The resources of a pod as a whole are less than those of its containers, or the API server does not take them.
    ///
    /// ## Why
    /// The API server refuses the object: a request of the pod covers the sum of its containers' requests, a limit every container's limit, and
    /// only `cpu`, `memory` and huge pages have them. Before Kubernetes 1.34 the field is dropped without a word.
    ///
    /// ## Fix
    /// Raise the amount of the pod, or lower those of its containers.
    ///
    /// ## References
    /// `validatePodResources` in `k8s.io/kubernetes/pkg/apis/core/validation`; the gate `PodLevelResources`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   resources: {requests: {cpu: "1"}}
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources: {requests: {cpu: 800m}}
    ///     - name: log
    ///       image: registry.example.org/log:1.2.0
    ///       resources: {requests: {cpu: 300m}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   resources: {limits: {memory: 1Gi}}
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources: {limits: {memory: 2Gi}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   resources: {limits: {ephemeral-storage: 1Gi}}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   resources: {requests: {cpu: "1"}, limits: {cpu: "2", memory: 1Gi}}
    ///   initContainers:
    ///     - name: migrate
    ///       image: registry.example.org/migrate:1.2.0
    ///       resources: {requests: {cpu: "1"}}
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources: {requests: {cpu: 800m}, limits: {memory: 1Gi}}
    /// ```
    pub POD_LEVEL_RESOURCES {
        id: "api/pod-level-resources",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "1.32+",
        check: Pod(pod_level_resources),
    }
}

fn pod_level_resources(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let Some(resources) = given(pod.node(), "resources").filter(|resources| resources.is_map()) else {
        return;
    };
    if !has_feature(cx, "PodLevelResources") {
        // Older versions do not know the field at all.
        if cx.version().minor >= 32 {
            let message = format!(
                "`resources` of the pod have no effect in Kubernetes {}: the field is dropped",
                cx.version()
            );
            cx.report(Key(resources), message).help("give the resources to the containers");
        }
        return;
    }
    if pod.node().at(&["os", "name"]).and_then(NodeRef::as_str) == Some("windows") {
        cx.report(
            Key(resources),
            "a pod on Windows has no `resources` of its own: the API server refuses it",
        )
        .help("give the resources to the containers");
        return;
    }
    if let Some(claims) = given(resources, "claims") {
        cx.report(Key(claims), "`resources` of a pod have no `claims`: the API server refuses them")
            .help("claim the devices in a container");
    }
    for list in ["requests", "limits"] {
        for key in amounts(resources, list).map(|entry| entry.key) {
            let name = key.text();
            if !matches!(name, "cpu" | "memory") && !name.starts_with(PAGES) && !is_placeholder(name) {
                cx.report(
                    key,
                    format!("a pod has no resource `{}` of its own: the API server refuses it", shown(name)),
                )
                .help("pods have `cpu`, `memory` and huge pages; give the others to the containers");
            }
        }
    }
    check_extended(pod, Who::Pod, resources, cx);
    check_sums(pod, resources, cx);
}

/// `validatePodResourceConsistency`.
fn check_sums(pod: PodSpec<'_>, resources: NodeRef<'_>, cx: &mut Context<'_>) {
    for list in ["requests", "limits"] {
        for entry in amounts(resources, list) {
            let whole = amount(entry.value).filter(|whole| !whole.is_negative());
            let (name, Some(whole)) = (entry.key.text(), whole) else { continue };
            // Where a Pod has a limit alone, the requests of its containers become its own.
            let bare = pod.object().is("", "Pod")
                && resources.get("requests").is_none_or(|requests| given(requests, name).is_none());
            let of = match list {
                "limits" if name.starts_with(PAGES) => Some("limits"),
                "limits" => bare.then_some("requests"),
                list => Some(list),
            };
            if let Some(of) = of
                && let Some(sum) = sum(pod, of, name).filter(|sum| *sum > whole)
            {
                let message = format!(
                    "the pod's {list} of `{name}` are `{}`, less than the {of} of its containers, `{sum}`: the API server refuses it",
                    entry.value.text(),
                );
                cx.report(entry.value, message).help("raise it, or lower the amounts of the containers");
            }
            let limits = pod
                .containers()
                .filter(|container| list == "limits" && container.kind() == ContainerKind::Regular);
            for container in limits {
                let Some(limit) = container.resource("limits", name) else { continue };
                if amount(limit).is_some_and(|limit| limit > whole) {
                    let message = format!(
                        "the limit of `{name}` of {} is above the pod's `{}`: the API server refuses it",
                        container.title(),
                        entry.value.text()
                    );
                    cx.report(limit, message)
                        .label(entry.value, "the limit of the pod")
                        .help("lower it, or raise that of the pod");
                }
            }
        }
    }
}

/// What the containers of a pod need at one time (`AggregateContainerRequests`); `None` where nothing is known.
fn sum(pod: PodSpec<'_>, list: &str, name: &str) -> Option<Quantity> {
    let defaulted = pod.object().is("", "Pod") && list == "requests";
    let (mut running, mut sidecars, mut starting) = (Quantity::ZERO, Quantity::ZERO, Quantity::ZERO);
    for container in pod.containers() {
        let own = container.resource(list, name);
        let own = own.or_else(|| if defaulted { container.resource("limits", name) } else { None });
        let own = own.map_or(Some(Quantity::ZERO), amount)?;
        match container.kind() {
            ContainerKind::Regular => running = running + own,
            ContainerKind::Sidecar => {
                running = running + own;
                sidecars = sidecars + own;
                starting = starting.max(sidecars);
            }
            ContainerKind::Init => starting = starting.max(sidecars + own),
            ContainerKind::Ephemeral => {}
        }
    }
    Some(running.max(starting))
}

declare_rule! {
    /// A claim of devices has no valid name, no source or two, or a container names a claim that its pod does not have.
    ///
    /// ## Why
    /// The API server refuses the object. Fields that are missing altogether are left to `schema/missing-required`. Before Kubernetes 1.34 the
    /// fields are dropped, and nothing is reported.
    ///
    /// ## Fix
    /// Give each claim of the pod a name and either `resourceClaimName` or `resourceClaimTemplateName`.
    ///
    /// ## References
    /// `validatePodResourceClaims` and `validateResourceClaimNames` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   resourceClaims: [{name: gpu}]
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   resourceClaims: [{name: gpu, resourceClaimTemplateName: gpu}]
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources: {claims: [{name: gpus}]}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   resourceClaims:
    ///     - {name: gpu, resourceClaimTemplateName: gpu}
    ///     - {name: nic, resourceClaimName: nic-1}
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources: {claims: [{name: gpu, request: large}, {name: gpu, request: small}, {name: nic}]}
    /// ```
    pub RESOURCE_CLAIM_INVALID {
        id: "api/resource-claim-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "1.34+",
        check: Pod(resource_claim_invalid),
    }
}

fn resource_claim_invalid(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let mut seen = Seen::new();
    for claim in objects(pod.node(), "resourceClaims") {
        if !has_feature(cx, "DynamicResourceAllocation") {
            return;
        }
        if required(cx, claim, "name", "a resource claim of the pod")
            && let Some(name) = claim.get("name")
        {
            format(cx, name, "the name of a resource claim", names::dns_label);
            if let Some(first) = seen.insert(name) {
                cx.report(
                    name,
                    format!(
                        "two resource claims are named `{}`: the API server refuses the pod",
                        name.text()
                    ),
                )
                .label(first, "the first one")
                .help("rename or remove one of them");
            }
        }
        let sources = ["resourceClaimName", "resourceClaimTemplateName"];
        exactly_one(claim, &sources, "a resource claim of the pod", cx);
        for source in sources {
            if let Some(name) = claim.get(source) {
                format(cx, name, format_args!("`{source}`"), names::dns_subdomain);
            }
        }
    }
    for container in pod.containers() {
        let Some(claims) = container.node().at(&["resources", "claims"]) else { continue };
        if !claims.is_empty() && has_feature(cx, "DynamicResourceAllocation") {
            check_claims(pod, claims, Who::Container(container), cx);
        }
    }
}

/// `validateResourceClaimNames`: each claim once as a whole, or once for each of its requests.
fn check_claims(pod: PodSpec<'_>, claims: NodeRef<'_>, who: Who<'_>, cx: &mut Context<'_>) {
    let known: HashSet<&str> =
        objects(pod.node(), "resourceClaims").filter_map(|claim| string(claim, "name")).collect();
    let mut met: HashMap<&str, BTreeMap<&str, NodeRef<'_>>> = HashMap::new();
    for claim in claims.items() {
        if !claim.is_map() || !required(cx, claim, "name", format_args!("a claim of {who}")) {
            continue;
        }
        let Some(name) = claim.get("name") else { continue };
        let request = claim.get("request").filter(|request| !request.text().is_empty());
        if let Some(request) = request {
            format(cx, request, format_args!("`request` in a claim of {who}"), names::dns_label);
        }
        let others = met.entry(name.text()).or_default();
        let part = request.map_or("", NodeRef::text);
        let whole = if part.is_empty() { others.values().next() } else { others.get("") };
        if let Some(first) = whole.or_else(|| others.get(part)) {
            let message = format!("{who} names claim `{}` twice: the API server refuses it", name.text());
            cx.report(name, message)
                .label(first, "the first one")
                .help("keep one of them, or name a different `request` in each");
        }
        others.insert(part, claim);
        if !known.contains(name.text()) && !is_placeholder(name.text()) {
            let help = match closest(name.text(), known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "add the claim to `resourceClaims` of the pod".to_owned(),
            };
            let message = format!(
                "{who} names claim `{}`, which the pod does not have: the API server refuses it",
                name.text()
            );
            cx.report(name, message).help(help).absence();
        }
    }
}
