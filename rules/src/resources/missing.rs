//! Requests and limits that are missing.

use std::collections::HashSet;

use kubevet_core::{
    declare_rule,
    index::ResourceSet,
    kubernetes::{Container, Object, PodSpec},
    rule::Context,
    yaml::{NodeId, NodeRef},
};

declare_rule! {
    /// A container requests no memory.
    ///
    /// ## Why
    /// The scheduler counts it as needing nothing, so nodes are overbooked, and it is among the first to be evicted when
    /// memory runs short.
    ///
    /// Silent where `resources/memory-limit-missing` runs: a limit is a request, too, so that finding says both.
    ///
    /// ## Fix
    /// Set `resources.requests.memory`, or a limit, which counts as the request.
    ///
    /// ## References
    /// Kubernetes documentation, "Resource Management for Pods and Containers". A `LimitRange` of the namespace may give the
    /// value.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources:
    ///         requests: {cpu: 100m}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources:
    ///         requests: {memory: 64Mi}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources:
    ///         limits: {memory: 64Mi}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   resources:
    ///     requests: {cpu: 100m, memory: 64Mi}
    ///     limits: {cpu: 1, memory: 128Mi}
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml with limits.yaml
    /// apiVersion: v1
    /// kind: LimitRange
    /// metadata: {name: defaults}
    /// spec:
    ///   limits:
    ///     - type: Container
    ///       defaultRequest: {cpu: 100m, memory: 64Mi}
    ///       default: {memory: 128Mi}
    /// ```
    pub MEMORY_REQUEST_MISSING {
        id: "resources/memory-request-missing",
        class: Availability,
        severity: Warning,
        profiles: [production, hardened],
        nsa: "pod-security",
        versions: "all",
        peers: ["polaris:memoryRequestsMissing", "kubesec:RequestsMemory", "checkov:CKV_K8S_12", "trivy-checks:KSV-0016", "kubescape:C-0269", "kics:memory_requests_not_defined", "datree:CONTAINERS_MISSING_MEMORY_REQUEST_KEY", "monokle:KBP004", "kubescape:C-0004", "kube-score:container-resources", "popeye:POP-106", "kyverno-policies:best-practices/require-requests-limits", "kyverno-policies:other/require-qos-burstable"],
        absence: true,
        check: Set(memory_request_missing),
    }
}

fn memory_request_missing(set: &ResourceSet, cx: &mut Context<'_>) {
    // A limit is a request, too: what has no request has no limit either, and that finding says both.
    if cx.left_to("resources/memory-limit-missing").is_some() {
        return;
    }
    for container in without(set, "requests", "memory") {
        let name = container.title();
        cx.report(
            container,
            format!(
                "{name} requests no memory: its node may be overbooked, and it is evicted among the first"
            ),
        )
        .help("set `resources.requests.memory` to what it needs in normal use");
    }
}

declare_rule! {
    /// A container has no memory limit.
    ///
    /// ## Why
    /// A leak in it takes the memory of the node, and the kernel kills processes of other pods as well.
    ///
    /// ## Fix
    /// Set `resources.limits.memory`.
    ///
    /// ## References
    /// Kubernetes documentation, "Resource Management for Pods and Containers". A `LimitRange` of the namespace may give the
    /// value.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources:
    ///         requests: {memory: 64Mi}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources:
    ///         limits: {memory: 64Mi}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   resources:
    ///     requests: {cpu: 100m, memory: 64Mi}
    ///     limits: {cpu: 1, memory: 128Mi}
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml with limits.yaml
    /// apiVersion: v1
    /// kind: LimitRange
    /// metadata: {name: defaults}
    /// spec:
    ///   limits:
    ///     - type: Container
    ///       defaultRequest: {cpu: 100m, memory: 64Mi}
    ///       default: {memory: 128Mi}
    /// ```
    pub MEMORY_LIMIT_MISSING {
        id: "resources/memory-limit-missing",
        class: Availability,
        severity: Warning,
        profiles: [production, hardened],
        nsa: "pod-security",
        versions: "all",
        peers: ["kube-linter:unset-memory-requirements", "polaris:memoryLimitsMissing", "kubesec:LimitsMemory", "checkov:CKV_K8S_13", "trivy-checks:KSV-0018", "kubescape:C-0271", "kics:memory_limits_not_defined", "datree:CONTAINERS_MISSING_MEMORY_LIMIT_KEY", "monokle:KBP005", "kubeaudit:LimitsMemoryNotSet", "kubescape:C-0009", "popeye:POP-107", "kubeaudit:LimitsNotSet", "kube-score:container-resources", "popeye:POP-106", "kyverno-policies:best-practices/require-requests-limits"],
        absence: true,
        check: Set(memory_limit_missing),
    }
}

fn memory_limit_missing(set: &ResourceSet, cx: &mut Context<'_>) {
    let requests = cx.left_to("resources/memory-request-missing").map(|_| without(set, "requests", "memory"));
    let unrequested: HashSet<_> = requests.iter().flatten().map(place).collect();
    for container in without(set, "limits", "memory") {
        let name = container.title();
        let message = if unrequested.contains(&place(&container)) {
            format!(
                "{name} has neither request nor limit of memory: it is evicted among the first, and a leak takes the whole node"
            )
        } else {
            format!("{name} has no memory limit: a leak in it takes the memory of the whole node")
        };
        cx.report(container, message).help("set `resources.limits.memory`");
    }
}

