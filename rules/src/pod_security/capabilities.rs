//! Linux capabilities of containers.

use kubevet_core::{
    declare_rule,
    kubernetes::{Container, is_placeholder},
    rule::{Context, Key, Options},
    yaml::NodeRef,
};

use super::says_windows;

/// Entries of `capabilities.add` or `capabilities.drop`.
fn listed<'t>(container: Container<'t>, list: &str) -> impl Iterator<Item = NodeRef<'t>> {
    let names = container.own("capabilities").and_then(|capabilities| capabilities.get(list));
    names.into_iter().flat_map(NodeRef::items).filter(|name| !is_placeholder(name.text()))
}

/// The name as container runtimes understand it: capitals, without `CAP_`.
fn normal(name: &str) -> String {
    let upper = name.to_ascii_uppercase();
    upper.strip_prefix("CAP_").map(str::to_owned).unwrap_or(upper)
}

/// Capabilities that are as good as root on the node, with the reason.
const DANGEROUS: &[(&str, &str)] = &[
    ("ALL", "it has every power of root on its node"),
    ("SYS_ADMIN", "it may mount file systems and leave its namespaces"),
    ("SYS_MODULE", "it may load modules into the node's kernel"),
    ("SYS_PTRACE", "it may read and steer other processes"),
    ("SYS_RAWIO", "it may write to the node's memory and devices"),
    ("SYS_BOOT", "it may restart the node or load another kernel"),
    ("SYS_TIME", "it may set the node's clock, which certificates and tokens rely on"),
    ("DAC_READ_SEARCH", "it may read every file of the node"),
    ("BPF", "it may load programs into the node's kernel"),
    ("PERFMON", "it may watch the node's kernel and every process"),
    ("MAC_ADMIN", "it may change the node's mandatory access rules"),
    ("MAC_OVERRIDE", "the node's mandatory access rules do not hold for it"),
];

declare_rule! {
    /// A container adds a capability that is as good as root on the node.
    ///
    /// ## Why
    /// With `SYS_ADMIN`, `SYS_MODULE`, `SYS_PTRACE` and their like a container leaves its isolation behind; `ALL` adds
    /// them all.
    ///
    /// Silent where `pod-security/privileged` reports the container: it has every capability anyway.
    ///
    /// ## Fix
    /// Remove it. Node agents that need it say so with a suppression and its reason. The option
    /// `dangerous-capabilities` replaces the list.
    ///
    /// ## References
    /// capabilities(7); Kubernetes documentation, "Configure a Security Context".
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
    ///       securityContext:
    ///         capabilities: {add: [SYS_ADMIN]}
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
    ///         capabilities: {add: [cap_sys_ptrace]}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext:
    ///         capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}
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
    ///         capabilities: {add: [NET_ADMIN]}
    /// ```
    /// ```toml with
    /// dangerous-capabilities = ["NET_ADMIN"]
    /// ```
    pub CAPABILITY_DANGEROUS {
        id: "pod-security/capability-dangerous",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        nsa: "pod-security",
        versions: "all",
        peers: ["polaris:dangerousCapabilities", "kubescape:C-0046", "datree:CONTAINERS_INVALID_CAPABILITIES_VALUE", "datree:EKS_INVALID_CAPABILITIES_EKS", "kubesec:CapSysAdmin", "checkov:CKV_K8S_39", "trivy-checks:KSV-0005", "kics:containers_with_sys_admin_capabilities", "monokle:KBP100", "trivy-checks:KSV-0120", "trivy-checks:KSV-0119", "polaris:insecureCapabilities", "checkov:CKV_K8S_25", "trivy-checks:KSV-0022", "kics:containers_with_added_capabilities", "monokle:PSS104", "kubeaudit:CapabilityAdded", "kyverno-policies:istio/service-mesh-disallow-capabilities", "kyverno-policies:pod-security/disallow-capabilities", "kyverno-policies:psp-migration/psp-restrict-adding-capabilities"],
        options: ["dangerous-capabilities": TextList = "names, with or without `CAP_`, that replace the built-in list"],
        check: Container(capability_dangerous),
    }
}

