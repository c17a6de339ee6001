//! Where pods run.

mod spread;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[&spread::ANTI_AFFINITY_MISSING];
