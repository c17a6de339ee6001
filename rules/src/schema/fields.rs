//! Fields that are unknown, and fields that are missing.

use std::borrow::Cow;

use kubevet_core::{
    declare_rule,
    finding::{Applicability, Edit, Fix},
    kubernetes::{Object, PodSpec},
    rule::{Context, Key},
    schema::{Nesting, NestingPlace, Problem, Type, Violation},
    suggest::closest,
    yaml::NodeRef,
};

use super::title;

declare_rule! {
    /// An object has a field that its kind does not have in the target version. Custom kinds are known from their definitions.
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
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   securityContext: {capabilities: {drop: [ALL]}}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
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
        check: Schema(unknown_field),
    }
}

fn unknown_field(object: Object<'_>, cx: &mut Context<'_>) {
    let version = cx.version();
    for violation in cx.violations(object).iter() {
        let Problem::UnknownField { of, nesting } = &violation.problem else { continue };
        let key = object.tree().node(violation.node);
        let Some(holder) = key.parent() else { continue };
        let draft = cx.report(
            key,
            format!("`{}` is no field of {}: {}", key.text(), title(holder), refusal(violation)),
        );
        if let Some((first, last)) = of.field_versions(key.text()) {
            draft.help(if first > version {
                format!("the field comes with Kubernetes {first}, and {version} is linted for")
            } else {
                format!("the field was there until Kubernetes {last}, and {version} is linted for")
            });
        } else if let Some(nesting) = nesting {
            draft.help(place(key.text(), nesting, object));
        } else if let Some(near) = near(key.text(), of, holder) {
            let draft = draft.help(format!("did you mean `{near}`?"));
            if is_slip(key.text(), &near) {
                draft.fix(Fix {
                    title: format!("rename it to `{near}`"),
                    applicability: Applicability::Unsafe,
                    edits: vec![Edit { span: key.span(), text: near }],
                });
            }
        } else if let Type::BuiltIn(_) = of {
            draft.help(format!("there is no such field in Kubernetes {version}: correct or delete it"));
        } else {
            draft.help("the schema of the kind has no such field: correct or delete it");
        }
    }
}

/// An unknown field alone is refused under strict validation only.
fn refusal(violation: &Violation) -> Cow<'static, str> {
    if violation.schema.is_none() { "the API server refuses it".into() } else { violation.refusal() }
}

/// The field that was probably meant: one that is not there yet, in capitals or not.
fn near(written: &str, of: &Type, holder: NodeRef<'_>) -> Option<String> {
    let free = of.fields().into_iter().filter(|name| holder.get(name).is_none());
    let names: Vec<(String, Cow<'_, str>)> = free.map(|name| (name.to_ascii_lowercase(), name)).collect();
    let near = closest(&written.to_ascii_lowercase(), names.iter().map(|(lower, _)| lower.as_str()))?;
    names.iter().find(|(lower, _)| lower == near).map(|(_, name)| name.to_string())
}

/// Whether two names differ only in capitals, or in one letter that is missing or too much.
fn is_slip(written: &str, near: &str) -> bool {
    let (short, long) = if written.len() < near.len() { (written, near) } else { (near, written) };
    let one_more =
        || (0..long.len()).any(|at| long.is_ascii() && [&long[..at], &long[at + 1..]].concat() == short);
    written.eq_ignore_ascii_case(near) || long.len() == short.len() + 1 && short.len() > 3 && one_more()
}

fn place(field: &str, nesting: &Nesting, object: Object<'_>) -> String {
    let path: Vec<String> = nesting
        .steps
        .iter()
        .map(|step| format!("{}{}", step.field, if step.item { "[]" } else { "" }))
        .collect();
    let path = path.join(".");
    let levels = |levels: usize| match levels {
        1 => "one level".to_owned(),
        2 => "two levels".to_owned(),
        levels => format!("{levels} levels"),
    };
    match nesting.place {
        NestingPlace::Aside => format!("`{field}` belongs into `{path}`"),
        NestingPlace::Down => {
            format!("`{field}` belongs {} down, into `{path}`", levels(nesting.steps.len()))
        }
        NestingPlace::Up(count) if path.is_empty() => {
            format!("`{field}` belongs {} up, beside `kind: {}`", levels(count), object.kind())
        }
        NestingPlace::Up(count) => format!("`{field}` belongs {} up, in `{path}`", levels(count)),
    }
}

declare_rule! {
    /// An object lacks a field without which the API server refuses it.
    ///
    /// ## Why
    /// The API server answers "Required value" and keeps nothing of the object. Fields that it fills by itself are not reported.
    ///
    /// Names of objects are left to `api/name-missing`, mounts to `api/volume-mount-invalid`, devices to `api/volume-device-invalid`, commands of probes to
    /// `api/probe-handler`, and verbs of roles to `rbac/invalid-rule`. A field that is there at a wrong level or under a wrong
    /// name is reported as `schema/unknown-field` alone.
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
    /// # The containers are there, at the wrong level: that is an unknown field.
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// containers:
    ///   - {name: web, image: registry.example.org/web:1.2.0}
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
        check: Schema(missing_required),
    }
}

