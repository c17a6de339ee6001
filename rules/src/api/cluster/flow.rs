//! Priority and fairness of requests.

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, is_placeholder, values::names},
    rule::{Context, Key, Kinds},
    yaml::NodeRef,
};

use super::super::check::{
    Fields, field_name, form, is_served, missing, not_negative, refuse, shown, within,
};

declare_rule! {
    /// A FlowSchema or PriorityLevelConfiguration has rules or limits that the API server does not take.
    ///
    /// ## Why
    /// The API server refuses the object. A subject has the field of its kind; `*` stands alone in its list; precedence 1 belongs
    /// to `exempt`.
    ///
    /// ## Fix
    /// Correct the value.
    ///
    /// ## References
    /// `ValidateFlowSchema`, `ValidatePriorityLevelConfiguration` in `k8s.io/kubernetes/pkg/apis/flowcontrol/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: flowcontrol.apiserver.k8s.io/v1
    /// kind: FlowSchema
    /// metadata: {name: web}
    /// spec: {matchingPrecedence: 20000, priorityLevelConfiguration: {name: web}}
    /// ```
    /// ```yaml bad
    /// apiVersion: flowcontrol.apiserver.k8s.io/v1
    /// kind: FlowSchema
    /// metadata: {name: web}
    /// spec:
    ///   priorityLevelConfiguration: {name: web}
    ///   rules:
    ///     - subjects: [{kind: User, group: {name: web}}]
    ///       nonResourceRules: [{verbs: [get], nonResourceURLs: [/healthz]}]
    /// ```
    /// ```yaml bad
    /// apiVersion: flowcontrol.apiserver.k8s.io/v1
    /// kind: FlowSchema
    /// metadata: {name: web}
    /// spec:
    ///   priorityLevelConfiguration: {name: web}
    ///   rules:
    ///     - subjects: [{kind: Group, group: {name: web}}]
    ///       resourceRules: [{verbs: ["*"], apiGroups: ["*", apps], resources: ["*"], clusterScope: true}]
    /// ```
    /// ```yaml bad
    /// apiVersion: flowcontrol.apiserver.k8s.io/v1
    /// kind: PriorityLevelConfiguration
    /// metadata: {name: web}
    /// spec: {type: Exempt}
    /// ```
    /// ```yaml good
    /// apiVersion: flowcontrol.apiserver.k8s.io/v1
    /// kind: FlowSchema
    /// metadata: {name: web}
    /// spec:
    ///   matchingPrecedence: 500
    ///   priorityLevelConfiguration: {name: web}
    ///   rules:
    ///     - subjects: [{kind: ServiceAccount, serviceAccount: {name: "*", namespace: shop}}]
    ///       resourceRules: [{verbs: [list, watch], apiGroups: [""], resources: [pods], namespaces: ["*"]}]
    ///       nonResourceRules: [{verbs: ["*"], nonResourceURLs: ["*"]}]
    /// ```
    /// ```yaml good
    /// apiVersion: flowcontrol.apiserver.k8s.io/v1
    /// kind: PriorityLevelConfiguration
    /// metadata: {name: web}
    /// spec:
    ///   type: Limited
    ///   limited:
    ///     nominalConcurrencyShares: 10
    ///     limitResponse: {type: Queue, queuing: {queues: 64, handSize: 6, queueLengthLimit: 50}}
    /// ```
    pub FLOW_CONTROL_INVALID {
        id: "api/flow-control-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "flowcontrol/v1",
        check: Object(Kinds::Groups(&["flowcontrol.apiserver.k8s.io"]), flow_control_invalid),
    }
}

