//! What keeps a run from doing its job: told on standard error, exit status 2.

use std::{fmt, io};

use kubevet_core::report::visible;

/// One reason, in one line or with an excerpt of a configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub message: String,
    /// More lines, ready to be printed: an excerpt.
    pub details: String,
}

impl Problem {
    pub fn new(message: impl Into<String>) -> Self {
        Problem { message: message.into(), details: String::new() }
    }

    /// A file that cannot be read.
    pub fn read(path: &str, error: &io::Error) -> Self {
        Problem::new(format!("cannot read `{}`: {}", visible(path), reason(error)))
    }

    /// A file that cannot be written.
    pub fn write(path: &str, error: &io::Error) -> Self {
        Problem::new(format!("cannot write `{}`: {}", visible(path), reason(error)))
    }
}

/// The system's words without its number.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
