//! A schema of a `CustomResourceDefinition`, compiled once.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value as Json;

use super::{format::Format, pattern::Pattern, rules::RuleText};
use crate::{
    facts::SchemaKind,
    yaml::{Entry, NodeId, NodeRef, Scalar},
};

/// Deeper schemas are somebody's attack: real ones have less than forty levels.
const MAX_DEPTH: usize = 200;
/// Larger ones, too: the API server takes objects of 1.5 MiB.
const MAX_NODES: usize = 200_000;

/// What a value may be: a node of `openAPIV3Schema`, also of those below `allOf`, `anyOf`, `oneOf` and `not`.
#[derive(Debug, Default)]
pub struct Structural {
    /// `None`: any type.
    pub(super) kind: Option<SchemaKind>,
    pub(super) nullable: bool,
    pub(super) default: Option<Json>,
    pub(super) properties: BTreeMap<Box<str>, Arc<Structural>>,
    pub(super) additional: Additional,
    pub(super) items: Option<Arc<Structural>>,
    pub(super) required: Vec<Box<str>>,
    /// `x-kubernetes-preserve-unknown-fields`
    pub(super) preserve: bool,
    /// `x-kubernetes-embedded-resource`
    pub(super) embedded: bool,
    pub(super) list: ListType,
    pub(super) keywords: Option<Box<Keywords>>,
    pub(super) junctions: Option<Box<Junctions>>,
    /// `x-kubernetes-validations`
    pub(super) rules: Vec<RuleText>,
}

/// `additionalProperties`
#[derive(Debug, Default)]
pub(super) enum Additional {
    #[default]
    Unsaid,
    Allowed,
    Forbidden,
    Schema(Arc<Structural>),
}

/// `x-kubernetes-list-type`
#[derive(Debug, Default)]
pub(super) enum ListType {
    #[default]
    Atomic,
    Set,
    Map(Vec<Box<str>>),
}

/// What a value of the right type must obey.
#[derive(Debug, Default)]
pub(super) struct Keywords {
    pub minimum: Option<Bound>,
    pub maximum: Option<Bound>,
    pub multiple_of: Option<f64>,
    pub min_length: Option<u64>,
    pub max_length: Option<u64>,
    pub min_items: Option<u64>,
    pub max_items: Option<u64>,
    pub min_properties: Option<u64>,
    pub max_properties: Option<u64>,
    pub unique: bool,
    pub pattern: Option<Pattern>,
    pub format: Option<Format>,
    pub values: Vec<Json>,
}

/// A limit that may itself be allowed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    pub limit: f64,
    pub exclusive: bool,
}

/// Schemas that are put together.
#[derive(Debug, Default)]
pub(super) struct Junctions {
    pub all: Vec<Arc<Structural>>,
    pub any: Vec<Arc<Structural>>,
    pub one: Vec<Arc<Structural>>,
    pub not: Option<Arc<Structural>>,
}

/// Something in a schema that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Where.
    pub node: NodeId,
    /// What kind of problem.
    pub kind: IssueKind,
    /// What is wrong, for people.
    pub message: String,
}

/// What kind of problem a schema has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssueKind {
    /// A type that does not exist.
    Type,
    /// A reference to another schema, which definitions do not have.
    Reference,
    /// Something else than a mapping stands in place of a schema.
    Shape,
    /// Anything else.
    Other,
}

impl Structural {
    /// Names of the fields that it describes.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.properties.keys().map(|name| &**name)
    }

    /// The schema of what stands under a key.
    pub(super) fn below(&self, key: &str) -> Option<&Arc<Structural>> {
        self.properties.get(key).or(match &self.additional {
            Additional::Schema(schema) => Some(schema),
            _ => None,
        })
    }

    /// The keys that tell the items of a list apart.
    pub fn merge_keys(&self) -> impl Iterator<Item = &str> {
        let keys = if let ListType::Map(keys) = &self.list { &keys[..] } else { &[] };
        keys.iter().map(|key| &**key)
    }

    /// The values that are allowed, as they are written.
    pub fn values(&self) -> Vec<String> {
        let values = self.keywords.iter().flat_map(|keywords| &keywords.values);
        values.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect()
    }
}

