//! Standard output for results, standard error for everything else.

use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::Style;

use crate::{
    args::Global,
    outcome::Outcome,
    problem::Problem,
    terminal::{DIM, Stream, severity_style},
};
use kubevet_core::finding::Severity;

/// Both streams, and how much is said.
#[derive(Clone, Copy, Debug)]
pub struct Console {
    /// Standard output.
    pub out: Stream,
    /// Standard error.
    pub err: Stream,
    quiet: bool,
    verbose: bool,
}

impl Console {
    pub fn new(global: &Global) -> Self {
        Console {
            out: Stream::stdout(global.color),
            err: Stream::stderr(global.color),
            quiet: global.quiet,
            verbose: global.verbose,
        }
    }

    /// Whether notes are wanted.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether every step is told.
    pub fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// Writes results.
    pub fn print(&self, text: &str) -> Outcome {
        // The text holds escape sequences only where the stream shows them; consoles that need calls are served too.
        let mut out = AutoStream::new(io::stdout().lock(), choice(self.out));
        out.write_all(text.as_bytes())?;
        Ok(out.flush()?)
    }

    /// Tells why the job, or a part of it, cannot be done.
    pub fn problem(&self, problem: &Problem) {
        self.tell(severity_style(Severity::Error), "error: ", &problem.message);
        self.write(&problem.details);
    }

    /// Tells what deserves a look.
    pub fn warning(&self, text: &str) {
        if !self.quiet {
            self.tell(severity_style(Severity::Warning), "warning: ", text);
        }
    }

    /// Tells something that is no result.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.write(&format!("{text}\n"));
        }
    }

    /// Tells a step.
    pub fn detail(&self, text: impl FnOnce() -> String) {
        if self.verbose {
            self.write(&format!("{}\n", self.err.paint(DIM, &text())));
        }
    }

    fn tell(&self, style: Style, label: &str, text: &str) {
        self.write(&format!("{}{text}\n", self.err.paint(style, label)));
    }

    /// Nobody can be told when standard error is gone.
    fn write(&self, text: &str) {
        let _ = AutoStream::new(io::stderr().lock(), choice(self.err)).write_all(text.as_bytes());
    }
}

fn choice(stream: Stream) -> ColorChoice {
    if stream.color { ColorChoice::Always } else { ColorChoice::Never }
}
