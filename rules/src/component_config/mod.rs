//! Configuration files of the components, and what several components have in common.

mod decode;
mod fields;
mod serving;
mod type_meta;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[
    &serving::BIND_ADDRESS_EXPOSED,
    &serving::PROFILING_ENABLED,
    &fields::UNKNOWN_FIELD,
    &fields::FIELD_NOT_YET_AVAILABLE,
    &fields::REMOVED_FIELD,
    &fields::WRONG_TYPE,
    &type_meta::MISSING_TYPE_META,
    &type_meta::UNKNOWN_API_VERSION,
];
