//! Namespaces and ports of the node.

use kubevet_core::{
    declare_rule,
    kubernetes::{Container, PodSpec},
    rule::Context,
};

use super::{is_control_plane, replace};

declare_rule! {
    /// A pod shares the process namespace of its node.
    ///
    /// ## Why
    /// Its processes see every process of the node with arguments and environment, and a container that may trace
    /// processes takes them over.
    ///
    /// ## Fix
    /// Remove `hostPID`. Monitoring agents that need it say so with a suppression and its reason.
    ///
    /// ## References
    /// Pod Security Standards, baseline, "Host Namespaces".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   hostPID: true
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   hostPID: false
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub HOST_PID {
        id: "pod-security/host-pid",
        class: Security,
        severity: Warning,
        profiles: [recommended, production, hardened],
        cis: ["5.2.3"],
        pss: "baseline/host-namespaces",
        nsa: "pod-security",
        versions: "all",
        peers: ["kube-linter:host-pid", "polaris:hostPIDSet", "kubesec:HostPID", "checkov:CKV_K8S_17", "trivy-checks:KSV-0010", "kubescape:C-0275", "kics:shared_host_pid_namespace", "kube-bench:cis-1.12:5.2.3", "datree:CONTAINERS_INCORRECT_HOSTPID_VALUE_TRUE", "kubeaudit:NamespaceHostPIDTrue", "kubescape:C-0038", "monokle:PSS102", "kyverno-policies:pod-security/disallow-host-namespaces"],
        fix: Unsafe,
        check: Pod(host_pid),
    }
}

fn host_pid(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    host_namespace(
        pod,
        "hostPID",
        "the pod sees every process of its node, with arguments and environment",
        cx,
    );
}

declare_rule! {
    /// A pod shares the inter-process communication namespace of its node.
    ///
    /// ## Why
    /// It reads and writes the shared memory, semaphores and message queues of the node's programs and of other pods
    /// that do the same.
    ///
    /// ## Fix
    /// Remove `hostIPC`. Containers of one pod share memory among themselves without it.
    ///
    /// ## References
    /// Pod Security Standards, baseline, "Host Namespaces".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   hostIPC: true
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   shareProcessNamespace: true
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub HOST_IPC {
        id: "pod-security/host-ipc",
        class: Security,
        severity: Warning,
        profiles: [recommended, production, hardened],
        cis: ["5.2.4"],
        pss: "baseline/host-namespaces",
        nsa: "pod-security",
        versions: "all",
        peers: ["kube-linter:host-ipc", "polaris:hostIPCSet", "kubesec:HostIPC", "checkov:CKV_K8S_18", "trivy-checks:KSV-0008", "kubescape:C-0276", "kics:shared_host_ipc_namespace", "kube-bench:cis-1.12:5.2.4", "datree:CONTAINERS_INCORRECT_HOSTIPC_VALUE_TRUE", "kubeaudit:NamespaceHostIPCTrue", "kubescape:C-0038", "monokle:PSS102", "kyverno-policies:pod-security/disallow-host-namespaces"],
        fix: Unsafe,
        check: Pod(host_ipc),
    }
}

fn host_ipc(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    host_namespace(
        pod,
        "hostIPC",
        "the pod shares memory and message queues with the programs of its node",
        cx,
    );
}

