//! Schemas must be structural.

use kubevet_core::{
    declare_rule,
    kubernetes::Object,
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::{DEFINITIONS, nested, spec};
use crate::api::check::{Fields, missing, refuse, shown};

declare_rule! {
    /// A schema of a CustomResourceDefinition is not structural.
    ///
    /// ## Why
    /// The API server refuses the definition. It prunes unknown fields, so it must know the type of every field, item and value
    /// without looking into `allOf`, `anyOf`, `oneOf` and `not`.
    ///
    /// ## Fix
    /// Give every field a `type` outside of those, and say about `metadata` no more than `type: object`.
    ///
    /// ## References
    /// `ValidateStructural` in `k8s.io/apiextensions-apiserver/pkg/apiserver/schema`;
    /// `ValidateCustomResourceDefinitionOpenAPISchema` in `pkg/apis/apiextensions/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata: {name: shops.example.org}
    /// spec:
    ///   versions:
    ///     - name: v1
    ///       schema:
    ///         openAPIV3Schema:
    ///           type: object
    ///           properties:
    ///             spec: {properties: {size: {type: integer}}}
    /// ```
    /// ```yaml bad
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata: {name: shops.example.org}
    /// spec:
    ///   versions:
    ///     - name: v1
    ///       schema:
    ///         openAPIV3Schema:
    ///           type: object
    ///           properties:
    ///             metadata: {type: object, description: standard metadata}
    ///             spec: {type: array}
    /// ```
    /// ```yaml bad
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata: {name: shops.example.org}
    /// spec:
    ///   versions:
    ///     - name: v1
    ///       schema:
    ///         openAPIV3Schema:
    ///           type: object
    ///           properties:
    ///             spec:
    ///               type: object
    ///               properties: {size: {type: integer}}
    ///               additionalProperties: {type: string}
    /// ```
    /// ```yaml bad
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata: {name: shops.example.org}
    /// spec:
    ///   versions:
    ///     - name: v1
    ///       schema:
    ///         openAPIV3Schema:
    ///           type: object
    ///           properties:
    ///             size: {type: string, anyOf: [{type: string, pattern: "^a"}, {maxLength: 3}]}
    /// ```
    /// ```yaml bad
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata: {name: shops.example.org}
    /// spec:
    ///   versions:
    ///     - name: v1
    ///       schema:
    ///         openAPIV3Schema:
    ///           type: object
    ///           properties:
    ///             ports:
    ///               type: array
    ///               x-kubernetes-list-type: map
    ///               x-kubernetes-list-map-keys: [port]
    ///               items: {type: object, properties: {port: {type: integer}}}
    /// ```
    /// ```yaml good
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata: {name: shops.example.org}
    /// spec:
    ///   versions:
    ///     - name: v1
    ///       schema:
    ///         openAPIV3Schema:
    ///           type: object
    ///           properties:
    ///             apiVersion: {type: string}
    ///             metadata: {type: object, properties: {name: {type: string, maxLength: 20}}}
    ///             free: {type: object, additionalProperties: true}
    ///             labels: {type: object, additionalProperties: {type: string}}
    ///             any: {x-kubernetes-preserve-unknown-fields: true}
    ///             size: {anyOf: [{type: integer}, {type: string}], x-kubernetes-int-or-string: true}
    ///             ports:
    ///               type: array
    ///               x-kubernetes-list-type: map
    ///               x-kubernetes-list-map-keys: [port]
    ///               items: {type: object, required: [port], properties: {port: {type: integer}}}
    ///           oneOf: [{required: [labels]}, {properties: {free: {maxProperties: 2}}}]
    /// ```
    pub SCHEMA_NOT_STRUCTURAL {
        id: "crd/schema-not-structural",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "v1",
        check: Object(DEFINITIONS, schema_not_structural),
    }
}

fn schema_not_structural(definition: Object<'_>, cx: &mut Context<'_>) {
    let Some(spec) = spec(definition, cx) else { return };
    for version in spec.each("versions") {
        let Some(schema) = version.field("schema.openAPIV3Schema").filter(|schema| schema.is_map()) else {
            continue;
        };
        let with_status = version.field("subresources.status").is_some();
        root(schema, with_status, cx);
        walk(schema, Level::Root, cx);
        nested::complete(schema, cx);
    }
}

/// What may stand at the root beside a status subresource (`allowedFieldsAtRootSchema`).
const AT_THE_ROOT: &[&str] = &[
    "description",
    "type",
    "format",
    "title",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "multipleOf",
    "required",
    "items",
    "properties",
    "externalDocs",
    "example",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-validations",
];

fn root(schema: NodeRef<'_>, with_status: bool, cx: &mut Context<'_>) {
    if schema.is_set("nullable") {
        let Some(node) = schema.field("nullable") else { return };
        refuse(cx, Key(node), "an object cannot be null as a whole").help("delete `nullable`");
    }
    for entry in schema.entries().filter(|_| with_status) {
        let empty = entry.value.is_null() || entry.value.is_seq() && entry.value.is_empty();
        let says = !empty && entry.value.as_bool() != Some(false);
        if says && !AT_THE_ROOT.contains(&entry.key.text()) && entry.key.text() != "nullable" {
            refuse(
                cx,
                entry.key,
                format!("`{}` cannot stand at the root beside a status subresource", shown(entry.key.text())),
            )
            .help("move it into the schema of `spec`");
        }
    }
}

/// Where a schema stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    Item,
    Field,
}

