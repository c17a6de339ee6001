//! Files that were looked at, and the set they form.

mod evidence;
mod file;
mod fragment;
mod kustomize;
mod path;
mod pods;
mod scope;
mod set;

pub use file::SourceFile;
pub use scope::Namespace;
pub use set::ResourceSet;

#[cfg(test)]
mod tests;
