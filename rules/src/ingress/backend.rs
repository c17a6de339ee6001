//! Where Ingresses send requests.

use kubevet_core::{
    declare_rule,
    finding::{Applicability, Edit, Fix},
    index::ResourceSet,
    kubernetes::Object,
    rule::Context,
    yaml::NodeRef,
};

declare_rule! {
    /// An Ingress sends requests to a Service that does not exist.
    ///
    /// ## Why
    /// Every request to that path is answered with 503 (or by the controller's default backend). A Service of another
    /// namespace cannot be a backend.
    ///
    /// ## Fix
    /// Correct the name, or move Ingress and Service into one namespace.
    ///
    /// ## References
    /// Kubernetes documentation, "Ingress".
    ///
    /// ## Examples
    /// ```yaml bad closed
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata: {name: shop}
    /// spec:
    ///   rules:
    ///   - http:
    ///       paths:
    ///       - {path: /, pathType: Prefix, backend: {service: {name: frontend, port: {number: 80}}}}
    /// ```
    /// ```yaml with service.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: front-end}
    /// spec: {ports: [{port: 80}]}
    /// ```
    /// ```yaml good closed
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata: {name: shop}
    /// spec:
    ///   defaultBackend: {service: {name: frontend, port: {number: 80}}}
    /// ```
    /// ```yaml with service.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: frontend}
    /// spec: {ports: [{port: 80}]}
    /// ```
    pub BACKEND_MISSING {
        id: "ingress/backend-missing",
        class: Consistency,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: ["kube-linter:dangling-ingress", "kube-score:ingress-targets-service", "kubescape:C-0298", "popeye:POP-1401", "popeye:POP-1402", "kubevious:ingress-service-ref", "kubevious:ingress-ext-service-ref"],
        absence: true,
        check: Set(backend_missing),
    }
}

fn backend_missing(set: &ResourceSet, cx: &mut Context<'_>) {
    for ingress in ingresses(set) {
        let Some(namespace) = set.namespace(ingress).name() else { continue };
        for backend in backends(ingress) {
            let name = backend.name.text();
            let Some(absent) = set.absent(ingress, "", "Service", Some(namespace), name) else { continue };
            let draft = cx
                .report(backend.name, format!("there is no Service `{name}` in namespace `{namespace}`: requests are answered with 503"))
                .help("correct the name: a backend lies in the namespace of its Ingress");
            if let Some((near, _)) = absent.near {
                draft.label(near, absent.describe());
            }
        }
    }
}

declare_rule! {
    /// An Ingress sends requests to a port that its Service does not have.
    ///
    /// ## Why
    /// The port of a backend is one of the Service's own ports (`port` or `name`), not of the container. The
    /// controller finds no endpoint and answers with 503.
    ///
    /// ## Fix
    /// Use number or name of a port of the Service.
    ///
    /// ## References
    /// Kubernetes documentation, "Ingress".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata: {name: shop}
    /// spec:
    ///   defaultBackend: {service: {name: frontend, port: {number: 8080}}}
    /// ```
    /// ```yaml with service.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: frontend}
    /// spec: {ports: [{port: 80, targetPort: 8080}]}
    /// ```
    /// ```yaml good
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata: {name: shop}
    /// spec:
    ///   defaultBackend: {service: {name: frontend, port: {name: http}}}
    /// ```
    /// ```yaml with service.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: frontend}
    /// spec: {ports: [{port: 80, name: http}]}
    /// ```
    pub BACKEND_PORT_MISSING {
        id: "ingress/backend-port-missing",
        class: Consistency,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: ["kube-linter:dangling-ingress", "kube-score:ingress-targets-service", "kubescape:C-0298", "popeye:POP-1401", "popeye:POP-1402", "kubevious:ingress-service-ref", "kubevious:ingress-ext-service-ref"],
        fix: Unsafe,
        check: Set(backend_port_missing),
    }
}

