//! Annotations.

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, PodSpec, is_placeholder, values::names},
    rule::{Context, Key, Kinds},
    yaml::NodeRef,
};

use super::super::check::{Fields, is_built_in, refuse, shown};

declare_rule! {
    /// The key of an annotation cannot be one, or the annotations of an object are too big.
    ///
    /// ## Why
    /// The API server refuses the object. A key is a name of at most 63 characters, with or without a DNS subdomain and
    /// `/` before it. All keys and values together may have 256 KiB.
    ///
    /// ## Fix
    /// Correct the key; keep big data in a ConfigMap.
    ///
    /// ## References
    /// `ValidateAnnotations` in `k8s.io/apimachinery/pkg/api/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   annotations: {"written by": somebody}
    /// ```
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   template:
    ///     metadata:
    ///       annotations: {example.org/checksum/config: abc}
    ///     spec: {containers: [{name: web, image: registry.example.org/web:1.2.0}]}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   annotations:
    ///     Example.ORG/Written-By: any text, of any length
    /// ```
    pub ANNOTATION_INVALID {
        id: "api/annotation-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(Kinds::Any, annotation_invalid),
    }
}

/// `TotalAnnotationSizeLimitB`.
pub(super) const LIMIT: usize = 256 * 1024;

fn annotation_invalid(object: Object<'_>, cx: &mut Context<'_>) {
    if is_built_in(object) {
        annotations(object.field("metadata.annotations"), cx);
    }
    if let Some(pod) = PodSpec::of(object).filter(|pod| pod.template() != object.node()) {
        annotations(pod.template().field("metadata.annotations"), cx);
    }
}

fn annotations(map: Option<NodeRef<'_>>, cx: &mut Context<'_>) {
    let Some(map) = map else { return };
    let mut size = 0;
    for entry in map.entries() {
        let text = entry.key.text();
        size += text.len() + entry.value.text().len();
        if !entry.key.is_scalar() || is_placeholder(text) {
            continue;
        }
        // Letter case does not matter here.
        if let Err(problem) = names::qualified_name(&text.to_lowercase()) {
            refuse(cx, entry.key, format!("`{}` cannot be the key of an annotation", shown(text)))
                .help(format!("a key {problem}"));
        }
    }
    if size > LIMIT {
        refuse(cx, Key(map), format!("the annotations have {} KiB, more than 256 KiB", size / 1024))
            .help("keep big data in a ConfigMap");
    }
}
