//! Policies.

use std::collections::HashMap;

use kubevet_core::{
    declare_rule,
    kubernetes::{
        Object,
        values::names::{self, Problem},
    },
    rule::{Context, Key, Kinds},
    yaml::NodeRef,
};

use crate::{
    api::check::{Fields, form, is_served, missing, not_empty, refuse, repeated, shown},
    webhook::{
        conditions::{conditions, expression},
        rules::rule,
    },
};

declare_rule! {
    /// An admission policy says not what it matches or what it does, or in a way that the API server does not take.
    ///
    /// ## Why
    /// The API server refuses the policy. It matches at least one resource, and validates, audits or mutates something.
    ///
    /// ## Fix
    /// Correct the value.
    ///
    /// ## References
    /// `validateValidatingAdmissionPolicySpec` in `k8s.io/kubernetes/pkg/apis/admissionregistration/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: admissionregistration.k8s.io/v1
    /// kind: ValidatingAdmissionPolicy
    /// metadata: {name: check}
    /// spec:
    ///   matchConstraints: {}
    ///   validations: [{expression: "object.spec.replicas <= 5"}]
    /// ```
    /// ```yaml bad
    /// apiVersion: admissionregistration.k8s.io/v1
    /// kind: ValidatingAdmissionPolicy
    /// metadata: {name: check}
    /// spec:
    ///   matchConstraints:
    ///     resourceRules: [{operations: [CREATE], apiGroups: [apps], apiVersions: [v1], resources: [deployments]}]
    /// ```
    /// ```yaml bad
    /// apiVersion: admissionregistration.k8s.io/v1
    /// kind: ValidatingAdmissionPolicy
    /// metadata: {name: check}
    /// spec:
    ///   matchConstraints:
    ///     resourceRules: [{operations: [CREATE], apiGroups: [apps], apiVersions: [v1], resources: [deployments]}]
    ///   variables: [{name: my-replicas, expression: object.spec.replicas}]
    ///   validations: [{expression: "object.spec.replicas <= 5", message: "too\nmany"}]
    /// ```
    /// ```yaml good
    /// apiVersion: admissionregistration.k8s.io/v1
    /// kind: ValidatingAdmissionPolicy
    /// metadata: {name: check}
    /// spec:
    ///   paramKind: {apiVersion: example.org/v1, kind: Limits}
    ///   matchConstraints:
    ///     resourceRules: [{operations: ["*"], apiGroups: [apps], apiVersions: [v1], resources: [deployments]}]
    ///   variables: [{name: replicas, expression: object.spec.replicas}]
    ///   validations: [{expression: "variables.replicas <= 5", message: too many}]
    ///   auditAnnotations: [{key: replicas, valueExpression: "string(variables.replicas)"}]
    /// ```
    pub INVALID {
        id: "admission-policy/invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "v1 since 1.30 (mutating 1.36)",
        check: Object(POLICIES, invalid),
    }
}

const POLICIES: Kinds = Kinds::Of(&[
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"),
]);

