//! Ingresses.

use kubevet_core::{
    declare_rule,
    kubernetes::{
        Object, is_placeholder,
        values::{
            names::{self, Problem},
            net::parse_ip,
        },
    },
    rule::{Context, Key, Kinds},
    yaml::NodeRef,
};

use super::{
    super::check::{Fields, form, has_feature, is_served, missing, refuse, shown, within},
    reference,
};

declare_rule! {
    /// An Ingress has hosts, paths or backends that the API server does not take.
    ///
    /// ## Why
    /// The API server refuses the Ingress. Hosts are DNS names without port; paths of the types `Exact` and `Prefix` begin with
    /// `/` and are written without detours; a backend is one Service, with name or number of one of its ports, or one resource.
    ///
    /// ## Fix
    /// Correct the value.
    ///
    /// ## References
    /// `ValidateIngressSpec` in `k8s.io/kubernetes/pkg/apis/networking/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata: {name: shop}
    /// spec: {ingressClassName: nginx}
    /// ```
    /// ```yaml bad
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata: {name: shop}
    /// spec:
    ///   rules: [{host: "https://shop.example.org"}]
    /// ```
    /// ```yaml bad
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata: {name: shop}
    /// spec:
    ///   rules: [{host: "*"}]
    /// ```
    /// ```yaml bad
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata: {name: shop}
    /// spec:
    ///   rules:
    ///     - http:
    ///         paths:
    ///           - {path: shop//basket, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}
    /// ```
    /// ```yaml bad
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata: {name: shop}
    /// spec:
    ///   defaultBackend: {service: {name: shop}}
    /// ```
    /// ```yaml bad
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata:
    ///   name: shop
    ///   annotations: {kubernetes.io/ingress.class: nginx}
    /// spec:
    ///   ingressClassName: public
    ///   defaultBackend: {service: {name: shop, port: {name: http}}}
    /// ```
    /// ```yaml good
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata: {name: shop}
    /// spec:
    ///   tls: [{hosts: ["*.example.org"], secretName: shop-tls}]
    ///   rules:
    ///     - host: "*.example.org"
    ///       http:
    ///         paths:
    ///           - {path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}
    ///           - {pathType: ImplementationSpecific, backend: {resource: {kind: Bucket, name: pictures}}}
    ///           - {path: "/a//(.*)", pathType: ImplementationSpecific, backend: {service: {name: shop, port: {name: http}}}}
    /// ```
    /// ```yaml good
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata: {name: shop}
    /// spec:
    ///   rules: [{host: "${HOST}"}]
    /// ```
    pub INGRESS_INVALID {
        id: "api/ingress-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "networking.k8s.io/v1",
        check: Object(Kinds::Of(&[("networking.k8s.io", "Ingress")]), ingress_invalid),
    }
}

fn ingress_invalid(ingress: Object<'_>, cx: &mut Context<'_>) {
    let Some(spec) = ingress.field("spec").filter(|spec| spec.is_map() && is_served(ingress, cx)) else {
        return;
    };
    let default = spec.field("defaultBackend");
    if !spec.has("rules") && default.is_none() && spec.field("backend").is_none() {
        missing(
            cx,
            spec,
            "the Ingress has neither rules nor a default backend",
            "set `rules` or `defaultBackend`",
        );
    }
    if let Some(default) = default {
        backend(default, cx);
    }
    for rule in spec.each("rules") {
        if let Some(node) = rule.word("host") {
            host(node, cx);
        }
        for path in rule.each("http.paths").filter(|path| path.is_map()) {
            check_path(path, cx);
            if let Some(node) = path.field("backend") {
                backend(node, cx);
            }
        }
    }
    for tls in spec.each("tls") {
        tls.each("hosts").for_each(|node| form(cx, Some(node), "name of a host", host_form));
        form(cx, tls.word("secretName"), "name of a Secret", names::dns_subdomain);
    }
    let class = spec.field("ingressClassName");
    form(cx, class, "name of an IngressClass", names::dns_subdomain);
    let annotation =
        ingress.field("metadata.annotations").and_then(|all| all.get("kubernetes.io/ingress.class"));
    if let (Some(class), Some(annotation)) = (class, annotation)
        && class.text() != annotation.text()
        && !is_placeholder(class.text())
        && !is_placeholder(annotation.text())
    {
        refuse(cx, annotation, "the annotation names another class than `ingressClassName`")
            .label(class, "`ingressClassName`")
            .help("delete the annotation");
    }
}

