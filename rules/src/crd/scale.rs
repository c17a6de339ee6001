//! The scale subresource.

use kubevet_core::{declare_rule, kubernetes::Object, rule::Context, yaml::NodeRef};

use super::{DEFINITIONS, spec};
use crate::api::check::{Fields, refuse, shown};

declare_rule! {
    /// The paths of a scale subresource do not lead to where numbers of pods are.
    ///
    /// ## Why
    /// The API server refuses the definition: the wanted number is somewhere below `.spec`, the present one below `.status`.
    ///
    /// ## Fix
    /// Write the path with dots, such as `.spec.replicas`.
    ///
    /// ## References
    /// `ValidateCustomResourceDefinitionSubresources` in
    /// `k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata: {name: shops.example.org}
    /// spec:
    ///   versions:
    ///     - name: v1
    ///       subresources: {scale: {specReplicasPath: spec.replicas, statusReplicasPath: .status.replicas}}
    /// ```
    /// ```yaml bad
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata: {name: shops.example.org}
    /// spec:
    ///   versions:
    ///     - name: v1
    ///       subresources: {scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .spec.replicas}}
    /// ```
    /// ```yaml good
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata: {name: shops.example.org}
    /// spec:
    ///   versions:
    ///     - name: v1
    ///       subresources:
    ///         scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas, labelSelectorPath: .status.selector}
    /// ```
    pub SCALE_SUBRESOURCE_INCOMPLETE {
        id: "crd/scale-subresource-incomplete",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "v1",
        check: Object(DEFINITIONS, scale_subresource_incomplete),
    }
}

fn scale_subresource_incomplete(definition: Object<'_>, cx: &mut Context<'_>) {
    let Some(spec) = spec(definition, cx) else { return };
    for scale in spec.each("versions").filter_map(|version| version.field("subresources.scale")) {
        path(scale, "specReplicasPath", &[".spec."], cx);
        path(scale, "statusReplicasPath", &[".status."], cx);
        path(scale, "labelSelectorPath", &[".spec.", ".status."], cx);
    }
}

fn path(scale: NodeRef<'_>, field: &str, below: &[&str], cx: &mut Context<'_>) {
    let Some(node) = scale.word(field) else { return };
    if !below.iter().any(|start| node.text().starts_with(start)) {
        refuse(cx, node, format!("`{}` is no path for `{field}`", shown(node.text())))
            .help(format!("begin it with `{}`", below.join("` or `")));
    }
}
