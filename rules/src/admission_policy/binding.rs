//! Bindings of policies.

use std::collections::HashMap;

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, is_placeholder, values::names},
    rule::{Context, Key, Kinds},
    yaml::NodeRef,
};

use super::invalid::match_resources;
use crate::api::check::{Fields, form, is_served, missing, refuse, repeated, shown};

declare_rule! {
    /// A binding of an admission policy has actions or parameters that the API server does not take.
    ///
    /// ## Why
    /// The API server refuses the binding. `Deny` already tells the user, so `Warn` does not go with it; parameters are named or
    /// selected, and it must be said what happens when there are none.
    ///
    /// ## Fix
    /// Correct the value.
    ///
    /// ## References
    /// `validateValidatingAdmissionPolicyBindingSpec` in `k8s.io/kubernetes/pkg/apis/admissionregistration/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: admissionregistration.k8s.io/v1
    /// kind: ValidatingAdmissionPolicyBinding
    /// metadata: {name: check}
    /// spec: {policyName: check, validationActions: [Deny, Warn]}
    /// ```
    /// ```yaml bad
    /// apiVersion: admissionregistration.k8s.io/v1
    /// kind: ValidatingAdmissionPolicyBinding
    /// metadata: {name: check}
    /// spec:
    ///   policyName: check
    ///   validationActions: [Deny]
    ///   paramRef: {name: limits}
    /// ```
    /// ```yaml bad
    /// apiVersion: admissionregistration.k8s.io/v1
    /// kind: ValidatingAdmissionPolicyBinding
    /// metadata: {name: check}
    /// spec:
    ///   policyName: check
    ///   validationActions: [Reject]
    /// ```
    /// ```yaml good
    /// apiVersion: admissionregistration.k8s.io/v1
    /// kind: ValidatingAdmissionPolicyBinding
    /// metadata: {name: check}
    /// spec:
    ///   policyName: check.example.org
    ///   validationActions: [Warn, Audit]
    ///   paramRef: {selector: {}, parameterNotFoundAction: Allow}
    ///   matchResources: {namespaceSelector: {matchLabels: {tier: web}}}
    /// ```
    pub BINDING_INVALID {
        id: "admission-policy/binding-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "v1 since 1.30 (mutating 1.36)",
        check: Object(BINDINGS, binding_invalid),
    }
}

const BINDINGS: Kinds = Kinds::Of(&[
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
]);

fn binding_invalid(binding: Object<'_>, cx: &mut Context<'_>) {
    if !is_served(binding, cx) {
        return;
    }
    // The schema knows that a validating one must have it.
    let mutating = binding.kind().starts_with("Mutating");
    let Some(spec) = binding.field("spec") else {
        if mutating {
            missing(cx, binding.node(), "the binding names no policy", "set `spec.policyName`");
        }
        return;
    };
    let policy = spec.field("policyName").filter(|name| !name.text().is_empty());
    form(cx, policy, "name of a policy", names::dns_subdomain);
    if mutating && policy.is_none() && spec.is_map() {
        missing(cx, spec, "the binding names no policy", "set `policyName`");
    }
    if let Some(reference) = spec.field("paramRef") {
        param_ref(reference, binding.version() == "v1alpha1", cx);
    }
    if let Some(resources) = spec.field("matchResources") {
        match_resources(binding, resources, cx);
    }
    actions(spec, cx);
}

/// The first version filled in what happens without parameters.
fn param_ref(reference: NodeRef<'_>, is_alpha: bool, cx: &mut Context<'_>) {
    let name = reference.field("name").filter(|name| !name.text().is_empty());
    match (name, reference.field("selector")) {
        (Some(name), Some(selector)) => {
            refuse(cx, Key(selector), "parameters are named or selected, not both")
                .label(name, "the name")
                .help("keep one of them");
        }
        (None, None) => {
            missing(cx, reference, "no parameters are named or selected", "set `name` or `selector`");
        }
        (Some(name), None) => form(cx, Some(name), "name of an object", |text| {
            if text.contains(['/', '%']) || matches!(text, "." | "..") {
                Err("must not contain `/` or `%`")
            } else {
                Ok(())
            }
        }),
        (None, Some(_)) => {}
    }
    if is_alpha {
        return;
    }
    match reference.field("parameterNotFoundAction").filter(|node| !node.text().is_empty()) {
        None => {
            missing(
                cx,
                reference,
                "it is not said what happens without parameters",
                "set `parameterNotFoundAction` to `Deny` or `Allow`",
            );
        }
        Some(node) if !matches!(node.text(), "Deny" | "Allow") && !is_placeholder(node.text()) => {
            refuse(cx, node, format!("`{}` is no value of `parameterNotFoundAction`", shown(node.text())))
                .help("use `Deny` or `Allow`");
        }
        Some(_) => {}
    }
}

fn actions(spec: NodeRef<'_>, cx: &mut Context<'_>) {
    let mut seen: HashMap<&str, NodeRef<'_>> = HashMap::new();
    for node in spec.each("validationActions") {
        let text = node.text();
        if (node.is_null() || node.as_str().is_some())
            && !matches!(text, "Deny" | "Warn" | "Audit")
            && !is_placeholder(text)
        {
            let place =
                if node.span().start < node.span().end { node } else { node.parent().unwrap_or(node) };
            refuse(cx, place, format!("`{}` is no action", shown(text)))
                .help("use `Deny`, `Warn` or `Audit`");
        }
        if let Some(first) = seen.insert(text, node) {
            repeated(cx, node, first, format!("`{}` is listed twice", shown(text)));
        }
    }
    if let (Some(deny), Some(warn)) = (seen.get("Deny"), seen.get("Warn")) {
        refuse(cx, *warn, "`Warn` does not go with `Deny`, which tells the user already")
            .label(*deny, "`Deny`")
            .help("delete one of them");
    }
}
