//! Encryption of stored objects.

mod at_rest;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[&at_rest::IDENTITY_FIRST, &at_rest::MISSING];
