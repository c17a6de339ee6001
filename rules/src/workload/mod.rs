//! Controllers and bare pods.

mod replicas;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[&replicas::BARE_POD, &replicas::REPLICAS_ONE];
