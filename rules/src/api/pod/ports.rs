//! Ports of containers.

use std::collections::HashMap;

use kubevet_core::{
    declare_rule,
    kubernetes::{Container, ContainerKind, PodSpec, values::names},
    rule::Context,
    yaml::NodeRef,
};

use super::check::{Seen, Who, flag, format, given, is_complete, one_of, required, within};

declare_rule! {
    /// A port of a container has no number, one outside of 1 to 65535, an unknown protocol, or a name that is none.
    ///
    /// ## Why
    /// The API server refuses the object. Names are IANA service names: at most 15 lower case letters, digits and `-`, at least one letter, and
    /// unique in the container. A field `containerPort` that is missing altogether is left to `schema/missing-required`, unknown
    /// protocols to `schema/invalid-enum`.
    ///
    /// ## Fix
    /// Correct the number, or shorten the name.
    ///
    /// ## References
    /// `validateContainerPorts` in `k8s.io/kubernetes/pkg/apis/core/validation`.
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
    ///       ports:
    ///         - {name: prometheus-metrics, containerPort: 9090}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       ports:
    ///         - {containerPort: 80800}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       ports:
    ///         - {name: web, containerPort: 8080}
    ///         - {name: web, containerPort: 8081}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       ports:
    ///         - {containerPort: 8080, protocol: tcp}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       ports:
    ///         - {name: web-2, containerPort: 8080, hostPort: 0, protocol: SCTP}
    ///         - {name: "", containerPort: 8081, protocol: ""}
    /// ```
    pub CONTAINER_PORT_INVALID {
        id: "api/container-port-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: ["kube-score:container-ports-check"],
        check: Container(container_port_invalid),
    }
}

const PROTOCOLS: &[&str] = &["TCP", "UDP", "SCTP", ""];

fn container_port_invalid(container: Container<'_>, cx: &mut Context<'_>) {
    let mut seen = Seen::new();
    let who = Who::Container(container);
    for port in container.ports().filter(|port| port.is_map()) {
        match given(port, "containerPort") {
            Some(number) => {
                within(cx, number, format_args!("`containerPort` of {who}"), 1..=65535);
            }
            None if is_complete(container.pod().object()) => {
                required(cx, port, "containerPort", format_args!("a port of {who}"));
            }
            None => {}
        }
        if let Some(number) = given(port, "hostPort") {
            within(cx, number, format_args!("`hostPort` of {who}"), 0..=65535);
        }
        if let Some(protocol) = given(port, "protocol") {
            one_of(cx, protocol, "`protocol`", PROTOCOLS);
        }
        let Some(name) = port.get("name").filter(|name| name.as_str().is_some_and(|text| !text.is_empty()))
        else {
            continue;
        };
        if names::port_name(name.text()).is_err() {
            format(cx, name, format_args!("port name of {who}"), names::port_name);
        } else if let Some(first) = seen.insert(name) {
            let message =
                format!("two ports of {who} are named `{}`: the API server refuses it", name.text());
            cx.report(name, message).label(first, "first used here").help("rename one of them");
        }
    }
}

declare_rule! {
    /// Two containers of a pod want one port of the node.
    ///
    /// ## Why
    /// The API server refuses the object: protocol, address and number of a host port are unique over `containers`, and in each init
    /// container.
    ///
    /// ## Fix
    /// Choose another `hostPort`, or remove it: Services reach a pod without one.
    ///
    /// ## References
    /// `checkHostPortConflicts` in `k8s.io/kubernetes/pkg/apis/core/validation`.
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
    ///       ports: [{containerPort: 8080, hostPort: 80}]
    ///     - name: admin
    ///       image: registry.example.org/admin:1.2.0
    ///       ports: [{containerPort: 8081, hostPort: 80, protocol: TCP}]
    /// ```
    /// ```yaml bad
    /// # With `hostNetwork` each port is a port of the node.
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   hostNetwork: true
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       ports: [{containerPort: 8080}]
    ///     - name: admin
    ///       image: registry.example.org/admin:1.2.0
    ///       ports: [{containerPort: 8080}]
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: dns}
    /// spec:
    ///   initContainers:
    ///     - name: check
    ///       image: registry.example.org/dns:1.2.0
    ///       ports: [{containerPort: 53, hostPort: 53}]
    ///   containers:
    ///     - name: dns
    ///       image: registry.example.org/dns:1.2.0
    ///       ports:
    ///         - {containerPort: 53, hostPort: 53, protocol: UDP}
    ///         - {containerPort: 53, hostPort: 53}
    ///         - {containerPort: 53, hostPort: 53, hostIP: 10.0.0.1}
    /// ```
    pub HOST_PORT_CONFLICT {
        id: "api/host-port-conflict",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(host_port_conflict),
    }
}

