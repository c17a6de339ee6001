//! Schema validation against the decoder and the validation of the real API server, on every object of the corpus.

use kubevet_core::{
    engine::{Config, Linter},
    kubernetes::{Object, is_placeholder},
    schema::{Malformed, Problem, check},
    yaml::NodeRef,
};
use kubevet_facts::Version;
use kubevet_tests::verdicts;

/// What the schema says of an object: the kind of problem, and the path as the API server writes it.
#[derive(Clone, Default)]
struct Said {
    problems: Vec<(&'static str, String)>,
    /// The newest version has the kind.
    known: bool,
    /// A value is filled in later: the API server judges the placeholder, the linter does not.
    open: bool,
}

fn said(object: Object<'_>) -> Said {
    let violations = check(object, Version::newest());
    let named = violations.iter().map(|violation| {
        let node = object.tree().node(violation.node);
        let what = match violation.problem {
            Problem::UnknownField { .. } => "unknown",
            Problem::WrongType { .. } | Problem::Malformed(Malformed::Range { .. }) => "type",
            Problem::Malformed(_) => "format",
            Problem::Missing { .. } => "missing",
            Problem::UnknownValue { .. } => "value",
            Problem::Null { .. } => "null",
            Problem::Duplicate { .. } => "duplicate",
        };
        let path = path(object, node);
        match violation.problem {
            Problem::Missing { field } if path.is_empty() => (what, field.to_owned()),
            Problem::Missing { field } => (what, format!("{path}.{field}")),
            _ => (what, path),
        }
    });
    let known = kubevet_facts::served(object.api_version(), object.kind(), Version::newest());
    Said { problems: named.collect(), known, open: has_placeholder(object.node()) }
}

fn has_placeholder(node: NodeRef<'_>) -> bool {
    let below = || node.entries().map(|entry| entry.value).chain(node.items()).any(has_placeholder);
    if node.is_scalar() { is_placeholder(node.text()) } else { below() }
}

/// `spec.containers[0].image`; of a key the way to its value.
fn path(object: Object<'_>, node: NodeRef<'_>) -> String {
    let mut steps = Vec::new();
    let mut at = node;
    while at != object.node() {
        let Some(parent) = at.parent() else { break };
        if parent.is_seq() {
            steps.push(format!("[{}]", parent.items().position(|item| item == at).unwrap_or_default()));
        } else {
            let key = at.key_node().unwrap_or(at).text();
            let dot = if parent == object.node() { "" } else { "." };
            steps.push(format!("{dot}{key}"));
        }
        at = parent;
    }
    steps.into_iter().rev().collect()
}

fn texts<'a>(verdict: &'a serde_json::Value, key: &str) -> Vec<&'a str> {
    verdict[key].as_array().into_iter().flatten().filter_map(serde_json::Value::as_str).collect()
}

#[test]
fn the_api_server_agrees() {
    let config =
        Config { select: vec!["schema/*".to_owned()], version: Some(Version::newest()), ..Config::default() };
    let linter = Linter::new(&kubevet_rules::all(), config).expect("the rules are known");
    let Some(all) = verdicts::compared_with("api.jsonl", &linter, said) else { return };
    let (mut accepted, mut errors, mut wrong) = (0, 0, Vec::new());
    let (mut required, mut values) = ((0, 0), (0, 0));
    for (one, said) in &all {
        // What is not served is the matter of other rules.
        if !said.known {
            continue;
        }
        let (open, said) = (said.open, &said.problems);
        let has = |what: &str| said.iter().any(|(kind, _)| *kind == what);
        let place = one.place();
        let refused = texts(&one.verdict, "errors");
        let strict = texts(&one.verdict, "strict");
        if one.verdict["ok"] == true {
            accepted += 1;
            let decoded_only =
                texts(&one.verdict, "warnings").iter().any(|text| text.contains("decoded only"));
            let harmless = |kind: &str| {
                matches!(kind, "null" | "duplicate") || decoded_only && matches!(kind, "missing" | "value")
            };
            let claims: Vec<_> = said.iter().filter(|(kind, _)| !harmless(kind)).collect();
            if !claims.is_empty() {
                wrong.push(format!("{place}: accepted, but {claims:?}"));
            }
        }
        for text in strict {
            let Some(field) = text.strip_prefix("unknown field \"") else { continue };
            let field = field.trim_end_matches('"');
            // Only patches have this one, and kustomize takes it out.
            if field.ends_with("$patch") {
                continue;
            }
            errors += 1;
            if !said.iter().any(|(kind, path)| *kind == "unknown" && path == field) {
                wrong.push(format!("{place}: {text}, but {said:?}"));
            }
        }
        for text in refused {
            let what = match text {
                text if text.contains("cannot unmarshal") => "type",
                text if text.contains("illegal base64") => "format",
                text if text.starts_with("parsing time") => "format",
                text if text.starts_with("quantities must match") => "format",
                text if text.contains(": Required value") => {
                    // What is missing above has everything below it missing too.
                    let path = text.split(": ").next().unwrap_or_default();
                    let above = |one: &str| {
                        path == one || path.strip_prefix(one).is_some_and(|rest| rest.starts_with('.'))
                    };
                    let found = said.iter().any(|(kind, said)| *kind == "missing" && above(said));
                    required.0 += 1;
                    required.1 += usize::from(found);
                    continue;
                }
                text if text.contains(": Unsupported value") => {
                    let path = text.split(": ").next().unwrap_or_default();
                    values.0 += 1;
                    values.1 += usize::from(said.iter().any(|(kind, said)| *kind == "value" && said == path));
                    continue;
                }
                _ => continue,
            };
            // The decoder of quantities says of a boolean that it is no quantity.
            let has = |what: &str| has(what) || text.starts_with("quantities") && has("type");
            if open && !has(what) {
                continue;
            }
            errors += 1;
            if !has(what) {
                wrong.push(format!("{place}: {text}, but {said:?}"));
            }
        }
        // The decoder stops at the first wrong type, and then says nothing of unknown fields.
        let decoded = !texts(&one.verdict, "errors").iter().any(|text| {
            ["unmarshal", "base64", "parsing time", "quantities must", "no kind", "no longer"]
                .iter()
                .any(|part| text.contains(part))
        });
        if decoded {
            for (_, path) in said.iter().filter(|(kind, _)| *kind == "unknown") {
                if !texts(&one.verdict, "strict").iter().any(|text| text.contains(&format!("\"{path}\""))) {
                    wrong
                        .push(format!("{place}: {path} is unknown to us alone: {:?}", one.verdict["strict"]));
                }
            }
        }
    }
    println!("{accepted} accepted, {errors} errors of the decoder");
    println!(
        "`Required value`: {} of {}, `Unsupported value`: {} of {}",
        required.1, required.0, values.1, values.0
    );
    assert!(wrong.is_empty(), "{} of {accepted} and {errors}:\n{}", wrong.len(), wrong.join("\n"));
}
