//! Command-line flags of every component, whatever file carries them.

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[];
