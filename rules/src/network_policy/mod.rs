//! Network policies.

mod isolation;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[&isolation::DEFAULT_DENY_MISSING, &isolation::SELECTS_NOTHING];
