//! How many pods there are, and who keeps them running.

use kubevet_core::{
    declare_rule,
    index::ResourceSet,
    kubernetes::{Object, PodSpec},
    rule::{Context, Kinds},
    yaml::NodeRef,
};

use crate::static_pods::is_static;

declare_rule! {
    /// A Pod stands alone, without a controller.
    ///
    /// ## Why
    /// Nobody starts it again when its node goes away, is drained or runs out of memory.
    ///
    /// ## Fix
    /// Use a Deployment, StatefulSet, DaemonSet or Job.
    ///
    /// ## References
    /// Kubernetes documentation, "Pods". Pods that run to completion (`restartPolicy` `Never` or `OnFailure`), static pods
    /// and Helm hooks are passed by.
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
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   restartPolicy: Never
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: kube-apiserver, namespace: kube-system}
    /// spec:
    ///   containers:
    ///     - name: kube-apiserver
    ///       image: registry.example.org/kube-apiserver:1.2.0
    ///       command: [kube-apiserver, --secure-port=6443]
    /// ```
    /// ```yaml good etc/kubernetes/manifests/proxy.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web, annotations: {helm.sh/hook: test}}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
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
    pub BARE_POD {
        id: "workload/bare-pod",
        class: Availability,
        severity: Info,
        profiles: [recommended, production: Warning, hardened: Warning],
        versions: "all",
        peers: ["kubescape:C-0073", "datree:K8S_INCORRECT_KIND_VALUE_POD", "popeye:POP-208", "kyverno-policies:other/prevent-bare-pods"],
        check: Object(Kinds::Of(&[("", "Pod")]), bare_pod),
    }
}

fn bare_pod(object: Object<'_>, cx: &mut Context<'_>) {
    let Some(pod) = PodSpec::of(object) else { return };
    let ends = pod.get("restartPolicy").is_some_and(|policy| policy.text() != "Always");
    let owned = object.metadata().and_then(|metadata| metadata.get("ownerReferences")).is_some();
    let hook =
        ["helm.sh/hook", "argocd.argoproj.io/hook"].into_iter().any(|name| object.annotation(name).is_some());
    // Without a name it is a piece of a Pod, or `api/name-missing` tells.
    let Some(name) = object.identity().name else { return };
    if !(ends || owned || hook || is_static(object)) {
        cx.report(object, format!("nobody starts Pod `{name}` again when its node goes away"))
            .help("use a Deployment, StatefulSet, DaemonSet or Job");
    }
}

declare_rule! {
    /// A workload runs a single pod.
    ///
    /// ## Why
    /// It is away whenever this pod is: at every drain, node failure and, with some strategies, every rollout.
    ///
    /// ## Fix
    /// Run two or more replicas. Programs that must not run twice at once are best suppressed with a reason.
    ///
    /// ## References
    /// Kubernetes documentation, "Disruptions". Workloads that an autoscaler of the files scales, and those scaled to 0, are
    /// passed by.
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
    ///   replicas: 1
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
    ///   replicas: 2
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
    /// ```toml with
    /// minimum-replicas = 3
    /// ```
    /// ```yaml good
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   replicas: 2
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
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   replicas: 0
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
    /// ```yaml with hpa.yaml
    /// apiVersion: autoscaling/v2
    /// kind: HorizontalPodAutoscaler
    /// metadata: {name: web}
    /// spec:
    ///   scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
    ///   minReplicas: 2
    ///   maxReplicas: 5
    /// ```
    pub REPLICAS_ONE {
        id: "workload/replicas-one",
        class: Availability,
        severity: Info,
        profiles: [production, hardened],
        versions: "all",
        peers: ["kube-linter:minimum-three-replicas", "kube-score:deployment-replicas", "polaris:deploymentMissingReplicas", "datree:DEPLOYMENT_INCORRECT_REPLICAS_VALUE", "kubevious:replica-count-check", "kyverno-policies:other/deployment-has-multiple-replicas"],
        options: ["minimum-replicas": Integer = "lowest number that is accepted, 2 without it"],
        absence: true,
        check: Set(replicas_one),
    }
}

const REPLICATED: &[(&str, &str)] =
    &[("apps", "Deployment"), ("apps", "StatefulSet"), ("apps", "ReplicaSet"), ("", "ReplicationController")];

fn replicas_one(set: &ResourceSet, cx: &mut Context<'_>) {
    let minimum = cx.options().integer("minimum-replicas", 2);
    for object in REPLICATED.iter().flat_map(|(group, kind)| set.of_kind(group, kind)) {
        let written = object.spec().and_then(|spec| spec.get("replicas")).filter(|count| !count.is_null());
        let replicas = written.map_or(Some(1), NodeRef::as_i64);
        let Some(count) = replicas.filter(|count| (1..minimum).contains(count)) else { continue };
        let owned = object.metadata().and_then(|metadata| metadata.get("ownerReferences")).is_some();
        if owned || is_scaled(set, object) {
            continue;
        }
        let pods = if count == 1 { "a single pod".to_owned() } else { format!("{count} pods") };
        let message = format!("a drain or a failing node stops {}: it runs {pods}", object.title());
        let help = format!("set `replicas` to {minimum} or more, or let an autoscaler do it");
        match written {
            Some(node) => cx.report(node, message).help(help),
            None => cx.report(object, message).help(help),
        };
    }
}

/// Whether an autoscaler of the files may scale it.
fn is_scaled(set: &ResourceSet, object: Object<'_>) -> bool {
    let scales = |scaler: Object<'_>| {
        let target = |field| scaler.node().at(&["spec", "scaleTargetRef", field]).map(NodeRef::text);
        target("name") == object.name() && target("kind").unwrap_or("Deployment") == object.kind()
    };
    let scalers = [("autoscaling", "HorizontalPodAutoscaler"), ("keda.sh", "ScaledObject")];
    scalers.into_iter().any(|(group, kind)| match set.namespace(object).name() {
        Some(namespace) => set.in_namespace(group, kind, namespace).any(scales),
        None => set.of_kind(group, kind).any(scales),
    })
}
