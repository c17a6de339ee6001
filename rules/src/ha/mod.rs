//! Availability of the control plane as a whole.

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[];
