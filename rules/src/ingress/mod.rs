//! Ingresses.

mod backend;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[&backend::BACKEND_MISSING, &backend::BACKEND_PORT_MISSING];
