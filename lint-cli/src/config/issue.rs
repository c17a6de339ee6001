//! What is wrong with a configuration file, and where.

use std::ops::Range;

use kubevet_core::{
    finding::Severity,
    source::{SourceText, Span},
};

use crate::{
    output::{Mark, snippets},
    problem::Problem,
    terminal::{HELP, Stream},
};

/// One mistake in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    pub span: Range<usize>,
    pub message: String,
    pub help: Option<String>,
}

impl Issue {
    /// With the lines of the file around it.
    pub fn problem(&self, source: &SourceText, stream: Stream) -> Problem {
        let span = Span::new(self.span.start, self.span.end);
        let mut details = String::new();
        let mark = Mark { source, span, label: None, severity: Some(Severity::Error) };
        snippets(&mut details, &[mark], None, stream);
        if let Some(help) = &self.help {
            details.push_str(&format!("  {} {help}\n", stream.paint(HELP, "help:")));
        }
        Problem { message: self.message.clone(), details }
    }
}
