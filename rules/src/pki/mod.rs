//! Certificates and keys.

mod private_key;
mod service_account;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] =
    &[&private_key::PRIVATE_KEY_COMMITTED, &service_account::SERVICE_ACCOUNT_PAIR_NAMES];