fn capability_dangerous(container: Container<'_>, cx: &mut Context<'_>) {
    if is_told_privileged(container, cx) {
        return;
    }
    for node in listed(container, "add") {
        let name = normal(node.text());
        if is_dangerous(&name, cx.options()) {
            let known = DANGEROUS.iter().find(|(dangerous, _)| *dangerous == name);
            let reason = known.map_or("it is on your list of dangerous capabilities", |(_, reason)| reason);
            cx.report(node, format!("{} adds `{name}`: {reason}", container.title()))
                .help("remove it, or suppress this with the reason why it is needed");
        }
    }
}

/// Whether the container is reported as privileged: it has every capability then, whatever its lists say.
fn is_told_privileged(container: Container<'_>, cx: &Context<'_>) -> bool {
    cx.left_to("pod-security/privileged").is_some()
        && container.own("privileged").and_then(NodeRef::as_bool) == Some(true)
}

fn is_dangerous(name: &str, options: &Options) -> bool {
    if options.has("dangerous-capabilities") {
        options.texts("dangerous-capabilities").iter().any(|one| normal(one) == name)
    } else {
        DANGEROUS.iter().any(|(dangerous, _)| *dangerous == name)
    }
}

/// `capabilities_allowed_1_0` in the standard's check.
const BASELINE: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

declare_rule! {
    /// A container adds a capability beyond those that container runtimes give anyway.
    ///
    /// ## Why
    /// The baseline of the Pod Security Standards allows no more than the default set without `NET_RAW`. Names are
    /// compared as they are written: `CAP_CHOWN` and `chown` are refused.
    ///
    /// Silent where `pod-security/capability-dangerous` or `pod-security/privileged` reports the container, except for a standard.
    ///
    /// ## Fix
    /// Remove it, or run the pod in a namespace whose level allows it.
    ///
    /// ## References
    /// `check_capabilities_baseline.go` in `k8s.io/pod-security-admission/policy`.
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
    ///       securityContext:
    ///         capabilities: {add: [NET_ADMIN]}
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
    ///         capabilities: {add: [CAP_CHOWN]}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext:
    ///         capabilities: {add: [CHOWN, NET_BIND_SERVICE]}
    /// ```
    pub CAPABILITIES_BASELINE {
        id: "pod-security/capabilities-baseline",
        class: Security,
        severity: Warning,
        profiles: [hardened],
        pss: "baseline/capabilities",
        versions: "all",
        peers: ["polaris:insecureCapabilities", "checkov:CKV_K8S_25", "trivy-checks:KSV-0022", "kics:containers_with_added_capabilities", "monokle:PSS104", "kubeaudit:CapabilityAdded", "kyverno-policies:istio/service-mesh-disallow-capabilities", "kyverno-policies:pod-security/disallow-capabilities", "kyverno-policies:psp-migration/psp-restrict-adding-capabilities"],
        check: Container(capabilities_baseline),
    }
}

fn capabilities_baseline(container: Container<'_>, cx: &mut Context<'_>) {
    if is_told_privileged(container, cx) {
        return;
    }
    let left = cx.left_to("pod-security/capability-dangerous");
    for node in listed(container, "add").filter(|node| !BASELINE.contains(&node.text())) {
        let name = normal(node.text());
        if left.is_some_and(|options| is_dangerous(&name, options)) {
            continue;
        }
        let message = format!(
            "{} adds `{}`, which the baseline standard does not allow",
            container.title(),
            node.text()
        );
        let help = if BASELINE.contains(&name.as_str()) {
            format!("write it as the standard does: `{name}`")
        } else {
            "remove it, or run the pod where the `privileged` level holds".to_owned()
        };
        cx.report(node, message).help(help);
    }
}