/// Compiles `openAPIV3Schema`. What cannot be used is told and allows everything.
pub(super) fn compile(node: NodeRef<'_>) -> (Arc<Structural>, Vec<Issue>) {
    let mut compiler = Compiler { issues: Vec::new(), nodes: 0, full: false };
    let schema = compiler.schema(node, 0);
    (schema, compiler.issues)
}

struct Compiler {
    issues: Vec<Issue>,
    nodes: usize,
    full: bool,
}

impl Compiler {
    fn issue(&mut self, node: NodeRef<'_>, kind: IssueKind, message: impl Into<String>) {
        self.issues.push(Issue { node: node.id(), kind, message: message.into() });
    }

    fn schema(&mut self, node: NodeRef<'_>, depth: usize) -> Arc<Structural> {
        let mut schema = Structural::default();
        self.nodes += 1;
        if depth > MAX_DEPTH || self.nodes > MAX_NODES {
            if !self.full {
                let limit = if depth > MAX_DEPTH { "deep" } else { "large" };
                self.issue(
                    node,
                    IssueKind::Other,
                    format!("the schema is too {limit}: what is below is not checked"),
                );
            }
            self.full = true;
            schema.preserve = true;
        } else if node.is_map() {
            for entry in node.entries() {
                self.keyword(&mut schema, entry, node, depth);
            }
        } else {
            self.issue(node, IssueKind::Shape, "this is no schema: a schema is a mapping");
            schema.preserve = true;
        }
        Arc::new(schema)
    }

    fn keyword(&mut self, schema: &mut Structural, entry: Entry<'_>, holder: NodeRef<'_>, depth: usize) {
        let value = entry.value;
        let name = entry.key.text();
        match name {
            _ if value.is_null() => {}
            "type" => self.kind(schema, value),
            "nullable" => schema.nullable = value.as_bool() == Some(true),
            "default" => schema.default = Some(json(value)),
            "properties" => {
                for entry in value.entries() {
                    let below = self.schema(entry.value, depth + 1);
                    schema.properties.insert(entry.key.key_text().into(), below);
                }
            }
            "additionalProperties" => {
                schema.additional = match value.as_bool() {
                    Some(true) => Additional::Allowed,
                    Some(false) => Additional::Forbidden,
                    None => Additional::Schema(self.schema(value, depth + 1)),
                }
            }
            "items" => schema.items = Some(self.schema(value, depth + 1)),
            "required" => schema.required = value.items().map(|item| item.text().into()).collect(),
            "x-kubernetes-preserve-unknown-fields" => schema.preserve |= value.as_bool() == Some(true),
            "x-kubernetes-embedded-resource" => schema.embedded = value.as_bool() == Some(true),
            "x-kubernetes-int-or-string" => {
                if value.as_bool() == Some(true) {
                    schema.kind = Some(SchemaKind::IntOrString);
                }
            }
            "x-kubernetes-list-type" => {
                schema.list = match value.text() {
                    "set" => ListType::Set,
                    "map" => {
                        let keys = holder.get("x-kubernetes-list-map-keys");
                        let keys = keys.into_iter().flat_map(NodeRef::items);
                        ListType::Map(keys.map(|key| key.text().into()).collect())
                    }
                    _ => ListType::Atomic,
                }
            }
            "x-kubernetes-validations" => {
                schema.rules = value.items().filter_map(RuleText::new).collect();
            }
            "allOf" => schema.junctions.get_or_insert_default().all = self.schemas(value, depth),
            "anyOf" => schema.junctions.get_or_insert_default().any = self.schemas(value, depth),
            "oneOf" => schema.junctions.get_or_insert_default().one = self.schemas(value, depth),
            "not" => schema.junctions.get_or_insert_default().not = Some(self.schema(value, depth + 1)),
            "$ref" => {
                self.issue(
                    value,
                    IssueKind::Reference,
                    "schemas of custom resources have no `$ref`: what it stands for is not checked",
                );
                schema.preserve = true;
            }
            _ => self.value_keyword(schema, name, value, holder),
        }
    }

