//! Service accounts and their use by pods.

mod token;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[&token::AUTOMOUNT, &token::DEFAULT_USED, &token::DEPRECATED_FIELD];
