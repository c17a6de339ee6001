//! Keys and sizes.

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, is_placeholder, values::names},
    rule::{Context, Key, Kinds},
    yaml::NodeRef,
};

use super::super::check::{Fields, refuse, shown};

declare_rule! {
    /// A ConfigMap or Secret has a key that cannot be one, one key in two places, or too much data.
    ///
    /// ## Why
    /// The API server refuses the object. Keys become names of files: letters, digits, `-`, `_` and `.`. All data together may
    /// have 1 MiB.
    ///
    /// ## Fix
    /// Rename the key; say the path of a file in `items` of the volume.
    ///
    /// ## References
    /// `ValidateConfigMap`, `ValidateSecret` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: settings}
    /// data:
    ///   conf.d/web.conf: "mode = fast"
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: settings}
    /// data: {logo: text}
    /// binaryData: {logo: aGVsbG8=}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: web}
    /// stringData: {"user name": web}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: settings}
    /// data: {.hidden: "", web.conf: "mode = fast", "{{ .Name }}": x}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: web}
    /// data: {user: d2Vi}
    /// stringData: {user: shop}
    /// ```
    pub CONFIG_DATA_INVALID {
        id: "api/config-data-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(Kinds::Of(&[("", "ConfigMap"), ("", "Secret")]), config_data_invalid),
    }
}

/// `MaxSecretSize`.
const LIMIT: usize = 1024 * 1024;

fn config_data_invalid(object: Object<'_>, cx: &mut Context<'_>) {
    let maps: &[&str] =
        if object.kind() == "Secret" { &["data", "stringData"] } else { &["data", "binaryData"] };
    let mut size = 0;
    for map in maps.iter().filter_map(|map| object.field(map)) {
        let encoded = matches!(
            (object.kind(), map.key_node().map(NodeRef::text)),
            ("Secret", Some("data")) | (_, Some("binaryData"))
        );
        for entry in map.entries() {
            let text = entry.value.text();
            size += if encoded { text.trim_end_matches('=').len() * 3 / 4 } else { text.len() };
            key(entry.key, cx);
        }
    }
    let (Some(plain), Some(binary)) = (object.field("data"), object.field("binaryData")) else {
        return too_big(object, size, cx);
    };
    for entry in plain.entries() {
        if let Some(other) = binary.get(entry.key.text()) {
            refuse(cx, entry.key, format!("`{}` is also a key of `binaryData`", shown(entry.key.text())))
                .label(Key(other), "the other one")
                .help("keep one of them");
        }
    }
    too_big(object, size, cx);
}

fn key(node: NodeRef<'_>, cx: &mut Context<'_>) {
    let text = node.text();
    if !node.is_scalar() || is_placeholder(text) {
        return;
    }
    if let Err(problem) = names::config_map_key(text) {
        refuse(cx, node, format!("`{}` cannot be a key of data", shown(text)))
            .help(format!("a key {problem}"));
    }
}

fn too_big(object: Object<'_>, size: usize, cx: &mut Context<'_>) {
    if size > LIMIT {
        refuse(cx, object, format!("the data has {} KiB, more than 1024 KiB", size / 1024))
            .help("keep big files in an image or a volume");
    }
}
