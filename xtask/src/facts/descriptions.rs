//! What fields and flags are for.

use std::collections::BTreeMap;

use kubevet_facts::data::{DescriptionsPart, OF_ITSELF};
use serde_json::Value;

use super::schemas::Packed;

/// Descriptions of all versions: the newest one that says something is kept.
#[derive(Default)]
pub struct Descriptions {
    /// By definition, then by field; `""` is the definition itself.
    definitions: BTreeMap<String, BTreeMap<String, String>>,
    flags: BTreeMap<(u8, String), String>,
}

impl Descriptions {
    /// Adds the definitions of a version; older ones come first.
    pub fn add_definitions(&mut self, open_api: &Value) {
        for (name, definition) in open_api["definitions"].as_object().into_iter().flatten() {
            let said = self.definitions.entry(name.clone()).or_default();
            let fields = definition["properties"].as_object().into_iter().flatten();
            let fields = fields.map(|(name, field)| (name.as_str(), field));
            for (field, schema) in fields.chain([("", definition)]) {
                if let Some(text) = schema["description"].as_str().filter(|text| !text.is_empty()) {
                    said.insert(field.to_owned(), text.to_owned());
                }
            }
        }
    }

    /// Adds the flags of a component in a version; older ones come first.
    pub fn add_flags(&mut self, component: u8, flags: &Value) {
        for flag in flags.as_array().into_iter().flatten() {
            if let (Some(name), Some(usage)) = (flag["name"].as_str(), flag["usage"].as_str()) {
                self.flags.insert((component, name.replace('_', "-")), usage.to_owned());
            }
        }
    }

    /// The part that is embedded, numbered like the schemas.
    pub fn part<'a>(&'a self, schemas: &'a Packed) -> DescriptionsPart<'a> {
        let used =
            schemas.definitions().iter().filter_map(|definition| self.definitions.get(definition)).flatten();
        let used = used.filter(|(field, _)| field.is_empty() || schemas.name(field).is_some());
        let mut texts: Vec<&str> = used.map(|(_, text)| text.as_str()).collect();
        texts.extend(self.flags.values().map(String::as_str));
        texts.sort_unstable();
        texts.dedup();
        let number = |text: &str| texts.binary_search(&text).expect("it is one of them") as u16;
        let fields = |definition: &String| {
            let said = self.definitions.get(definition).into_iter().flatten();
            let numbered = said.filter_map(|(field, text)| {
                let name = if field.is_empty() { Some(OF_ITSELF) } else { schemas.name(field) };
                Some((name?, number(text)))
            });
            let mut fields: Vec<(u16, u16)> = numbered.collect();
            fields.sort_unstable();
            fields
        };
        let definitions = schemas.definitions().iter().map(fields).collect();
        let flags = self.flags.iter().map(|((of, name), text)| (*of, name.as_str(), number(text))).collect();
        DescriptionsPart { texts, definitions, flags }
    }
}
