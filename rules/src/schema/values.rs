//! Values of the right type that are none of those that the field takes.

use kubevet_core::{
    declare_rule,
    finding::{Applicability, Edit, Fix},
    kubernetes::Object,
    rule::{Anchor, Context, Key},
    schema::{Malformed, Problem},
    suggest::closest,
    yaml::Style,
};

use super::title;

declare_rule! {
    /// A field has a value that is none of those that the API server knows there.
    ///
    /// ## Why
    /// The API server refuses the object: "Unsupported value". Letter case counts. Schemes of probes are left to
    /// `api/probe-handler`.
    ///
    /// ## Fix
    /// Use one of the values that the help names.
    ///
    /// ## References
    /// The validation of the API server, asked with values that do not exist.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0, imagePullPolicy: always}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   type: Public
    ///   ports: [{port: 80}]
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0, imagePullPolicy: IfNotPresent}
    /// ```
    pub INVALID_ENUM {
        id: "schema/invalid-enum",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "target version",
        peers: ["kube-linter:schema-validation", "monokle:K8S001", "kubeconform:schema", "kubectl-validate:openapi"],
        fix: Safe,
        check: Schema(invalid_enum),
    }
}

/// Values that the help lists.
const SHOWN: usize = 40;

fn invalid_enum(object: Object<'_>, cx: &mut Context<'_>) {
    let probes = cx.left_to("api/probe-handler").is_some();
    for violation in cx.violations(object).iter() {
        let Problem::UnknownValue { of } = &violation.problem else { continue };
        let node = object.tree().node(violation.node);
        let (text, place) = (node.text(), title(node));
        if probes && place == "`scheme`" {
            continue;
        }
        let values = of.values();
        let message = format!("`{}` is no value of {place}: {}", text.replace('`', "'"), violation.refusal());
        let draft = cx.report(node, message);
        let mut known =
            values.iter().take(SHOWN).map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
        if values.len() > SHOWN {
            known.push_str(&format!(" and {} more", values.len() - SHOWN));
        }
        if let Some(same) = values.iter().find(|value| value.eq_ignore_ascii_case(text)) {
            let draft = draft.help(format!("write `{same}`: letter case counts"));
            if node.style() == Style::Plain {
                draft.fix(Fix {
                    title: format!("write `{same}`"),
                    applicability: Applicability::Safe,
                    edits: vec![Edit { span: node.span(), text: same.clone() }],
                });
            }
        } else if let Some(near) = closest(text, values.iter().map(String::as_str)) {
            draft.help(format!("did you mean `{near}`? the values are {known}"));
        } else {
            draft.help(format!("the values are {known}"));
        }
    }
}

declare_rule! {
    /// A value has the right type, and cannot be read: no base64, no time, or a number beyond 32 or 64 bits.
    ///
    /// ## Why
    /// The API server cannot decode the object and refuses all of it. Quantities are left to `api/quantity-invalid`.
    ///
    /// ## Fix
    /// `data` of a Secret wants base64 (`stringData` takes plain text); times are written as `2026-01-02T15:04:05Z`.
    ///
    /// ## References
    /// The `OpenAPI` document of the target version; `encoding/json` and `time` of Go.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: web}
    /// data: {password: not-base64!}
    /// ```
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec: {replicas: 3000000000}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: web, creationTimestamp: "2026-01-02T15:04:05Z"}
    /// data: {password: c2VjcmV0, token: "${TOKEN}"}
    /// ```
    pub FORMAT_OR_RANGE {
        id: "schema/format-or-range",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "target version",
        check: Schema(format_or_range),
    }
}

fn format_or_range(object: Object<'_>, cx: &mut Context<'_>) {
    let quantities = cx.left_to("api/quantity-invalid").is_some();
    for violation in cx.violations(object).iter() {
        let node = object.tree().node(violation.node);
        let place = title(node);
        if let Problem::Refused { what, help, partial } = &violation.problem {
            let subject = if node.is_scalar() { format!("the value of {place}") } else { place };
            let anchor =
                if node.is_scalar() || node.key_node().is_none() { node.site() } else { Key(node).site() };
            let draft = cx.report(anchor, format!("{subject} {what}: {}", violation.refusal()));
            let draft = draft.help(help.clone());
            if *partial {
                draft.absence();
            }
            continue;
        }
        let Problem::Malformed(malformed) = violation.problem else { continue };
        let (what, help) = match malformed {
            Malformed::Quantity if quantities => continue,
            Malformed::Quantity => ("is no quantity".to_owned(), "write `256Mi`, `500m` or a number"),
            Malformed::Range { bits } => (format!("does not fit into {bits} bits"), "use a smaller number"),
            Malformed::Time => ("is no time".to_owned(), "write it as `2026-01-02T15:04:05Z`"),
            Malformed::Base64 if object.is("", "Secret") => {
                ("is no base64".to_owned(), "encode the value, or move it to `stringData`")
            }
            Malformed::Base64 => ("is no base64".to_owned(), "encode the value as base64 with padding"),
        };
        cx.report(node, format!("the value of {place} {what}: the API server refuses the object")).help(help);
    }
}
