//! What belongs to the API server, and what it cannot store.

use kubevet_core::{
    declare_rule,
    kubernetes::Object,
    rule::{Context, Key, Kinds},
    yaml::{NodeRef, Scalar},
};

use super::{
    super::check::{Fields, is_built_in},
    annotations,
};

declare_rule! {
    /// A manifest says a status.
    ///
    /// ## Why
    /// Controllers write the status; what a manifest says there is dropped or overwritten. It is usually left over from an
    /// object that was exported from a cluster.
    ///
    /// ## Fix
    /// Delete `status`.
    ///
    /// ## References
    /// Kubernetes API conventions, "Spec and Status".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec: {ports: [{port: 80}]}
    /// status:
    ///   loadBalancer:
    ///     ingress: [{ip: 192.0.2.7}]
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec: {ports: [{port: 80}]}
    /// status:
    ///   loadBalancer: {}
    /// ```
    /// ```yaml good
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata: {name: shops.example.org}
    /// status:
    ///   acceptedNames: {kind: "", plural: ""}
    ///   conditions: []
    ///   storedVersions: []
    /// ```
    pub STATUS_SET {
        id: "api/status-set",
        class: Hygiene,
        severity: Info,
        profiles: [production, hardened],
        versions: "all",
        check: Object(Kinds::Any, status_set),
    }
}

fn status_set(object: Object<'_>, cx: &mut Context<'_>) {
    // The answer to a review is its status.
    let review = object.kind().ends_with("Review");
    let Some(status) = object.field("status").filter(|_| is_built_in(object) && !review) else { return };
    if says_something(status) {
        cx.report(Key(status), format!("the status of this {} is dropped or overwritten", object.kind()))
            .help("delete `status`: controllers write it");
    }
}

fn says_something(node: NodeRef<'_>) -> bool {
    match node.value() {
        _ if node.is_map() => node.entries().any(|entry| says_something(entry.value)),
        _ if node.is_seq() => node.items().any(says_something),
        value => !matches!(value, Scalar::Null | Scalar::Str("")),
    }
}

declare_rule! {
    /// A manifest says metadata that only the API server writes.
    ///
    /// ## Why
    /// It is left over from an object that was exported from a cluster. With a `resourceVersion` a later apply fails with a
    /// conflict, and a `uid` keeps the object from being created again; the rest is ignored.
    ///
    /// ## Fix
    /// Delete the field.
    ///
    /// ## References
    /// Kubernetes API conventions, "Metadata".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   uid: 2b1e0a1c-3d4e-4f5a-8b6c-7d8e9f0a1b2c
    ///   resourceVersion: "12345"
    /// ```
    /// ```yaml good
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata:
    ///   name: shops.example.org
    ///   creationTimestamp: null
    /// ```
    pub SERVER_FIELDS_SET {
        id: "api/server-fields-set",
        class: Hygiene,
        severity: Info,
        profiles: [production, hardened],
        versions: "all",
        check: Object(Kinds::Any, server_fields_set),
    }
}

const WRITTEN_BY_THE_SERVER: &[&str] =
    &["uid", "resourceVersion", "creationTimestamp", "generation", "selfLink", "managedFields"];

fn server_fields_set(object: Object<'_>, cx: &mut Context<'_>) {
    if !is_built_in(object) {
        return;
    }
    for name in WRITTEN_BY_THE_SERVER {
        let Some(node) = object.metadata().field(name) else { continue };
        if node.is_scalar() && node.text().is_empty() {
            continue;
        }
        let why = match *name {
            "resourceVersion" => "applying fails when the object has changed",
            "uid" => "the object cannot be created again",
            _ => "it is ignored",
        };
        cx.report(Key(node), format!("`{name}` is written by the API server: {why}"))
            .help(format!("delete `{name}`"));
    }
}

declare_rule! {
    /// An object is too big to be stored, or to be applied with `kubectl apply`.
    ///
    /// ## Why
    /// etcd takes no request of more than 1.5 MiB. Already from 256 KiB on, a client-side apply fails: it keeps a copy of the
    /// object in an annotation, and annotations may have 256 KiB together.
    ///
    /// ## Fix
    /// Apply big objects with `kubectl apply --server-side` or `kubectl create`; keep big files in an image or a volume.
    ///
    /// ## References
    /// etcd documentation, "System limits"; `ValidateAnnotationsSize` in `k8s.io/apimachinery/pkg/api/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: settings}
    /// data: {mode: "as fast as it can be, and a little faster"}
    /// ```
    /// ```toml with
    /// apply-limit = 100
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: settings}
    /// data: {mode: fast}
    /// ```
    pub SIZE_LIMIT {
        id: "api/size-limit",
        class: Correctness,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "all",
        options: ["apply-limit": Integer = "bytes of JSON that an object may have; 262144 without it, which `kubectl apply` takes; 1572864 suits who applies with `--server-side`"],
        check: Object(Kinds::Any, size_limit),
    }
}

/// etcd's `--max-request-bytes`, which nobody is told to change.
const REQUEST: usize = 1_572_864;

fn size_limit(object: Object<'_>, cx: &mut Context<'_>) {
    // JSON is at most a few times longer than the YAML it comes from.
    let span = object.node().span();
    let limit = cx.options().integer("apply-limit", annotations::LIMIT as i64);
    let limit = usize::try_from(limit).unwrap_or_default();
    if ((span.end - span.start) as usize) < limit / 4 {
        return;
    }
    let size = json_size(object.node());
    let title = object.title();
    if size > REQUEST {
        cx.report(
            object,
            format!("{title} has {} KiB, etcd takes 1536 KiB: it cannot be stored", size / 1024),
        )
        .help("split it, or keep the data elsewhere");
    } else if size > limit {
        let message = format!(
            "{title} has {} KiB of JSON: `kubectl apply` cannot keep its copy in an annotation",
            size.div_ceil(1024)
        );
        cx.report(object, message)
            .help("apply it with `kubectl apply --server-side`, or create it with `kubectl create`");
    }
}

/// Bytes of a value in compact JSON.
fn json_size(node: NodeRef<'_>) -> usize {
    if node.is_map() {
        return 2 + node
            .entries()
            .map(|entry| string_size(entry.key.text()) + 2 + json_size(entry.value))
            .sum::<usize>();
    }
    if node.is_seq() {
        return 2 + node.items().map(|item| json_size(item) + 1).sum::<usize>();
    }
    match node.value() {
        Scalar::Str(text) => string_size(text),
        Scalar::Null => 4,
        _ => node.text().len(),
    }
}

fn string_size(text: &str) -> usize {
    let escaped = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\t' | b'\r' => 2,
        // Go's encoder writes these as `\u003c`.
        b'<' | b'>' | b'&' | 0..=0x1f => 6,
        _ => 1,
    };
    2 + text.bytes().map(escaped).sum::<usize>()
}
