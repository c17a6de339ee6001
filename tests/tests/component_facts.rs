//! Flags and fields against what the real components say of them.

use std::{collections::BTreeSet, fs};

use kubevet_core::{
    engine::{Config, Linter, Report, lint_document, lint_set},
    facts::{Component, Flag, Version, flag, flag_values, flags},
    index::ResourceSet,
    source::SourceText,
};
use kubevet_tests::corpus::{corpus, verdicts};
use serde_json::Value;

/// Rules that say that a component does not have a flag.
const ABSENT: [&str; 3] = ["flags/unknown", "flags/removed", "flags/not-yet-available"];
/// Rules about fields that a kind does not have.
const NO_FIELD: [&str; 3] = [
    "component-config/unknown-field",
    "component-config/removed-field",
    "component-config/field-not-yet-available",
];

/// Lints one file for a version with some rules.
fn lint(path: &str, text: &[u8], version: Version, rules: &[&str]) -> (ResourceSet, Report) {
    let select = rules.iter().map(|rule| (*rule).to_owned()).collect();
    let config = Config { versions: Some(version.into()), select, ..Config::default() };
    let linter = Linter::new(&kubevet_rules::all(), config).expect("the rules are there");
    let (source, problem) = SourceText::from_bytes(path, text.to_vec());
    let set = ResourceSet::new(vec![lint_document(source, problem, &linter)], linter.config());
    let report = lint_set(&set, &linter);
    (set, report)
}

/// A pod that runs a component with these arguments.
fn pod(component: Component, arguments: &[String]) -> String {
    let command: Vec<&str> =
        std::iter::once(component.name()).chain(arguments.iter().map(String::as_str)).collect();
    let container = serde_json::json!({"name": "c", "image": "example.org/x", "command": command});
    let metadata = serde_json::json!({"name": "p"});
    serde_json::json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [container]}})
        .to_string()
}

fn pairs() -> impl Iterator<Item = (Component, Version)> {
    let versions = || Version::SUPPORTED.map(Version::new);
    Component::ALL.into_iter().flat_map(move |component| versions().map(move |version| (component, version)))
}

/// The default of a flag as it can be given; `None` where its printed form is none (`math.MaxUint32` in the help of etcd 3.5).
fn given(flag: &Flag) -> Option<String> {
    let text = flag.default.trim_start_matches('[').trim_end_matches(']');
    if text.starts_with("math.") {
        return None;
    }
    let none = matches!(text, "" | "<nil>");
    let text_like = matches!(flag.type_name, "string" | "stringSlice" | "*flag.stringValue");
    (!none || text_like).then(|| format!("--{}={}", flag.name, if none { "" } else { text }))
}

#[test]
fn every_flag_takes_its_own_default() {
    let rules: Vec<&str> = ABSENT.into_iter().chain(["flags/invalid-value"]).collect();
    let mut tried = 0;
    for (component, version) in pairs() {
        let arguments: Vec<String> = flags(component, version).filter_map(|flag| given(&flag)).collect();
        tried += arguments.len();
        let (_, report) = lint("pod.json", pod(component, &arguments).as_bytes(), version, &rules);
        let messages: Vec<_> = report.findings.iter().map(|finding| &finding.message).collect();
        assert!(messages.is_empty(), "{component} {version}: {messages:#?}");
    }
    assert!(tried > 5_000, "only {tried} flags were tried");
}

#[test]
fn flags_of_other_components_are_reported_each() {
    let mut tried = 0;
    for (component, version) in pairs() {
        let others = Component::ALL.into_iter().filter(|other| *other != component);
        let foreign: BTreeSet<&str> = others
            .flat_map(|other| flags(other, version).map(|flag| flag.name))
            .filter(|name| flag(component, name, version).is_none() && !matches!(*name, "help" | "version"))
            .collect();
        let arguments: Vec<String> = foreign.iter().map(|name| format!("--{name}=x")).collect();
        let (set, report) = lint("pod.json", pod(component, &arguments).as_bytes(), version, &ABSENT);
        let reported: BTreeSet<&str> = report
            .findings
            .iter()
            .map(|finding| set.files()[0].source().slice(finding.site.place.span).trim_start_matches('-'))
            .collect();
        assert_eq!(reported, foreign, "{component} {version}");
        tried += foreign.len();
    }
    assert!(tried > 10_000, "only {tried} flags were tried");
}

/// `data/flag-values.jsonl` is what the flag sets of the real Kubernetes 1.37.1 say of values, one flag for each type of
/// value.
#[test]
fn values_are_refused_as_by_the_real_flags() {
    let (mut compared, mut wrong) = (0, Vec::new());
    for line in include_str!("../data/flag-values.jsonl").lines() {
        let row: Value = serde_json::from_str(line).expect("a line is JSON");
        let text = |key: &str| row[key].as_str().expect("a text").to_owned();
        let component = Component::from_binary(&text("component")).expect("a component");
        let version: Version = text("version").parse().expect("a version");
        for (key, refused) in [("accepted", false), ("refused", true)] {
            for value in row[key].as_array().into_iter().flatten().filter_map(Value::as_str) {
                compared += 1;
                let argument = format!("--{}={value}", text("flag"));
                // The validation behind the flag set takes fewer texts; see `facts/generator/flag-values.py`.
                let values = flag_values(component, &text("flag"));
                let refused = refused || !(values.is_empty() || value.is_empty() || values.contains(&value));
                let file = pod(component, std::slice::from_ref(&argument));
                let (_, report) = lint("pod.json", file.as_bytes(), version, &["flags/invalid-value"]);
                if report.findings.is_empty() == refused {
                    wrong.push(format!("{component} {argument}: refused {refused}"));
                }
            }
        }
    }
    assert!(compared > 2_000, "only {compared} values were compared");
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
}

