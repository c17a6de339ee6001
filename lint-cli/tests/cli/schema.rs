//! The JSON report has the shape that `docs/report.schema.json` promises.

use serde_json::Value;

use crate::support::{ERROR, Folder, WARNING};

/// The keywords that the schema uses; any other is a mistake here.
pub fn validate(value: &Value, schema: &Value, root: &Value, at: &str) {
    for (keyword, rule) in schema.as_object().expect("a schema is an object") {
        match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" => {}
            "$ref" => {
                let pointer =
                    rule.as_str().and_then(|text| text.strip_prefix('#')).expect("a local reference");
                validate(value, root.pointer(pointer).expect("a definition"), root, at);
            }
            "type" => {
                let allowed = rule.as_array().cloned().unwrap_or_else(|| vec![rule.clone()]);
                let is = |name: &Value| match name.as_str().expect("a name of a type") {
                    "null" => value.is_null(),
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "integer" => value.is_u64(),
                    "boolean" => value.is_boolean(),
                    other => panic!("the type `{other}` is not known to this test"),
                };
                assert!(allowed.iter().any(is), "{at}: {value} is none of {allowed:?}");
            }
            "const" => assert_eq!(value, rule, "{at}"),
            "enum" => assert!(rule.as_array().is_some_and(|list| list.contains(value)), "{at}: {value}"),
            "minimum" => assert!(value.as_u64() >= rule.as_u64(), "{at}: {value}"),
            "required" => {
                for name in rule.as_array().expect("a list").iter().filter(|_| value.is_object()) {
                    assert!(value.get(name.as_str().unwrap()).is_some(), "{at} lacks {name}");
                }
            }
            "properties" => {
                for (name, schema) in rule.as_object().expect("properties") {
                    if let Some(value) = value.get(name) {
                        validate(value, schema, root, &format!("{at}.{name}"));
                    }
                }
            }
            "additionalProperties" => {
                assert_eq!(rule, false);
                let known = schema["properties"].as_object().expect("properties");
                for name in value.as_object().into_iter().flat_map(|object| object.keys()) {
                    assert!(known.contains_key(name), "{at}: `{name}` is not in the schema");
                }
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    validate(item, rule, root, &format!("{at}[{index}]"));
                }
            }
            "pattern" => {
                assert_eq!(rule, "^[0-9a-f]{32}$", "this test knows one pattern");
                let text = value.as_str().expect("a string");
                assert!(
                    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
                    "{at}: {text}"
                );
            }
            other => panic!("the keyword `{other}` is not known to this test"),
        }
    }
}

/// A schema of `docs`.
pub fn schema(name: &str) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs");
    let text = std::fs::read_to_string(format!("{folder}/{name}")).expect("the schema");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn reports_follow_the_schema() {
    let schema = schema("report.schema.json");
    let service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector:\n    app: wbe\n  ports:\n    - port: 80\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  labels: {app: web}\nspec:\n  containers:\n    - {name: web, image: web}\n";
    let folder = Folder::new(&[
        ("a.yaml", ERROR),
        ("b.yaml", WARNING),
        ("service.yaml", service),
        ("pod.yaml", pod),
        ("other.yaml", "a: 1\n"),
        ("broken.yaml", "a: [\n"),
    ]);
    let report = folder
        .run(&["check", "--profile", "all", "--closed", "yes", "--output-format", "json"])
        .exits(1)
        .stdout;
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert!(report["findings"].as_array().is_some_and(|list| list.len() > 3));
    assert!(report["findings"].as_array().unwrap().iter().any(|finding| finding["related"][0].is_object()));
    validate(&report, &schema, &schema, "report");
    let lines = folder
        .run(&["check", "--profile", "all", "--closed", "yes", "--output-format", "json-lines"])
        .exits(1)
        .stdout;
    for line in lines.lines() {
        validate(&serde_json::from_str(line).expect("JSON"), &schema["$defs"]["finding"], &schema, "line");
    }
    let empty =
        folder.run(&["check", "--allow-empty", "other.yaml", "--output-format", "json"]).exits(0).stdout;
    validate(&serde_json::from_str(&empty).expect("JSON"), &schema, &schema, "empty");
}

#[test]
#[should_panic(expected = "is not in the schema")]
fn the_validator_finds_what_is_too_much() {
    let schema = schema("report.schema.json");
    let tool = serde_json::json!({"name": "kubevet", "version": "1", "more": 1});
    validate(&tool, &schema["properties"]["tool"], &schema, "tool");
}