/// Fields of JSON schemas that definitions must not have.
const UNSUPPORTED: &[&str] =
    &["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"];

/// `validateStructuralInvariants` and `ValidateCustomResourceDefinitionOpenAPISchema`.
fn walk(schema: NodeRef<'_>, level: Level, cx: &mut Context<'_>) {
    if !(schema.is_map() || schema.is_null()) {
        return;
    }
    own_type(schema, level, cx);
    for field in UNSUPPORTED {
        if let Some(node) = schema.field(field) {
            refuse(cx, Key(node), format!("schemas of definitions have no `{field}`"))
                .help("write out what it stands for");
        }
    }
    if let Some(node) = schema.field("uniqueItems").filter(|node| node.as_bool() == Some(true)) {
        refuse(cx, Key(node), "`uniqueItems` takes too long to check")
            .help("use `x-kubernetes-list-type: set`");
    }
    if let Some(node) =
        schema.field("x-kubernetes-preserve-unknown-fields").filter(|node| node.as_bool() == Some(false))
    {
        refuse(cx, node, "`x-kubernetes-preserve-unknown-fields` is true or not there").help("delete it");
    }
    properties(schema, level, cx);
    lists(schema, cx);
    nested::logic(schema, cx);
    if let Some(items) = schema.field("items") {
        if items.is_seq() {
            refuse(cx, Key(items), "`items` is one schema, not a list")
                .help("write the schema that every item has");
        } else {
            walk(items, Level::Item, cx);
        }
    }
}

fn own_type(schema: NodeRef<'_>, level: Level, cx: &mut Context<'_>) {
    let kind = schema.field("type").filter(|node| !node.text().is_empty());
    let either = schema.is_set("x-kubernetes-int-or-string");
    let free = schema.is_set("x-kubernetes-preserve-unknown-fields");
    let embedded = schema.is_set("x-kubernetes-embedded-resource");
    match kind {
        None if embedded || !either && !free => {
            let what = match level {
                Level::Root => "the schema has no type",
                Level::Item => "the items have no type",
                Level::Field => "the field has no type",
            };
            missing(cx, schema, what, "set `type`");
        }
        Some(node) if (embedded || level == Level::Root) && node.text() != "object" => {
            refuse(cx, node, "the schema of an object has another type").help("set `type: object`");
        }
        Some(node) if node.text() == "array" && schema.field("items").is_none() => {
            missing(cx, schema, "it is not said what the array is of", "set `items`").label(node, "the type");
        }
        _ => {}
    }
    for field in ["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"] {
        if let Some(node) = schema.field(field).filter(|node| either && node.as_bool() == Some(true)) {
            refuse(cx, Key(node), format!("`{field}` does not go with `x-kubernetes-int-or-string`"))
                .help("keep one of them");
        }
    }
}

