//! kube-apiserver settings that belong to no narrower group.

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[];
