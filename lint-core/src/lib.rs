//! The kubevet engine: text in, findings out.
//!
//! Two doors: [`engine::lint_document`] looks at one file, [`engine::lint_set`] at all of them together.
//! The crate reads no files, no environment and no clock, and starts no threads: its callers do.

mod cel;
pub mod engine;
pub mod finding;
pub mod index;
pub mod kubernetes;
pub mod recognise;
pub mod report;
pub mod rule;
pub mod schema;
pub mod settings;
pub mod source;
pub mod suggest;
pub mod yaml;

pub use kubevet_facts as facts;
