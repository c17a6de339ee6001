//! Owners, finalizers and managers of fields.

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, values::names},
    rule::{Context, Kinds},
    yaml::NodeRef,
};

use super::super::check::{Fields, form, is_built_in, refuse, repeated, shown};

declare_rule! {
    /// Owner references, finalizers or managed fields of an object are none that the API server takes.
    ///
    /// ## Why
    /// The API server refuses the object. An owner is named by `apiVersion`, `kind`, `name` and `uid`, and only one owner is
    /// the controller. A finalizer is `example.org/name`, or one of the three that Kubernetes has.
    ///
    /// ## Fix
    /// Correct the entry, or leave it to the controller that writes it.
    ///
    /// ## References
    /// `ValidateOwnerReferences`, `ValidateFinalizers` in `k8s.io/apimachinery/pkg/api/validation`;
    /// `validateKubeFinalizerName` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   finalizers: [cleanup]
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   ownerReferences:
    ///     - {apiVersion: apps/v1/beta, kind: Deployment, name: web, uid: 2b1e0a1c}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   ownerReferences:
    ///     - {apiVersion: apps/v1, kind: Deployment, name: web, uid: 2b1e0a1c, controller: true}
    ///     - {apiVersion: apps/v1, kind: Deployment, name: shop, uid: 9c2d4e5f, controller: true}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   finalizers: [example.org/cleanup, foregroundDeletion]
    ///   ownerReferences:
    ///     - {apiVersion: apps/v1, kind: Deployment, name: web, uid: 2b1e0a1c, controller: true}
    ///     - {apiVersion: v1, kind: Node, name: node-1, uid: 9c2d4e5f}
    /// ```
    pub METADATA_INVALID {
        id: "api/metadata-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(Kinds::Any, metadata_invalid),
    }
}

fn metadata_invalid(object: Object<'_>, cx: &mut Context<'_>) {
    if !is_built_in(object) {
        return;
    }
    let mut controller: Option<NodeRef<'_>> = None;
    for owner in object.each("metadata.ownerReferences") {
        if let Some(node) = owner.word("apiVersion") {
            let mut parts = node.text().split('/');
            let (first, second) = (parts.next().unwrap_or_default(), parts.next());
            if parts.next().is_some() || second == Some("") || (second.is_none() && first.is_empty()) {
                refuse(cx, node, format!("`{}` is no version of an API", shown(node.text())))
                    .help("write it as `apps/v1` or `v1`");
            } else if node.text() == "v1" && owner.said("kind") == "Event" {
                refuse(cx, owner, "an Event cannot own anything").help("delete the entry");
            }
        }
        if owner.is_set("controller") {
            let Some(node) = owner.field("controller") else { continue };
            match controller {
                Some(first) => {
                    repeated(cx, node, first, "two owners are the controller");
                }
                None => controller = Some(node),
            }
        }
    }
    finalizers(object, cx);
    for entry in object.each("metadata.managedFields") {
        let operation = entry.field("operation");
        if !matches!(entry.said("operation"), "Apply" | "Update") {
            let what = "an entry of `managedFields` says no operation";
            match operation {
                Some(node) => refuse(cx, node, what),
                None => refuse(cx, entry, what),
            }
            .help("delete `managedFields`: the API server writes it");
        }
        if let Some(node) = entry.word("fieldsType").filter(|node| node.text() != "FieldsV1") {
            refuse(cx, node, format!("`{}` is no value of `fieldsType`", shown(node.text())))
                .help("delete `managedFields`: the API server writes it");
        }
    }
}

/// Finalizers that need no domain (`IsStandardFinalizerName`).
const STANDARD: &[&str] = &["kubernetes", "orphan", "foregroundDeletion"];

/// Groups whose kinds are not validated with `validation.ValidateObjectMeta` of the core API, which asks for a domain.
const GENERIC: &[&str] = &[
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "coordination.k8s.io",
    "policy",
];

fn finalizers(object: Object<'_>, cx: &mut Context<'_>) {
    let strict = !GENERIC.contains(&object.group()) && !object.is("", "Event");
    let listed: Vec<_> = object.each("metadata.finalizers").collect();
    let of_namespace = object.each("spec.finalizers").filter(|_| object.is("", "Namespace"));
    for node in listed.iter().copied().chain(of_namespace) {
        let text = node.text();
        if names::qualified_name(text).is_err() {
            form(cx, Some(node), "name of a finalizer", names::qualified_name);
        } else if strict && !text.contains('/') && !STANDARD.contains(&text) {
            refuse(cx, node, format!("finalizer `{}` names no domain", shown(text))).help(format!(
                "write `example.org/{}`, with the domain of the controller that removes it",
                shown(text)
            ));
        }
    }
    let named = |name| listed.iter().find(|node| node.text() == name).copied();
    if let (Some(orphan), Some(foreground)) = (named("orphan"), named("foregroundDeletion")) {
        refuse(cx, foreground, "an object cannot have both `orphan` and `foregroundDeletion`")
            .label(orphan, "the other one")
            .help("keep one of them");
    }
}