/// Operations that validating policies and those that mutating ones see.
fn operations(object: Object<'_>) -> &'static [&'static str] {
    if object.kind().starts_with("Mutating") {
        &["CREATE", "UPDATE"]
    } else {
        &["CREATE", "UPDATE", "DELETE", "CONNECT", "*"]
    }
}

fn invalid(policy: Object<'_>, cx: &mut Context<'_>) {
    let Some(spec) = policy.field("spec").filter(|spec| spec.is_map() && is_served(policy, cx)) else {
        return;
    };
    if let Some(kind) = spec.field("paramKind") {
        param_kind(kind, cx);
    }
    if let Some(constraints) = spec.field("matchConstraints") {
        if !constraints.has("resourceRules") {
            missing(cx, constraints, "the policy matches no resource", "list `resourceRules`");
        }
        match_resources(policy, constraints, cx);
    }
    not_empty(cx, spec, &["failurePolicy"]);
    conditions(spec, cx);
    for variable in spec.each("variables").filter(|variable| variable.is_map()) {
        form(cx, variable.word("name"), "name of a variable", cel_identifier);
        expression(variable, "expression", cx);
    }
    if policy.kind() == "MutatingAdmissionPolicy" {
        spec.each("mutations").filter(|one| one.is_map()).for_each(|one| mutation(one, cx));
        return;
    }
    if !spec.has("validations") && !spec.has("auditAnnotations") {
        missing(
            cx,
            spec,
            "the policy neither validates nor audits anything",
            "list `validations` or `auditAnnotations`",
        );
    }
    spec.each("validations").filter(|one| one.is_map()).for_each(|one| validation(one, cx));
    audit(policy, spec, cx);
}

/// Reports rules of a policy or binding (`validateMatchResources`).
pub(super) fn match_resources(object: Object<'_>, constraints: NodeRef<'_>, cx: &mut Context<'_>) {
    for list in ["resourceRules", "excludeResourceRules"] {
        let allowed = if list == "resourceRules" {
            operations(object)
        } else {
            &["CREATE", "UPDATE", "DELETE", "CONNECT", "*"]
        };
        for one in constraints.each(list).filter(|one| one.is_map()) {
            rule(one, allowed, cx);
            let mut seen: HashMap<&str, NodeRef<'_>> = HashMap::new();
            for name in one.each("resourceNames").filter(|name| name.as_str().is_some()) {
                if let Some(first) = seen.insert(name.text(), name) {
                    repeated(cx, name, first, format!("`{}` is listed twice", shown(name.text())));
                }
            }
        }
    }
}

fn param_kind(kind: NodeRef<'_>, cx: &mut Context<'_>) {
    form(cx, kind.word("apiVersion"), "version of an API", |text| {
        let (group, version) = text.rsplit_once('/').unwrap_or(("", text));
        if !group.is_empty() {
            names::dns_subdomain(group)?;
        }
        names::dns_1035_label(version)
    });
    form(cx, kind.word("kind"), "kind", |text| names::dns_1035_label(&text.to_lowercase()));
}

/// `isCELIdentifier`.
fn cel_identifier(text: &str) -> Result<(), Problem> {
    const RESERVED: &[&str] = &[
        "true",
        "false",
        "null",
        "in",
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ];
    let start = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    if !start || !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err("must have only letters, digits and `_`, and not begin with a digit");
    }
    if RESERVED.contains(&text) { Err("is a word that CEL keeps for itself") } else { Ok(()) }
}

fn validation(one: NodeRef<'_>, cx: &mut Context<'_>) {
    not_empty(cx, one, &["reason"]);
    expression(one, "expression", cx);
    expression(one, "messageExpression", cx);
    let Some(node) = one.word("message") else { return };
    let text = node.text();
    if text.trim().is_empty() {
        refuse(cx, node, "the message is blank").help("write a message, or delete it");
    } else if text.trim().contains(['\n', '\r']) {
        refuse(cx, node, "the message has several lines").help("write it in one line");
    }
}

fn audit(policy: Object<'_>, spec: NodeRef<'_>, cx: &mut Context<'_>) {
    let name = policy.name().unwrap_or_default();
    let mut seen: HashMap<&str, NodeRef<'_>> = HashMap::new();
    for annotation in spec.each("auditAnnotations").filter(|annotation| annotation.is_map()) {
        expression(annotation, "valueExpression", cx);
        let Some(key) = annotation.word("key") else { continue };
        if !name.is_empty() {
            form(cx, Some(key), "key of an audit annotation", |text| {
                names::qualified_name(&format!("{name}/{text}"))
            });
        }
        if let Some(first) = seen.insert(key.text(), key) {
            repeated(cx, key, first, format!("two audit annotations have the key `{}`", shown(key.text())));
        }
    }
    if let Some(list) = spec.field("auditAnnotations").filter(|list| list.len() > 20) {
        refuse(cx, Key(list), "there are more than 20 audit annotations").help("keep 20 of them");
    }
}

fn mutation(one: NodeRef<'_>, cx: &mut Context<'_>) {
    let (wanted, other) = match one.said("patchType") {
        "JSONPatch" => ("jsonPatch", "applyConfiguration"),
        "ApplyConfiguration" => ("applyConfiguration", "jsonPatch"),
        _ => return,
    };
    match one.field(wanted) {
        None => {
            missing(cx, one, format!("the mutation has no `{wanted}`"), &format!("set `{wanted}`"));
        }
        Some(patch) if patch.said("expression").trim().is_empty() && patch.word("expression").is_none() => {
            if patch.field("expression").is_none_or(|node| node.as_str().is_some()) && wanted == "jsonPatch" {
                missing(cx, patch, "the patch has no expression", "set `expression`");
            }
        }
        Some(patch) => expression(patch, "expression", cx),
    }
    if let Some(node) = one.field(other) {
        refuse(cx, Key(node), format!("`{other}` does not go with `patchType: {}`", one.said("patchType")))
            .help(format!("delete `{other}`"));
    }
}
