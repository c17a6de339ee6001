//! Authentication: flags, AuthenticationConfiguration, service-account tokens.

mod anonymous;
mod tokens;

pub use anonymous::anonymous_block;
use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[
    &anonymous::CONFIG_WITH_ANONYMOUS_FLAG,
    &tokens::SERVICE_ACCOUNT_ISSUER_MISSING,
    &tokens::SERVICE_ACCOUNT_SIGNING_KEY_MISSING,
    &tokens::TOKEN_AUTH_FILE,
];
