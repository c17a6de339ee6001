//! Services.

mod exposure;
mod selection;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] =
    &[&exposure::NODE_PORT, &selection::SELECTS_NOTHING, &selection::TARGET_PORT_MISSING];
