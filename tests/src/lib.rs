//! Tests that need more than one crate of kubevet, and what they share.

pub mod corpus;
pub mod example;
pub mod trees;
pub mod verdicts;