fn properties(schema: NodeRef<'_>, level: Level, cx: &mut Context<'_>) {
    let embedded = schema.is_set("x-kubernetes-embedded-resource");
    let free = schema.is_set("x-kubernetes-preserve-unknown-fields");
    if let Some(additional) = schema.field("additionalProperties") {
        let nothing = additional.as_bool() == Some(true);
        if level == Level::Root || embedded {
            refuse(cx, Key(additional), "an object of Kubernetes has no `additionalProperties`")
                .help("list its `properties`");
        } else if !nothing && schema.has("properties") {
            refuse(cx, Key(additional), "`additionalProperties` does not go with `properties`")
                .help("keep one of them");
        }
        if additional.is_map() {
            walk(additional, Level::Field, cx);
        }
    }
    if embedded && !free && !schema.has("properties") {
        missing(
            cx,
            schema,
            "an embedded resource has no properties",
            "list them, or preserve unknown fields",
        );
    }
    for entry in schema.field("properties").into_iter().flat_map(NodeRef::entries) {
        let name = entry.key.text();
        if entry.value.is_null() {
            refuse(cx, entry.key, format!("the field `{}` has no type", shown(name)))
                .help("set `type`")
                .absence();
            continue;
        }
        let meta = level == Level::Root || embedded;
        let kind = entry.value.field("type").filter(|node| !node.text().is_empty());
        let wanted = match name {
            "apiVersion" | "kind" => "string",
            "metadata" => "object",
            _ => "",
        };
        if let Some(node) = kind.filter(|node| meta && !wanted.is_empty() && node.text() != wanted) {
            refuse(cx, node, format!("`{name}` of an object has another type"))
                .help(format!("set `type: {wanted}`"));
        }
        if level == Level::Root && name == "metadata" {
            metadata(entry.value, cx);
        }
        walk(entry.value, Level::Field, cx);
    }
}

/// `validateStructuralMetadataInvariants`.
fn metadata(schema: NodeRef<'_>, cx: &mut Context<'_>) {
    let known = |key: &str| matches!(key, "type" | "properties" | "default");
    let said = |node: NodeRef<'_>| !node.is_null() && node.as_bool() != Some(false);
    let other =
        schema.entries().find(|entry| !known(entry.key.text()) && said(entry.value)).map(|entry| entry.key);
    let fields = schema.field("properties").into_iter().flat_map(NodeRef::entries);
    let other = other
        .or_else(|| fields.map(|entry| entry.key).find(|key| !matches!(key.text(), "name" | "generateName")));
    if let Some(key) = other {
        refuse(cx, key, "the schema says more about `metadata` than its names")
            .help("keep `type: object`: the rest is known");
    }
}

/// `x-kubernetes-list-type` and its neighbours.
fn lists(schema: NodeRef<'_>, cx: &mut Context<'_>) {
    let kind = schema.said("type");
    for (field, wanted) in [("x-kubernetes-list-type", "array"), ("x-kubernetes-map-type", "object")] {
        if let Some(node) = schema.word(field).filter(|_| kind != wanted) {
            refuse(cx, Key(node), format!("`{field}` does not go with another type than `{wanted}`"))
                .help(format!("set `type: {wanted}`, or delete it"));
        }
    }
    let keys = schema.field("x-kubernetes-list-map-keys").filter(|keys| !keys.is_empty());
    let of_map = schema.said("x-kubernetes-list-type") == "map";
    let Some(keys) = keys else {
        if let Some(node) = schema.field("x-kubernetes-list-type").filter(|_| of_map) {
            refuse(cx, node, "a list of the type `map` has no keys")
                .help("set `x-kubernetes-list-map-keys`")
                .absence();
        }
        return;
    };
    if !of_map {
        refuse(cx, Key(keys), "keys do not go with a list that is no map")
            .help("set `x-kubernetes-list-type: map`");
        return;
    }
    let Some(items) = schema.field("items").filter(|items| items.is_map()) else { return };
    if items.said("type") != "object" {
        missing(cx, items, "the items of a list with keys are no objects", "set `type: object`");
        return;
    }
    let required = |key: &str| items.each("required").any(|one| one.text() == key);
    for key in keys.items() {
        let Some(property) = items.field("properties").and_then(|all| all.get(key.text())) else {
            refuse(cx, key, format!("the items have no `{}`", shown(key.text())))
                .help("name a property of the items");
            continue;
        };
        if matches!(property.said("type"), "array" | "object") {
            refuse(cx, key, format!("the key `{}` is no scalar", shown(key.text())))
                .help("name a scalar property");
        } else if !required(key.text()) && property.get("default").is_none() {
            refuse(cx, key, format!("the key `{}` may be missing", shown(key.text())))
                .help("list it in `required` of the items, or give it a default");
        }
    }
}
