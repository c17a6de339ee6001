//! Tests that need more than one crate of kubevet, and what they share.

pub mod agreement;
pub mod corpus;
pub mod example;
pub mod mutate;
pub mod pods;
pub mod recorded;
pub mod trees;
pub mod verdicts;
