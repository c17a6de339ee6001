//! Namespaces and what belongs into them.

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[];
