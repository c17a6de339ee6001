//! The page of every rule cannot lie: its examples are executed.

use std::collections::HashSet;

use kubevet_core::rule::{Verdict, examples};
use kubevet_tests::example;

#[test]
fn every_example_does_what_its_page_says() {
    let mut wrong = Vec::new();
    for rule in kubevet_rules::all() {
        let mut seen = HashSet::new();
        let found = examples(rule.docs).unwrap_or_else(|error| panic!("{}: {error}", rule.id));
        for (number, example) in found.iter().enumerate() {
            seen.insert(example.verdict == Verdict::Bad);
            let (_, report) =
                example::run(rule, example).unwrap_or_else(|error| panic!("{}: {error}", rule.id));
            let said: Vec<_> =
                report.findings.iter().map(|one| format!("{}: {}", one.rule, one.message)).collect();
            let reported = report.findings.iter().any(|finding| finding.rule == rule.id);
            if reported != (example.verdict == Verdict::Bad)
                || report.findings.iter().any(|one| one.rule != rule.id)
            {
                wrong.push(format!("{} example {} ({:?}): {said:#?}", rule.id, number + 1, example.verdict));
            }
        }
        for (bad, name) in [(true, "bad"), (false, "good")] {
            if !seen.contains(&bad) {
                wrong.push(format!("{} has no {name} example", rule.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn messages_follow_the_house_style() {
    let mut wrong = Vec::new();
    for rule in kubevet_rules::all() {
        for example in examples(rule.docs).expect("checked above") {
            let (set, report) = example::run(rule, &example).expect("checked above");
            for finding in &report.findings {
                let path = &finding.site.place.path;
                let text = set.source(path).unwrap_or_else(|| panic!("{}: no file `{path}`", rule.id)).text();
                let span = finding.site.place.span;
                if text.get(span.start as usize..span.end as usize).is_none_or(str::is_empty) {
                    wrong.push(format!("{}: points at nothing ({span:?}): {}", rule.id, finding.message));
                }
                for said in [Some(&finding.message), finding.help.as_ref()].into_iter().flatten() {
                    let start = said.chars().next().is_none_or(char::is_uppercase);
                    if start && !starts_with_a_name(said)
                        || said.ends_with('.')
                        || said.matches('`').count() % 2 == 1
                    {
                        wrong.push(format!("{}: {said}", rule.id));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Kinds and component names keep their capitals: `DaemonSet`, `RBAC`; kinds of one word stand in back-ticks.
fn starts_with_a_name(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    word.chars().skip(1).any(char::is_uppercase)
}

#[test]
fn every_rule_is_complete() {
    let mut ids = HashSet::new();
    for rule in kubevet_rules::all() {
        assert!(ids.insert(rule.id), "{} is declared twice", rule.id);
        let well_formed = |part: &str| {
            part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        assert!(
            rule.id.split_once('/').is_some_and(|(group, name)| well_formed(group) && well_formed(name)),
            "{}",
            rule.id
        );
        let folder = rule.group().replace('-', "_");
        assert!(rule.file.contains(&format!("src/{folder}/")), "{} stands in {}", rule.id, rule.file);
        assert!(!rule.summary().is_empty() && rule.docs.contains("## Why"), "{} says too little", rule.id);
    }
}

#[test]
fn every_declaration_is_listed() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules/src");
    let mut declared = 0;
    let mut pending = vec![root];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(folder).expect("the rules are in the workspace") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                pending.push(path);
            } else {
                let text = std::fs::read_to_string(&path).expect("readable");
                declared += text.lines().filter(|line| line.trim() == "declare_rule! {").count();
            }
        }
    }
    assert_eq!(declared, kubevet_rules::all().len(), "a declared rule is missing from the list of its group");
}