/// The lines of a file of verdicts, by the file of the corpus that they are about.
fn lines(name: &str) -> Option<Vec<(String, Vec<Value>)>> {
    let text = fs::read_to_string(verdicts()?.join(name)).expect("the verdicts are unpacked");
    let mut found: Vec<(String, Vec<Value>)> = Vec::new();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).expect("a line is JSON");
        let file = line["file"].as_str().expect("a verdict names its file").to_owned();
        match found.iter_mut().find(|(other, _)| *other == file) {
            Some((_, lines)) => lines.push(line),
            None => found.push((file, vec![line])),
        }
    }
    Some(found)
}

/// What is said in the errors of verdicts behind one text and before another.
fn said<'v>(lines: &'v [Value], key: &str, start: &str, end: char) -> BTreeSet<&'v str> {
    let errors = lines.iter().flat_map(|line| line[key].as_array().into_iter().flatten());
    let behind = errors.filter_map(|error| error.as_str()?.split_once(start));
    behind.map(|(_, rest)| rest.split(end).next().unwrap_or_default()).collect()
}

#[test]
fn flags_of_the_corpus_are_refused_by_the_real_components() {
    let (Some(corpus), Some(all)) = (corpus(), lines("flags.jsonl")) else { return };
    let version = Version::newest();
    let (mut compared, mut wrong) = (0, Vec::new());
    for (file, lines) in all {
        let bytes = fs::read(corpus.join(&file)).expect("the corpus has the file");
        let rules: Vec<&str> = ABSENT.into_iter().chain(["flags/invalid-value"]).collect();
        let (set, report) = lint(&file, &bytes, version, &rules);
        // Of etcd there are no verdicts.
        let findings = report.findings.iter().filter(|finding| !finding.message.contains("etcd since"));
        let reported: BTreeSet<&str> = findings
            .map(|finding| match finding.rule {
                "flags/invalid-value" => finding.message.split('`').nth(1).unwrap_or_default(),
                _ => set.files()[0].source().slice(finding.site.place.span).trim_start_matches('-'),
            })
            .collect();
        let invalid = said(&lines, "errors", "for \"--", '"');
        // Variables of a shell that the file does not set: only the real flags take them as they are.
        let text = String::from_utf8_lossy(&bytes);
        let invalid = invalid.into_iter().filter(|name| !text.contains(&format!("--{name}=${{")));
        let refused: BTreeSet<&str> =
            said(&lines, "errors", "unknown flag: --", ' ').into_iter().chain(invalid).collect();
        compared += 1;
        // The verdicts name the first flag, and of the others those with a `=`.
        let alone = |name: &&str| !text.contains(&format!("--{name}="));
        let reported: BTreeSet<&str> =
            reported.into_iter().filter(|name| refused.contains(name) || !alone(name)).collect();
        if reported != refused {
            wrong.push(format!("{file}: refused {refused:?}, reported {reported:?}"));
        }
    }
    assert!(compared > 50, "only {compared} files were compared");
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn fields_of_the_corpus_are_those_of_the_real_components() {
    let (Some(corpus), Some(all)) = (corpus(), lines("config.jsonl")) else { return };
    let (mut compared, mut wrong) = (0, Vec::new());
    for (file, lines) in all {
        let bytes = fs::read(corpus.join(&file)).expect("the corpus has the file");
        let rules: Vec<&str> = NO_FIELD.into_iter().chain(["component-config/wrong-type"]).collect();
        let (_, report) = lint(&file, &bytes, Version::newest(), &rules);
        let (wrong_type, unknown): (Vec<_>, Vec<_>) =
            report.findings.iter().partition(|finding| finding.rule == "component-config/wrong-type");
        compared += lines.len();
        let fields = said(&lines, "strict", "unknown field \"", '"');
        let types = !said(&lines, "errors", "cannot unmarshal", ' ').is_empty();
        if unknown.len() != fields.len() || wrong_type.is_empty() == types {
            let messages: Vec<_> = report.findings.iter().map(|finding| &finding.message).collect();
            wrong.push(format!("{file}: unknown {fields:?}, wrong types {types}, reported {messages:?}"));
        }
    }
    assert!(compared > 300, "only {compared} documents were compared");
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn kubeadm_decodes_what_is_not_reported() {
    let Some(corpus) = corpus() else { return };
    for minor in 34..=37 {
        let Some(all) = lines(&format!("kubeadm-1.{minor}.jsonl")) else { return };
        let mut wrong = Vec::new();
        for (file, lines) in &all {
            let bytes = fs::read(corpus.join(file)).expect("the corpus has the file");
            let rules = ["component-config/wrong-type", "kubeadm/extra-args-form"];
            let (_, report) = lint(file, &bytes, Version::new(minor), &rules);
            let refused = !said(lines, "errors", "cannot unmarshal", ' ').is_empty();
            let old = !said(lines, "errors", "old API spec", ' ').is_empty();
            if report.findings.is_empty() == refused && !old {
                let messages: Vec<_> = report.findings.iter().map(|finding| &finding.message).collect();
                wrong.push(format!("{file}: refused {refused}, reported {messages:?}"));
            }
        }
        assert!(all.len() > 100, "only {} files were compared", all.len());
        assert!(wrong.is_empty(), "1.{minor}, {} of {}:\n{}", wrong.len(), all.len(), wrong.join("\n"));
    }
}
