//! When containers start again.

use kubevet_core::{
    declare_rule,
    kubernetes::{Container, ContainerKind},
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::check::{Seen, Who, given, has_feature, one_of, required};

declare_rule! {
    /// A container has a restart policy, or rules for it, that the API server refuses there.
    ///
    /// ## Why
    /// The API server refuses the object. Before Kubernetes 1.34, init containers know `Always` alone and other containers no policy of their own;
    /// since 1.35 rules need a policy, exit codes and an action, and there are at most 20 of them. Resize policies are looked at, too.
    ///
    /// ## Fix
    /// Set `restartPolicy` of the pod, or remove the rule.
    ///
    /// ## References
    /// `validateContainerRestartPolicy` and `validateResizePolicy` in `k8s.io/kubernetes/pkg/apis/core/validation`; the gate
    /// `ContainerRestartRules`.
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
    ///       restartPolicyRules:
    ///         - {action: Restart, exitCodes: {operator: In, values: [42]}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   restartPolicy: Never
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resizePolicy: [{resourceName: memory, restartPolicy: RestartContainer}]
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   initContainers:
    ///     - {name: proxy, image: registry.example.org/proxy:1.2.0, restartPolicy: Always}
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       restartPolicy: Never
    ///       restartPolicyRules:
    ///         - {action: Restart, exitCodes: {operator: In, values: [42]}}
    /// ```
    pub CONTAINER_RESTART_POLICY {
        id: "api/container-restart-policy",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "rules since 1.35",
        check: Container(container_restart_policy),
    }
}

/// What containers and pods do when a program ends.
pub(super) const POLICIES: &[&str] = &["Always", "Never", "OnFailure"];

fn container_restart_policy(container: Container<'_>, cx: &mut Context<'_>) {
    let node = container.node();
    if let Some(policies) = node.get("resizePolicy").filter(|policies| !policies.is_empty()) {
        check_resize(container, policies, cx);
    }
    let (policy, rules) = (given(node, "restartPolicy"), node.get("restartPolicyRules"));
    let ephemeral = container.kind() == ContainerKind::Ephemeral;
    if (policy.is_none() && rules.is_none_or(NodeRef::is_empty)) || ephemeral {
        return;
    }
    let init = container.kind() != ContainerKind::Regular;
    if has_feature(cx, "ContainerRestartRules") {
        if let Some(policy) = policy {
            one_of(cx, policy, "`restartPolicy` of a container", POLICIES);
        }
        if let Some(rules) = rules.filter(|rules| !rules.is_empty()) {
            check_rules(container, policy, rules, cx);
        }
    } else if cx.version().minor >= 34 || (init && !has_feature(cx, "SidecarContainers")) {
        // The gate is known and off: what it is about is dropped before anybody looks.
    } else if let Some(policy) = policy {
        if !init {
            cx.report(
                Key(policy),
                format!(
                    "{} has a `restartPolicy`, which only init containers have: the API server refuses it",
                    container.title()
                ),
            )
            .help("remove it; `restartPolicy` of the pod is for all its containers");
        } else if POLICIES.contains(&policy.text()) {
            one_of(cx, policy, "`restartPolicy` of an init container", &["Always"]);
        }
    }
}

fn check_rules(
    container: Container<'_>,
    policy: Option<NodeRef<'_>>,
    rules: NodeRef<'_>,
    cx: &mut Context<'_>,
) {
    let who = Who::Container(container);
    let all = has_feature(cx, "RestartAllContainersOnContainerExits");
    if policy.is_none() {
        cx.report(
            Key(rules),
            format!("{who} has `restartPolicyRules` without `restartPolicy`: the API server refuses it"),
        )
        .help("set `restartPolicy`, which counts where no rule does")
        .absence();
        if container.kind() != ContainerKind::Regular {
            return;
        }
    }
    if container.kind() == ContainerKind::Sidecar && !all {
        cx.report(Key(rules), format!("sidecar {who} has `restartPolicyRules`: the API server refuses it"))
            .help("remove them: sidecars are always started again");
        return;
    }
    if rules.len() > 20 {
        cx.report(
            Key(rules),
            format!("{who} has {} restart rules: the API server takes no more than 20", rules.len()),
        )
        .help("join rules with equal actions");
    }
    for rule in rules.items().filter(|rule| rule.is_map()) {
        if required(cx, rule, "action", format_args!("a restart rule of {who}"))
            && let Some(action) = rule.get("action")
        {
            let actions: &[&str] = if all { &["Restart", "RestartAllContainers"] } else { &["Restart"] };
            one_of(cx, action, "`action`", actions);
        }
        let Some(codes) = given(rule, "exitCodes").filter(|codes| codes.is_map()) else {
            required(cx, rule, "exitCodes", format_args!("a restart rule of {who}"));
            continue;
        };
        if required(cx, codes, "operator", format_args!("a restart rule of {who}"))
            && let Some(operator) = codes.get("operator")
        {
            one_of(cx, operator, "`operator`", &["In", "NotIn"]);
        }
        if let Some(values) = codes.get("values").filter(|values| values.len() > 255) {
            cx.report(
                Key(values),
                format!("{} exit codes: the API server takes no more than 255", values.len()),
            )
            .help("use `NotIn` with the other ones");
        }
    }
}

/// `validateResizePolicy`.
fn check_resize(container: Container<'_>, policies: NodeRef<'_>, cx: &mut Context<'_>) {
    if !has_feature(cx, "InPlacePodVerticalScaling") || container.kind() == ContainerKind::Ephemeral {
        return;
    }
    let never = container.pod().get("restartPolicy").and_then(NodeRef::as_str) == Some("Never");
    let init = container.kind() == ContainerKind::Init && cx.version().minor >= 36;
    let who = Who::Container(container);
    let mut seen = Seen::new();
    for policy in policies.items().filter(|policy| policy.is_map()) {
        if required(cx, policy, "resourceName", format_args!("a resize policy of {who}"))
            && let Some(name) = policy.get("resourceName")
        {
            one_of(cx, name, "`resourceName`", &["cpu", "memory"]);
            if let Some(first) = seen.insert(name) {
                cx.report(
                    name,
                    format!(
                        "two resize policies of {who} are about `{}`: the API server refuses it",
                        name.text()
                    ),
                )
                .label(first, "the first one")
                .help("keep one of them");
            }
        }
        if !required(cx, policy, "restartPolicy", format_args!("a resize policy of {who}")) {
            continue;
        }
        let Some(word) = policy.get("restartPolicy") else { continue };
        one_of(cx, word, "`restartPolicy`", &["NotRequired", "RestartContainer"]);
        if word.as_str() == Some("RestartContainer") && (never || init) {
            let why = if never { "the pod has `restartPolicy: Never`" } else { "init containers run once" };
            cx.report(word, format!("a resize of {who} restarts it, but {why}: the API server refuses it"))
                .help("use `NotRequired`");
        }
    }
}