fn missing_required(object: Object<'_>, cx: &mut Context<'_>) {
    let violations = cx.violations(object);
    for violation in violations.iter() {
        if matches!(violation.problem, Problem::Empty) {
            empty(object, object.tree().node(violation.node), cx);
        }
        let Problem::Missing { field } = &violation.problem else { continue };
        let holder = object.tree().node(violation.node);
        if is_misplaced(field, holder, object, &violations) || said_elsewhere(field, holder, object, cx) {
            continue;
        }
        let message = format!("{} has no `{field}`: {}", title(holder), violation.refusal());
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

/// A field with nothing in it. Pods have rules of their own for theirs.
fn empty(object: Object<'_>, node: NodeRef<'_>, cx: &mut Context<'_>) {
    let (Some(holder), Some(key)) = (node.parent(), node.key_node()) else { return };
    let of_pod = PodSpec::of(object).is_some_and(|pod| pod.node().span().contains(node.span()));
    if !of_pod && !said_elsewhere(key.text(), holder, object, cx) {
        let message =
            format!("`{}` of {} is empty: the API server refuses the object", key.text(), title(holder));
        cx.report(node, message).help(format!("give `{}` a value", key.text()));
    }
}

/// Whether the field is there under a wrong name or at a wrong level, which is one finding already.
fn is_misplaced(field: &str, holder: NodeRef<'_>, object: Object<'_>, violations: &[Violation]) -> bool {
    violations.iter().any(|violation| {
        let Problem::UnknownField { of, nesting } = &violation.problem else { return false };
        let key = object.tree().node(violation.node);
        let beside = key.parent() == Some(holder);
        match nesting {
            Some(Nesting { place: NestingPlace::Down, steps }) if beside => {
                steps.first().is_some_and(|step| step.field == field)
            }
            Some(_) => key.text() == field,
            None => beside && near(key.text(), of, holder).as_deref() == Some(field),
        }
    })
}

/// Fields that rules of their own ask for.
fn said_elsewhere(field: &str, holder: NodeRef<'_>, object: Object<'_>, cx: &Context<'_>) -> bool {
    let key = holder.key_node().or_else(|| holder.parent()?.key_node()).map_or("", NodeRef::text);
    let rule = match (key, field) {
        ("volumeMounts", _) => "api/volume-mount-invalid",
        ("volumeDevices", _) => "api/volume-device-invalid",
        ("exec", "command") => "api/probe-handler",
        ("spec", "selector") if matches!(object.group(), "" | "apps") => "api/selector-missing",
        ("rules", "verbs") if object.group() == "rbac.authorization.k8s.io" => "rbac/invalid-rule",
        _ => return false,
    };
    cx.left_to(rule).is_some()
}
