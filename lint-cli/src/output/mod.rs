//! Reports for people and for programs.

mod excerpt;
mod full;
mod markdown;
mod settings;
mod snippet;
mod statistics;
mod summary;
mod upgrade;
mod wrap;

pub use full::full;
pub use markdown::{inline as markdown_line, markdown};
pub use settings::settings_table;
pub use snippet::{Mark, snippets};
pub use statistics::{statistics, statistics_json};
pub use summary::{Counted, plural, skipped_one, skipped_words, summary};
pub use upgrade::{changes_lines, changes_table};
pub use wrap::wrap;

use std::str::FromStr;

use kubevet_core::{
    engine::Report,
    index::ResourceSet,
    report::{concise, json, json_lines},
    suggest::closest,
};

use crate::terminal::Stream;

/// Format of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// With excerpts of the files, for people.
    #[default]
    Full,
    /// One line a finding.
    Concise,
    /// One JSON object.
    Json,
    /// One JSON object a finding.
    JsonLines,
}

impl Format {
    const ALL: [(&str, Format); 4] = [
        ("full", Format::Full),
        ("concise", Format::Concise),
        ("json", Format::Json),
        ("json-lines", Format::JsonLines),
    ];

    /// The report in this format. The stream decides only about `full`.
    pub fn render(self, report: &Report, set: &ResourceSet, stream: Stream) -> String {
        match self {
            Format::Full => full(report, set, stream),
            Format::Concise => concise(report, set),
            Format::Json => json(report, set),
            Format::JsonLines => json_lines(report, set),
        }
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((_, format)) = Format::ALL.into_iter().find(|(name, _)| *name == text) {
            return Ok(format);
        }
        let names = Format::ALL.map(|(name, _)| name);
        let meant = closest(text, names).map(|name| format!(", did you mean `{name}`?"));
        let known = || format!(": use one of {}", names.join(", "));
        Err(format!("`{text}` is not an output format{}", meant.unwrap_or_else(known)))
    }
}
