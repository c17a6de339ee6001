//! Requests, limits and quality of service.

mod missing;
mod suspicious;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[
    &missing::CPU_LIMIT_MISSING,
    &missing::CPU_REQUEST_MISSING,
    &missing::MEMORY_LIMIT_MISSING,
    &missing::MEMORY_REQUEST_MISSING,
    &suspicious::SUSPICIOUS_QUANTITY,
];
