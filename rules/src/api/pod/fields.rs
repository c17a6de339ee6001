//! Fields of pods that hold names, addresses and gates.

use kubevet_core::{
    declare_rule,
    kubernetes::{PodSpec, values::names},
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::check::{Seen, flag, format, given, has_feature, objects, one_of, required, shown, string};

declare_rule! {
    /// A field of a pod does not have its format: the name of a node, an account, a class, a host.
    ///
    /// ## Why
    /// The API server refuses the object. `hostnameOverride` also excludes `hostNetwork` and `setHostnameAsFQDN`. Host names of
    /// StatefulSets are not looked at: their controller sets them.
    ///
    /// ## Fix
    /// Write the name in lower case letters, digits and `-`; `hostname` and `subdomain` have no dots and at most 63 characters.
    ///
    /// ## References
    /// `ValidatePodSpec` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   hostname: web.example.org
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   serviceAccountName: Web
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   annotations: {controller.kubernetes.io/pod-deletion-cost: low}
    /// spec:
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   nodeName: node-1.example.org
    ///   hostname: web
    ///   subdomain: ""
    ///   priorityClassName: system-node-critical
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: apps/v1
    /// kind: StatefulSet
    /// metadata: {name: db}
    /// spec:
    ///   serviceName: db
    ///   selector: {matchLabels: {app: db}}
    ///   template:
    ///     metadata: {labels: {app: db}}
    ///     spec:
    ///       hostname: db.example.org
    ///       containers:
    ///         - {name: db, image: registry.example.org/db:16.1}
    /// ```
    pub POD_FIELD_INVALID {
        id: "api/pod-field-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(pod_field_invalid),
    }
}

/// The account under its old name counts where there is no new one.
const SUBDOMAINS: &[&str] = &["nodeName", "serviceAccountName", "serviceAccount", "priorityClassName"];

fn pod_field_invalid(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let spec = pod.node();
    let filled = |field| spec.get(field).filter(|node| node.as_str().is_some_and(|text| !text.is_empty()));
    for field in SUBDOMAINS {
        let hidden = *field == "serviceAccount" && filled("serviceAccountName").is_some();
        if let Some(node) = filled(field).filter(|_| !hidden) {
            format(cx, node, format_args!("`{field}` of the pod"), names::dns_subdomain);
        }
    }
    if let Some(node) = spec.get("runtimeClassName") {
        format(cx, node, "`runtimeClassName` of the pod", names::dns_subdomain);
    }
    if let Some(node) = given(spec, "preemptionPolicy") {
        one_of(cx, node, "`preemptionPolicy`", &["Never", "PreemptLowerPriority"]);
    }
    if !pod.object().is("apps", "StatefulSet") {
        for field in ["hostname", "subdomain"] {
            if let Some(node) = filled(field) {
                format(cx, node, format_args!("`{field}` of the pod"), names::dns_label);
            }
        }
    }
    if let Some(node) = given(spec, "hostnameOverride").filter(|_| has_feature(cx, "HostnameOverride")) {
        check_override(spec, node, cx);
    }
    let cost = pod.template().at(&["metadata", "annotations", "controller.kubernetes.io/pod-deletion-cost"]);
    if let Some(cost) = cost {
        format(cx, cost, "the deletion cost of the pod", |text| {
            let plain = !text.starts_with('+') && (text == "0" || !text.starts_with('0'));
            if plain && text.parse::<i32>().is_ok() {
                Ok(())
            } else {
                Err("must be a whole number of 32 bits")
            }
        });
    }
}

fn check_override(spec: NodeRef<'_>, node: NodeRef<'_>, cx: &mut Context<'_>) {
    for other in ["setHostnameAsFQDN", "hostNetwork"] {
        if flag(spec, other) == Some(true) {
            let message = format!(
                "`hostnameOverride` and `{other}` exclude each other: the API server refuses the pod"
            );
            let draft = cx.report(Key(node), message).help("remove one of them");
            if let Some(other) = spec.get(other) {
                draft.label(Key(other), "the other one");
            }
        }
    }
    format(cx, node, "`hostnameOverride` of the pod", |text| {
        if text.len() > 64 {
            return Err("must be no more than 64 characters");
        }
        names::dns_subdomain(text)
    });
}

declare_rule! {
    /// A readiness gate or scheduling gate has no valid name, or a scheduling gate comes twice or beside `nodeName`.
    ///
    /// ## Why
    /// The API server refuses the object: a pod that waits for its gates has no node yet.
    ///
    /// ## Fix
    /// Name gates like labels: `example.org/ready`.
    ///
    /// ## References
    /// `validateReadinessGates` and `validateSchedulingGates` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   readinessGates: [{conditionType: "is ready"}]
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   nodeName: node-1
    ///   schedulingGates: [{name: example.org/quota}]
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   readinessGates: [{conditionType: example.org/ready}]
    ///   schedulingGates: [{name: example.org/quota}, {name: example.org/data}]
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub GATE_INVALID {
        id: "api/gate-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(gate_invalid),
    }
}

fn gate_invalid(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    for gate in objects(pod.node(), "readinessGates") {
        if required(cx, gate, "conditionType", "a readiness gate")
            && let Some(name) = gate.get("conditionType")
        {
            format(cx, name, "`conditionType` of a readiness gate", names::qualified_name);
        }
    }
    let mut seen = Seen::new();
    for gate in objects(pod.node(), "schedulingGates") {
        if !required(cx, gate, "name", "a scheduling gate") {
            continue;
        }
        let Some(name) = gate.get("name") else { continue };
        format(cx, name, "the name of a scheduling gate", names::qualified_name);
        if let Some(first) = seen.insert(name) {
            cx.report(
                name,
                format!("scheduling gate `{}` stands twice: the API server refuses the pod", name.text()),
            )
            .label(first, "the first one")
            .help("remove one of them");
        }
        if pod.object().is("", "Pod")
            && string(pod.node(), "nodeName").is_some()
            && let Some(node) = pod.get("nodeName")
        {
            cx.report(Key(node), "the pod has `nodeName` and `schedulingGates`: the API server refuses it")
                .label(name, "a gate")
                .help("remove `nodeName`: pods with gates have no node yet");
            return;
        }
    }
}

declare_rule! {
    /// An entry of `hostAliases` has no IP address, or a host name that is none.
    ///
    /// ## Why
    /// The API server refuses the object. A field `ip` that is missing altogether is left to `schema/missing-required`.
    ///
    /// ## Fix
    /// Give an address without leading zeros, and host names in lower case.
    ///
    /// ## References
    /// `ValidateHostAliases` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   hostAliases:
    ///     - {ip: db.example.org, hostnames: [db]}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   hostAliases:
    ///     - {ip: 10.0.0.1, hostnames: [main_db]}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   hostAliases:
    ///     - {ip: "fd00::1", hostnames: [db, db.example.org]}
    ///     - {ip: 10.0.0.1}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub HOST_ALIAS_INVALID {
        id: "api/host-alias-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(host_alias_invalid),
    }
}

