//! References between objects.

mod account;
mod config;
mod names;

use kubevet_core::rule::Rule;

pub use account::{MissingAccount, report_missing_accounts};

/// The rules of the group.
pub const RULES: &[&Rule] = &[
    &account::SERVICE_ACCOUNT_MISSING,
    &config::CONFIG_MAP_MISSING,
    &config::KEY_MISSING,
    &config::SECRET_MISSING,
];
