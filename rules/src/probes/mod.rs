//! Liveness, readiness and startup.

mod missing;
mod port;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[
    &missing::LIVENESS_MISSING,
    &missing::READINESS_MISSING,
    &port::NAMED_PORT_MISSING,
    &port::PORT_NOT_DECLARED,
];