/// `IsDNS1123Subdomain`, or `IsWildcardDNS1123Subdomain` where there is a `*`.
fn host_form(text: &str) -> Result<(), Problem> {
    match text.strip_prefix("*.") {
        Some(rest) => names::dns_subdomain(rest),
        None if text.contains('*') => Err("must begin with `*.` and a domain when it has a `*`"),
        None => names::dns_subdomain(text),
    }
}

fn host(node: NodeRef<'_>, cx: &mut Context<'_>) {
    let text = node.text();
    if parse_ip(text).is_some() {
        refuse(cx, node, format!("`{}` is an address, and a host is a DNS name", shown(text)))
            .help("use a name that leads to the address, or delete `host` to match every one");
    } else if text == "*" {
        refuse(cx, node, "`*` is no host").help("delete `host` to match every one");
    } else {
        form(cx, Some(node), "name of a host", host_form);
    }
}

/// What paths of the types `Exact` and `Prefix` must not have (`invalidPathSequences`).
const DETOURS: &[&str] = &["//", "/./", "/../", "%2f", "%2F"];

fn check_path(path: NodeRef<'_>, cx: &mut Context<'_>) {
    let kind = path.said("pathType");
    if !matches!(kind, "Exact" | "Prefix" | "ImplementationSpecific") {
        return;
    }
    let strict = kind != "ImplementationSpecific";
    let Some(node) = path.field("path").filter(|node| !node.text().is_empty()) else {
        if strict {
            missing(cx, path, format!("a path of type `{kind}` is empty"), "set `path`, such as `/`");
        }
        return;
    };
    let text = node.text();
    if node.as_str().is_none() || is_placeholder(text) {
        return;
    }
    if !text.starts_with('/') {
        refuse(cx, node, format!("path `{}` does not begin with `/`", shown(text)))
            .help(format!("write `/{}`", shown(text)));
    } else if strict && let Some(part) = DETOURS.iter().find(|part| text.contains(*part)) {
        refuse(cx, node, format!("a path of type `{kind}` must not have `{part}` in it"))
            .help("write the path without it, or use the type `ImplementationSpecific`");
    } else if strict && (text.ends_with("/.") || text.ends_with("/..")) {
        refuse(cx, node, format!("a path of type `{kind}` must not end with a dot"))
            .help("write the path without it");
    }
}

fn backend(backend: NodeRef<'_>, cx: &mut Context<'_>) {
    let (service, resource) = (backend.field("service"), backend.field("resource"));
    match (service, resource) {
        (Some(service), Some(resource)) => {
            refuse(cx, Key(resource), "a backend is a Service or a resource, not both")
                .label(Key(service), "the Service")
                .help("delete one of them");
        }
        (None, Some(resource)) => reference(resource, cx),
        (Some(service), None) => check_service(service, cx),
        // The form of the beta versions is unknown fields to the schema.
        (None, None) if backend.field("serviceName").is_some() => {}
        (None, None) => {
            missing(cx, backend, "the backend names neither a Service nor a resource", "set `service`");
        }
    }
}

fn check_service(service: NodeRef<'_>, cx: &mut Context<'_>) {
    let relaxed = has_feature(cx, "RelaxedServiceNameValidation");
    let name = if relaxed { names::dns_label } else { names::dns_1035_label };
    form(cx, service.word("name"), "name of a Service", name);
    let number = service.field("port.number").filter(|node| node.as_i64() != Some(0));
    let name = service.field("port.name").filter(|node| !node.text().is_empty());
    match (number, name) {
        (Some(number), Some(name)) => {
            refuse(cx, name, "a port is named by name or by number, not by both")
                .label(number, "the number")
                .help("delete one of them");
        }
        (Some(_), None) => within(cx, service, &["port.number"], &(1..=65535)),
        (None, Some(_)) => form(cx, name, "name of a port", names::port_name),
        (None, None) => {
            missing(
                cx,
                service.field("port").unwrap_or(service),
                "the backend names no port of the Service",
                "set `port.number` or `port.name`",
            );
        }
    }
}
