//! Files that were looked at, and the set they form.

mod custom;
mod duplicates;
mod evidence;
mod file;
mod fragment;
mod images;
mod kustomize;
mod near;
mod path;
mod pods;
mod scope;
mod selector;
mod set;
mod target;
mod whole;

pub use custom::CustomKind;
pub use file::SourceFile;
pub use near::{Absent, Near, is_slip};
pub use scope::Namespace;
pub use selector::Unmatched;
pub use set::ResourceSet;
pub(crate) use target::Targets;

#[cfg(test)]
mod tests;
