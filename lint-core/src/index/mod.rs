//! Files that were looked at, and the set they form.

mod file;
mod set;

pub use file::SourceFile;
pub use set::ResourceSet;
