//! Admission plugins.

mod plugins;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] =
    &[&plugins::ALWAYS_ADMIT, &plugins::NODE_RESTRICTION_MISSING, &plugins::SERVICE_ACCOUNT_OFF];
