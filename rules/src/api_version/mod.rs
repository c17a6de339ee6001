//! `api-version/*`: whether the target version serves what a manifest asks for.

mod custom;
mod fields;
mod lifecycle;
mod list_kind;
mod moves;
mod openshift;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[
    &custom::CUSTOM_DEPRECATED,
    &fields::DEPRECATED_FIELD,
    &lifecycle::DEPRECATED,
    &lifecycle::NOT_SERVED_BY_DEFAULT,
    &lifecycle::NOT_YET_AVAILABLE,
    &lifecycle::REMOVED,
    &list_kind::LIST_KIND,
    &openshift::OPENSHIFT_LEGACY,
];
