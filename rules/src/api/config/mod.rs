//! ConfigMaps and Secrets.

pub(super) mod data;
pub(super) mod secret_type;
