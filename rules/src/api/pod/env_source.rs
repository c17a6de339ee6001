//! Where environment variables take their values from.

use kubevet_core::{
    declare_rule,
    kubernetes::{Container, is_placeholder, values::names},
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::{
    check::{Who, format, given, has_feature, objects, required},
    paths::check_backsteps,
    references::{check_field, check_key, check_resource, exactly_one},
    volume_source::sources,
};

declare_rule! {
    /// The source of an environment variable is missing, doubled, or one that the API server refuses.
    ///
    /// ## Why
    /// The API server refuses the object. Names and keys that are missing altogether are left to `schema/missing-required`.
    ///
    /// ## Fix
    /// Give a variable either `value` or `valueFrom` with one source, and an entry of `envFrom` either `configMapRef` or `secretRef`.
    ///
    /// ## References
    /// `validateEnvVarValueFrom` and `ValidateEnvFrom` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       env:
    ///         - name: PASSWORD
    ///           value: secret
    ///           valueFrom: {secretKeyRef: {name: web, key: password}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       env:
    ///         - name: NODE
    ///           valueFrom: {fieldRef: {fieldPath: spec.node}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       env:
    ///         - name: MEMORY
    ///           valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 2Mi}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       envFrom:
    ///         - {configMapRef: {name: web}, secretRef: {name: web}}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       env:
    ///         - {name: MODE, value: fast, valueFrom: null}
    ///         - {name: EMPTY, value: "", valueFrom: {configMapKeyRef: {name: web, key: mode.txt}}}
    ///         - {name: TEAM, valueFrom: {fieldRef: {fieldPath: "metadata.labels['example.org/team']"}}}
    ///         - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
    ///         - {name: MEMORY, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1024Ki}}}
    ///         - {name: CPU, valueFrom: {resourceFieldRef: {resource: requests.cpu, divisor: 0.001}}}
    ///       envFrom:
    ///         - {prefix: WEB_, configMapRef: {name: web}}
    /// ```
    pub ENV_SOURCE_INVALID {
        id: "api/env-source-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Container(env_source_invalid),
    }
}

const SOURCES: &[&str] = &["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];

fn env_source_invalid(container: Container<'_>, cx: &mut Context<'_>) {
    for variable in objects(container.node(), "env") {
        if let Some(source) = given(variable, "valueFrom").filter(|source| source.is_map()) {
            check_variable(container, variable, source, cx);
        }
    }
    for entry in objects(container.node(), "envFrom") {
        let who = Who::Container(container);
        let Some(source) = exactly_one(
            entry,
            &["configMapRef", "secretRef"],
            format_args!("an entry of `envFrom` in {who}"),
            cx,
        ) else {
            continue;
        };
        if source.is_map()
            && required(cx, source, "name", format_args!("an entry of `envFrom` in {who}"))
            && let Some(name) = source.get("name")
        {
            // Go takes the name for a prefix here, which may end with a dash.
            format(cx, name, "`name` in `envFrom`", |text| {
                let masked = text.strip_suffix('-').filter(|rest| !rest.is_empty());
                names::dns_subdomain(masked.unwrap_or(text))
            });
        }
    }
}

fn check_variable(
    container: Container<'_>,
    variable: NodeRef<'_>,
    source: NodeRef<'_>,
    cx: &mut Context<'_>,
) {
    let who = Variable(variable);
    // Without the feature, `fileKeyRef` is dropped before anybody looks.
    let known = if has_feature(cx, "EnvFiles") { SOURCES } else { &SOURCES[..4] };
    if let Some(value) =
        given(variable, "value").filter(|value| value.as_str().is_some_and(|text| !text.is_empty()))
        && known.iter().any(|field| given(source, field).is_some())
    {
        cx.report(
            Key(source),
            format!("{who} of {} has `value` and `valueFrom`: the API server refuses it", container.title()),
        )
        .label(value, "the value")
        .help("keep one of them");
        return;
    }
    exactly_one(source, known, format_args!("`valueFrom` of {who}"), cx);
    if let Some(field) = source.get("fieldRef").filter(|node| node.is_map()) {
        check_field(field, false, who, cx);
    }
    if let Some(field) = source.get("resourceFieldRef").filter(|node| node.is_map()) {
        check_resource(field, false, who, cx);
    }
    for key in ["configMapKeyRef", "secretKeyRef"] {
        if let Some(reference) = source.get(key).filter(|node| node.is_map()) {
            check_key(reference, key, who, cx);
        }
    }
    if let Some(file) = source.get("fileKeyRef").filter(|node| node.is_map() && known.len() > 4) {
        check_file(container, file, who, cx);
    }
}

/// A variable in words.
#[derive(Clone, Copy)]
struct Variable<'t>(NodeRef<'t>);

impl std::fmt::Display for Variable<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.get("name").and_then(NodeRef::as_str) {
            Some(name) if !name.is_empty() => write!(f, "`{}`", super::check::shown(name)),
            _ => f.write_str("a variable"),
        }
    }
}

/// `validateFileKeySelector` and `validateFileKeyRefVolumes`.
fn check_file(container: Container<'_>, file: NodeRef<'_>, who: Variable<'_>, cx: &mut Context<'_>) {
    if required(cx, file, "key", format_args!("`fileKeyRef` of {who}"))
        && let Some(key) = file.get("key")
    {
        format(cx, key, "`key` in `fileKeyRef`", names::relaxed_env_name);
    }
    if required(cx, file, "path", format_args!("`fileKeyRef` of {who}"))
        && let Some(path) = file.get("path")
    {
        check_backsteps(path, "`path` in `fileKeyRef`", cx);
    }
    if !required(cx, file, "volumeName", format_args!("`fileKeyRef` of {who}")) {
        return;
    }
    let Some(name) = file.get("volumeName").filter(|name| !is_placeholder(name.text())) else { return };
    format(cx, name, "`volumeName` in `fileKeyRef`", names::dns_label);
    let volume = container
        .pod()
        .volumes()
        .find(|volume| volume.get("name").is_some_and(|other| other.text() == name.text()));
    match volume {
        None => {
            let message =
                format!("`fileKeyRef` of {who} names volume `{}`, which the pod does not have", name.text());
            cx.report(name, message).help("add an `emptyDir` volume of that name").absence();
        }
        Some(volume) if sources(volume).any(|(source, _)| source != "emptyDir") => {
            let message = format!(
                "volume `{}` of `fileKeyRef` is no `emptyDir`: the API server refuses it",
                name.text()
            );
            cx.report(name, message).help("only files of `emptyDir` volumes are read");
        }
        Some(_) => {}
    }
}
