//! Namespaces and what belongs into them.

mod default;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[&default::DEFAULT_NAMESPACE];
