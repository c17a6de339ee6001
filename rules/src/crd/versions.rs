//! Versions of custom kinds.

use kubevet_core::{declare_rule, kubernetes::Object, rule::Context, schema::Problem, suggest::closest};

declare_rule! {
    /// A custom object uses a version that its `CustomResourceDefinition` does not have or does not serve.
    ///
    /// ## Why
    /// The API server answers "no matches for kind": the object is not created.
    ///
    /// ## Fix
    /// Use a version that is served, or apply the definition that serves this one.
    ///
    /// ## References
    /// Kubernetes documentation, "Versions in CustomResourceDefinitions".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: example.org/v1alpha1
    /// kind: Widget
    /// metadata: {name: web}
    /// ```
    /// ```yaml with widgets.yaml
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata: {name: widgets.example.org}
    /// spec:
    ///   group: example.org
    ///   scope: Namespaced
    ///   names: {kind: Widget, plural: widgets}
    ///   versions:
    ///     - {name: v1alpha1, served: false, storage: false, schema: {openAPIV3Schema: {type: object}}}
    ///     - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
    /// ```
    /// ```yaml good
    /// apiVersion: example.org/v1
    /// kind: Widget
    /// metadata: {name: web}
    /// ```
    /// ```yaml with widgets.yaml
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata: {name: widgets.example.org}
    /// spec:
    ///   group: example.org
    ///   scope: Namespaced
    ///   names: {kind: Widget, plural: widgets}
    ///   versions:
    ///     - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
    /// ```
    pub VERSION_NOT_SERVED {
        id: "crd/version-not-served",
        class: Upgrade,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Schema(version_not_served),
    }
}

fn version_not_served(object: Object<'_>, cx: &mut Context<'_>) {
    for violation in cx.violations(object).iter() {
        let Problem::NotServed { served } = &violation.problem else { continue };
        let node = object.tree().node(violation.node);
        let (version, kind) = (object.version(), object.kind());
        let message = format!(
            "the definition of {kind} serves no version `{version}`: the API server refuses the object"
        );
        let group = object.group();
        let all = || served.iter().map(|name| format!("`{group}/{name}`")).collect::<Vec<_>>().join(" or ");
        let help = match closest(version, served.iter().map(String::as_str)) {
            Some(near) => format!("use `{group}/{near}`"),
            None if served.is_empty() => "the definition serves no version at all".to_owned(),
            None => format!("use {}", all()),
        };
        cx.report(node, message).help(help);
    }
}
