//! Ports of probes and lifecycle hooks.

use kubevet_core::{
    declare_rule,
    kubernetes::{Container, is_placeholder, values::names::port_name},
    rule::Context,
    suggest::closest,
    yaml::NodeRef,
};

declare_rule! {
    /// A probe asks a port number that the container does not declare.
    ///
    /// ## Why
    /// Declaring ports is optional, but where some are declared the other number is often a typing error or was forgotten at
    /// a change.
    ///
    /// ## Fix
    /// Correct the number, or declare the port.
    ///
    /// ## References
    /// Kubernetes documentation, "Configure Liveness, Readiness and Startup Probes".
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
    ///       ports: [{containerPort: 8080}]
    ///       livenessProbe:
    ///         httpGet: {path: /, port: 8081}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       ports: [{containerPort: 8080}]
    ///       readinessProbe:
    ///         grpc: {port: 9090}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       ports: [{containerPort: 8080}]
    ///       readinessProbe:
    ///         httpGet: {path: /ready, port: 8080}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       readinessProbe:
    ///         httpGet: {path: /ready, port: 8080}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       ports: [{containerPort: 8080}]
    ///       livenessProbe:
    ///         httpGet: {host: 127.0.0.1, path: /, port: 8081}
    /// ```
    pub PORT_NOT_DECLARED {
        id: "probes/port-not-declared",
        class: Hygiene,
        severity: Info,
        profiles: [],
        versions: "all",
        peers: ["kube-linter:liveness-port", "kube-linter:readiness-port", "kube-linter:startup-port"],
        absence: true,
        check: Container(port_not_declared),
    }
}

const PROBES: &[&str] = &["readinessProbe", "livenessProbe", "startupProbe"];

fn port_not_declared(container: Container<'_>, cx: &mut Context<'_>) {
    let declared: Vec<_> = container.ports().filter_map(|port| port.get("containerPort")).collect();
    // A port that is filled in later may be any.
    if declared.is_empty() || declared.iter().any(|port| port.as_i64().is_none()) {
        return;
    }
    for probe in PROBES.iter().filter_map(|probe| container.get(probe)) {
        for node in ports(probe) {
            let Some(number) = node.as_i64() else { continue };
            if !declared.iter().any(|port| port.as_i64() == Some(number)) {
                let name = container.title();
                cx.report(node, format!("{name} declares no port `{number}`, which its probe asks"))
                    .label(declared[0], "a declared port")
                    .help("correct the number, or declare the port");
            }
        }
    }
}

/// Ports that a probe or hook asks of the pod itself.
fn ports(handler: NodeRef<'_>) -> impl Iterator<Item = NodeRef<'_>> {
    let kinds = ["httpGet", "tcpSocket", "grpc"].into_iter().filter_map(move |kind| handler.get(kind));
    let own = kinds.filter(|kind| kind.get("host").is_none_or(|host| host.text().is_empty()));
    own.filter_map(|kind| kind.get("port"))
}

declare_rule! {
    /// A probe or lifecycle hook names a port that its container does not have.
    ///
    /// ## Why
    /// The kubelet looks the name up in the same container and fails: readiness and startup never pass, liveness never acts,
    /// a hook kills the container.
    ///
    /// ## Fix
    /// Correct the name, or name the port in `ports`.
    ///
    /// ## References
    /// `ResolveContainerPort` in `k8s.io/kubernetes/pkg/probe`.
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
    ///       ports: [{name: http, containerPort: 8080}]
    ///       readinessProbe:
    ///         httpGet: {path: /ready, port: htttp}
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
    ///         tcpSocket: {port: http}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       lifecycle:
    ///         postStart:
    ///           httpGet: {path: /warm, port: http}
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
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       readinessProbe:
    ///         httpGet: {path: /ready, port: 8080}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       readinessProbe:
    ///         httpGet: {path: /ready, port: $(PORT)}
    /// ```
    pub NAMED_PORT_MISSING {
        id: "probes/named-port-missing",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: ["kube-linter:liveness-port", "kube-linter:readiness-port", "kube-linter:startup-port"],
        absence: true,
        check: Container(named_port_missing),
    }
}

fn named_port_missing(container: Container<'_>, cx: &mut Context<'_>) {
    let names: Vec<_> = container.ports().filter_map(|port| port.get("name")).map(NodeRef::text).collect();
    if names.iter().any(|name| is_placeholder(name)) {
        return;
    }
    let hooks =
        ["postStart", "preStop"].into_iter().filter_map(|hook| container.node().at(&["lifecycle", hook]));
    for handler in PROBES.iter().filter_map(|probe| container.get(probe)).chain(hooks) {
        let kinds = ["httpGet", "tcpSocket"].into_iter().filter_map(|kind| handler.at(&[kind, "port"]));
        for node in kinds {
            let Some(wanted) = node.as_str() else { continue };
            // What is no name at all, such as a number in quotes, the API server refuses.
            if port_name(wanted).is_err() && cx.left_to("api/probe-handler").is_some() {
                continue;
            }
            if names.contains(&wanted)
                || is_placeholder(wanted)
                || wanted.parse::<u32>().is_ok()
                || wanted.is_empty()
            {
                continue;
            }
            let name = container.title();
            let draft = cx
                .report(node, format!("{name} has no port named `{wanted}`: the probe or hook always fails"));
            match closest(wanted, names.iter().copied()) {
                Some(near) => draft.help(format!("was `{near}` meant?")),
                None => draft.help("give one of its `ports` this name, or write the number"),
            };
        }
    }
}
