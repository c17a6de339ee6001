//! Values inside Kubernetes objects, parsed as Kubernetes parses them.

pub mod cron;
pub mod duration;
pub mod image;
pub mod names;
pub mod net;
pub mod quantity;
pub mod secret_shape;
pub mod selector;
