//! Places that must say the same.

mod mismatch;
mod overlap;
mod ranges;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] =
    &[&mismatch::POD_CIDR_MISMATCH, &mismatch::SERVICE_CIDR_MISMATCH, &overlap::NETWORK_OVERLAP];
