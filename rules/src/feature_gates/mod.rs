//! Feature gates: flags, configuration files, and kubeadm's own.

mod agreement;
mod entry;
mod form;
mod life;
mod names;
mod state;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[
    &form::MALFORMED,
    &names::UNKNOWN,
    &names::WRONG_COMPONENT,
    &life::REMOVED,
    &life::NOT_YET_AVAILABLE,
    &state::LOCKED,
    &state::DEPRECATED,
    &state::ALPHA_ENABLED,
    &state::REDUNDANT,
    &agreement::INCONSISTENT,
];
