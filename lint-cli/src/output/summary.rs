//! The last line of a run: an empty run never looks like a clean one.

use std::fmt::Write;

use kubevet_core::{
    engine::{Report, Summary},
    finding::Severity,
    recognise::Skipped,
    report::visible,
};

use crate::terminal::{BOLD, Stream, severity_style};

/// What the report alone does not tell.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counted {
    /// Findings below `--min-severity`.
    pub hidden: usize,
    /// Files that could not be looked at.
    pub failed: usize,
}

/// `3 errors, 12 warnings in 41 files (118 documents, 102 objects); skipped: 14 Helm templates`.
pub fn summary(report: &Report, counted: Counted, stream: Stream) -> String {
    let by_severity = Severity::ALL.into_iter().rev().filter_map(|severity| {
        let count = report.count(severity);
        (count > 0).then(|| stream.paint(severity_style(severity), &plural(count, severity.name())))
    });
    let by_severity: Vec<String> = by_severity.collect();
    let mut out =
        if by_severity.is_empty() { stream.paint(BOLD, "no findings") } else { by_severity.join(", ") };
    let counts = &report.summary;
    let _ = write!(out, " in {}", plural(counts.files, "file"));
    let parts = [
        plural(counts.documents, "document"),
        plural(counts.objects, "object"),
        plural(counts.components, "component"),
    ];
    let shown = if counts.components == 0 { &parts[..2] } else { &parts[..] };
    let _ = write!(out, " ({})", shown.join(", "));
    let hidden = (counted.hidden > 0).then(|| format!("; {} below `--min-severity`", counted.hidden));
    out.push_str(&hidden.unwrap_or_default());
    out.push_str(&skipped_words(counts));
    if counted.failed > 0 {
        let _ = write!(out, "; not read: {}", plural(counted.failed, "file"));
    }
    out.push('\n');
    out.push_str(&unvalidated_words(counts));
    out
}

/// `12 objects of 3 kinds were not validated, there is no schema of example.org/v1 Widget, …`; nothing where all were.
fn unvalidated_words(summary: &Summary) -> String {
    let kinds = &summary.unvalidated;
    let objects: usize = kinds.iter().map(|one| one.objects).sum();
    if objects == 0 {
        return String::new();
    }
    let named: Vec<String> = kinds
        .iter()
        .take(KINDS)
        .map(|one| visible(&format!("{} {}", one.api_version, one.kind)).into_owned())
        .collect();
    let more = kinds.len() - named.len();
    let more = if more > 0 { format!(" and {}", plural(more, "other kind")) } else { String::new() };
    let verb = if objects == 1 { "was" } else { "were" };
    format!(
        "{} of {} {verb} not validated, there is no schema of {}{more}: give it with `--crd` or `--schema-location`\n",
        plural(objects, "object"),
        plural(kinds.len(), "custom kind"),
        named.join(", "),
    )
}

/// Kinds that the summary names.
const KINDS: usize = 3;

/// `; skipped: 14 Helm templates`; nothing where nothing was skipped.
pub fn skipped_words(summary: &Summary) -> String {
    let skipped = summary.skipped.iter().map(|(reason, count)| match count {
        1 => format!("1 {}", skipped_one(*reason)),
        _ => format!("{count} {reason}"),
    });
    let skipped: Vec<String> = skipped.collect();
    if skipped.is_empty() { String::new() } else { format!("; skipped: {}", skipped.join(", ")) }
}

/// `1 file`, `2 files`.
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// Singular of the reason's name.
pub fn skipped_one(reason: Skipped) -> &'static str {
    match reason {
        Skipped::HelmTemplate => "Helm template",
        Skipped::HelmChart => "Helm chart file",
        Skipped::Template => "template",
        Skipped::NotKubernetes => "document that is not Kubernetes",
        Skipped::UnknownFile => "file of no known kind",
    }
}
