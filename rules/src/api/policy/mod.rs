//! What limits and scales workloads.

pub(super) mod hpa;
pub(super) mod pdb;
