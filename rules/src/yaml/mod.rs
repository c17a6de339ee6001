//! The text itself, before any Kubernetes meaning.

mod document;
mod scalar;
mod text;

use kubevet_core::rule::Rule;

pub use scalar::is_ambiguous;

/// The rules of the group.
pub const RULES: &[&Rule] = &[
    &document::DUPLICATE_KEY,
    &document::NOT_AN_OBJECT,
    &scalar::AMBIGUOUS_SCALAR,
    &scalar::OCTAL_MODE,
    &text::ANCHOR_LIMIT,
    &text::ENCODING,
    &text::SYNTAX,
    &text::TAB_INDENTATION,
];
