//! One line a finding: `path:line:col: severity[rule] message`.

use std::{borrow::Cow, fmt::Write};

use super::{range, visible};
use crate::{engine::Report, index::ResourceSet};

/// The `concise` report.
pub fn concise(report: &Report, set: &ResourceSet) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        let place = &finding.site.place;
        let (start, _) = range(set, place);
        let path = line_start_path(&place.path);
        let message = visible(&finding.message);
        let _ = writeln!(
            out,
            "{path}:{}:{}: {}[{}] {message}",
            start.line, start.column, finding.severity, finding.rule
        );
    }
    out
}

/// A path that may stand at the start of a line: one that begins with `::` would be a command to GitHub's runner.
pub fn line_start_path(path: &str) -> Cow<'_, str> {
    let shown = visible(path);
    if shown.trim_start().starts_with("::") { Cow::Owned(format!("./{shown}")) } else { shown }
}