fn backend_port_missing(set: &ResourceSet, cx: &mut Context<'_>) {
    for ingress in ingresses(set) {
        let Some(namespace) = set.namespace(ingress).name() else { continue };
        for backend in backends(ingress) {
            let services = set.named("", "Service", backend.name.text());
            let services: Vec<Object<'_>> =
                services.filter(|service| set.namespace(*service).may_be(namespace)).collect();
            let [service] = services[..] else { continue };
            let Some(port) = backend.port.filter(|_| set.is_whole(service) && set.is_whole(ingress)) else {
                continue;
            };
            check_port(service, port, cx);
        }
    }
}

fn check_port(service: Object<'_>, port: NodeRef<'_>, cx: &mut Context<'_>) {
    let Some(list) = service.node().at(&["spec", "ports"]).filter(|list| !list.is_empty()) else { return };
    let unknown = |node: NodeRef<'_>| node.text().contains(['$', '{']);
    // The field whose value the port must be: numbers are ports, words are names.
    let field = if port.as_i64().is_some() { "port" } else { "name" };
    let own: Vec<NodeRef<'_>> = list.items().filter_map(|one| one.get(field)).collect();
    if unknown(port) || own.iter().any(|own| unknown(*own) || own.text() == port.text()) {
        return;
    }
    let name = service.name().unwrap_or_default();
    let draft = cx
        .report(
            port,
            format!("the Service `{name}` has no port `{}`: requests are answered with 503", port.text()),
        )
        .help("use number or name of a port of the Service, not of the container");
    let draft = match &own[..] {
        [only] if list.len() == 1 => draft.fix(Fix {
            title: format!("use port `{}`, the only one of the Service", only.text()),
            applicability: Applicability::Unsafe,
            edits: vec![Edit { span: port.span(), text: only.text().to_owned() }],
        }),
        _ => draft,
    };
    let shown = own.first().copied().unwrap_or(list);
    draft.label(shown, if own.is_empty() { "these ports have no names".into() } else { ports(&own) });
}

fn ports(own: &[NodeRef<'_>]) -> String {
    let names: Vec<String> = own.iter().map(|port| format!("`{}`", port.text())).collect();
    format!("it has {}", names.join(", "))
}

fn ingresses(set: &ResourceSet) -> impl Iterator<Item = Object<'_>> {
    ["networking.k8s.io", "extensions"].into_iter().flat_map(|group| set.of_kind(group, "Ingress"))
}

/// A Service that an Ingress sends requests to.
struct Backend<'t> {
    name: NodeRef<'t>,
    /// Number or name of the port.
    port: Option<NodeRef<'t>>,
}

/// Backends of all rules and the default one, in the forms of v1 and of the beta versions.
fn backends(ingress: Object<'_>) -> impl Iterator<Item = Backend<'_>> {
    let spec = ingress.spec();
    let field = move |name| spec.and_then(|spec| spec.get(name));
    let rules = field("rules").into_iter().flat_map(NodeRef::items);
    let paths = rules.filter_map(|rule| rule.at(&["http", "paths"])).flat_map(NodeRef::items);
    let backends = paths.filter_map(|path| path.get("backend"));
    field("defaultBackend").into_iter().chain(field("backend")).chain(backends).filter_map(|backend| {
        if let Some(service) = backend.get("service") {
            let name = service.get("name").filter(|name| name.as_str().is_some())?;
            let port = service.get("port");
            let port = port.and_then(|port| port.get("number").or_else(|| port.get("name")));
            // The AWS load balancer controller reads the action from an annotation of the Service's name.
            let action = port.is_some_and(|port| port.text() == "use-annotation");
            return (!action).then_some(Backend { name, port });
        }
        let name = backend.get("serviceName").filter(|name| name.as_str().is_some())?;
        let port = backend.get("servicePort").filter(|port| port.text() != "use-annotation");
        port.is_some().then_some(Backend { name, port })
    })
}
