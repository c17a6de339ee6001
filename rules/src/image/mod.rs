//! Image references.

mod reference;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] =
    &[&reference::MALFORMED, &reference::PULL_POLICY_ALWAYS, &reference::TAG_LATEST, &reference::TAG_MISSING];
