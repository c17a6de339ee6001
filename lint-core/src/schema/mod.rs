//! Built-in objects against the schemas of the API server, as strictly as it decodes them.
//!
//! The decoder is `sigs.k8s.io/json` into Go structures: names of fields are compared exactly, unknown ones are errors
//! under strict field validation, `null` stands for nothing everywhere, and what `required` of the `OpenAPI` document says
//! is no part of it. What is reported as missing or as an unknown value is what validation was seen to refuse.

mod lists;
mod nesting;
mod scalar;
mod walk;

pub use nesting::{Nesting, NestingPlace, NestingStep};
pub use walk::check;

use kubevet_facts::{Schema, SchemaKind};

use crate::yaml::NodeId;

/// Something that the schema of an object does not allow.
#[derive(Clone, Debug)]
pub struct Violation {
    /// Where: the key of an unknown field, the mapping that lacks one, else the value.
    pub node: NodeId,
    /// What.
    pub problem: Problem,
}

/// What is wrong with a place.
#[derive(Clone, Debug)]
pub enum Problem {
    /// The object has no field of this name.
    UnknownField {
        /// What the mapping is an object of.
        of: Schema,
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
        field: &'static str,
    },
    /// An item of a list, or a value of a map, is `null`.
    Null {
        /// The type that the list or map is of.
        wanted: SchemaKind,
    },
    /// The API server accepts other values.
    UnknownValue {
        /// The string with its values.
        of: Schema,
    },
    /// The type is right, the text is none of it.
    Malformed(Malformed),
    /// Two items of a list have the same keys, or two items of a set are equal.
    Duplicate {
        /// The earlier item.
        first: NodeId,
        /// The list.
        of: Schema,
    },
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
