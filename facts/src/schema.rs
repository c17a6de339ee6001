//! Schemas of the kinds that the API server serves.

use std::sync::OnceLock;

use crate::{
    Version,
    data::{self, Mask, PropertyRecord, Shape},
};

/// What a value may be in one version of Kubernetes: a cursor into the embedded graph of types, free to copy.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    pub(crate) shape: &'static Shape,
    bit: Mask,
}

/// The type of a value, as the decoder of the API server reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SchemaKind {
    /// Anything: raw JSON, or a type with a reader of its own.
    Any,
    /// A mapping with the fields of a Go structure.
    Object,
    /// A mapping with free keys.
    Map,
    /// A sequence.
    Array,
    /// A string.
    String,
    /// A whole number of 32 bits.
    Int32,
    /// A whole number of 64 bits.
    Int64,
    /// A whole number of 32 bits, or a string.
    IntOrString,
    /// A quantity: a string such as `500m`, or a number.
    Quantity,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// Bytes as base64 text.
    Bytes,
    /// A time in the form of RFC 3339.
    Time,
    /// A time in the form of RFC 3339 with exactly six decimals.
    MicroTime,
}

/// A field of an object.
#[derive(Clone, Copy, Debug)]
pub struct SchemaField {
    record: &'static Property,
    bit: Mask,
}

#[derive(Debug)]
struct Property {
    name: &'static str,
    versions: Mask,
    required: u8,
    shape: Shape,
}

/// The properties of a definition, and where each one is by the hash of its name.
#[derive(Debug)]
struct Definition {
    properties: Vec<Property>,
    /// Numbers of properties; `EMPTY` where there is none.
    table: Vec<u8>,
    /// Versions of the properties that are enforced.
    enforced: Vec<Mask>,
}

const EMPTY: u8 = u8::MAX;

/// Whether the API of this version has the kind. Kinds that are off by default count.
pub fn served(api_version: &str, kind: &str, version: Version) -> bool {
    schema(api_version, kind, version).is_some()
}

/// The schema of a kind: of every object that the API server of this version can decode, lists excepted.
pub fn schema(api_version: &str, kind: &str, version: Version) -> Option<Schema> {
    let all = &data::schemas().kinds;
    let start = all.partition_point(|(api, name, ..)| (*name, *api) < (kind, api_version));
    let same = all[start..].iter().take_while(|(api, name, ..)| (*name, *api) == (kind, api_version));
    let bit = version.bit();
    let (.., shape) = same.into_iter().find(|(_, _, versions, _)| versions & bit != 0)?;
    Some(Schema { shape, bit })
}

impl Schema {
    /// Its type.
    #[inline]
    pub fn kind(self) -> SchemaKind {
        match self.shape {
            Shape::Any | Shape::Loose(_) => SchemaKind::Any,
            Shape::String | Shape::Enum(_) => SchemaKind::String,
            Shape::Int32 => SchemaKind::Int32,
            Shape::Int64 => SchemaKind::Int64,
            Shape::IntOrString => SchemaKind::IntOrString,
            Shape::Quantity => SchemaKind::Quantity,
            Shape::Bool => SchemaKind::Bool,
            Shape::Number => SchemaKind::Number,
            Shape::Bytes => SchemaKind::Bytes,
            Shape::Time => SchemaKind::Time,
            Shape::MicroTime => SchemaKind::MicroTime,
            Shape::Object(_) => SchemaKind::Object,
            Shape::Map(_) => SchemaKind::Map,
            Shape::List(_) | Shape::Set(_) | Shape::ListMap(..) => SchemaKind::Array,
        }
    }

    /// A field of an object, by its exact name.
    #[inline]
    pub fn field(self, name: &str) -> Option<SchemaField> {
        let Shape::Object(number) = self.shape else { return None };
        let definition = definition(*number);
        let mask = definition.table.len() - 1;
        let mut at = hash(name) & mask;
        loop {
            let found = definition.table[at];
            if found == EMPTY {
                return None;
            }
            let record = &definition.properties[found as usize];
            if record.versions & self.bit != 0 && record.name == name {
                return Some(SchemaField { record, bit: self.bit });
            }
            at = (at + 1) & mask;
        }
    }

