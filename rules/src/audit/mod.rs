//! The audit log.

mod sink;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[&sink::LOG_MISSING, &sink::POLICY_MISSING];
