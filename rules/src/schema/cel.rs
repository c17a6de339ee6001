//! Rules that definitions of custom kinds bring along.

use kubevet_core::{
    declare_rule,
    kubernetes::Object,
    rule::{Context, Key},
    schema::Problem,
};

use super::title;

declare_rule! {
    /// A custom object breaks a validation rule of its `CustomResourceDefinition` (`x-kubernetes-validations`).
    ///
    /// ## Why
    /// The API server refuses the object with the rule's message. Rules about changes (`oldSelf`) and rules that need what files alone
    /// do not tell are not judged.
    ///
    /// ## Fix
    /// Do what the rule's message says.
    ///
    /// ## References
    /// Kubernetes documentation, "Validation rules" of custom resources; the Common Expression Language.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: example.org/v1
    /// kind: Widget
    /// metadata: {name: web}
    /// spec: {minimum: 5, maximum: 3}
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
    ///     - name: v1
    ///       served: true
    ///       storage: true
    ///       schema:
    ///         openAPIV3Schema:
    ///           type: object
    ///           properties:
    ///             spec:
    ///               type: object
    ///               properties: {minimum: {type: integer}, maximum: {type: integer}}
    ///               x-kubernetes-validations:
    ///                 - {rule: "self.minimum <= self.maximum", message: minimum must not be above maximum}
    /// ```
    /// ```yaml good
    /// apiVersion: example.org/v1
    /// kind: Widget
    /// metadata: {name: web}
    /// spec: {url: "https://example.org"}
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
    ///     - name: v1
    ///       served: true
    ///       storage: true
    ///       schema:
    ///         openAPIV3Schema:
    ///           type: object
    ///           properties:
    ///             spec:
    ///               type: object
    ///               properties: {url: {type: string}}
    ///               x-kubernetes-validations:
    ///                 - {rule: "!has(self.url) || isURL(self.url)"}
    ///                 - {rule: "self.url == oldSelf.url"}
    /// ```
    pub CEL_RULE {
        id: "schema/cel-rule",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        // What a rule asks for may come from elsewhere.
        absence: true,
        check: Schema(cel_rule),
    }
}

fn cel_rule(object: Object<'_>, cx: &mut Context<'_>) {
    for violation in cx.violations(object).iter() {
        let Problem::Rule { expression, message } = &violation.problem else { continue };
        let node = object.tree().node(violation.node);
        let plain = |text: &str, most: usize| {
            let line = text.split_whitespace().collect::<Vec<_>>().join(" ").replace('`', "'");
            let short: String = line.chars().take(most).collect();
            if short.len() < line.len() { format!("{short}…") } else { line }
        };
        let message = plain(message, 200);
        let message = format!("{} breaks a rule of its kind: {}", title(node), message.trim_end_matches('.'));
        let help = format!("the rule is `{}`", plain(expression, 160));
        if node.is_scalar() || node.key_node().is_none() {
            cx.report(node, message).help(help);
        } else {
            cx.report(Key(node), message).help(help);
        }
    }
}
