//! Probes that are missing.

use kubevet_core::{
    declare_rule,
    index::ResourceSet,
    kubernetes::{Container, ContainerKind, Object, PodSpec, values::selector::Selector},
    rule::Context,
};

declare_rule! {
    /// A container that serves others has no readiness probe.
    ///
    /// ## Why
    /// A pod counts as ready once its containers run: requests arrive before the program listens, at every start and every
    /// rollout.
    ///
    /// ## Fix
    /// Add a `readinessProbe` that asks what the clients ask.
    ///
    /// ## References
    /// Kubernetes documentation, "Configure Liveness, Readiness and Startup Probes". Looked at are containers that declare a
    /// port, and the first container of a pod that a Service selects while none of its containers says a port or a probe.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   selector:
    ///     matchLabels: {app: web}
    ///   template:
    ///     metadata:
    ///       labels: {app: web}
    ///     spec:
    ///       containers:
    ///         - name: web
    ///           image: registry.example.org/web:1.2.0
    ///           ports: [{containerPort: 8080}]
    /// ```
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   selector:
    ///     matchLabels: {app: web}
    ///   template:
    ///     metadata:
    ///       labels: {app: web}
    ///     spec:
    ///       containers:
    ///         - name: web
    ///           image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml with service.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{port: 80}]
    /// ```
    /// ```yaml good
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   selector:
    ///     matchLabels: {app: web}
    ///   template:
    ///     metadata:
    ///       labels: {app: web}
    ///     spec:
    ///       containers:
    ///         - name: web
    ///           image: registry.example.org/web:1.2.0
    ///           ports: [{containerPort: 8080}]
    ///           readinessProbe:
    ///             httpGet: {path: /ready, port: 8080}
    /// ```
    /// ```yaml good
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   selector:
    ///     matchLabels: {app: web}
    ///   template:
    ///     metadata:
    ///       labels: {app: web}
    ///     spec:
    ///       containers:
    ///         - name: web
    ///           image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml good
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {name: web}
    /// spec:
    ///   template:
    ///     spec:
    ///       restartPolicy: Never
    ///       containers:
    ///         - name: web
    ///           image: registry.example.org/web:1.2.0
    ///           ports: [{containerPort: 8080}]
    /// ```
    pub READINESS_MISSING {
        id: "probes/readiness-missing",
        class: Availability,
        severity: Warning,
        profiles: [production, hardened],
        versions: "all",
        peers: ["kube-linter:no-readiness-probe", "kube-score:pod-probes", "polaris:readinessProbeMissing", "checkov:CKV_K8S_9", "kubescape:C-0018", "kics:readiness_probe_is_not_configured", "datree:CONTAINERS_MISSING_READINESSPROBE_KEY", "popeye:POP-104", "popeye:POP-102", "kyverno-policies:best-practices/require-pod-probes"],
        absence: true,
        check: Set(readiness_missing),
    }
}

fn readiness_missing(set: &ResourceSet, cx: &mut Context<'_>) {
    for pod in replicated(set) {
        let speaks = |one: Container<'_>| one.ports().next().is_some() || has(one, "readinessProbe");
        let silent = !pod.long_running().any(speaks);
        let first = pod.containers().find(|one| one.kind() == ContainerKind::Regular);
        let served = if silent && is_selected(set, pod) { first } else { None };
        let listening = pod.long_running().filter(|one| one.ports().next().is_some());
        for container in listening.chain(served).filter(|one| !has(*one, "readinessProbe")) {
            let name = container.title();
            cx.report(
                container,
                format!("{name} has no readiness probe: requests arrive before it can answer"),
            )
            .help("add a `readinessProbe` that asks what the clients ask");
        }
    }
}

/// Pod templates of the controllers that keep a number of pods running.
fn replicated(set: &ResourceSet) -> impl Iterator<Item = PodSpec<'_>> {
    let kept = |object: &Object<'_>| match object.group() {
        "apps" | "extensions" => {
            matches!(object.kind(), "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet")
        }
        group => group.is_empty() && object.kind() == "ReplicationController",
    };
    set.objects().filter(kept).filter_map(PodSpec::of)
}

fn has(container: Container<'_>, probe: &str) -> bool {
    container.get(probe).is_some_and(|probe| !probe.is_null())
}

fn is_selected(set: &ResourceSet, pod: PodSpec<'_>) -> bool {
    let Some(namespace) = set.namespace(pod.object()).name() else { return false };
    let labels: Vec<_> = pod.labels().collect();
    set.in_namespace("", "Service", namespace).any(|service| {
        let selector = service.spec().and_then(|spec| spec.get("selector")).and_then(Selector::of_map);
        selector.is_some_and(|selector| !selector.is_empty() && selector.matches(&labels))
    })
}

declare_rule! {
    /// A container has no liveness probe.
    ///
    /// ## Why
    /// A program that hangs is not started again. Contested, so no profile asks for it: a wrong probe restarts healthy pods
    /// under load, and a program that ends when it fails needs none.
    ///
    /// ## Fix
    /// Add a `livenessProbe` that fails only when a restart helps.
    ///
    /// ## References
    /// Kubernetes documentation, "Configure Liveness, Readiness and Startup Probes".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   selector:
    ///     matchLabels: {app: web}
    ///   template:
    ///     metadata:
    ///       labels: {app: web}
    ///     spec:
    ///       containers:
    ///         - name: web
    ///           image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   selector:
    ///     matchLabels: {app: web}
    ///   template:
    ///     metadata:
    ///       labels: {app: web}
    ///     spec:
    ///       containers:
    ///         - name: web
    ///           image: registry.example.org/web:1.2.0
    ///           readinessProbe:
    ///             httpGet: {path: /ready, port: 8080}
    /// ```
    /// ```yaml good
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   selector:
    ///     matchLabels: {app: web}
    ///   template:
    ///     metadata:
    ///       labels: {app: web}
    ///     spec:
    ///       containers:
    ///         - name: web
    ///           image: registry.example.org/web:1.2.0
    ///           livenessProbe:
    ///             tcpSocket: {port: 8080}
    /// ```
    /// ```yaml good
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {name: web}
    /// spec:
    ///   template:
    ///     spec:
    ///       restartPolicy: Never
    ///       containers:
    ///         - name: web
    ///           image: registry.example.org/web:1.2.0
    ///           ports: [{containerPort: 8080}]
    /// ```
    pub LIVENESS_MISSING {
        id: "probes/liveness-missing",
        class: Availability,
        severity: Info,
        profiles: [],
        versions: "all",
        peers: ["kube-linter:no-liveness-probe", "polaris:livenessProbeMissing", "checkov:CKV_K8S_8", "kubescape:C-0056", "kics:liveness_probe_is_not_defined", "datree:CONTAINERS_MISSING_LIVENESSPROBE_KEY", "popeye:POP-103", "popeye:POP-102", "kyverno-policies:best-practices/require-pod-probes"],
        absence: true,
        check: Set(liveness_missing),
    }
}

fn liveness_missing(set: &ResourceSet, cx: &mut Context<'_>) {
    for container in replicated(set).flat_map(PodSpec::long_running).filter(|one| !has(*one, "livenessProbe"))
    {
        let name = container.title();
        cx.report(container, format!("{name} has no liveness probe: nobody starts it again when it hangs"))
            .help("add a `livenessProbe` that fails only when a restart helps");
    }
}
