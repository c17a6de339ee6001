//! Counts a rule instead of findings.

use std::{collections::BTreeMap, fmt::Write};

use kubevet_core::{
    engine::Report,
    finding::{Finding, Severity},
};
use serde::Serialize;

use crate::terminal::{Stream, severity_style};

#[derive(Serialize)]
struct Row {
    rule: &'static str,
    severity: Severity,
    count: usize,
    fixable: usize,
}

/// Most frequent rules first.
fn rows(report: &Report) -> Vec<Row> {
    let mut groups: BTreeMap<(&'static str, Severity), Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        groups.entry((finding.rule, finding.severity)).or_default().push(finding);
    }
    let mut rows: Vec<Row> = groups
        .into_iter()
        .map(|((rule, severity), findings)| {
            let fixable = findings.iter().filter(|finding| !finding.fixes.is_empty()).count();
            Row { rule, severity, count: findings.len(), fixable }
        })
        .collect();
    rows.sort_by(|one, other| other.count.cmp(&one.count).then(one.rule.cmp(other.rule)));
    rows
}

/// A table for people: count, severity, rule.
pub fn statistics(report: &Report, stream: Stream) -> String {
    let rows = rows(report);
    let digits = rows.first().map_or(0, |row| row.count.to_string().len());
    let mut out = String::new();
    for Row { rule, severity, count, .. } in rows {
        let severity = stream.paint(severity_style(severity), &format!("{severity:7}"));
        let _ = writeln!(out, "{count:>digits$}  {severity}  {rule}");
    }
    out
}

/// The same as a JSON array.
pub fn statistics_json(report: &Report) -> String {
    let mut out = serde_json::to_string_pretty(&rows(report)).expect("rows are plain data");
    out.push('\n');
    out
}