    /// The fields of an object by name; none of anything else.
    pub fn fields(self) -> impl Iterator<Item = SchemaField> {
        let properties = match self.shape {
            Shape::Object(number) => &definition(*number).properties[..],
            _ => &[],
        };
        let bit = self.bit;
        let known = properties.iter().filter(move |record| record.versions & bit != 0);
        known.map(move |record| SchemaField { record, bit })
    }

    /// The first and the last covered version in which an object of this type has a field.
    pub fn field_versions(self, name: &str) -> Option<(Version, Version)> {
        let Shape::Object(number) = self.shape else { return None };
        let same = definition(*number).properties.iter().filter(|record| record.name == name);
        let mask = same.fold(0, |mask, record| mask | record.versions);
        let mut known = Version::SUPPORTED.map(Version::new).filter(|version| mask & version.bit() != 0);
        let first = known.next()?;
        Some((first, known.next_back().unwrap_or(first)))
    }

    /// The items of an array.
    #[inline]
    pub fn items(self) -> Option<Schema> {
        match self.shape {
            Shape::List(shape) | Shape::Set(shape) | Shape::ListMap(shape, _) => {
                Some(Schema { shape, bit: self.bit })
            }
            _ => None,
        }
    }

    /// What a mapping is read as where anything may stand: its unknown fields are dropped without a word.
    #[inline]
    pub fn loose(self) -> Option<Schema> {
        if let Shape::Loose(shape) = self.shape { Some(Schema { shape, bit: self.bit }) } else { None }
    }

    /// The values of a map with free keys.
    #[inline]
    pub fn values(self) -> Option<Schema> {
        if let Shape::Map(shape) = self.shape { Some(Schema { shape, bit: self.bit }) } else { None }
    }

    /// The values that the API server accepts of a string; none where it accepts any.
    pub fn enumeration(self) -> impl ExactSizeIterator<Item = &'static str> {
        let values = if let Shape::Enum(values) = self.shape { &values[..] } else { &[] };
        values.iter().map(|number| data::schemas().names[*number as usize])
    }

    /// The fields that tell the items of an array apart (`x-kubernetes-list-map-keys`); none of other arrays.
    pub fn merge_keys(self) -> impl ExactSizeIterator<Item = &'static str> {
        let keys = if let Shape::ListMap(_, keys) = self.shape { &keys[..] } else { &[] };
        keys.iter().map(|number| data::schemas().names[*number as usize])
    }

    /// Whether an array has every item once (`x-kubernetes-list-type: set`).
    pub fn is_set(self) -> bool {
        matches!(self.shape, Shape::Set(_))
    }

    /// The fields of an object without which the API server refuses it, see [`SchemaField::enforced`].
    #[inline]
    pub fn enforced_count(self) -> usize {
        let Shape::Object(number) = self.shape else { return 0 };
        definition(*number).enforced.iter().filter(|versions| *versions & self.bit != 0).count()
    }
}

impl SchemaField {
    /// Its name.
    pub fn name(self) -> &'static str {
        self.record.name
    }

    /// What its value may be.
    #[inline]
    pub fn schema(self) -> Schema {
        Schema { shape: &self.record.shape, bit: self.bit }
    }

    /// Whether the `OpenAPI` document calls it required. The API server gives some of these a default.
    pub fn required(self) -> bool {
        self.record.required & 1 != 0
    }

    /// Whether the API server refuses every object that leaves it out: observed, not read from the document.
    pub fn enforced(self) -> bool {
        self.record.required & 2 != 0
    }
}

/// Spreads names of fields: their length, ends and middle.
#[inline]
fn hash(name: &str) -> usize {
    let bytes = name.as_bytes();
    let at = |index: usize| bytes.get(index).map_or(0, |byte| *byte as usize);
    let length = bytes.len();
    let mixed = at(0) | at(length / 2) << 8 | at(length.saturating_sub(1)) << 16 | at(length / 4) << 24;
    (mixed ^ length << 12).wrapping_mul(0x9E37_79B1) >> 11 & 0xFFFF
}

#[inline]
fn definition(number: u16) -> &'static Definition {
    static ALL: OnceLock<Vec<OnceLock<Definition>>> = OnceLock::new();
    let part = ALL.get_or_init(|| data::schemas().definitions.iter().map(|_| OnceLock::new()).collect());
    part[number as usize].get_or_init(|| Definition::decode(number))
}

