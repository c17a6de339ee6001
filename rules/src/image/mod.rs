//! Image references.

mod pull_policy;
mod reference;
mod tag;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] =
    &[&reference::MALFORMED, &pull_policy::PULL_POLICY_ALWAYS, &tag::TAG_LATEST, &tag::TAG_MISSING];