    fn schemas(&mut self, list: NodeRef<'_>, depth: usize) -> Vec<Arc<Structural>> {
        list.items().map(|item| self.schema(item, depth + 1)).collect()
    }

    fn kind(&mut self, schema: &mut Structural, value: NodeRef<'_>) {
        let kind = match value.text() {
            "" => return,
            "object" => SchemaKind::Object,
            "array" => SchemaKind::Array,
            "string" => SchemaKind::String,
            "integer" => SchemaKind::Int64,
            "number" => SchemaKind::Number,
            "boolean" => SchemaKind::Bool,
            other => {
                let message = format!("there is no type `{other}`: the value is not checked");
                return self.issue(value, IssueKind::Type, message.replace('\n', " "));
            }
        };
        schema.kind.get_or_insert(kind);
    }

    fn value_keyword(
        &mut self,
        schema: &mut Structural,
        name: &str,
        value: NodeRef<'_>,
        holder: NodeRef<'_>,
    ) {
        let number = || value.as_f64();
        let count = || value.as_i64().and_then(|count| u64::try_from(count).ok());
        let exclusive = |name: &str| holder.get(name).and_then(NodeRef::as_bool) == Some(true);
        let mut found = Keywords::default();
        let keywords = schema.keywords.as_deref_mut();
        let known = keywords.is_some();
        let keywords = keywords.unwrap_or(&mut found);
        match name {
            "minimum" => {
                let exclusive = exclusive("exclusiveMinimum");
                keywords.minimum = number().map(|limit| Bound { limit, exclusive });
            }
            "maximum" => {
                let exclusive = exclusive("exclusiveMaximum");
                keywords.maximum = number().map(|limit| Bound { limit, exclusive });
            }
            "multipleOf" => keywords.multiple_of = number().filter(|factor| *factor > 0.0),
            "minLength" => keywords.min_length = count(),
            "maxLength" => keywords.max_length = count(),
            "minItems" => keywords.min_items = count(),
            "maxItems" => keywords.max_items = count(),
            "minProperties" => keywords.min_properties = count(),
            "maxProperties" => keywords.max_properties = count(),
            "uniqueItems" => keywords.unique = value.as_bool() == Some(true),
            "enum" => keywords.values = value.items().map(json).collect(),
            "format" => {
                let kind = holder.get("type").map_or("", NodeRef::text);
                keywords.format =
                    matches!(kind, "" | "string").then(|| Format::named(value.text())).flatten();
            }
            "pattern" => match Pattern::new(value.text()) {
                Ok(pattern) => keywords.pattern = Some(pattern),
                Err(reason) => {
                    let message = format!("the pattern cannot be read: {reason}");
                    self.issue(value, IssueKind::Other, message);
                }
            },
            _ => return,
        }
        if !known {
            schema.keywords = Some(Box::new(found));
        }
    }
}

/// A node as JSON, read as `sigs.k8s.io/yaml` does.
pub(in crate::schema) fn json(node: NodeRef<'_>) -> Json {
    if node.is_map() {
        let entries = node.entries().map(|entry| (entry.key.key_text().into_owned(), json(entry.value)));
        return Json::Object(entries.collect());
    }
    if node.is_seq() {
        return Json::Array(node.items().map(json).collect());
    }
    match node.value() {
        Scalar::Null => Json::Null,
        Scalar::Bool(value) => value.into(),
        Scalar::Int(value) => value.into(),
        Scalar::UInt(value) => value.into(),
        Scalar::Float(value) => match whole(value) {
            Some(value) => value.into(),
            None => value.into(),
        },
        Scalar::Str(text) => text.into(),
    }
}

/// The whole number that Go's JSON writes for a decimal one without a fraction.
pub(super) fn whole(value: f64) -> Option<i64> {
    (value.fract() == 0.0 && value.abs() < 9.2e18).then_some(value as i64)
}
