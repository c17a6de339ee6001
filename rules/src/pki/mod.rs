//! Certificates and keys.

mod private_key;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[&private_key::PRIVATE_KEY_COMMITTED];
