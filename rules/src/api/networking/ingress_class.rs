//! Classes of Ingresses.

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, values::names},
    rule::{Context, Key, Kinds},
    yaml::NodeRef,
};

use super::{
    super::check::{Fields, form, is_served, missing, not_empty, refuse},
    domain_prefixed_path, reference,
};

declare_rule! {
    /// An IngressClass has a controller or parameters that the API server does not take.
    ///
    /// ## Why
    /// The API server refuses the IngressClass. A controller is a domain and a path; parameters say whether they are in a
    /// namespace, and in which.
    ///
    /// ## Fix
    /// Correct the value.
    ///
    /// ## References
    /// `validateIngressClassSpec` in `k8s.io/kubernetes/pkg/apis/networking/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: networking.k8s.io/v1
    /// kind: IngressClass
    /// metadata: {name: nginx}
    /// spec: {controller: nginx}
    /// ```
    /// ```yaml bad
    /// apiVersion: networking.k8s.io/v1
    /// kind: IngressClass
    /// metadata: {name: public}
    /// spec:
    ///   controller: example.org/ingress
    ///   parameters: {apiGroup: example.org/v1, kind: Parameters, name: public}
    /// ```
    /// ```yaml bad
    /// apiVersion: networking.k8s.io/v1
    /// kind: IngressClass
    /// metadata: {name: public}
    /// spec:
    ///   controller: example.org/ingress
    ///   parameters: {apiGroup: example.org, kind: Parameters, name: public, scope: Namespace}
    /// ```
    /// ```yaml good
    /// apiVersion: networking.k8s.io/v1
    /// kind: IngressClass
    /// metadata: {name: public}
    /// spec:
    ///   controller: example.org/ingress
    ///   parameters: {apiGroup: example.org, kind: Parameters, name: public, scope: Namespace, namespace: ingress}
    /// ```
    pub INGRESS_CLASS_INVALID {
        id: "api/ingress-class-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "networking.k8s.io/v1",
        check: Object(Kinds::Of(&[("networking.k8s.io", "IngressClass")]), ingress_class_invalid),
    }
}

fn ingress_class_invalid(class: Object<'_>, cx: &mut Context<'_>) {
    if !is_served(class, cx) {
        return;
    }
    let controller = class.field("spec.controller").filter(|node| !node.text().is_empty());
    form(cx, controller, "name of a controller", |text| {
        if text.len() > 250 {
            return Err("must be no more than 250 characters");
        }
        domain_prefixed_path(text)
    });
    let Some(parameters) = class.field("spec.parameters") else { return };
    reference(parameters, cx);
    not_empty(cx, parameters, &["scope"]);
    let namespace = parameters.field("namespace");
    // The scope is `Cluster` where none is given.
    let scope = parameters.field("scope").map_or("Cluster", NodeRef::text);
    match (scope, namespace) {
        ("Namespace", None) => {
            missing(
                cx,
                parameters,
                "the parameters are in a namespace, and none is named",
                "set `namespace`",
            );
        }
        ("Namespace", Some(node)) => form(cx, Some(node), "name of a namespace", names::dns_label),
        ("Cluster", Some(node)) => {
            refuse(cx, Key(node), "parameters of the scope `Cluster` have no namespace")
                .help("set `scope: Namespace`, or delete `namespace`");
        }
        _ => {}
    }
}
