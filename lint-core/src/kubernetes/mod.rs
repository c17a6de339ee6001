//! What Kubernetes' objects are: identity, pod specifications, and the values inside them.

mod object;
mod placeholder;
mod pod;
pub mod values;

pub(crate) use object::ObjectIds;
pub use object::{Object, string_map};
pub use placeholder::is_placeholder;
pub use pod::{Container, ContainerKind, PodSpec};
