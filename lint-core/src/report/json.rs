//! The JSON reports. Their shape is described by `docs/report.schema.json`.

use serde::Serialize;

use super::{SCHEMA_VERSION, range};
use crate::{
    engine::{Report, Summary},
    finding::{Applicability, Class, Finding, Fix, ObjectIdentity, Place, Severity},
    index::ResourceSet,
    recognise::Skipped,
    rule::Rule,
    settings::upgrade::ChangeView,
    source::Position,
};

/// The `json` report: one object with all findings, each on its own line.
pub fn json(report: &Report, set: &ResourceSet) -> String {
    document(report, set, None)
}

/// The `json` report about an upgrade: what changes by itself stands behind the findings.
pub fn upgrade_json(report: &Report, set: &ResourceSet, changes: &[ChangeView]) -> String {
    document(report, set, Some(changes))
}

fn document(report: &Report, set: &ResourceSet, changes: Option<&[ChangeView]>) -> String {
    let mut out =
        format!("{{\"schema_version\":{SCHEMA_VERSION},\"tool\":{},\n\"findings\":[", text(&Tool::THIS));
    for (index, finding) in report.findings.iter().enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        out.push_str(&text(&JsonFinding::new(finding, set)));
    }
    out.push(']');
    if let Some(changes) = changes {
        out.push_str(",\n\"changes\":[");
        for (index, change) in changes.iter().enumerate() {
            out.push_str(if index == 0 { "\n" } else { ",\n" });
            out.push_str(&text(change));
        }
        out.push(']');
    }
    out.push_str(",\n\"summary\":");
    out.push_str(&text(&JsonSummary::new(report)));
    out.push_str("}\n");
    out
}

/// The `json-lines` report: one finding a line, without an envelope.
pub fn json_lines(report: &Report, set: &ResourceSet) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        out.push_str(&text(&JsonFinding::new(finding, set)));
        out.push('\n');
    }
    out
}

/// JSON on one line.
fn text(value: &impl Serialize) -> String {
    escaped(serde_json::to_string(value).expect("reports have string keys and no failing parts"))
}

/// JSON without characters that would act on a terminal: inside of strings they are escaped.
pub(crate) fn escaped(plain: String) -> String {
    let acts = |char: char| matches!(char, '\x7f'..='\u{9f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}');
    if !plain.contains(acts) {
        return plain;
    }
    let escaped = |char: char| if acts(char) { format!("\\u{:04x}", u32::from(char)) } else { char.into() };
    plain.chars().map(escaped).collect()
}

/// What wrote a report.
#[derive(Serialize)]
pub(crate) struct Tool {
    name: &'static str,
    version: &'static str,
}

impl Tool {
    /// This build.
    pub(crate) const THIS: Tool = Tool { name: "kubevet", version: env!("CARGO_PKG_VERSION") };
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    rule: &'a str,
    class: Class,
    severity: Severity,
    message: &'a str,
    help: Option<&'a str>,
    url: String,
    path: &'a str,
    start: JsonPosition,
    end: JsonPosition,
    document: u32,
    object: Option<&'a ObjectIdentity>,
    field: Option<&'a str>,
    related: Vec<JsonRelated<'a>>,
    fixes: Vec<JsonFix<'a>>,
    fingerprint: String,
    /// Findings that a comment, an annotation or a baseline hides are not part of a report: always `null`.
    suppressed: Option<&'a str>,
}

impl<'a> JsonFinding<'a> {
    fn new(finding: &'a Finding, set: &ResourceSet) -> Self {
        let site = &finding.site;
        let (start, end) = positions(set, &site.place);
        let related = finding.related.iter().map(|related| {
            let (start, end) = positions(set, &related.place);
            JsonRelated { path: &related.place.path, start, end, message: &related.message }
        });
        JsonFinding {
            rule: finding.rule,
            class: finding.class,
            severity: finding.severity,
            message: &finding.message,
            help: finding.help.as_deref(),
            url: Rule::url_of(finding.rule),
            path: &site.place.path,
            start,
            end,
            document: site.document,
            object: site.object.as_deref(),
            field: site.field.as_deref(),
            related: related.collect(),
            fixes: finding.fixes.iter().map(JsonFix::new).collect(),
            fingerprint: format!("{:032x}", finding.fingerprint),
            suppressed: None,
        }
    }
}

#[derive(Serialize)]
struct JsonPosition {
    offset: u32,
    line: u32,
    column: u32,
}

fn positions(set: &ResourceSet, place: &Place) -> (JsonPosition, JsonPosition) {
    let (start, end) = range(set, place);
    let json = |offset, Position { line, column }| JsonPosition { offset, line, column };
    (json(place.span.start, start), json(place.span.end, end))
}

#[derive(Serialize)]
struct JsonRelated<'a> {
    path: &'a str,
    start: JsonPosition,
    end: JsonPosition,
    message: &'a str,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    title: &'a str,
    applicability: Applicability,
    edits: Vec<JsonEdit<'a>>,
}

#[derive(Serialize)]
struct JsonEdit<'a> {
    start: u32,
    end: u32,
    text: &'a str,
}

impl<'a> JsonFix<'a> {
    fn new(fix: &'a Fix) -> Self {
        let edits = fix.edits.iter();
        let edits =
            edits.map(|edit| JsonEdit { start: edit.span.start, end: edit.span.end, text: &edit.text });
        JsonFix { title: &fix.title, applicability: fix.applicability, edits: edits.collect() }
    }
}

#[derive(Serialize)]
struct JsonSummary {
    files: usize,
    documents: usize,
    objects: usize,
    components: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    fixable: usize,
    suppressed: usize,
    skipped: Vec<JsonSkipped>,
    unvalidated: Vec<JsonUnvalidated>,
}

/// Objects of a custom kind that nobody has a schema of.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonUnvalidated {
    api_version: String,
    kind: String,
    objects: usize,
}

#[derive(Serialize)]
struct JsonSkipped {
    reason: &'static str,
    count: usize,
}

impl JsonSummary {
    fn new(report: &Report) -> Self {
        let Summary { files, documents, objects, components, .. } = report.summary;
        let skipped = report.summary.skipped.iter();
        let unvalidated = report.summary.unvalidated.iter().map(|one| JsonUnvalidated {
            api_version: one.api_version.clone(),
            kind: one.kind.clone(),
            objects: one.objects,
        });
        JsonSummary {
            files,
            documents,
            objects,
            components,
            errors: report.count(Severity::Error),
            warnings: report.count(Severity::Warning),
            infos: report.count(Severity::Info),
            fixable: report.findings.iter().filter(|finding| !finding.fixes.is_empty()).count(),
            suppressed: 0,
            skipped: skipped
                .map(|(reason, count)| JsonSkipped { reason: name(*reason), count: *count })
                .collect(),
            unvalidated: unvalidated.collect(),
        }
    }
}

fn name(reason: Skipped) -> &'static str {
    match reason {
        Skipped::HelmTemplate => "helm-template",
        Skipped::HelmChart => "helm-chart",
        Skipped::Template => "template",
        Skipped::NotKubernetes => "not-kubernetes",
        Skipped::UnknownFile => "unknown-file",
    }
}
