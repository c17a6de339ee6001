//! High availability of the control plane.

mod control_plane;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[&control_plane::EVEN_CONTROL_PLANES, &control_plane::SINGLE_CONTROL_PLANE];
