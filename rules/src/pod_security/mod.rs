//! What a pod may do to its node and its neighbours.

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[];
