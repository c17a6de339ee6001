//! `rules`, `explain`, `version`, `completions`, and selecting rules.

use crate::support::{ERROR, Folder};

#[test]
fn rules_are_listed_by_pattern_and_profile() {
    let folder = Folder::new(&[]);
    let all = folder.run(&["rules", "--output-format", "json"]).exits(0).stdout;
    assert!(all.contains("\"rule\": \"rbac/wildcard-all\"") && all.contains("\"rule\": \"pdb/missing\""));
    let text = folder.run(&["rules", "pdb/*", "--profile", "recommended"]).exits(0).stdout;
    assert!(
        text.contains("pdb/blocks-drain warning availability recommended production hardened\n  A "),
        "{text}"
    );
    assert!(!text.contains("pdb/missing") && !text.contains("rbac/"), "{text}");
}

#[test]
fn every_rule_can_be_explained() {
    let folder = Folder::new(&[]);
    for rule in kubevet_rules::all() {
        let page = folder.run(&["explain", rule.id]).exits(0).stdout;
        assert!(
            page.starts_with(rule.id) && page.contains(&rule.summary().split(' ').next().unwrap()[..1]),
            "{page}"
        );
        assert!(!page.contains("```") && !page.contains("\n#"), "{} shows raw Markdown:\n{page}", rule.id);
    }
}

#[test]
fn unknown_rules_get_suggestions() {
    let folder = Folder::new(&[("a.yaml", ERROR)]);
    for flags in [
        &["explain", "rbac/wildcard-al"][..],
        &["check", "--select", "rbac/wildcard-al"],
        &["check", "--ignore", "rbac/wildcard-al"],
        &["check", "--severity", "rbac/wildcard-al=error"],
    ] {
        let ran = folder.run(flags).exits(2);
        assert_eq!(
            ran.stderr,
            "error: there is no rule `rbac/wildcard-al`: did you mean `rbac/wildcard-all`?\n"
        );
    }
    let ran = folder.run(&["check", "--select", "rbca/*"]).exits(2);
    assert_eq!(ran.stderr, "error: `rbca/*` matches no rule: did you mean `rbac/*`?\n");
    let ran = folder.run(&["check", "--profile", "hardend"]).exits(2);
    assert!(ran.stderr.contains("'hardened'"), "{}", ran.stderr);
    let ran = folder.run(&["check", "--output-format", "consise"]).exits(2);
    assert!(ran.stderr.contains("did you mean `concise`?"), "{}", ran.stderr);
}

#[test]
fn version_names_the_facts() {
    let folder = Folder::new(&[]);
    let ran = folder.run(&["version"]).exits(0);
    assert!(
        ran.stdout.starts_with(&format!("kubevet {}: Kubernetes 1.", env!("CARGO_PKG_VERSION"))),
        "{}",
        ran.stdout
    );
    let ran = folder.run(&["version", "--output-format", "json"]).exits(0);
    let value: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let newest = kubevet_core::facts::Version::newest().to_string();
    assert_eq!(value["kubernetes"].as_array().and_then(|list| list.last()), Some(&newest.into()));
}

#[test]
fn shells_get_completions() {
    let folder = Folder::new(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(folder.run(&["completions", shell]).exits(0).stdout.contains("stdin-filename"), "{shell}");
    }
}
