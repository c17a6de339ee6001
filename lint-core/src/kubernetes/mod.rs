//! What Kubernetes' objects are: identity, pod specifications, and the values inside them.

mod object;
mod pod;
pub mod values;

pub use object::{Object, string_map};
pub use pod::{Container, ContainerKind, PodSpec};
