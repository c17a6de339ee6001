//! What belongs to the cluster itself.

pub(super) mod api_service;
pub(super) mod csr;
pub(super) mod device_claim;
pub(super) mod flow;
pub(super) mod lease;
pub(super) mod node;
