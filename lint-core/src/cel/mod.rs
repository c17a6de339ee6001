//! Expressions of the Common Expression Language, as far as Kubernetes uses them and files alone can tell.
//!
//! What this evaluator does not know (functions of Kubernetes' own library, optional values, time stamps), and nearly every
//! error, is [`Failure::Unknown`]: nothing is said of it. Evaluation costs at most the steps that its caller allows.

mod eval;
mod functions;
mod lex;
mod parse;
mod value;

#[cfg(test)]
mod tests;

pub(crate) use eval::Evaluator;
pub(crate) use parse::{Expression, parse};
pub(crate) use value::{Cel, Source};

/// Why an expression has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Nobody knows here what the API server would make of it.
    Unknown,
    /// It asks for a field that is not there, without asking whether it is.
    NoSuchKey,
}

impl Failure {
    /// Of two failures, the one that leaves more open.
    fn worse(self, other: Failure) -> Failure {
        if self == other { self } else { Failure::Unknown }
    }
}
