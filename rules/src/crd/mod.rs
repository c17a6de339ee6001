//! Custom resources and their definitions.

mod versions;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[&versions::VERSION_NOT_SERVED];