fn flow_control_invalid(object: Object<'_>, cx: &mut Context<'_>) {
    let Some(spec) = object.field("spec").filter(|_| is_served(object, cx)) else { return };
    if object.kind() == "PriorityLevelConfiguration" {
        return level(object, spec, cx);
    }
    within(cx, spec, &["matchingPrecedence"], &(1..=10_000));
    if let Some((node, 1)) = spec.number("matchingPrecedence").filter(|_| object.name() != Some("exempt")) {
        refuse(cx, node, "precedence 1 belongs to the FlowSchema `exempt`").help("give 2 or more");
    }
    form(cx, spec.word("priorityLevelConfiguration.name"), "name of a priority level", names::dns_subdomain);
    for rule in spec.each("rules").filter(|rule| rule.is_map()) {
        rule.each("subjects").filter(|subject| subject.is_map()).for_each(|one| subject(one, cx));
        if !rule.has("resourceRules") && !rule.has("nonResourceRules") {
            missing(cx, rule, "the rule names no requests", "list `resourceRules` or `nonResourceRules`");
        }
        for one in rule.each("resourceRules").filter(|one| one.is_map()) {
            resources(one, cx);
        }
        for one in rule.each("nonResourceRules").filter(|one| one.is_map()) {
            verbs(one, cx);
            star(one.field("nonResourceURLs"), cx);
            let bad = |node: &NodeRef<'_>| {
                node.as_str().is_some_and(|text| {
                    let path = text.strip_suffix("/*").unwrap_or(text);
                    text != "*"
                        && (!text.starts_with('/')
                            || path.contains('*')
                            || text.contains(' ')
                            || text.contains("//"))
                })
            };
            if let Some(node) = one.each("nonResourceURLs").find(bad) {
                refuse(cx, node, format!("`{}` is no path", shown(node.text())))
                    .help("write it as `/metrics` or `/healthz/*`");
            }
        }
    }
}

const VERBS: &[&str] =
    &["get", "list", "create", "update", "delete", "deletecollection", "patch", "watch", "proxy", "*"];

fn verbs(rule: NodeRef<'_>, cx: &mut Context<'_>) {
    star(rule.field("verbs"), cx);
    let list = rule.field("verbs");
    for node in list.into_iter().flat_map(NodeRef::items) {
        let text = node.text();
        if (node.is_null() || node.as_str().is_some()) && !VERBS.contains(&text) && !is_placeholder(text) {
            let place = if node.span().start < node.span().end { Some(node) } else { list };
            let Some(place) = place else { continue };
            refuse(cx, place, format!("`{}` is no verb", shown(text)))
                .help(format!("the verbs are `{}`", VERBS.join("`, `")));
        }
    }
}

/// Reports `*` beside others.
fn star(list: Option<NodeRef<'_>>, cx: &mut Context<'_>) {
    let Some(list) = list.filter(|list| list.len() > 1) else { return };
    if let Some(star) = list.items().find(|node| node.text() == "*") {
        refuse(cx, star, format!("`*` stands beside others in `{}`", field_name(list)))
            .help("keep `*` alone, or delete it");
    }
}

fn resources(rule: NodeRef<'_>, cx: &mut Context<'_>) {
    verbs(rule, cx);
    for list in ["apiGroups", "resources", "namespaces"] {
        star(rule.field(list), cx);
    }
    if !rule.has("namespaces") && !rule.is_set("clusterScope") {
        missing(
            cx,
            rule,
            "the rule names neither namespaces nor the cluster",
            "set `namespaces` or `clusterScope: true`",
        );
    }
    for node in rule.each("namespaces").filter(|node| node.text() != "*") {
        form(cx, Some(node), "name of a namespace", names::dns_label);
    }
}

