//! The rules about pod security against the real Pod Security admission, on every pod of the corpus.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use kubevet_core::{
    engine::{Config, Linter, lint_document},
    rule::Profile,
    source::SourceText,
};
use kubevet_tests::corpus::{corpus, verdicts};
use serde_json::Value;

/// Rules of the group by the reason that the admission library gives, at the level that has the reason.
const CONTROLS: &[(&str, &str, &[&str])] = &[
    (
        "baseline",
        "host namespaces",
        &["pod-security/host-network", "pod-security/host-pid", "pod-security/host-ipc"],
    ),
    ("baseline", "privileged", &["pod-security/privileged"]),
    ("baseline", "hostPath volumes", &["pod-security/host-path"]),
    ("baseline", "hostPort", &["pod-security/host-port"]),
    ("baseline", "non-default capabilities", &["pod-security/capabilities-baseline"]),
    ("baseline", "seccompProfile", &["pod-security/seccomp-unconfined"]),
    ("baseline", "forbidden sysctls", &["pod-security/unsafe-sysctl"]),
    ("restricted", "procMount", &["pod-security/proc-mount"]),
    ("restricted", "allowPrivilegeEscalation != false", &["pod-security/privilege-escalation"]),
    ("restricted", "unrestricted capabilities", &["pod-security/capabilities-restricted"]),
    ("restricted", "runAsNonRoot != true", &["pod-security/run-as-non-root"]),
    ("restricted", "runAsUser=0", &["pod-security/run-as-root-user"]),
    ("restricted", "seccompProfile", &["pod-security/seccomp-missing", "pod-security/seccomp-unconfined"]),
];

/// An object of a file: number of its document, number of the object in it.
type Key = (u32, usize);

/// Rules that report something, by object.
fn reported(linter: &Linter, path: &str, text: String) -> BTreeMap<Key, BTreeSet<&'static str>> {
    let linted = lint_document(SourceText::new(path, text), None, linter);
    let mut found = BTreeMap::new();
    // The reader of the real API machinery splits at `---` lines: comments before the first one are a document to it.
    let before = linted.file.source().text().split("\n---").next().unwrap_or_default();
    let comment = |line: &str| line.starts_with('#') || line.trim().is_empty();
    let skipped = u32::from(before.contains('#') && before.lines().all(comment));
    let (mut document, mut number) = (0, 0);
    for object in linted.file.objects() {
        number = if object.node().document() == document { number } else { 0 };
        document = object.node().document();
        let inside = linted.findings.iter().filter(|one| object.node().span().contains(one.site.place.span));
        found.insert((document + skipped, number), inside.map(|one| one.rule).collect());
        number += 1;
    }
    found
}

/// Reads `2` and `2.items[5]`.
fn key(text: &str) -> Key {
    let (document, item) = text.split_once(".items[").unwrap_or((text, "0]"));
    let number = |text: &str| text.parse::<usize>().expect("a number");
    (document.parse().expect("a number"), number(item.trim_end_matches(']')))
}

#[test]
fn verdicts_are_those_of_the_admission_plugin() {
    let (Some(corpus), Some(verdicts)) = (corpus(), verdicts()) else { return };
    let config = Config { profiles: vec![Profile::PssRestricted], ..Config::default() };
    let linter = Linter::new(&kubevet_rules::all(), config).expect("the profile is known");
    let lines = fs::read_to_string(verdicts.join("pss.jsonl")).expect("the verdicts are unpacked");
    let (mut compared, mut wrong) = (0, Vec::new());
    let mut of_file = (String::new(), BTreeMap::new(), false);
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line).expect("a line is JSON");
        let text = |key: &str| line[key].as_str().unwrap_or_default();
        let file = text("file");
        if of_file.0 != file {
            let source = fs::read_to_string(corpus.join(file)).expect("the corpus has the file");
            let doubled = source.contains("\n---\n---\n");
            of_file = (file.to_owned(), reported(&linter, file, source), doubled);
        }
        // That reader takes two `---` lines in a row for one: numbers behind them say nothing.
        if of_file.2 {
            continue;
        }
        let key = key(text("doc"));
        let rules = of_file.1.get(&key).cloned().unwrap_or_default();
        for (level, reason, ids) in CONTROLS {
            compared += 1;
            let reasons = line["value"][level]["reasons"].as_array().into_iter().flatten();
            let refused = reasons.into_iter().any(|one| one == reason);
            if refused != ids.iter().any(|id| rules.contains(id)) {
                wrong.push(format!("{file} {key:?}: `{reason}` refused: {refused}, reported: {rules:?}"));
            }
        }
    }
    assert!(compared > 30_000, "only {compared} verdicts were compared");
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
}
