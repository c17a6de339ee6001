//! Schema validation against the decoder and the validation of the real API server, on every object of the corpus.

use std::{collections::BTreeMap, fs, path::Path};

use kubevet_core::{
    engine::{Config, Linter},
    kubernetes::{Object, is_placeholder},
    schema::{Malformed, Problem, check},
    source::SourceText,
    yaml::{Limits, NodeRef, parse},
};
use kubevet_facts::Version;
use kubevet_tests::{
    corpus::corpus,
    verdicts::{self, Compared},
};

/// What the schema says of an object.
#[derive(Clone)]
struct Said {
    /// The kind of problem, and the path as the API server writes it.
    problems: Vec<(&'static str, String)>,
    /// The version has the kind.
    known: bool,
    /// A value is filled in later: the API server judges the placeholder, the linter does not.
    open: bool,
}

impl Said {
    fn of(object: Object<'_>, version: Version) -> Self {
        let violations = check(object, version);
        let problems = violations.iter().map(|violation| {
            let path = path(object, object.tree().node(violation.node));
            match &violation.problem {
                Problem::UnknownField { .. } => ("unknown", path),
                Problem::WrongType { .. } | Problem::Malformed(Malformed::Range { .. }) => ("type", path),
                Problem::Malformed(_) => ("format", path),
                Problem::Missing { field } if path.is_empty() => ("missing", field.to_string()),
                Problem::Missing { field } => ("missing", format!("{path}.{field}")),
                Problem::Empty => ("missing", path),
                Problem::UnknownValue { .. } => ("value", path),
                Problem::Null { .. } => ("null", path),
                Problem::Duplicate { .. } => ("duplicate", path),
                other => panic!("{other:?} is of no built-in kind"),
            }
        });
        Said {
            problems: problems.collect(),
            known: kubevet_facts::served(object.api_version(), object.kind(), version),
            open: has_placeholder(object.node()),
        }
    }

    fn has(&self, what: &str) -> bool {
        self.problems.iter().any(|(kind, _)| *kind == what)
    }

    fn has_at(&self, what: &str, at: impl Fn(&str) -> bool) -> bool {
        self.problems.iter().any(|(kind, path)| *kind == what && at(path))
    }
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

/// What the decoder answers where it cannot go on; unknown fields are then not looked for.
const STOPPED: &[(&str, &str)] = &[
    ("cannot unmarshal", "type"),
    ("illegal base64", "format"),
    ("parsing time", "format"),
    ("quantities must match", "format"),
];

/// The comparison with the API server.
#[derive(Default)]
struct Tally {
    accepted: usize,
    errors: usize,
    /// Answers of validation, and those of them that the schema knows.
    required: (usize, usize),
    values: (usize, usize),
    wrong: Vec<String>,
}

impl Tally {
    /// What is accepted has no finding that calls it refused.
    fn accepted(&mut self, one: &Compared, said: &Said) {
        let decoded_only = texts(&one.verdict, "warnings").iter().any(|text| text.contains("decoded only"));
        let harmless = |kind: &str| {
            matches!(kind, "null" | "duplicate") || decoded_only && matches!(kind, "missing" | "value")
        };
        self.accepted += 1;
        let claims: Vec<_> = said.problems.iter().filter(|(kind, _)| !harmless(kind)).collect();
        if !claims.is_empty() {
            self.wrong.push(format!("{}: accepted, but {claims:?}", one.place()));
        }
    }

    /// Unknown fields are the same on both sides.
    fn unknown(&mut self, one: &Compared, said: &Said) {
        let strict = texts(&one.verdict, "strict");
        for text in &strict {
            let Some(field) = text.strip_prefix("unknown field \"") else { continue };
            let field = field.trim_end_matches('"');
            // What kustomize and SOPS take out before.
            if field.ends_with("$patch") || field == "sops" {
                continue;
            }
            self.errors += 1;
            if !said.has_at("unknown", |path| path == field) {
                self.wrong.push(format!("{}: {text}, but {:?}", one.place(), said.problems));
            }
        }
        let stopped = |text: &&str| STOPPED.iter().any(|(part, _)| text.contains(part));
        if texts(&one.verdict, "errors").iter().any(stopped) {
            return;
        }
        for (_, path) in said.problems.iter().filter(|(kind, _)| *kind == "unknown") {
            if !strict.iter().any(|text| text.contains(&format!("\"{path}\""))) {
                self.wrong.push(format!("{}: {path} is unknown to us alone: {strict:?}", one.place()));
            }
        }
    }

