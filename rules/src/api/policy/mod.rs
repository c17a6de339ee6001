//! What limits, scales and ranks workloads.

pub(super) mod classes;
pub(super) mod hpa;
pub(super) mod limit_range;
pub(super) mod pdb;
pub(super) mod quota;
