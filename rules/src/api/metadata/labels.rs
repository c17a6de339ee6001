//! Labels, and the maps that select by them.

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, PodSpec, is_placeholder, values::names},
    rule::{Context, Kinds},
    yaml::NodeRef,
};

use super::super::check::{Fields, is_built_in, refuse, shown};

declare_rule! {
    /// Key or value of a label cannot be one.
    ///
    /// ## Why
    /// The API server refuses the object. A key is a name of at most 63 characters, with or without a DNS subdomain and
    /// `/` before it; a value has at most 63 letters, digits, `-`, `_` and `.`, and begins and ends with a letter or digit.
    ///
    /// ## Fix
    /// Shorten the value, or keep it in an annotation.
    ///
    /// ## References
    /// `ValidateLabels` in `k8s.io/apimachinery/pkg/apis/meta/v1/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   labels: {owner: web team}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   labels: {example.org/a/b: web}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   selector: {app: web@1}
    ///   ports: [{port: 80}]
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   nodeSelector: {"disk type": ssd}
    ///   containers: [{name: web, image: registry.example.org/web:1.2.0}]
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   labels:
    ///     app.kubernetes.io/name: web
    ///     Tier_1: ""
    ///     version: "1.2.0"
    ///     commit: "{{ .Commit }}"
    /// ```
    pub LABEL_INVALID {
        id: "api/label-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(Kinds::Any, label_invalid),
    }
}

fn label_invalid(object: Object<'_>, cx: &mut Context<'_>) {
    let built_in = is_built_in(object);
    if built_in {
        labels(object.field("metadata.labels"), "label", cx);
    }
    if let Some(pod) = PodSpec::of(object) {
        if pod.template() != object.node() {
            labels(pod.template().field("metadata.labels"), "label", cx);
        }
        labels(pod.get("nodeSelector"), "label of nodes", cx);
    }
    if object.is("", "Service") {
        labels(object.field("spec.selector"), "label", cx);
    }
}

/// Reports keys and values of a map of labels (`ValidateLabels`).
pub(in crate::api) fn labels(map: Option<NodeRef<'_>>, what: &str, cx: &mut Context<'_>) {
    for entry in map.into_iter().flat_map(NodeRef::entries) {
        key(entry.key, what, cx);
        value(entry.value, cx);
    }
}

/// Reports a key that no label can have.
pub(super) fn key(node: NodeRef<'_>, what: &str, cx: &mut Context<'_>) {
    let text = node.text();
    if !node.is_scalar() || is_placeholder(text) {
        return;
    }
    if let Err(problem) = names::qualified_name(text) {
        refuse(cx, node, format!("`{}` cannot be the key of a {what}", shown(text)))
            .help(format!("a key {problem}"));
    }
}

/// Reports a value that no label can have.
pub(super) fn value(node: NodeRef<'_>, cx: &mut Context<'_>) {
    let Some(text) = node.as_str().filter(|text| !is_placeholder(text)) else { return };
    if let Err(problem) = names::label_value(text) {
        refuse(cx, node, format!("`{}` cannot be the value of a label", shown(text)))
            .help(format!("a value {problem}"));
    }
}