fn host_alias_invalid(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    for alias in objects(pod.node(), "hostAliases") {
        if required(cx, alias, "ip", "an entry of `hostAliases`")
            && let Some(address) = alias.get("ip")
        {
            super::dns::check_address(address, "`ip` of a host alias", cx);
        }
        for name in alias.get("hostnames").into_iter().flat_map(NodeRef::items) {
            format(cx, name, "a name in `hostAliases`", names::dns_subdomain);
        }
    }
}

declare_rule! {
    /// A pull secret has no name, or stands in the list twice.
    ///
    /// ## Why
    /// The API server warns of it: without a name nothing is pulled with it, and `kubectl apply` merges the list by name.
    ///
    /// ## Fix
    /// Remove the entry.
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
    ///   imagePullSecrets: [{name: ""}]
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   imagePullSecrets: [{name: registry}, {name: registry}]
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   imagePullSecrets: [{name: registry}, {name: "${PULL_SECRET}"}, {name: "${PULL_SECRET}"}]
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub IMAGE_PULL_SECRET_INVALID {
        id: "api/image-pull-secret-invalid",
        class: Correctness,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(image_pull_secret_invalid),
    }
}

fn image_pull_secret_invalid(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let mut seen = Seen::new();
    for secret in objects(pod.node(), "imagePullSecrets") {
        let Some(name) = given(secret, "name").filter(|name| !name.text().is_empty()) else {
            cx.report(secret, "an entry of `imagePullSecrets` has no name: nothing is pulled with it")
                .help("name the secret, or remove the entry");
            continue;
        };
        if let Some(first) = seen.insert(name) {
            cx.report(name, format!("pull secret `{}` stands twice: applying keeps one", shown(name.text())))
                .label(first, "the first one")
                .help("remove one of them");
        }
    }
}