declare_rule! {
    /// A container requests no CPU.
    ///
    /// ## Why
    /// The scheduler counts it as needing nothing, and under load it gets what all others leave.
    ///
    /// ## Fix
    /// Set `resources.requests.cpu`.
    ///
    /// ## References
    /// Kubernetes documentation, "Resource Management for Pods and Containers". A `LimitRange` of the namespace may give the
    /// value.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources:
    ///         requests: {memory: 64Mi}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources:
    ///         requests: {cpu: 100m}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources:
    ///         limits: {cpu: 1}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   resources:
    ///     requests: {cpu: 100m, memory: 64Mi}
    ///     limits: {cpu: 1, memory: 128Mi}
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml with limits.yaml
    /// apiVersion: v1
    /// kind: LimitRange
    /// metadata: {name: defaults}
    /// spec:
    ///   limits:
    ///     - type: Container
    ///       defaultRequest: {cpu: 100m, memory: 64Mi}
    ///       default: {memory: 128Mi}
    /// ```
    pub CPU_REQUEST_MISSING {
        id: "resources/cpu-request-missing",
        class: Availability,
        severity: Warning,
        profiles: [production, hardened],
        nsa: "pod-security",
        versions: "all",
        peers: ["kube-linter:unset-cpu-requirements", "polaris:cpuRequestsMissing", "kubesec:RequestsCPU", "checkov:CKV_K8S_10", "trivy-checks:KSV-0015", "kubescape:C-0268", "kics:cpu_requests_not_set", "datree:CONTAINERS_MISSING_CPU_REQUEST_KEY", "monokle:KBP002", "kubescape:C-0050", "kube-score:container-resources", "popeye:POP-106", "kyverno-policies:best-practices/require-requests-limits", "kyverno-policies:other/require-qos-burstable"],
        absence: true,
        check: Set(cpu_request_missing),
    }
}

fn cpu_request_missing(set: &ResourceSet, cx: &mut Context<'_>) {
    for container in without(set, "requests", "cpu") {
        let name = container.title();
        cx.report(
            container,
            format!("{name} requests no CPU: under load it gets only what all others leave"),
        )
        .help("set `resources.requests.cpu` to what it needs in normal use");
    }
}

declare_rule! {
    /// A container has no CPU limit.
    ///
    /// ## Why
    /// It may use all idle time of the node. Whether that is wrong is contested: a limit throttles also where nobody else
    /// wants the time, so no profile asks for it.
    ///
    /// ## Fix
    /// Set `resources.limits.cpu`.
    ///
    /// ## References
    /// Kubernetes documentation, "Resource Management for Pods and Containers".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources:
    ///         requests: {cpu: 100m}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources:
    ///         limits: {cpu: 1}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   resources:
    ///     requests: {cpu: 100m, memory: 64Mi}
    ///     limits: {cpu: 1, memory: 128Mi}
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    pub CPU_LIMIT_MISSING {
        id: "resources/cpu-limit-missing",
        class: Availability,
        severity: Info,
        profiles: [],
        versions: "all",
        peers: ["polaris:cpuLimitsMissing", "kubesec:LimitsCPU", "checkov:CKV_K8S_11", "trivy-checks:KSV-0011", "kubescape:C-0270", "kics:cpu_limits_not_set", "datree:CONTAINERS_MISSING_CPU_LIMIT_KEY", "monokle:KBP003", "kubeaudit:LimitsCPUNotSet", "kyverno-policies:other/require-cpu-limits", "kubescape:C-0009", "popeye:POP-107", "kubeaudit:LimitsNotSet"],
        absence: true,
        check: Set(cpu_limit_missing),
    }
}

fn cpu_limit_missing(set: &ResourceSet, cx: &mut Context<'_>) {
    for container in without(set, "limits", "cpu") {
        let name = container.title();
        cx.report(container, format!("{name} has no CPU limit: it may use all idle time of the node"))
            .help("set `resources.limits.cpu`");
    }
}

fn place<'t>(container: &Container<'t>) -> (&'t str, NodeId) {
    (container.node().tree().path(), container.node().id())
}

/// Containers that live as long as their pod and have no value for a resource: not of their own, not for the pod as a
/// whole, and not by a `LimitRange` of the namespace.
fn without<'a>(set: &'a ResourceSet, list: &'static str, resource: &'static str) -> Vec<Container<'a>> {
    let lists: &[&str] = if list == "requests" { &["requests", "limits"] } else { &["limits"] };
    let lacks = move |container: &Container<'_>| {
        lists.iter().all(|list| container.resource(list, resource).is_none())
    };
    let of_pod = move |pod: &PodSpec<'_>| {
        lists
            .iter()
            .any(|list| pod.node().at(&["resources", list, resource]).is_some_and(|value| !value.is_null()))
    };
    let pods = set.objects().filter_map(PodSpec::of).filter(|pod| !of_pod(pod));
    let lacking = pods.filter(|pod| pod.long_running().any(|one| lacks(&one)));
    let lacking = lacking.filter(|pod| !has_default(set, *pod, list, resource));
    lacking.flat_map(|pod| pod.long_running().filter(move |one| lacks(one))).collect()
}

/// Whether a `LimitRange` gives the value (`LimitRanger` admission): `default` is a limit and, without
/// `defaultRequest`, a request.
fn has_default(set: &ResourceSet, pod: PodSpec<'_>, list: &str, resource: &str) -> bool {
    let fields: &[&str] = if list == "requests" { &["defaultRequest", "default"] } else { &["default"] };
    let gives = |range: Object<'_>| {
        let limits = range.node().at(&["spec", "limits"]).into_iter().flat_map(NodeRef::items);
        let mut limits = limits.filter(|limit| limit.get("type").map(NodeRef::text) == Some("Container"));
        limits.any(|limit| fields.iter().any(|field| limit.at(&[field, resource]).is_some()))
    };
    match set.namespace(pod.object()).name() {
        Some(namespace) => set.in_namespace("", "LimitRange", namespace).any(gives),
        None => set.of_kind("", "LimitRange").any(gives),
    }
}
