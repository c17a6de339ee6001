//! Rules that say what the API server refuses, against the validation of the real one, on every object of the corpus.

use kubevet_core::{
    engine::{Config, Linter},
    finding::Severity,
};
use kubevet_tests::verdicts;

/// A rule and a part of the message of the API server for what it is about.
const SAID: &[(&str, &str)] = &[
    ("api-version/removed", "is no longer served"),
    ("api/name-missing", "name or generateName is required"),
    ("api/selector-mismatch", "does not match template `labels`"),
    ("api/probe-handler", "must specify a handler type"),
    ("api/probe-handler", "may not specify more than 1 handler type"),
    ("api/request-exceeds-limit", "must be less than or equal to"),
];

#[test]
fn the_api_server_agrees() {
    let select = vec!["api/*".to_owned(), "api-version/*".to_owned(), "rbac/invalid-*".to_owned()];
    let config = Config { select, ..Config::default() };
    let linter = Linter::new(&kubevet_rules::all(), config).expect("the rules are known");
    let refusing =
        |id: &str| linter.rules().iter().any(|rule| rule.rule.id == id && rule.severity == Severity::Error);
    let Some(all) = verdicts::compared("api.jsonl", &linter) else { return };
    let mut wrong = Vec::new();
    let (mut accepted, mut refused) = (0, 0);
    for one in &all {
        let errors: Vec<&str> = one.verdict["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|error| error.as_str())
            .collect();
        let text = |key: &str| one.verdict[key].as_str().unwrap_or_default();
        let decoded_only = one.verdict["warnings"].to_string().contains("no strategy known to the oracle");
        let served =
            kubevet_facts::api(text("apiVersion"), text("kind")).is_some_and(|api| api.resource.is_some());
        if decoded_only || !served {
            continue;
        }
        // The oracle decodes every version that the types still have, served or not.
        let refuses = |id: &&&str| refusing(id) && !id.starts_with("api-version/");
        if one.verdict["ok"] == true {
            accepted += 1;
            if one.reported.iter().find(refuses).is_some() {
                wrong.push(format!("{}: accepted, but {:?}", one.place(), one.reported));
            }
        }
        // What is missing altogether is the matter of other rules.
        let whole = one.verdict["kind"] != "DaemonSet"
            && !errors.iter().any(|error| error.contains("Required value"));
        for (id, part) in SAID.iter().filter(|(id, _)| whole || *id != "api/selector-mismatch") {
            if errors.iter().any(|error| error.contains(part)) {
                refused += 1;
                if !one.reported.contains(id) {
                    wrong.push(format!("{}: {errors:?}, but not {id}", one.place()));
                }
            }
        }
    }
    assert!(accepted > 6_000 && refused > 100, "only {accepted} and {refused} verdicts were compared");
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
