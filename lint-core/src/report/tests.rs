use super::*;
use crate::{
    declare_rule,
    engine::{Config, Linter, Report, lint_document, lint_set},
    kubernetes::Object,
    rule::{Context, Kinds},
    source::SourceText,
};

declare_rule! {
    /// A ConfigMap is named.
    pub NAMED {
        id: "test/named",
        class: Hygiene,
        severity: Warning,
        profiles: [recommended],
        check: Object(Kinds::Any, named),
    }
}

fn named(object: Object<'_>, cx: &mut Context<'_>) {
    let name = object.name().unwrap_or_default();
    let kind = object.node().get("kind").expect("objects have a kind");
    cx.report(object, format!("it is called `{name}`")).help("rename it").label(kind, "its kind");
}

fn run(path: &str, text: &str) -> (Report, ResourceSet) {
    let linter = Linter::new(&[&NAMED], Config::default()).unwrap();
    let file = lint_document(SourceText::new(path, text), None, &linter);
    let set = ResourceSet::new(vec![file], linter.config());
    (lint_set(&set, &linter), set)
}

const TEXT: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels: {ä: ö}\n  name: web\n";

#[test]
fn concise_is_one_line_a_finding() {
    let (report, set) = run("a/b.yaml", TEXT);
    assert_eq!(concise(&report, &set), "a/b.yaml:5:9: warning[test/named] it is called `web`\n");
}

#[test]
fn columns_are_code_points_and_offsets_bytes() {
    let (report, set) =
        run("a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {labels: {ä: ö}, name: web}\n");
    let value: serde_json::Value = serde_json::from_str(&json(&report, &set)).unwrap();
    let start = &value["findings"][0]["start"];
    assert_eq!((&start["column"], &start["offset"]), (&34.into(), &66.into()));
    assert_eq!(value["findings"][0]["related"][0]["message"], "its kind");
    assert_eq!(value["summary"]["warnings"], 1);
}

#[test]
fn json_lines_are_the_findings_of_the_json_report() {
    let (report, set) = run("a.yaml", &format!("{TEXT}---\n{TEXT}"));
    let whole: serde_json::Value = serde_json::from_str(&json(&report, &set)).unwrap();
    let lines = json_lines(&report, &set);
    let lines: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(whole["findings"].as_array(), Some(&lines));
    assert_eq!(lines.len(), 2);
}

#[test]
fn nothing_acts_on_a_terminal_or_a_runner() {
    assert_eq!(visible("a\x1b[31m\u{9b}\u{202e}\n\x7f"), "a␛[31m<U+009B><U+202E>␊␡");
    assert_eq!(visible("x ##[error]y"), "x ## [error]y");
    assert!(matches!(visible("grün 👩‍💻"), std::borrow::Cow::Borrowed(_)));
    assert_eq!(line_start_path("::error::x.yaml"), "./::error::x.yaml");

    let (report, set) =
        run("::debug::a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: \"w\\e[1m\\u009b\"\n");
    let text = concise(&report, &set);
    assert!(text.starts_with("./::debug::a.yaml:4:9:") && text.contains("`w␛[1m<U+009B>`"), "{text}");
    let json = json(&report, &set);
    assert!(json.contains("w\\u001b[1m\\u009b") && !json.contains('\u{9b}'), "{json}");
}
