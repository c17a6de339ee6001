//! Environment variables by their names.

use kubevet_core::{
    declare_rule,
    kubernetes::{Container, values::names},
    rule::Context,
    yaml::NodeRef,
};

use super::check::{Seen, Who, format, given, has_feature, objects, required};

declare_rule! {
    /// An environment variable has no name, or one that the API server refuses.
    ///
    /// ## Why
    /// The API server refuses the object. Names consist of printable ASCII characters without `=`; before Kubernetes 1.32 only of letters,
    /// digits, `_`, `-` and `.`, and do not begin with a digit. A field `name` that is missing altogether is left to
    /// `schema/missing-required`.
    ///
    /// ## Fix
    /// Use letters, digits and `_`.
    ///
    /// ## References
    /// `IsRelaxedEnvVarName` and `IsEnvVarName` in `k8s.io/apimachinery/pkg/util/validation`; the gate
    /// `RelaxedEnvironmentVariableValidation`.
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
    ///         - {name: "MODE=fast", value: ""}
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
    ///         - {name: "", value: fast}
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
    ///         - {prefix: "GRÖSSE_", configMapRef: {name: web}}
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
    ///         - {name: MODE, value: fast}
    ///         - {name: web.mode-2, value: fast}
    ///       envFrom:
    ///         - {prefix: WEB_, configMapRef: {name: web}}
    /// ```
    pub ENV_NAME_INVALID {
        id: "api/env-name-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "relaxed since 1.32",
        check: Container(env_name_invalid),
    }
}

fn env_name_invalid(container: Container<'_>, cx: &mut Context<'_>) {
    for variable in objects(container.node(), "env") {
        if let Some(name) = given(variable, "name").filter(|name| name.as_str() != Some("")) {
            check_name(name, "the name of an environment variable", cx);
        } else {
            let who = Who::Container(container);
            required(cx, variable, "name", format_args!("an environment variable of {who}"));
        }
    }
    for source in objects(container.node(), "envFrom") {
        if let Some(prefix) = source.get("prefix").filter(|prefix| prefix.as_str() != Some("")) {
            check_name(prefix, "`prefix` of environment variables", cx);
        }
    }
}

fn check_name(name: NodeRef<'_>, what: &str, cx: &mut Context<'_>) {
    // What the strict form takes the relaxed one takes too.
    if names::env_name(name.text()).is_ok() {
        return;
    }
    if has_feature(cx, "RelaxedEnvironmentVariableValidation") {
        format(cx, name, what, names::relaxed_env_name);
    } else {
        format(cx, name, what, names::env_name);
    }
}

declare_rule! {
    /// A container sets an environment variable twice, and the later value does not use the earlier one.
    ///
    /// ## Why
    /// The last one counts, and `kubectl apply` may drop either of them without a word: the API server warns of it.
    ///
    /// ## Fix
    /// Keep the one that is meant. A later value that extends the earlier one with `$(NAME)` is no mistake.
    ///
    /// ## References
    /// `warningsForPodSpecAndMeta` in `k8s.io/kubernetes/pkg/api/pod`.
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
    ///         - {name: MODE, value: fast}
    ///         - {name: LEVEL, value: info}
    ///         - {name: MODE, value: safe}
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
    ///         - {name: FLAGS, value: --fast}
    ///         - {name: FLAGS, value: $(FLAGS) --safe}
    /// ```
    pub ENV_DUPLICATE {
        id: "api/env-duplicate",
        class: Correctness,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: ["kube-linter:duplicate-env-var", "kube-score:environment-variable-key-duplication", "kubescape:C-0295"],
        check: Container(env_duplicate),
    }
}

fn env_duplicate(container: Container<'_>, cx: &mut Context<'_>) {
    let mut seen = Seen::new();
    for variable in objects(container.node(), "env") {
        let Some(name) = variable.get("name").filter(|name| !name.text().is_empty()) else { continue };
        let Some(first) = seen.insert(name) else { continue };
        if hides_earlier(variable) {
            let message = format!(
                "`{}` is set twice in {}: the last one counts, and applying may drop either",
                name.text(),
                container.title()
            );
            cx.report(name, message).label(first, "first set here").help("keep the one that is meant");
        }
    }
}

/// Whether a variable makes an earlier one of the same name useless: its value does not hold `$(NAME)`.
pub(crate) fn hides_earlier(variable: NodeRef<'_>) -> bool {
    let text = |field| variable.get(field).map_or("", NodeRef::text);
    let (name, value) = (text("name"), text("value"));
    let uses = value
        .match_indices("$(")
        .any(|(at, _)| value[at + 2..].strip_prefix(name).is_some_and(|rest| rest.starts_with(')')));
    let only = value.len() == name.len() + 3;
    given(variable, "valueFrom").is_some() || !uses || only
}