fn subject(subject: NodeRef<'_>, cx: &mut Context<'_>) {
    let kind = subject.said("kind");
    let Some(wanted) = (match kind {
        "User" => Some("user"),
        "Group" => Some("group"),
        "ServiceAccount" => Some("serviceAccount"),
        _ => None,
    }) else {
        return;
    };
    let mut other = false;
    for field in ["user", "group", "serviceAccount"] {
        if let Some(node) = subject.field(field).filter(|_| field != wanted) {
            refuse(cx, Key(node), format!("`{field}` does not go with a subject of the kind `{kind}`"))
                .help(format!("use `{wanted}`"));
            other = true;
        }
    }
    let Some(body) = subject.field(wanted) else {
        if !other {
            missing(
                cx,
                subject,
                format!("a subject of the kind `{kind}` has no `{wanted}`"),
                &format!("set `{wanted}`"),
            );
        }
        return;
    };
    if wanted == "user" && body.said("name").is_empty() && body.word("name").is_none() {
        missing(cx, body, "the user has no name", "set `name`");
    }
    if wanted == "serviceAccount" {
        form(
            cx,
            body.word("name").filter(|name| name.text() != "*"),
            "name of a ServiceAccount",
            names::dns_subdomain,
        );
        form(cx, body.word("namespace"), "name of a namespace", names::dns_label);
    }
}

fn level(object: Object<'_>, spec: NodeRef<'_>, cx: &mut Context<'_>) {
    let exempt = object.name() == Some("exempt");
    let kind = spec.field("type");
    if let Some(node) =
        kind.filter(|node| matches!(node.text(), "Exempt" | "Limited") && exempt != (node.text() == "Exempt"))
    {
        refuse(cx, node, "the type `Exempt` belongs to the level `exempt` alone").help("use `Limited`");
    } else if let Some(node) = kind.filter(|node| {
        node.as_str().is_some_and(|text| !matches!(text, "Exempt" | "Limited") && !is_placeholder(text))
    }) {
        refuse(cx, node, format!("`{}` is no type of a priority level", shown(node.text())))
            .help("use `Limited`");
    } else if kind.is_none() {
        missing(cx, spec, "the priority level has no type", "set `type: Limited`");
    }
    let (limited, free) = (spec.field("limited"), spec.field("exempt"));
    match kind.map(NodeRef::text) {
        Some("Limited") => {
            if let Some(node) = free {
                refuse(cx, Key(node), "`exempt` does not go with the type `Limited`").help("delete it");
            }
            match limited {
                Some(limited) => limits(limited, cx),
                None => {
                    missing(cx, spec, "a level of the type `Limited` has no limits", "set `limited`");
                }
            }
        }
        Some("Exempt") => {
            if let Some(node) = limited {
                refuse(cx, Key(node), "`limited` does not go with the type `Exempt`").help("delete it");
            }
            not_negative(cx, free, &["nominalConcurrencyShares"]);
            within(cx, free, &["lendablePercent"], &(0..=100));
        }
        _ => {}
    }
}

fn limits(limited: NodeRef<'_>, cx: &mut Context<'_>) {
    not_negative(cx, limited, &["nominalConcurrencyShares", "borrowingLimitPercent"]);
    within(cx, limited, &["lendablePercent"], &(0..=100));
    let Some(response) = limited.field("limitResponse") else {
        missing(
            cx,
            limited,
            "it is not said what happens to requests above the limit",
            "set `limitResponse`",
        );
        return;
    };
    let queuing = response.field("queuing");
    match (response.said("type"), queuing) {
        ("Reject", Some(queuing)) => {
            refuse(cx, Key(queuing), "`queuing` does not go with the type `Reject`").help("delete it");
        }
        ("Queue", None) => {
            missing(cx, response, "the type is `Queue`, and nothing is said of queues", "set `queuing`");
        }
        ("Queue", Some(queuing)) => {
            within(cx, queuing, &["queues"], &(1..=10_000_000));
            within(cx, queuing, &["queueLengthLimit", "handSize"], &(1..=i64::MAX));
            let (hand, queues) = (queuing.number("handSize"), queuing.number("queues"));
            if let (Some((node, hand)), Some((_, queues))) = (hand, queues)
                && hand > queues
            {
                refuse(cx, node, format!("a hand of {hand} is more than the {queues} queues"))
                    .help("deal at most as many as there are");
            }
        }
        _ => {}
    }
}
