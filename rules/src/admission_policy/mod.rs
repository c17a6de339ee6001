//! Admission policies and their bindings.

mod binding;
mod invalid;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[&binding::BINDING_INVALID, &invalid::INVALID];
