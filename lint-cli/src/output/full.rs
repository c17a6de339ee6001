//! The `full` report: findings with excerpts of the files.

use kubevet_core::{
    engine::Report, finding::Finding, index::ResourceSet, report::visible, rule::Rule, source::SourceText,
};

use super::{Mark, snippets, wrap};
use crate::terminal::{BOLD, DIM, HELP, Stream, severity_style};

/// More related places than these are counted, not shown.
const MOST_RELATED: usize = 6;

/// The `full` report for a stream.
pub fn full(report: &Report, set: &ResourceSet, stream: Stream) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        one(&mut out, finding, set, stream);
        out.push('\n');
    }
    out
}

fn one(out: &mut String, finding: &Finding, set: &ResourceSet, stream: Stream) {
    headline(out, finding, stream);
    let unread = SourceText::new(finding.site.place.path.clone(), "");
    let text = |path: &str| set.source(path);
    let source = text(&finding.site.place.path).unwrap_or(&unread);
    let mut marks =
        vec![Mark { source, span: finding.site.place.span, label: None, severity: Some(finding.severity) }];
    let shown = finding.related.iter().take(MOST_RELATED);
    marks.extend(shown.filter_map(|related| {
        let source = text(&related.place.path)?;
        Some(Mark { source, span: related.place.span, label: Some(&related.message), severity: None })
    }));
    let object = finding.site.object.as_ref().map(ToString::to_string);
    snippets(out, &marks, object.as_deref(), stream);

    let more = finding.related.len().saturating_sub(MOST_RELATED);
    if more > 0 {
        out.push_str(&stream.paint(DIM, &format!("  and {more} more places\n")));
    }
    let help = finding.help.as_deref().or_else(|| finding.fixes.first().map(|fix| &*fix.title));
    if let Some(help) = help {
        let label = format!("  {} ", stream.paint(HELP, "help:"));
        let text = wrap(&visible(help), stream.width.map(|width| width.saturating_sub(8)), "", "        ");
        out.push_str(&label);
        out.push_str(&text);
    }
}

/// `severity[rule]: message`. The message is wrapped before it is styled: links take no room.
fn headline(out: &mut String, finding: &Finding, stream: Stream) {
    let plain = format!("{}[{}]: ", finding.severity, finding.rule);
    let wrapped = wrap(&visible(&finding.message), stream.width, &plain, "  ");
    let rule = stream.link(&Rule::url_of(finding.rule), finding.rule);
    out.push_str(&stream.paint(severity_style(finding.severity), &format!("{}[{rule}]", finding.severity)));
    out.push_str(&stream.paint(BOLD, &format!(": {}", wrapped[plain.len()..].trim_end())));
    out.push('\n');
}
