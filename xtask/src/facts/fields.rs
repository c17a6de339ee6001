//! Field trees of configuration files.

use std::collections::{BTreeMap, BTreeSet};

use kubevet_facts::{
    FieldKind,
    data::{FieldRecord, FieldsPart, Mask},
};
use serde_json::Value;

/// What is known of a field apart from where it is and when.
type Shape = (u8, Option<u8>, bool, Option<String>, Vec<String>);

/// Types of all versions, by name.
#[derive(Default)]
pub struct FieldTrees {
    kinds: BTreeMap<(String, String), String>,
    fields: BTreeMap<(String, String, Shape), Mask>,
}

impl FieldTrees {
    /// Adds the `configKinds` of one component in one version; `enums` are the constants of its string types.
    pub fn add(&mut self, bit: Mask, config: &Value, enums: &Value) {
        for kind in config["kinds"].as_array().into_iter().flatten() {
            let text = |key: &str| kind[key].as_str().unwrap_or_default().to_owned();
            self.kinds.insert((text("apiVersion"), text("kind")), text("type"));
        }
        for name in config["types"].as_object().into_iter().flat_map(|types| types.keys()) {
            self.add_fields(bit, config, enums, name, name);
        }
    }

    /// Adds the fields of a type to those of another, which is the type itself or one that embeds it.
    fn add_fields(&mut self, bit: Mask, config: &Value, enums: &Value, name: &str, to: &str) {
        for field in config["types"][name].as_array().into_iter().flatten() {
            let reference = field["ref"].as_str();
            if field["embedded"] == true {
                self.add_fields(bit, config, enums, reference.unwrap_or_default(), to);
                continue;
            }
            let (mut kind, mut reference) = (code(&field["type"]), reference.map(str::to_owned));
            if let Some(form) = reference.as_deref().and_then(|name| written_otherwise(config, name)) {
                (kind, reference) = (code(&form.into()), None);
            }
            let values = &enums[field["goType"].as_str().unwrap_or_default()]["values"];
            let values = values.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
            let items = field["items"].as_str().map(|_| code(&field["items"]));
            let shape = (kind, items, field["optional"] == true, reference, values.collect());
            let name = field["name"].as_str().unwrap_or_default().to_owned();
            *self.fields.entry((to.to_owned(), name, shape)).or_default() |= bit;
        }
    }

    /// The part that is embedded, types numbered by name.
    pub fn part(&self) -> FieldsPart<'_> {
        let names: BTreeSet<&str> = self
            .fields
            .keys()
            .map(|(name, _, _)| name)
            .chain(self.kinds.values())
            .map(String::as_str)
            .collect();
        let types: BTreeMap<&str, u16> = names.into_iter().zip(0..).collect();
        let mut fields: Vec<_> = self
            .fields
            .iter()
            .map(|((of, name, shape), versions)| {
                let (kind, items, optional, reference, values) = shape;
                FieldRecord {
                    of: types[of.as_str()],
                    name,
                    versions: *versions,
                    kind: *kind,
                    items: *items,
                    optional: *optional,
                    reference: reference.as_deref().and_then(|name| types.get(name).copied()),
                    values: values.iter().map(String::as_str).collect(),
                }
            })
            .collect();
        fields.sort();
        let kinds = self.kinds.iter();
        let kinds =
            kinds.map(|((api_version, kind), of)| (api_version.as_str(), kind.as_str(), types[of.as_str()]));
        FieldsPart { kinds: kinds.collect(), fields }
    }
}

fn code(name: &Value) -> u8 {
    let known = FieldKind::NAMES.iter().position(|known| name == known);
    known.unwrap_or_else(|| panic!("the dumps have a new type of field: {name}")) as u8
}

/// Structures that are not written as such: one without fields of its own (it writes itself), a wrapped quantity, and a
/// duration that may be a number too.
fn written_otherwise(config: &Value, name: &str) -> Option<&'static str> {
    let fields = config["types"][name].as_array();
    match fields.map(Vec::as_slice) {
        None | Some([]) => Some("any"),
        Some([only]) if only["type"] == "quantity" && only["embedded"] == true => Some("quantity"),
        Some([only]) if only["name"] == "Duration" => Some("any"),
        _ => None,
    }
}
