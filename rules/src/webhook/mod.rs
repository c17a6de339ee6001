//! Admission webhooks.

pub(crate) mod client;
pub(crate) mod conditions;
mod invalid;
pub(crate) mod rules;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[&invalid::INVALID];
