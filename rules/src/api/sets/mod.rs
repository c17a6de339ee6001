//! Objects beside others, and beside what they were.

pub(super) mod duplicate;
pub(super) mod generated_name;
pub(super) mod immutable;