    /// What the decoder refuses is found; of validation, what the schema can know is counted.
    fn refused(&mut self, one: &Compared, said: &Said) {
        for text in texts(&one.verdict, "errors") {
            let path = text.split(": ").next().unwrap_or_default();
            if text.contains(": Required value") {
                // What is missing above has everything below it missing too.
                let above = |one: &str| {
                    path == one || path.strip_prefix(one).is_some_and(|rest| rest.starts_with('.'))
                };
                self.required.0 += 1;
                self.required.1 += usize::from(said.has_at("missing", above));
            } else if text.contains(": Unsupported value") {
                self.values.0 += 1;
                self.values.1 += usize::from(said.has_at("value", |one| one == path));
            }
            let Some((_, what)) = STOPPED.iter().find(|(part, _)| text.contains(part)) else { continue };
            // The decoder of quantities says of a boolean that it is no quantity.
            let found = said.has(what) || text.starts_with("quantities") && said.has("type");
            if found || !said.open {
                self.errors += 1;
            }
            if !found && !said.open {
                self.wrong.push(format!("{}: {text}, but {:?}", one.place(), said.problems));
            }
        }
    }
}

/// Decoding agrees in everything. Of validation, most of "Required value" is known (the rest are names, which have a rule of
/// their own, and fields that only other fields make necessary); no accepted object is called refused.
#[test]
fn the_api_server_agrees() {
    let linter = Linter::new(&kubevet_rules::all(), Config::default()).expect("the rules are known");
    let said = |object: Object<'_>| Said::of(object, Version::newest());
    let Some(all) = verdicts::compared_with("api.jsonl", &linter, said) else { return };
    let mut tally = Tally::default();
    // What is not served is the matter of other rules.
    for (one, said) in all.iter().filter(|(_, said)| said.known) {
        if one.verdict["ok"] == true {
            tally.accepted(one, said);
        }
        tally.unknown(one, said);
        tally.refused(one, said);
    }
    let Tally { accepted, errors, required, values, wrong } = tally;
    println!("{accepted} accepted, {errors} errors of the decoder");
    println!("required: {} of {}; values: {} of {}", required.1, required.0, values.1, values.0);
    assert!(accepted > 6_000 && errors > 100 && required.1 > 1_000, "too little was compared");
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Verdicts of a strict JSON schema validator: what it calls valid has no unknown field and no wrong type, and the first
/// error of every other document is found, where the API server agrees that it is one.
#[test]
fn the_json_schemas_agree() {
    let Some(folder) = corpus() else { return };
    let rows = fs::read_to_string(folder.join("truth.tsv")).expect("the corpus has its table");
    let (mut valid, mut invalid, mut wrong) = (0, 0, Vec::new());
    let mut file = (String::new(), BTreeMap::new());
    for row in rows.lines().skip(1) {
        let cells: Vec<&str> = row.split('\t').collect();
        let [path, document, kind, _, status, _, place, error, ..] = cells[..] else { continue };
        let Ok(document) = document.parse::<u32>() else { continue };
        if file.0 != path {
            file = (path.to_owned(), documents(&folder.join("manifests").join(path)));
        }
        let Some(said) = file.1.get(&(document, kind.to_owned())) else { continue };
        valid += usize::from(status == "valid");
        invalid += usize::from(status == "invalid");
        let right = match status {
            "valid" => !said.has("unknown") && !said.has("type"),
            "invalid" => said.open || is_found(place, error, said),
            _ => true,
        };
        if !right {
            wrong.push(format!("{path} {document} is {status}: {place} {error}, but {:?}", said.problems));
        }
    }
    println!("{valid} valid, {invalid} invalid");
    assert!(valid > 6_000 && invalid > 400, "only {valid} and {invalid} were compared");
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

fn is_found(place: &str, error: &str, said: &Said) -> bool {
    if error.contains("$patch") || error.contains("sops") {
        return true;
    }
    if error.starts_with("None ") {
        // To the decoder, null is nothing: the field is missing, if it matters.
        return said.has("missing") || said.problems.iter().all(|(kind, _)| *kind == "value");
    }
    if error.starts_with("Additional properties") {
        return said.has("unknown");
    }
    if error.ends_with("is a required property") {
        // The API server gives these two a default, and asks for nothing in a status.
        let filled =
            ["'status' is a required property", "'endpoints' is a required property"].contains(&error);
        return said.has("missing") || said.has("unknown") || filled || place.starts_with("status");
    }
    said.has("type") || said.has("format")
}

/// What 1.34 says of the documents of a file, by number and kind.
fn documents(path: &Path) -> BTreeMap<(u32, String), Said> {
    let Ok(text) = fs::read_to_string(path) else { return BTreeMap::new() };
    let tree = parse(SourceText::new("truth.yaml", text), &Limits::default());
    let objects = tree.documents().filter_map(|document| document.root()).filter_map(Object::new);
    let said = objects.map(|object| {
        ((object.node().document(), object.kind().to_owned()), Said::of(object, Version::new(34)))
    });
    said.collect()
}
