//! Fields that are unknown, and fields that are missing.

use kubevet_core::{
    declare_rule,
    facts::{Schema, SchemaField},
    finding::{Applicability, Edit, Fix},
    kubernetes::Object,
    rule::{Context, Key, Kinds},
    schema::{Nesting, NestingPlace, Problem},
    suggest::closest,
    yaml::NodeRef,
};

use super::title;

declare_rule! {
    /// A built-in object has a field that its kind does not have in the target version.
    ///
    /// ## Why
    /// `kubectl` and the API server refuse the object under strict field validation; without it the field is dropped silently, and what it
    /// should have done does not happen. Names are compared exactly, capitals included.
    ///
    /// ## Fix
    /// Correct the name, move the field to the level where it belongs, or delete it. A field may also be newer or older than the target
    /// version.
    ///
    /// ## References
    /// The `OpenAPI` document of the target version; Kubernetes documentation, "API concepts", field validation.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   replica: 3
    ///   selector: {matchLabels: {app: web}}
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec:
    ///       containers:
    ///         - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext:
    ///         resources: {limits: {memory: 64Mi}}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web, creationTimestamp: null}
    /// spec:
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// status: {}
    /// ```
    /// ```yaml good
    /// apiVersion: example.org/v1
    /// kind: Deployment
    /// metadata: {name: of-somebody-else}
    /// spec: {replica: 3}
    /// ```
    pub UNKNOWN_FIELD {
        id: "schema/unknown-field",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "target version",
        peers: [
            "monokle:K8S004", "kubeconform:-strict", "kubectl-validate:strict-decoding", "kube-linter:schema-validation", "monokle:K8S001",
            "kubeconform:schema", "kubectl-validate:openapi",
        ],
        fix: Unsafe,
        check: Object(Kinds::Any, unknown_field),
    }
}

fn unknown_field(object: Object<'_>, cx: &mut Context<'_>) {
    for violation in cx.violations(object).iter() {
        let Problem::UnknownField { of, nesting } = &violation.problem else { continue };
        let key = object.tree().node(violation.node);
        let Some(holder) = key.parent() else { continue };
        let message = format!("`{}` is no field of {}: the API server refuses it", key.text(), title(holder));
        let near = near(key.text(), *of, holder);
        let version = cx.version();
        let draft = cx.report(key, message);
        if let Some(nesting) = nesting {
            draft.help(place(key.text(), *nesting, object));
        } else if let Some((near, sure)) = near {
            let draft = draft.help(format!("did you mean `{near}`?"));
            if sure {
                draft.fix(Fix {
                    title: format!("rename it to `{near}`"),
                    applicability: Applicability::Unsafe,
                    edits: vec![Edit { span: key.span(), text: near.to_owned() }],
                });
            }
        } else {
            draft.help(format!("Kubernetes {version} has no such field there: correct or delete it"));
        }
    }
}

/// The field that was probably meant, and whether one slip of the pen makes it so.
fn near(written: &str, of: Schema, holder: NodeRef<'_>) -> Option<(&'static str, bool)> {
    let free = of.fields().map(SchemaField::name).filter(|name| holder.get(name).is_none());
    let names: Vec<&'static str> = free.collect();
    if let Some(same) = names.iter().find(|name| name.eq_ignore_ascii_case(written)) {
        return Some((same, true));
    }
    let near = closest(written, names)?;
    let slip = near.len().abs_diff(written.len()) <= 1 && written.len() > 3;
    Some((near, slip && closest(&written[..written.len().min(3)], [&near[..near.len().min(3)]]).is_some()))
}

fn place(field: &str, nesting: Nesting, object: Object<'_>) -> String {
    let item = if nesting.item { "[]" } else { "" };
    match nesting.place {
        NestingPlace::Down => format!("`{field}` belongs one level down, into `{}{item}`", nesting.field),
        NestingPlace::Up(levels) => {
            let levels = match levels {
                1 => "one level up".to_owned(),
                2 => "two levels up".to_owned(),
                levels => format!("{levels} levels up"),
            };
            if nesting.field.is_empty() {
                format!("`{field}` belongs {levels}, beside `kind: {}`", object.kind())
            } else {
                format!("`{field}` belongs {levels}, in `{}{item}`", nesting.field)
            }
        }
    }
}

declare_rule! {
    /// A built-in object lacks a field without which the API server refuses it.
    ///
    /// ## Why
    /// The API server answers "Required value" and keeps nothing of the object. Fields that it fills by itself are not reported.
    ///
    /// ## Fix
    /// Give the field a value.
    ///
    /// ## References
    /// The validation of the API server (`k8s.io/kubernetes/pkg/apis/*/validation`), asked with and without each field.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    /// ```
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec:
    ///       containers:
    ///         - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: apps/v1
    /// kind: StatefulSet
    /// metadata: {name: web}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec:
    ///       containers:
    ///         - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub MISSING_REQUIRED {
        id: "schema/missing-required",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "target version",
        peers: ["kube-linter:schema-validation", "monokle:K8S001", "kubeconform:schema", "kubectl-validate:openapi"],
        absence: true,
        check: Object(Kinds::Any, missing_required),
    }
}

fn missing_required(object: Object<'_>, cx: &mut Context<'_>) {
    for violation in cx.violations(object).iter() {
        let Problem::Missing { field } = violation.problem else { continue };
        let holder = object.tree().node(violation.node);
        let message = format!("{} has no `{field}`: the API server refuses the object", title(holder));
        let help = format!("set `{field}`");
        if holder == object.node() {
            cx.report(object, message).help(help);
        } else if holder.key_node().is_some() {
            cx.report(Key(holder), message).help(help);
        } else {
            let name = holder.get("name").filter(|name| name.is_scalar() && !name.is_null());
            cx.report(name.unwrap_or(holder), message).help(help);
        }
    }
}