impl Definition {
    fn decode(number: u16) -> Self {
        let part = data::schemas();
        let records: Vec<PropertyRecord> =
            postcard::from_bytes(part.definitions[number as usize]).expect("the embedded data are whole");
        let properties: Vec<Property> = records
            .into_iter()
            .map(|record| Property {
                name: part.names[record.name as usize],
                versions: record.versions,
                required: record.required,
                shape: record.shape,
            })
            .collect();
        assert!(properties.len() < EMPTY as usize, "the table counts in bytes");
        let size = (properties.len() * 2 + 1).next_power_of_two();
        let mut table = vec![EMPTY; size];
        for (index, property) in properties.iter().enumerate() {
            let mut at = hash(property.name) & (size - 1);
            while table[at] != EMPTY {
                at = (at + 1) & (size - 1);
            }
            table[at] = index as u8;
        }
        let enforced = properties.iter().filter(|property| property.required & 2 != 0);
        let enforced = enforced.map(|property| property.versions).collect();
        Definition { properties, table, enforced }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(api_version: &str, kind: &str, minor: u8, path: &[&str]) -> Option<Schema> {
        path.iter().try_fold(schema(api_version, kind, Version::new(minor))?, |schema, step| match *step {
            "[]" => schema.items(),
            "*" => schema.values(),
            name => schema.field(name).map(SchemaField::schema),
        })
    }

    #[test]
    fn types_of_fields() {
        let container = ["spec", "template", "spec", "containers", "[]"];
        let kind = |path: &[&str]| {
            let path = [&container[..], path].concat();
            of("apps/v1", "Deployment", 34, &path).map(Schema::kind)
        };
        assert_eq!(kind(&[]), Some(SchemaKind::Object));
        assert_eq!(kind(&["image"]), Some(SchemaKind::String));
        assert_eq!(kind(&["Image"]), None);
        assert_eq!(kind(&["resources", "limits", "*"]), Some(SchemaKind::Quantity));
        assert_eq!(kind(&["livenessProbe", "httpGet", "port"]), Some(SchemaKind::IntOrString));
        assert_eq!(kind(&["ports", "[]", "containerPort"]), Some(SchemaKind::Int32));
        assert_eq!(kind(&["securityContext", "runAsUser"]), Some(SchemaKind::Int64));
        assert_eq!(kind(&["stdin"]), Some(SchemaKind::Bool));
        let secret = |path: &[&str]| of("v1", "Secret", 34, path).map(Schema::kind);
        assert_eq!(secret(&["data", "*"]), Some(SchemaKind::Bytes));
        assert_eq!(secret(&["metadata", "creationTimestamp"]), Some(SchemaKind::Time));
    }

    #[test]
    fn fields_come_with_their_version() {
        let sleep = ["spec", "containers", "[]", "lifecycle", "preStop", "sleep"];
        assert!(of("v1", "Pod", 28, &sleep).is_none());
        assert!(of("v1", "Pod", 30, &sleep).is_some());
        let handler = of("v1", "Pod", 28, &sleep[..5]).expect("older than the field");
        assert_eq!(handler.field_versions("sleep"), Some((Version::new(29), Version::newest())));
        assert!(served("apps/v1", "Deployment", Version::new(28)));
        assert!(!served("apps/v1beta1", "Deployment", Version::new(28)));
        assert!(!served("v1", "PodList", Version::new(34)), "lists are looked at by their items");
    }

    #[test]
    fn lists_know_their_keys() {
        let ports = of("v1", "Service", 34, &["spec", "ports"]).expect("a field");
        assert_eq!(ports.merge_keys().collect::<Vec<_>>(), ["port", "protocol"]);
        let finalizers = of("v1", "Service", 34, &["metadata", "finalizers"]).expect("a field");
        assert!(finalizers.is_set() && finalizers.merge_keys().len() == 0);
    }

    #[test]
    fn every_definition_decodes_and_finds_its_fields() {
        let mut fields = 0;
        for number in 0..data::schemas().definitions.len() {
            let definition = definition(number as u16);
            for property in &definition.properties {
                for version in Version::SUPPORTED.map(Version::new) {
                    let shape = Box::leak(Box::new(Shape::Object(number as u16)));
                    let schema = Schema { shape, bit: version.bit() };
                    let known = schema.field(property.name).is_some();
                    assert!(known || property.versions & version.bit() == 0, "{}", property.name);
                    fields += usize::from(known);
                }
            }
        }
        assert!(fields > 10_000, "only {fields}");
    }
}
