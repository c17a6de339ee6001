//! Disruption budgets.

mod budget;
mod coverage;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[&budget::BLOCKS_DRAIN, &coverage::MISSING, &coverage::SELECTS_NOTHING];
