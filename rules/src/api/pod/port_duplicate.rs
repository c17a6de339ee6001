//! Ports that a pod lists twice.

use std::collections::HashMap;

use kubevet_core::{
    declare_rule,
    kubernetes::PodSpec,
    rule::Context,
    yaml::{NodeId, NodeRef},
};

declare_rule! {
    /// A pod lists one container port twice, or one port name in two containers.
    ///
    /// ## Why
    /// The API server accepts it with a warning. `kubectl apply` merges the list by port number and drops one entry without a word, and a
    /// Service that names the port reaches only one of the containers.
    ///
    /// ## Fix
    /// Remove or rename one of the entries.
    ///
    /// ## References
    /// `warningsForPodSpec` in `k8s.io/kubernetes/pkg/api/pod`.
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
    ///         - {name: http, containerPort: 8080}
    ///         - {name: metrics, containerPort: 8080}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: dns}
    /// spec:
    ///   containers:
    ///     - name: dns
    ///       image: registry.example.org/dns:1.2.0
    ///       ports:
    ///         - {name: dns, containerPort: 53, protocol: UDP}
    ///         - {name: dns-tcp, containerPort: 53, protocol: TCP}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   initContainers:
    ///     - name: web
    ///       image: registry.example.org/migrate:1.2.0
    ///       ports: [{name: http, containerPort: 8080}]
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       ports: [{name: http, containerPort: 8080}]
    /// ```
    pub PORT_DUPLICATE {
        id: "api/port-duplicate",
        class: Correctness,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(port_duplicate),
    }
}

fn port_duplicate<'t>(pod: PodSpec<'t>, cx: &mut Context<'_>) {
    let mut numbers: HashMap<(NodeId, i64, &str), NodeRef<'t>> = HashMap::new();
    let mut names: HashMap<&str, (NodeRef<'t>, &str)> = HashMap::new();
    for container in pod.containers() {
        for port in container.ports() {
            let protocol = port.get("protocol").map_or("TCP", NodeRef::text);
            let number = port.get("containerPort");
            if let Some((number, value)) = number.and_then(|number| Some((number, number.as_i64()?))) {
                // Two containers of a pod that listen on one port fail at run time, but that is no duplicate entry.
                let key = (container.node().id(), value, protocol);
                let first = numbers.insert(key, number).filter(|first| {
                    let Some(first) = first.parent() else { return false };
                    let text = |port: NodeRef<'t>, field| port.get(field).map_or("", NodeRef::text);
                    let same = |field| text(first, field) == text(port, field);
                    // One port of the node twice is refused, which is a rule of its own.
                    let refused = same("hostIP")
                        && !matches!(text(port, "hostPort"), "" | "0")
                        && cx.left_to("api/host-port-conflict").is_some();
                    same("hostPort") && !refused
                });
                if let Some(first) = first {
                    let message = format!(
                        "port `{value}/{protocol}` of {} is listed twice: applying drops one entry",
                        container.title()
                    );
                    cx.report(number, message)
                        .label(first, "first listed here")
                        .help("remove one of the entries");
                    continue;
                }
            }
            // Services find ports by name in the containers that keep running.
            let name = port.get("name").filter(|name| !name.text().is_empty());
            let Some(name) = name.filter(|_| container.is_long_running()) else { continue };
            match names.insert(name.text(), (name, container.name())) {
                Some((first, other)) if other != container.name() => {
                    let message = format!(
                        "port name `{}` is used in containers `{other}` and `{}`: a Service that names it reaches only the first",
                        name.text(),
                        container.name()
                    );
                    cx.report(name, message).label(first, "first used here").help("rename one of them");
                }
                _ => {}
            }
        }
    }
}
