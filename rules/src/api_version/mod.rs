//! `api-version/*`: whether the target version serves what a manifest asks for.

mod lifecycle;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[
    &lifecycle::DEPRECATED,
    &lifecycle::NOT_SERVED_BY_DEFAULT,
    &lifecycle::NOT_YET_AVAILABLE,
    &lifecycle::REMOVED,
];
