//! A custom object as the API server validates it: with its defaults, without what it drops.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::Value as Json;

use super::structural::{Additional, Structural, whole};
use crate::{
    kubernetes::is_placeholder,
    yaml::{NodeId, NodeRef, Scalar},
};

/// A value and its place.
#[derive(Clone, Debug)]
pub(super) struct Value<'t> {
    /// Where it stands; of a default, the mapping or list that it is filled into.
    pub node: NodeId,
    /// It is written, and no default.
    pub given: bool,
    /// It, or something in it, is filled in later.
    pub open: bool,
    pub data: Data<'t>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Data<'t> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Cow<'t, str>),
    List(Vec<Value<'t>>),
    Map(Map<'t>),
}

pub(super) type Map<'t> = BTreeMap<Cow<'t, str>, Field<'t>>;

/// A value of a mapping.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field<'t> {
    /// The key, where one is written.
    pub key: NodeId,
    pub value: Value<'t>,
}

/// Two values are equal wherever they stand.
impl PartialEq for Value<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.data == other.data
    }
}

impl<'t> Value<'t> {
    /// What is written.
    pub fn of(node: NodeRef<'t>) -> Self {
        let mut open = false;
        let data = if node.is_map() {
            let fields = node.entries().map(|entry| {
                let value = Value::of(entry.value);
                open |= value.open || is_placeholder(entry.key.text());
                (entry.key.key_text(), Field { key: entry.key.id(), value })
            });
            Data::Map(fields.collect())
        } else if node.is_seq() {
            let items: Vec<_> = node.items().map(Value::of).collect();
            open = items.iter().any(|item| item.open);
            Data::List(items)
        } else {
            match node.value() {
                Scalar::Null => Data::Null,
                Scalar::Bool(value) => Data::Bool(value),
                Scalar::Int(value) => Data::Int(value),
                Scalar::UInt(value) => Data::Float(value as f64),
                Scalar::Float(value) => whole(value).map_or(Data::Float(value), Data::Int),
                Scalar::Str(text) => {
                    open = is_placeholder(text);
                    Data::Text(Cow::Borrowed(text))
                }
            }
        };
        Value { node: node.id(), given: true, open, data }
    }

    /// A default that is filled in at a place.
    fn of_default(json: &Json, node: NodeId) -> Self {
        let data = match json {
            Json::Null => Data::Null,
            Json::Bool(value) => Data::Bool(*value),
            Json::Number(number) => {
                number.as_i64().map_or_else(|| Data::Float(number.as_f64().unwrap_or_default()), Data::Int)
            }
            Json::String(text) => Data::Text(text.clone().into()),
            Json::Array(items) => {
                Data::List(items.iter().map(|item| Value::of_default(item, node)).collect())
            }
            Json::Object(fields) => {
                let fields = fields.iter().map(|(name, value)| {
                    let field = Field { key: node, value: Value::of_default(value, node) };
                    (name.clone().into(), field)
                });
                Data::Map(fields.collect())
            }
        };
        Value { node, given: false, open: false, data }
    }

    pub fn is_null(&self) -> bool {
        self.data == Data::Null
    }

    pub fn map(&self) -> Option<&Map<'t>> {
        if let Data::Map(map) = &self.data { Some(map) } else { None }
    }

    pub fn text(&self) -> Option<&str> {
        if let Data::Text(text) = &self.data { Some(text) } else { None }
    }

    /// A value of a mapping.
    pub fn get(&self, key: &str) -> Option<&Value<'t>> {
        self.map()?.get(key).map(|field| &field.value)
    }

    /// Fills in defaults: `Default` of `apiserver/schema/defaulting`.
    pub fn fill(&mut self, schema: &Structural) {
        let node = self.node;
        let stands_for_nothing = |value: &Value<'_>, schema: &Structural| value.is_null() && !schema.nullable;
        match &mut self.data {
            Data::Map(map) => {
                for (name, below) in &schema.properties {
                    let Some(default) = &below.default else { continue };
                    if map.get(&**name).is_none_or(|field| stands_for_nothing(&field.value, below)) {
                        let field = Field { key: node, value: Value::of_default(default, node) };
                        map.insert(name.to_string().into(), field);
                    }
                }
                for (name, field) in map {
                    let Some(below) = schema.below(name) else { continue };
                    if let (true, Some(default)) = (stands_for_nothing(&field.value, below), &below.default) {
                        field.value = Value::of_default(default, field.value.node);
                    }
                    field.value.fill(below);
                }
            }
            Data::List(items) => {
                let Some(below) = &schema.items else { return };
                for item in items {
                    if let (true, Some(default)) = (stands_for_nothing(item, below), &below.default) {
                        *item = Value::of_default(default, item.node);
                    }
                    item.fill(below);
                }
            }
            _ => {}
        }
    }

    /// Takes out fields that nobody knows and nulls that stand for nothing, and gives the keys of those fields with the
    /// schema that does not know them: `pruning` and `PruneNonNullableNullsWithoutDefaults`.
    pub fn prune<'s>(
        &mut self,
        schema: Option<&'s Structural>,
        root: bool,
        keep: bool,
    ) -> Vec<Dropped<'t, 's>> {
        let mut pruner = Pruner { dropped: Vec::new(), keep };
        pruner.prune(self, schema, root, keep);
        pruner.dropped
    }
}

/// A field that nobody knows.
pub(super) struct Dropped<'t, 's> {
    pub key: NodeId,
    pub name: Cow<'t, str>,
    /// What the mapping is; `None` where the schema says nothing about it.
    pub of: Option<&'s Structural>,
}

struct Pruner<'t, 's> {
    /// Unknown fields stay (`preserveUnknownFields` of old definitions).
    keep: bool,
    dropped: Vec<Dropped<'t, 's>>,
}

impl<'t, 's> Pruner<'t, 's> {
    fn prune(
        &mut self,
        value: &mut Value<'t>,
        schema: Option<&'s Structural>,
        resource: bool,
        preserve: bool,
    ) {
        let preserve = preserve || schema.is_some_and(|schema| schema.preserve);
        let resource = resource || schema.is_some_and(|schema| schema.embedded);
        match &mut value.data {
            Data::Map(map) => map.retain(|name, field| {
                let below = schema.and_then(|schema| schema.below(name));
                if field.value.is_null()
                    && below.is_some_and(|below| !below.nullable && below.default.is_none())
                {
                    return false;
                }
                // A name that comes later may be any.
                if resource && matches!(&**name, "apiVersion" | "kind" | "metadata") || is_placeholder(name) {
                    return true;
                }
                let known = below.is_some()
                    || schema.is_some_and(|schema| matches!(schema.additional, Additional::Allowed));
                if !known && !preserve {
                    if field.value.given {
                        self.dropped.push(Dropped { key: field.key, name: name.clone(), of: schema });
                    }
                    return false;
                }
                if !preserve || below.is_some() {
                    self.prune(&mut field.value, below.map(|below| &**below), false, self.keep);
                }
                true
            }),
            Data::List(items) => {
                let below = schema.and_then(|schema| schema.items.as_deref());
                if !preserve || below.is_some() {
                    items.iter_mut().for_each(|item| self.prune(item, below, false, preserve));
                }
            }
            _ => {}
        }
    }
}
