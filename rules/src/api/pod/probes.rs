//! Handlers of probes and lifecycle hooks.

use kubevet_core::{
    declare_rule,
    kubernetes::{Container, ContainerKind, is_placeholder, values::names},
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::check::is_missing_said;

declare_rule! {
    /// A probe or lifecycle hook has no handler, several, or one that the API server refuses.
    ///
    /// ## Why
    /// The API server refuses the object.
    ///
    /// ## Fix
    /// Give exactly one of `exec`, `httpGet`, `tcpSocket` and `grpc` (probes) or `sleep` (hooks), with the fields it needs.
    ///
    /// ## References
    /// `validateHandler` in `k8s.io/kubernetes/pkg/apis/core/validation`.
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
    ///       readinessProbe:
    ///         initialDelaySeconds: 5
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       livenessProbe:
    ///         httpGet: {path: /healthz, port: 80800}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       livenessProbe:
    ///         httpGet: {path: /healthz, port: http, scheme: https}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       ports: [{name: http, containerPort: 8080}]
    ///       readinessProbe:
    ///         httpGet: {path: /ready, port: http}
    ///       livenessProbe:
    ///         exec: {command: [/bin/alive]}
    ///       lifecycle:
    ///         preStop:
    ///           sleep: {seconds: 5}
    /// ```
    /// ```yaml good
    /// apiVersion: serving.knative.dev/v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   template:
    ///     spec:
    ///       containers:
    ///         - image: registry.example.org/web:1.2.0
    ///           readinessProbe:
    ///             httpGet: {path: /ready}
    ///           livenessProbe:
    ///             periodSeconds: 5
    /// ```
    pub PROBE_HANDLER {
        id: "api/probe-handler",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Container(probe_handler),
    }
}

const PROBES: &[&[&str]] = &[&["readinessProbe"], &["livenessProbe"], &["startupProbe"]];
const HOOKS: &[&[&str]] = &[&["lifecycle", "postStart"], &["lifecycle", "preStop"]];

fn probe_handler(container: Container<'_>, cx: &mut Context<'_>) {
    // Those may have no probes at all.
    if matches!(container.kind(), ContainerKind::Init | ContainerKind::Ephemeral) {
        return;
    }
    let places = [
        (PROBES, &["exec", "httpGet", "tcpSocket", "grpc"]),
        (HOOKS, &["exec", "httpGet", "tcpSocket", "sleep"]),
    ];
    for (paths, handlers) in places {
        for node in paths.iter().filter_map(|path| container.node().at(path)).filter(|node| node.is_map()) {
            check(container, node, handlers, cx);
        }
    }
}

fn check(container: Container<'_>, node: NodeRef<'_>, handlers: &[&str], cx: &mut Context<'_>) {
    let place = node.key_node().map_or("probe", NodeRef::text);
    let given: Vec<_> =
        handlers.iter().filter_map(|name| node.get(name).filter(|one| !one.is_null())).collect();
    match given.as_slice() {
        // Knative fills in what to do, and on which port.
        [] if is_knative(container) => {}
        [] => {
            let message = format!(
                "`{place}` of {} does not say what to do: the API server refuses it",
                container.title()
            );
            cx.report(Key(node), message).help(format!("give one of `{}`", handlers.join("`, `"))).absence();
        }
        [handler] => check_handler(container, *handler, place, cx),
        [first, second, ..] => {
            let message = format!(
                "`{place}` of {} has more than one handler: the API server refuses it",
                container.title()
            );
            cx.report(Key(*second), message).label(Key(*first), "the first one").help("keep one of them");
        }
    }
}

fn is_knative(container: Container<'_>) -> bool {
    container.pod().object().group() == "serving.knative.dev"
}

fn check_handler(container: Container<'_>, handler: NodeRef<'_>, place: &str, cx: &mut Context<'_>) {
    let kind = handler.key_node().map_or("", NodeRef::text);
    match kind {
        "exec" => {
            let command = handler.get("command");
            if command.is_none_or(NodeRef::is_empty) {
                cx.report(
                    Key(handler),
                    format!("`exec` of `{place}` has no `command`: the API server refuses it"),
                )
                .help("give the program and its arguments as a list")
                .absence();
            }
        }
        "httpGet" | "tcpSocket" | "grpc" => {
            match handler.get("port").filter(|port| !port.is_null()) {
                None if is_knative(container) || is_missing_said(cx, handler, "port") => {}
                None => {
                    cx.report(
                        Key(handler),
                        format!("`{kind}` of `{place}` has no `port`: the API server refuses it"),
                    )
                    .help("give the number or the name of a container port")
                    .absence();
                }
                Some(port) => check_port(port, kind, place, cx),
            }
            if kind == "httpGet" {
                check_http(handler, place, cx);
            }
        }
        _ => {}
    }
}

fn check_port(port: NodeRef<'_>, kind: &str, place: &str, cx: &mut Context<'_>) {
    let problem = match (port.as_i64(), port.as_str()) {
        (Some(1..=65535), _) => return,
        (Some(_), _) => "is outside 1 to 65535".to_owned(),
        (None, Some(name)) if is_placeholder(name) => return,
        (None, Some(_)) if kind == "grpc" => "must be a number for `grpc`".to_owned(),
        (None, Some(name)) => match names::port_name(name) {
            Ok(()) => return,
            Err(problem) => format!("is no port name: {problem}"),
        },
        (None, None) => return,
    };
    cx.report(port, format!("port `{}` of `{place}` {problem}", port.text()))
        .help("give the number or the name of a container port");
}

fn check_http(handler: NodeRef<'_>, place: &str, cx: &mut Context<'_>) {
    if let Some(scheme) =
        handler.get("scheme").filter(|scheme| !matches!(scheme.text(), "HTTP" | "HTTPS" | ""))
        && !is_placeholder(scheme.text())
    {
        cx.report(scheme, format!("scheme `{}` of `{place}` is neither `HTTP` nor `HTTPS`", scheme.text()))
            .help("write it in capitals: `HTTP` or `HTTPS`");
    }
    let headers = handler.get("httpHeaders").into_iter().flat_map(NodeRef::items);
    for name in headers.filter_map(|header| header.get("name")) {
        // `validation.IsHTTPHeaderName`: letters, digits and `-`.
        let valid = !name.text().is_empty()
            && name.text().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !valid && !is_placeholder(name.text()) {
            cx.report(name, format!("`{}` is no HTTP header name: the API server refuses it", name.text()))
                .help("header names consist of letters, digits and `-`");
        }
    }
}
