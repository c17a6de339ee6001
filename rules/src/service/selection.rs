//! What Services select.

use std::collections::BTreeMap;

use kubevet_core::{
    declare_rule,
    index::{ResourceSet, is_slip},
    kubernetes::{Container, Object, PodSpec, values::selector::Selector},
    rule::{Context, Key},
    yaml::NodeRef,
};

declare_rule! {
    /// The selector of a Service matches no pod: the Service has no endpoints.
    ///
    /// ## Why
    /// A Service sends traffic to pods whose labels match its selector. One letter of difference, or labels on the
    /// workload instead of its pod template, and every connection fails, without any error at `kubectl apply`.
    ///
    /// ## Fix
    /// Make selector and pod template agree. A Service whose endpoints are written by hand has no selector.
    ///
    /// ## References
    /// Kubernetes documentation, "Service".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   selector: {app: wbe}
    ///   ports: [{port: 80}]
    /// ```
    /// ```yaml with deployment.yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec: {containers: [{name: web, image: web:1}]}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{port: 80}]
    /// ```
    /// ```yaml with deployment.yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   template:
    ///     metadata: {labels: {app: web, tier: front}}
    ///     spec: {containers: [{name: web, image: web:1}]}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{port: 80}]
    /// ```
    /// ```yaml good closed
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: database}
    /// spec:
    ///   ports: [{port: 5432}]
    /// ```
    pub SELECTS_NOTHING {
        id: "service/selects-nothing",
        class: Consistency,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        versions: "all",
        peers: ["kube-linter:dangling-service", "kube-score:service-targets-pod", "kubescape:C-0293", "kics:service_does_not_target_pod", "popeye:POP-1100", "kubevious:service-selector-ref"],
        absence: true,
        check: Set(selects_nothing),
    }
}

fn selects_nothing(set: &ResourceSet, cx: &mut Context<'_>) {
    let mut services: BTreeMap<&str, Vec<Object<'_>>> = BTreeMap::new();
    for service in set.of_kind("", "Service").filter(|service| selector_of(*service).is_some()) {
        if let Some(namespace) = set.namespace(service).name() {
            services.entry(namespace).or_default().push(service);
        }
    }
    for (namespace, services) in services {
        let dangling = |service: &&Object<'_>| {
            let unmatched = selector_of(**service)
                .is_some_and(|(_, selector)| set.selects_nothing(**service, namespace, &selector).is_some());
            unmatched && !has_endpoints(set, **service, namespace)
        };
        let found: Vec<Object<'_>> = services.iter().filter(dangling).copied().collect();
        // Where most Services select nothing, the pods are elsewhere.
        if !set.is_elsewhere(found.len(), services.len() - found.len()) {
            for service in found {
                report_dangling(set, service, namespace, cx);
            }
        }
    }
}

fn report_dangling(set: &ResourceSet, service: Object<'_>, namespace: &str, cx: &mut Context<'_>) {
    let Some((node, selector)) = selector_of(service) else { return };
    let Some(unmatched) = set.selects_nothing(service, namespace, &selector) else { return };
    let name = service.name().unwrap_or_default();
    let message = format!("no pod has the labels that Service `{name}` selects: it has no endpoints");
    if let Some((requirement, said)) = unmatched.near {
        cx.report(requirement, message)
            .label(said, unmatched.describe())
            .help("make the selector and the labels of the pod template agree");
        return;
    }
    let draft = cx.report(Key(node), message).help("select labels that a pod template has");
    if let Some(owner) = unmatched.owner {
        let kind = owner.kind();
        draft.label(owner, format!("this {kind} has the labels, the pods of its template do not"));
    }
}

