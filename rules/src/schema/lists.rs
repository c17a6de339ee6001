//! Items of lists and values of maps.

use std::borrow::Cow;

use kubevet_core::{
    declare_rule,
    facts::SchemaKind,
    kubernetes::Object,
    rule::Context,
    schema::{Problem, Type},
    yaml::NodeRef,
};

use super::{title, types::name};
use crate::api::pod::hides_earlier;

declare_rule! {
    /// An item of a list, or a value of a map, is empty or `null`.
    ///
    /// ## Why
    /// The decoder takes it for the zero value of its type: a label becomes `""`, a list item an object without fields.
    /// Rarely is that what was meant.
    ///
    /// ## Fix
    /// Delete the entry, or write the value: `""` for an empty string, `{}` for an empty object.
    ///
    /// ## References
    /// `sigs.k8s.io/json`, the decoder of the API server.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   selector:
    ///     app:
    ///   ports: [{port: 80}]
    /// ```
    /// ```yaml bad
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: web}
    /// spec:
    ///   podSelector: {}
    ///   ingress:
    ///     -
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web, labels: null, creationTimestamp: null}
    /// spec:
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0, env: [{name: MODE, value: }]}
    ///   volumes:
    ///     - {name: work, emptyDir: }
    /// ```
    pub NULL_VALUE {
        id: "schema/null-value",
        class: Correctness,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Schema(null_value),
    }
}

fn null_value(object: Object<'_>, cx: &mut Context<'_>) {
    for violation in cx.violations(object).iter() {
        let Problem::Null { wanted } = violation.problem else { continue };
        let node = object.tree().node(violation.node);
        let becomes = match wanted {
            SchemaKind::String => "becomes an empty string",
            SchemaKind::Object => "becomes an object without fields",
            _ => "is read as nothing",
        };
        let message = match node.key_node() {
            Some(key) => format!("the value of `{}` is empty: it {becomes}", key.text()),
            None => format!("an item of {} is empty: it {becomes}", title(node)),
        };
        let empty = match wanted {
            SchemaKind::String | SchemaKind::Bytes => "`\"\"`",
            SchemaKind::Object => "`{}`",
            other => name(other),
        };
        let help = format!("write {empty} if that is meant, else the value, or delete the entry");
        match node.key_node() {
            Some(key) => cx.report(key, message).help(help),
            None => cx.report(spanned(node), message).help(help),
        };
    }
}

/// An empty item has no bytes of its own: its list is the place then.
fn spanned(node: NodeRef<'_>) -> NodeRef<'_> {
    if node.span().start < node.span().end { node } else { node.parent().unwrap_or(node) }
}

declare_rule! {
    /// Two items of a list have the same keys, or an item of a set stands there twice.
    ///
    /// ## Why
    /// The items are told apart by these keys: server-side apply refuses such an object, and `kubectl apply` may drop one of the items.
    /// Rules of their own are about the names of containers and volumes, about ports, mounts, environment variables, pull secrets,
    /// scheduling gates, resource claims and topology spread constraints.
    ///
    /// ## Fix
    /// Delete one of them, or correct its key.
    ///
    /// ## References
    /// `x-kubernetes-list-map-keys` and `x-kubernetes-list-type: set` in the `OpenAPI` document; Kubernetes documentation, "Server-side apply", merge
    /// strategy.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    ///   hostAliases:
    ///     - {ip: 10.0.0.1, hostnames: [db]}
    ///     - {ip: 10.0.0.1, hostnames: [cache]}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: web, finalizers: [example.org/a, example.org/a]}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: dns}
    /// spec:
    ///   ports:
    ///     - {name: udp, port: 53, protocol: UDP}
    ///     - {name: tcp, port: 53}
    /// ```
    pub LIST_MAP_KEY_DUPLICATE {
        id: "schema/list-map-key-duplicate",
        class: Correctness,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: [
            "kube-linter:duplicate-env-var", "kube-score:environment-variable-key-duplication", "kubescape:C-0295",
            "kube-score:container-ports-check",
        ],
        check: Schema(list_map_key_duplicate),
    }
}

fn list_map_key_duplicate(object: Object<'_>, cx: &mut Context<'_>) {
    for violation in cx.violations(object).iter() {
        let Problem::Duplicate { first, of } = &violation.problem else { continue };
        let (first, second) = (object.tree().node(*first), object.tree().node(violation.node));
        if said_elsewhere(second, cx) {
            continue;
        }
        let keys = of.merge_keys();
        let message = match &keys[..] {
            [] => format!("`{}` stands twice in {}", second.text(), title(second)),
            keys => format!(
                "two items of {} have the same {}: {}",
                title(second),
                joined(keys),
                values(second, keys)
            ),
        };
        let custom = matches!(of, Type::Custom(_));
        let who = if custom { violation.refusal() } else { "server-side apply refuses it".into() };
        let message = format!("{message}: {who}");
        let first_key = keys.first().map_or("", |key| &**key);
        let (first, second) =
            (first.get(first_key).unwrap_or(first), second.get(first_key).unwrap_or(second));
        cx.report(second, message).label(first, "the first one").help("keep one of them");
    }
}

/// Lists that rules of their own look at.
fn said_elsewhere(item: NodeRef<'_>, cx: &Context<'_>) -> bool {
    let list = item.parent().and_then(NodeRef::key_node).map_or("", NodeRef::text);
    match list {
        "containers" | "initContainers" | "ephemeralContainers" => {
            cx.left_to("api/container-name-duplicate").is_some()
        }
        "volumeMounts" => cx.left_to("api/volume-mount-invalid").is_some(),
        "volumeDevices" => cx.left_to("api/volume-device-invalid").is_some(),
        "ports" => item.get("containerPort").is_some() && cx.left_to("api/port-duplicate").is_some(),
        "volumes" => cx.left_to("api/volume-name-invalid").is_some(),
        "imagePullSecrets" => cx.left_to("api/image-pull-secret-invalid").is_some(),
        "schedulingGates" => cx.left_to("api/gate-invalid").is_some(),
        "topologySpreadConstraints" => cx.left_to("api/topology-spread-invalid").is_some(),
        "resourceClaims" | "claims" => cx.left_to("api/resource-claim-invalid").is_some(),
        "resizePolicy" => cx.left_to("api/container-restart-policy").is_some(),
        "env" => hides_earlier(item) && cx.left_to("api/env-duplicate").is_some(),
        _ => false,
    }
}

fn joined(keys: &[Cow<'_, str>]) -> String {
    keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" and ")
}

fn values(item: NodeRef<'_>, keys: &[Cow<'_, str>]) -> String {
    let values = keys.iter().filter_map(|key| item.get(key)).map(|node| format!("`{}`", node.text()));
    values.collect::<Vec<_>>().join(", ")
}