declare_rule! {
    /// A container does not drop all capabilities, or adds another one than `NET_BIND_SERVICE`.
    ///
    /// ## Why
    /// Hardly any program needs one of the capabilities that runtimes give by default; each of them widens what an
    /// intruder can do.
    ///
    /// Silent where `pod-security/capabilities-baseline` or `pod-security/privileged` reports the same, except for a standard.
    ///
    /// ## Fix
    /// Set `capabilities.drop: [ALL]` and add `NET_BIND_SERVICE` where a port below 1024 is needed.
    ///
    /// ## References
    /// `check_capabilities_restricted.go` in `k8s.io/pod-security-admission/policy`.
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
    ///       securityContext: {runAsNonRoot: true}
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
    ///         capabilities: {drop: [NET_RAW]}
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
    ///         capabilities: {drop: [ALL], add: [CHOWN]}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext:
    ///         capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   os: {name: windows}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub CAPABILITIES_RESTRICTED {
        id: "pod-security/capabilities-restricted",
        class: Security,
        severity: Warning,
        profiles: [hardened],
        cis: ["5.2.9"],
        pss: "restricted/capabilities",
        nsa: "pod-security",
        versions: "all",
        peers: ["trivy-checks:KSV-0106", "monokle:PSS206", "kyverno-policies:pod-security/disallow-capabilities-strict", "kubesec:CapDropAll", "checkov:CKV_K8S_37", "trivy-checks:KSV-0003", "kube-bench:cis-1.12:5.2.9", "monokle:KBP103", "kubeaudit:CapabilityShouldDropAll", "kyverno-policies:best-practices/drop-all-capabilities", "kubesec:CapDropAny", "trivy-checks:KSV-0004", "kics:no_drop_capabilities_for_containers", "kubeaudit:CapabilityOrSecurityContextMissing"],
        check: Container(capabilities_restricted),
    }
}

fn capabilities_restricted(container: Container<'_>, cx: &mut Context<'_>) {
    if says_windows(container.pod()) || is_told_privileged(container, cx) {
        return;
    }
    if !listed(container, "drop").any(|name| name.text() == "ALL") && !drops_unknown(container) {
        report_missing_drop(container, "ALL", "it keeps powers of root that it hardly needs", cx);
    }
    let left = cx.left_to("pod-security/capabilities-baseline");
    for node in listed(container, "add").filter(|node| node.text() != "NET_BIND_SERVICE") {
        if left.is_some() && !BASELINE.contains(&node.text()) {
            continue;
        }
        let message = format!(
            "{} adds `{}`: the restricted standard allows `NET_BIND_SERVICE` alone",
            container.title(),
            node.text()
        );
        cx.report(node, message).help("remove it");
    }
}

/// Whether something that is filled in later stands where capabilities are dropped.
fn drops_unknown(container: Container<'_>) -> bool {
    let drop = container.own("capabilities").and_then(|capabilities| capabilities.get("drop"));
    drop.is_some_and(|drop| {
        is_placeholder(drop.text()) || drop.items().any(|name| is_placeholder(name.text()))
    })
}

fn report_missing_drop(container: Container<'_>, name: &str, consequence: &str, cx: &mut Context<'_>) {
    let drop = container.own("capabilities").and_then(|capabilities| capabilities.get("drop"));
    let message = format!("{} does not drop `{name}`: {consequence}", container.title());
    let help = format!("set `securityContext.capabilities.drop: [{name}]`");
    match drop {
        Some(drop) => cx.report(Key(drop), message).help(help),
        None => cx.report(container, message).help(help).absence(),
    };
}

declare_rule! {
    /// A container keeps the capability `NET_RAW`.
    ///
    /// ## Why
    /// Container runtimes give it by default: it allows forged packets (ARP and DNS spoofing) between pods.
    /// `pod-security/capabilities-restricted` covers it; this rule is for the CIS benchmark.
    ///
    /// ## Fix
    /// Drop `NET_RAW`, or better `ALL`.
    ///
    /// ## References
    /// CIS Kubernetes Benchmark 1.12, control 5.2.8.
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
    ///       securityContext:
    ///         capabilities: {drop: [CHOWN]}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext:
    ///         capabilities: {drop: [NET_RAW]}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       securityContext:
    ///         capabilities: {drop: [ALL]}
    /// ```
    pub NET_RAW {
        id: "pod-security/net-raw",
        class: Security,
        severity: Info,
        profiles: [],
        cis: ["5.2.8"],
        versions: "all",
        peers: ["kube-linter:drop-net-raw-capability", "checkov:CKV_K8S_28", "kics:net_raw_capabilities_not_being_dropped", "kube-bench:cis-1.12:5.2.8", "datree:CIS_MISSING_VALUE_DROP_NET_RAW", "kyverno-policies:best-practices/drop-cap-net-raw"],
        check: Container(net_raw),
    }
}

fn net_raw(container: Container<'_>, cx: &mut Context<'_>) {
    let dropped =
        listed(container, "drop").any(|name| matches!(normal(name.text()).as_str(), "NET_RAW" | "ALL"));
    if !dropped && !container.pod().is_windows() && !drops_unknown(container) {
        report_missing_drop(container, "NET_RAW", "it may forge packets in the pod network", cx);
    }
}
