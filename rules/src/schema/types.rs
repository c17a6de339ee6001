//! Values of another type than their field has.

use kubevet_core::{
    declare_rule,
    facts::SchemaKind,
    finding::{Applicability, Edit, Fix},
    kubernetes::Object,
    rule::Context,
    schema::Problem,
    yaml::{NodeRef, Scalar, Style},
};

use super::title;
use crate::yaml::is_ambiguous;

declare_rule! {
    /// A value has another type than its field: a string where a number is wanted, a list where a mapping is wanted.
    ///
    /// ## Why
    /// The API server cannot decode the object and refuses all of it: "cannot unmarshal string into Go struct field".
    /// A plain `no` or `0755` where a string is wanted is left to `yaml/ambiguous-scalar`.
    ///
    /// ## Fix
    /// Quote what must be a string (labels, annotations, environment variables, data); write numbers and booleans without quotes.
    ///
    /// ## References
    /// The `OpenAPI` document of the target version; `sigs.k8s.io/json`, the decoder of the API server.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   replicas: "3"
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: web}
    /// data: {debug: true}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   ports: {port: 80}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   ports:
    ///     - {port: 80, targetPort: web}
    ///     - {name: other, port: 81.0, targetPort: 8081}
    /// ```
    /// ```yaml good
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   replicas: ${REPLICAS}
    /// ```
    pub WRONG_TYPE {
        id: "schema/wrong-type",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "target version",
        peers: ["kube-linter:schema-validation", "monokle:K8S001", "kubeconform:schema", "kubectl-validate:openapi"],
        fix: Safe,
        check: Schema(wrong_type),
    }
}

fn wrong_type(object: Object<'_>, cx: &mut Context<'_>) {
    // Schemas of custom kinds come too late for that rule.
    let built_in = cx.left_to("yaml/ambiguous-scalar").is_some()
        && kubevet_facts::served(object.api_version(), object.kind(), cx.version());
    for violation in cx.violations(object).iter() {
        let Problem::WrongType { wanted } = violation.problem else { continue };
        let node = object.tree().node(violation.node);
        if built_in && wanted == SchemaKind::String && is_ambiguous(node) {
            continue;
        }
        let message =
            format!("{} must be {}, not {}: {}", title(node), name(wanted), given(node), violation.refusal());
        let draft = cx.report(node, message);
        match rewritten(node, wanted) {
            Some(text) => {
                let draft = draft.help(format!("write `{text}`"));
                if node.style() != Style::Alias {
                    draft.fix(Fix {
                        title: format!("write `{text}`"),
                        applicability: Applicability::Safe,
                        edits: vec![Edit { span: node.span(), text }],
                    });
                }
            }
            None => {
                draft.help(hint(wanted));
            }
        }
    }
}

/// The same value in the type that is wanted, where only the quotes are wrong.
fn rewritten(node: NodeRef<'_>, wanted: SchemaKind) -> Option<String> {
    if !node.is_scalar() {
        return None;
    }
    let text = node.text();
    match (wanted, node.value()) {
        (SchemaKind::String | SchemaKind::Bytes, Scalar::Str(_)) => None,
        (SchemaKind::String, _) => Some(format!("\"{text}\"")),
        (SchemaKind::Int32, Scalar::Str(_)) => {
            text.parse::<i32>().is_ok_and(|number| number.to_string() == text).then(|| text.to_owned())
        }
        (SchemaKind::Int64, Scalar::Str(_)) => {
            text.parse::<i64>().is_ok_and(|number| number.to_string() == text).then(|| text.to_owned())
        }
        (SchemaKind::Bool, Scalar::Str("true" | "false")) => Some(text.to_owned()),
        _ => None,
    }
}

/// A type in words.
pub(super) fn name(wanted: SchemaKind) -> &'static str {
    match wanted {
        SchemaKind::Any => "any value",
        SchemaKind::Object | SchemaKind::Map => "a mapping",
        SchemaKind::Array => "a list",
        SchemaKind::String => "a string",
        SchemaKind::Int32 | SchemaKind::Int64 => "a whole number",
        SchemaKind::IntOrString => "a whole number or a string",
        SchemaKind::Quantity => "a quantity",
        SchemaKind::Bool => "`true` or `false`",
        SchemaKind::Number => "a number",
        SchemaKind::Bytes => "base64 text",
        SchemaKind::Time | SchemaKind::MicroTime => "a time",
    }
}

fn given(node: NodeRef<'_>) -> String {
    if node.is_map() {
        return "a mapping".to_owned();
    }
    if node.is_seq() {
        return "a list".to_owned();
    }
    let text: String = node.text().lines().next().unwrap_or_default().chars().take(40).collect();
    let kind = match node.value() {
        Scalar::Null => return "null".to_owned(),
        Scalar::Bool(_) => "the boolean",
        Scalar::Int(_) | Scalar::UInt(_) | Scalar::Float(_) => "the number",
        Scalar::Str("") => return "an empty string".to_owned(),
        Scalar::Str(_) => "the string",
    };
    format!("{kind} `{}`", text.replace('`', "'"))
}

fn hint(wanted: SchemaKind) -> String {
    match wanted {
        SchemaKind::Array => "begin each item with `- `".to_owned(),
        wanted => format!("give {}, or delete the field", name(wanted)),
    }
}
