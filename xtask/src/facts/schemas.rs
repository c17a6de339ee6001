//! Schemas of the kinds that the API server serves.

use std::collections::{BTreeMap, BTreeSet};

use kubevet_facts::data::{Mask, PropertyRecord, SchemasPart, Shape};
use serde_json::Value;

use super::refusals::Refusals;

/// A shape whose definitions and names are still spelled out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    Plain(Shape),
    Object(String),
    Map(Box<Named>),
    List(Box<Named>),
    Set(Box<Named>),
    ListMap(Box<Named>, Vec<String>),
    Loose(Box<Named>),
}

/// Fields of a definition with their shapes: the versions that have them so, and whether one of these requires them.
type Properties = BTreeMap<(String, Named), (Mask, bool)>;

/// Definitions of all versions, by name.
#[derive(Default)]
pub struct Schemas {
    kinds: BTreeMap<(String, String, Named), Mask>,
    properties: BTreeMap<String, Properties>,
}

/// What is embedded, before it is borrowed.
pub struct Packed {
    names: Vec<String>,
    kinds: Vec<(String, String, Mask, Shape)>,
    definitions: Vec<Vec<u8>>,
    /// Names of the definitions, in their order.
    of: Vec<String>,
}

impl Packed {
    /// The number of a field's name.
    pub fn name(&self, field: &str) -> Option<u16> {
        self.names.binary_search_by(|name| name.as_str().cmp(field)).ok().map(|at| at as u16)
    }

    /// Names of the definitions, by number.
    pub fn definitions(&self) -> &[String] {
        &self.of
    }

    pub fn borrowed(&self) -> SchemasPart<'_> {
        let kinds = self.kinds.iter();
        let kinds = kinds.map(|(api, kind, mask, shape)| (api.as_str(), kind.as_str(), *mask, shape.clone()));
        SchemasPart {
            names: self.names.iter().map(String::as_str).collect(),
            kinds: kinds.collect(),
            definitions: self.definitions.iter().map(Vec::as_slice).collect(),
        }
    }
}

impl Schemas {
    /// Adds the definitions of one version that the objects of its API are made of.
    pub fn add(&mut self, bit: Mask, open_api: &Value) {
        let definitions = &open_api["definitions"];
        let mut pending = Vec::new();
        for (name, definition) in definitions.as_object().into_iter().flatten() {
            let kinds = definition["x-kubernetes-group-version-kind"].as_array();
            // Types that stand in every group (DeleteOptions, WatchEvent) are no objects; lists are looked at by their items.
            let Some([one]) = kinds.map(Vec::as_slice) else { continue };
            let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
            let (group, version, kind) = (text("group"), text("version"), text("kind"));
            if definition["properties"]["items"].is_object() && kind.ends_with("List") || kind == "Status" {
                continue;
            }
            let api_version = if group.is_empty() { version } else { format!("{group}/{version}") };
            *self.kinds.entry((kind, api_version, Named::Object(name.clone()))).or_default() |= bit;
            pending.push(name.clone());
        }
        let mut seen = BTreeSet::new();
        while let Some(name) = pending.pop() {
            if seen.insert(name.clone()) {
                self.add_definition(bit, definitions, &name, &mut pending);
            }
        }
    }

