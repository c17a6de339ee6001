//! Built-in objects against the schemas of the API server, as strictly as it decodes them.
//!
//! The decoder is `sigs.k8s.io/json` into Go structures: names of fields are compared exactly, unknown ones are errors
//! under strict field validation, `null` stands for nothing everywhere, and what `required` of the `OpenAPI` document says
//! is no part of it. What is reported as missing or as an unknown value is what validation was seen to refuse.

mod custom;
#[cfg(feature = "json-schema")]
mod json;
mod lists;
mod nesting;
mod scalar;
mod walk;

pub use custom::{Definition, Issue, IssueKind, Structural};
#[cfg(feature = "json-schema")]
pub use json::JsonSchema;
pub use nesting::{Nesting, NestingPlace, NestingStep};
pub use walk::check;

pub(crate) use custom::{GROUP as CRD_GROUP, KIND as CRD_KIND, Pattern, check as check_custom};

use std::{borrow::Cow, fmt, sync::Arc};

use kubevet_facts::{Schema, SchemaKind, Version};

use crate::{kubernetes::Object, yaml::NodeId};

/// A schema of a custom kind that does not come from a definition.
pub trait ObjectSchema: fmt::Debug + Send + Sync {
    /// What it does not allow of an object.
    fn check(&self, object: Object<'_>, version: Version) -> Vec<Violation>;
}

/// Something that the schema of an object does not allow.
#[derive(Clone, Debug)]
pub struct Violation {
    /// Where: the key of an unknown field, the mapping that lacks one, else the value.
    pub node: NodeId,
    /// What.
    pub problem: Problem,
    /// The file of the user's schema that says so; `None` where the API server says so.
    pub schema: Option<Arc<str>>,
}

impl Violation {
    /// Something that the API server refuses.
    pub fn new(node: NodeId, problem: Problem) -> Self {
        Violation { node, problem, schema: None }
    }

    /// Who does not take it, in words.
    pub fn refusal(&self) -> Cow<'static, str> {
        match &self.schema {
            None => "the API server refuses the object".into(),
            Some(path) => format!("the schema `{path}` does not allow it").into(),
        }
    }
}

/// What a place is, as its schema tells.
#[derive(Clone, Debug)]
pub enum Type {
    /// A type of the API server.
    BuiltIn(Schema),
    /// A part of the schema of a custom kind.
    Custom(Arc<Structural>),
    /// Names of fields, or values.
    Listed(Arc<[String]>),
}

impl Type {
    /// Names of the fields that an object of this type has.
    pub fn fields(&self) -> Vec<Cow<'_, str>> {
        match self {
            Type::BuiltIn(schema) => schema.fields().map(|field| field.name().into()).collect(),
            Type::Custom(schema) => schema.fields().map(Cow::Borrowed).collect(),
            Type::Listed(names) => names.iter().map(|name| name.as_str().into()).collect(),
        }
    }

    /// The first and the last covered version of Kubernetes in which an object of this type has a field.
    pub fn field_versions(&self, name: &str) -> Option<(Version, Version)> {
        if let Type::BuiltIn(schema) = self { schema.field_versions(name) } else { None }
    }

    /// The values that are allowed.
    pub fn values(&self) -> Vec<String> {
        match self {
            Type::BuiltIn(schema) => schema.enumeration().map(str::to_owned).collect(),
            Type::Custom(schema) => schema.values(),
            Type::Listed(values) => values.to_vec(),
        }
    }

    /// The fields that tell the items of a list apart; none of a set.
    pub fn merge_keys(&self) -> Vec<Cow<'_, str>> {
        match self {
            Type::BuiltIn(schema) => schema.merge_keys().map(Cow::Borrowed).collect(),
            Type::Custom(schema) => schema.merge_keys().map(Cow::Borrowed).collect(),
            Type::Listed(_) => Vec::new(),
        }
    }
}

/// What is wrong with a place.
#[derive(Clone, Debug)]
pub enum Problem {
    /// The object has no field of this name.
    UnknownField {
        /// What the mapping is an object of.
        of: Type,
        /// Where the field belongs, when exactly one place near by fits.
        nesting: Option<Nesting>,
    },
    /// A value of another type stands there.
    WrongType {
        /// The type that the field has.
        wanted: SchemaKind,
    },
    /// A field is absent, and the API server refuses the object without it.
    Missing {
        /// Its name.
        field: Cow<'static, str>,
    },
    /// A string or list is there with nothing in it, and the API server refuses the object as if it were absent.
    Empty,
    /// An item of a list, or a value of a map, is `null`.
    Null {
        /// The type that the list or map is of.
        wanted: SchemaKind,
    },
    /// The API server accepts other values.
    UnknownValue {
        /// The string with its values.
        of: Type,
    },
    /// The type is right, the text is none of it.
    Malformed(Malformed),
    /// Two items of a list have the same keys, or two items of a set are equal.
    Duplicate {
        /// The earlier item.
        first: NodeId,
        /// The list.
        of: Type,
    },
    /// The type is right, the value breaks a keyword of a schema.
    Refused {
        /// What it is or has, for people: "is less than 1".
        what: String,
        /// What to do.
        help: String,
        /// It may hold once something is added: so it says nothing of patches.
        partial: bool,
    },
    /// A rule of a custom kind does not hold.
    Rule {
        /// Its expression.
        expression: Arc<str>,
        /// What its author says about it.
        message: String,
    },
    /// The kind is not served in this version.
    NotServed {
        /// The versions that are.
        served: Vec<String>,
    },
    /// Nobody says what the kind is.
    NoSchema,
}

/// Why a text of the right type cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// A whole number beyond the bits of its field.
    Range {
        /// Bits of the field.
        bits: u8,
    },
    /// No base64 of the standard alphabet with padding.
    Base64,
    /// No time of RFC 3339.
    Time,
    /// No quantity.
    Quantity,
}

#[cfg(test)]
mod tests;
