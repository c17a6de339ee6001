//! Command lines of components.

mod repeated;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[&repeated::REPEATED];
