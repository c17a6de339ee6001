//! Authorization: modes, AuthorizationConfiguration.

mod modes;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] =
    &[&modes::ALWAYS_ALLOW, &modes::NODE_MISSING, &modes::RBAC_MISSING, &modes::UNKNOWN_MODE];
