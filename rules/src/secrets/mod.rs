//! Credentials in Secrets and elsewhere.

mod environment;
mod private_key;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[&environment::IN_ENV, &environment::LITERAL_IN_ENV, &private_key::PRIVATE_KEY];