declare_rule! {
    /// A Service names a target port that no container of its pods declares.
    ///
    /// ## Why
    /// A named target port is looked up in the `ports` of each selected pod, by name and protocol. A pod without it
    /// gets no traffic. (Target ports given as numbers need no declaration.)
    ///
    /// ## Fix
    /// Use a name that a container declares, or declare it.
    ///
    /// ## References
    /// Kubernetes documentation, "Service"; `k8s.io/kubernetes/pkg/api/v1/pod.FindPort`.
    ///
    /// ## Examples
    /// ```yaml bad closed
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{port: 80, targetPort: htpp}]
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web, labels: {app: web}}
    /// spec:
    ///   containers:
    ///   - {name: web, image: web:1, ports: [{name: http, containerPort: 8080}]}
    /// ```
    /// ```yaml good closed
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{port: 80, targetPort: http}, {port: 81, targetPort: 9000}]
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web, labels: {app: web}}
    /// spec:
    ///   containers:
    ///   - {name: web, image: web:1, ports: [{name: http, containerPort: 8080}]}
    /// ```
    pub TARGET_PORT_MISSING {
        id: "service/target-port-missing",
        class: Consistency,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: ["kube-linter:invalid-target-ports", "popeye:POP-1106"],
        absence: true,
        check: Set(target_port_missing),
    }
}

fn target_port_missing(set: &ResourceSet, cx: &mut Context<'_>) {
    for service in set.of_kind("", "Service") {
        let Some(namespace) = set.namespace(service).name() else { continue };
        let Some((_, selector)) = selector_of(service) else { continue };
        let ports = service.node().at(&["spec", "ports"]).into_iter().flat_map(NodeRef::items);
        let pods = || set.selected(namespace, &selector);
        for port in ports {
            let Some(target) = port.get("targetPort") else { continue };
            let Some(name) = target.as_str().filter(|name| is_port_name(name)) else { continue };
            let protocol = protocol(port);
            let called = |port: NodeRef<'_>| port.get("name").is_some_and(|own| own.text() == name);
            let declares = |pod: PodSpec<'_>| {
                let mut ports = pod.long_running().flat_map(Container::ports);
                ports.any(|own| called(own) && self::protocol(own) == protocol)
            };
            let settled = |pod: PodSpec<'_>| declares(pod) || !set.is_whole(pod.object());
            let Some(first) = pods().next() else { break };
            if pods().any(settled) {
                continue;
            }
            let declared: Vec<NodeRef<'_>> =
                pods().flat_map(PodSpec::long_running).flat_map(Container::ports).collect();
            let near =
                declared.iter().filter_map(|port| port.get("name")).find(|own| is_slip(name, own.text()));
            if !set.closed(Some(namespace)) && near.is_none() {
                continue;
            }
            let draft = cx
                .report(target, format!("no container of the selected pods declares a {protocol} port `{name}`: it gets no traffic"))
                .help("use a name that a container declares, or declare it in `ports`");
            let other = declared.iter().copied().find(|port| called(*port));
            let near = other.and_then(|port| port.get("name")).or(near);
            match near.or_else(|| declared.iter().find_map(|port| port.get("name"))) {
                Some(own) => draft.label(own, format!("port `{}` is declared here", own.text())),
                None => draft.label(first.object(), "these pods declare no port with a name"),
            };
        }
    }
}

/// Whether a target port is a name that is known: the API server refuses a name without a letter.
fn is_port_name(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_alphabetic()) && !text.contains(['$', '{'])
}

fn protocol(port: NodeRef<'_>) -> &str {
    port.get("protocol").and_then(NodeRef::as_str).unwrap_or("TCP")
}

/// The selector of a Service that has one which counts: not empty, not of type `ExternalName`.
fn selector_of(service: Object<'_>) -> Option<(NodeRef<'_>, Selector<'_>)> {
    let spec = service.spec()?;
    if spec.get("type").and_then(NodeRef::as_str) == Some("ExternalName") {
        return None;
    }
    let node = spec.get("selector")?;
    let selector = Selector::of_map(node)?;
    (!selector.is_empty()).then_some((node, selector))
}

/// Whether the endpoints of a Service are in the set.
fn has_endpoints(set: &ResourceSet, service: Object<'_>, namespace: &str) -> bool {
    let name = service.name().unwrap_or_default();
    let mut slices = set.in_namespace("discovery.k8s.io", "EndpointSlice", namespace);
    set.find("", "Endpoints", Some(namespace), name).is_some()
        || slices.any(|slice| slice.labels().any(|label| label == ("kubernetes.io/service-name", name)))
}