fn host_port_conflict(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    // The defaults of a Pod fill `hostPort`, those of a template do not.
    let defaulted = pod.object().is("", "Pod") && flag(pod.node(), "hostNetwork") == Some(true);
    // Init containers run one by one, the others together.
    let mut taken: HashMap<(usize, i64, &str, &str), (NodeRef<'_>, Container<'_>)> = HashMap::new();
    for (number, container) in pod.containers().enumerate() {
        let scope = match container.kind() {
            ContainerKind::Init | ContainerKind::Sidecar => number + 1,
            ContainerKind::Regular => 0,
            ContainerKind::Ephemeral => continue,
        };
        for port in container.ports() {
            let number =
                |field| Some((port.get(field)?, port.get(field)?.as_i64().filter(|port| *port != 0)?));
            let number =
                number("hostPort").or_else(|| if defaulted { number("containerPort") } else { None });
            let Some((node, number)) = number else { continue };
            let text = |field| port.get(field).and_then(NodeRef::as_str).filter(|text| !text.is_empty());
            let (protocol, address) = (text("protocol").unwrap_or("TCP"), text("hostIP").unwrap_or_default());
            let Some((first, other)) = taken.insert((scope, number, protocol, address), (node, container))
            else {
                continue;
            };
            let who =
                if other.node() == container.node() { "this container".to_owned() } else { other.title() };
            let message = format!(
                "port {number}/{protocol} of the node is taken by {who} already: the API server refuses the pod"
            );
            cx.report(node, message)
                .label(first, "taken here")
                .help("choose another `hostPort`, or remove it and use a Service");
        }
    }
}

declare_rule! {
    /// A pod in the network of its node names a `hostPort` that differs from the `containerPort`.
    ///
    /// ## Why
    /// The API server refuses the object: with `hostNetwork: true` there is nothing to map, both are one port.
    ///
    /// ## Fix
    /// Remove `hostPort`, or give it the number of `containerPort`.
    ///
    /// ## References
    /// `validatePodHostNetworkDeps` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: {name: proxy}
    /// spec:
    ///   selector: {matchLabels: {app: proxy}}
    ///   template:
    ///     metadata: {labels: {app: proxy}}
    ///     spec:
    ///       hostNetwork: true
    ///       containers:
    ///         - name: proxy
    ///           image: registry.example.org/proxy:1.2.0
    ///           ports: [{containerPort: 8080, hostPort: 80}]
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: proxy}
    /// spec:
    ///   hostNetwork: true
    ///   containers:
    ///     - name: proxy
    ///       image: registry.example.org/proxy:1.2.0
    ///       ports:
    ///         - {containerPort: 8080, hostPort: 8080}
    ///         - {containerPort: 8081}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: proxy}
    /// spec:
    ///   containers:
    ///     - name: proxy
    ///       image: registry.example.org/proxy:1.2.0
    ///       ports: [{containerPort: 8080, hostPort: 80}]
    /// ```
    pub HOST_NETWORK_PORT_MISMATCH {
        id: "api/host-network-port-mismatch",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(host_network_port_mismatch),
    }
}

fn host_network_port_mismatch(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    if flag(pod.node(), "hostNetwork") != Some(true) {
        return;
    }
    for container in pod.containers().filter(|container| container.kind() == ContainerKind::Regular) {
        for port in container.ports() {
            let number = |field| port.get(field).filter(|port| port.as_i64().is_some_and(|port| port != 0));
            let (Some(host), Some(own)) = (number("hostPort"), number("containerPort")) else { continue };
            if host.as_i64() != own.as_i64() {
                let message = format!(
                    "`hostPort` {} of {} differs from `containerPort` {} with `hostNetwork`: the API server refuses it",
                    host.text(),
                    container.title(),
                    own.text()
                );
                cx.report(host, message)
                    .label(own, "the port of the container")
                    .help("remove `hostPort`, or make it equal");
            }
        }
    }
}
