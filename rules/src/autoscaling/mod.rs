//! Autoscalers.

mod target;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[&target::TARGET_MISSING];
