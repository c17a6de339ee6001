//! How a command ends.

use std::io;

use crate::problem::Problem;

/// Done, or why not.
pub type Outcome<T = ()> = Result<T, Failure>;

/// Why a command stops.
#[derive(Debug)]
pub enum Failure {
    /// The reader of standard output has gone: nobody misses the rest.
    BrokenPipe,
    /// The job cannot be done.
    Problems(Vec<Problem>),
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Failure::Problems(vec![problem])
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::BrokenPipe,
            _ => Failure::Problems(vec![Problem::write("standard output", &error)]),
        }
    }
}

/// Exit status of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Clean = 0,
    Findings = 1,
    Failed = 2,
}