declare_rule! {
    /// A pod uses the network of its node.
    ///
    /// ## Why
    /// It reaches what listens on the node's loopback interface, can listen in on the node's traffic, and
    /// NetworkPolicies do not apply to it. Static pods of the control plane need it and are left alone, except by the
    /// Pod Security Standards.
    ///
    /// ## Fix
    /// Remove `hostNetwork` and publish the port with a Service. Network agents that need it say so with a suppression
    /// and its reason.
    ///
    /// ## References
    /// Pod Security Standards, baseline, "Host Namespaces".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   hostNetwork: true
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   hostNetwork: false
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: kube-scheduler, namespace: kube-system}
    /// spec:
    ///   hostNetwork: true
    ///   containers:
    ///     - name: kube-scheduler
    ///       image: registry.k8s.io/kube-scheduler:v1.34.2
    ///       command: [kube-scheduler, --kubeconfig=/etc/kubernetes/scheduler.conf]
    /// ```
    pub HOST_NETWORK {
        id: "pod-security/host-network",
        class: Security,
        severity: Warning,
        profiles: [production, hardened],
        cis: ["5.2.5"],
        pss: "baseline/host-namespaces",
        nsa: "pod-security",
        versions: "all",
        peers: ["kube-linter:host-network", "polaris:hostNetworkSet", "kubesec:HostNetwork", "checkov:CKV_K8S_19", "trivy-checks:KSV-0009", "kubescape:C-0041", "kics:shared_host_network_namespace", "kube-bench:cis-1.12:5.2.5", "datree:CONTAINERS_INCORRECT_HOSTNETWORK_VALUE_TRUE", "kubeaudit:NamespaceHostNetworkTrue", "kubescape:C-0038", "monokle:PSS102", "kyverno-policies:pod-security/disallow-host-namespaces"],
        fix: Unsafe,
        check: Pod(host_network),
    }
}

fn host_network(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    if cx.standard() || !is_control_plane(pod) {
        host_namespace(
            pod,
            "hostNetwork",
            "the pod reaches the node's loopback, and NetworkPolicies do not hold for it",
            cx,
        );
    }
}

fn host_namespace(pod: PodSpec<'_>, field: &str, consequence: &str, cx: &mut Context<'_>) {
    if let Some(node) = pod.get(field).filter(|node| node.as_bool() == Some(true)) {
        cx.report(node, format!("`{field}: true`: {consequence}"))
            .help(format!("remove `{field}`"))
            .fix(replace(node, "false"));
    }
}

declare_rule! {
    /// A container takes a port of its node.
    ///
    /// ## Why
    /// Only one such pod fits on a node, the port is open on the node's addresses, and NetworkPolicies of many network
    /// plugins do not see its traffic.
    ///
    /// Silent where `pod-security/host-network` reports the pod, except for a standard.
    ///
    /// ## Fix
    /// Publish the port with a Service. The option `allowed-host-ports` lists ports that node agents may take.
    ///
    /// ## References
    /// Pod Security Standards, baseline, "Host Ports".
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
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       ports: [{containerPort: 9100, hostPort: 9100}]
    /// ```
    /// ```toml with
    /// allowed-host-ports = [9100]
    /// ```
    pub HOST_PORT {
        id: "pod-security/host-port",
        class: Security,
        severity: Warning,
        profiles: [production, hardened],
        cis: ["5.2.12"],
        pss: "baseline/host-ports",
        nsa: "pod-security",
        versions: "all",
        peers: ["polaris:hostPortSet", "checkov:CKV_K8S_26", "trivy-checks:KSV-0024", "kubescape:C-0044", "kics:workload_host_port_not_specified", "kube-bench:cis-1.12:5.2.12", "datree:CONTAINERS_INCORRECT_KEY_HOSTPORT", "monokle:PSS106", "kyverno-policies:pod-security/disallow-host-ports", "kyverno-policies:pod-security/disallow-host-ports-range"],
        options: ["allowed-host-ports": IntegerList = "ports that containers may take; none without it, and none for the Pod Security Standards"],
        check: Container(host_port),
    }
}

fn host_port(container: Container<'_>, cx: &mut Context<'_>) {
    if !cx.standard() && is_control_plane(container.pod()) {
        return;
    }
    // On the node's network every port is the node's: what is reported is the network.
    let shares = container.pod().flag("hostNetwork") == Some(true);
    if shares && cx.left_to("pod-security/host-network").is_some() {
        return;
    }
    for node in container.ports().filter_map(|port| port.get("hostPort")) {
        let Some(number) = node.as_i64().filter(|number| *number != 0) else { continue };
        if !cx.options().integers("allowed-host-ports").contains(&number) {
            let message = format!(
                "{} takes port {number} of its node: one pod a node, open on the node's addresses",
                container.title()
            );
            cx.report(node, message).help("publish the port with a Service instead");
        }
    }
}