    fn add_definition(&mut self, bit: Mask, definitions: &Value, name: &str, pending: &mut Vec<String>) {
        let definition = &definitions[name];
        let required: Vec<&str> =
            definition["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let properties = self.properties.entry(name.to_owned()).or_default();
        for (field, schema) in definition["properties"].as_object().into_iter().flatten() {
            let shape = named(definitions, schema, pending);
            let entry = properties.entry((field.clone(), shape)).or_default();
            entry.0 |= bit;
            entry.1 |= required.contains(&field.as_str());
        }
    }

    /// The part that is embedded. `refusals` says what the API server refuses beyond the types.
    pub fn part(&self, refusals: &str) -> Result<Packed, String> {
        let refusals = Refusals::read(refusals)?;
        if let Some((definition, field)) = refusals.keys().find(|key| !self.has(key)) {
            return Err(format!("refusals.tsv: `{definition}` has no field `{field}`"));
        }
        let mut names: BTreeSet<&str> =
            self.properties.values().flatten().map(|((name, _), _)| name.as_str()).collect();
        names.extend(refusals.names());
        let numbers: BTreeMap<&str, u16> = names.iter().copied().zip(0..).collect();
        let definitions: BTreeMap<&str, u16> = self.properties.keys().map(String::as_str).zip(0..).collect();
        let encoded = self.properties.iter().map(|(definition, properties)| {
            let mut records = Vec::new();
            for ((field, shape), (versions, required)) in properties {
                let shape = numbered(shape, &definitions, &numbers);
                for (versions, enforced, values) in refusals.of(definition, field, *versions) {
                    let shape = match (&shape, values) {
                        (Shape::String, Some(values)) => {
                            Shape::Enum(values.iter().map(|value| numbers[value]).collect())
                        }
                        (shape, _) => shape.clone(),
                    };
                    let required = u8::from(*required) | u8::from(enforced) << 1;
                    records.push(PropertyRecord { name: numbers[field.as_str()], versions, required, shape });
                }
            }
            records.sort();
            postcard::to_stdvec(&records).map_err(|error| error.to_string())
        });
        let kinds = self.kinds.iter().map(|((kind, api_version, shape), mask)| {
            (api_version.clone(), kind.clone(), *mask, numbered(shape, &definitions, &numbers))
        });
        Ok(Packed {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            kinds: kinds.collect(),
            definitions: encoded.collect::<Result<_, _>>()?,
            of: self.properties.keys().cloned().collect(),
        })
    }

    fn has(&self, (definition, field): &(&str, &str)) -> bool {
        let properties = self.properties.get(*definition);
        properties.is_some_and(|properties| properties.keys().any(|(name, _)| name == field))
    }
}

/// Types that are written otherwise than their Go structures look, by their own `UnmarshalJSON`.
fn special(name: &str) -> Option<Shape> {
    Some(match name.rsplit('.').next().unwrap_or(name) {
        "Quantity" => Shape::Quantity,
        "IntOrString" => Shape::IntOrString,
        "Time" => Shape::Time,
        "MicroTime" => Shape::MicroTime,
        "RawExtension" | "FieldsV1" | "Patch" | "JSON" => Shape::Any,
        _ => return None,
    })
}

fn named(definitions: &Value, schema: &Value, pending: &mut Vec<String>) -> Named {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or(reference);
        if let Some(shape) = special(name) {
            return Named::Plain(shape);
        }
        // `JSONSchemaPropsOrBool` and its like hand a mapping to the decoder that is not strict.
        if let Some((object, _)) = name.split_once("PropsOr") {
            let object = format!("{object}Props");
            pending.push(object.clone());
            return Named::Loose(Box::new(Named::Object(object)));
        }
        pending.push(name.to_owned());
        assert!(definitions[name]["type"] == "object", "`{name}` has a new form");
        return Named::Object(name.to_owned());
    }
    let format = schema["format"].as_str().unwrap_or_default();
    Named::Plain(match (schema["type"].as_str().unwrap_or_default(), format) {
        ("", _) => Shape::Any,
        ("boolean", _) => Shape::Bool,
        ("integer", "int32") => Shape::Int32,
        ("integer", _) => Shape::Int64,
        ("number", _) => Shape::Number,
        ("string", "byte") => Shape::Bytes,
        ("string", "") => Shape::String,
        ("array", _) => {
            let items = Box::new(named(definitions, &schema["items"], pending));
            let keys = schema["x-kubernetes-list-map-keys"].as_array().into_iter().flatten();
            return match schema["x-kubernetes-list-type"].as_str() {
                Some("map") => {
                    Named::ListMap(items, keys.filter_map(Value::as_str).map(str::to_owned).collect())
                }
                Some("set") => Named::Set(items),
                _ => Named::List(items),
            };
        }
        ("object", _) => match &schema["additionalProperties"] {
            Value::Null => Shape::Any,
            values => return Named::Map(Box::new(named(definitions, values, pending))),
        },
        other => panic!("the dumps have a new type of field: {other:?}"),
    })
}

fn numbered(shape: &Named, definitions: &BTreeMap<&str, u16>, names: &BTreeMap<&str, u16>) -> Shape {
    let inner = |shape: &Named| Box::new(numbered(shape, definitions, names));
    match shape {
        Named::Plain(shape) => shape.clone(),
        Named::Object(name) => Shape::Object(definitions[name.as_str()]),
        Named::Map(values) => Shape::Map(inner(values)),
        Named::List(items) => Shape::List(inner(items)),
        Named::Set(items) => Shape::Set(inner(items)),
        Named::Loose(object) => Shape::Loose(inner(object)),
        Named::ListMap(items, keys) => {
            Shape::ListMap(inner(items), keys.iter().map(|key| names[key.as_str()]).collect())
        }
    }
}
