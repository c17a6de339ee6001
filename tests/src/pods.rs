//! Pods that each ask one question of the API server: `tests/data/pod-cases.jsonl`.
//!
//! A line says what differs from a pod that is accepted: fields of its `spec`, of its `container`, of an `init`
//! container and of its `metadata`; of a template also the `kind` of its object, and fields `beside` the template.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use crate::mutate::{Mutant, hash};

const CASES: &str = include_str!("../data/pod-cases.jsonl");

/// The cases as objects, in the order of the file; equal ones once.
///
/// # Panics
/// When a line is no case.
pub fn cases() -> Vec<Mutant> {
    let of_line = |(number, line): (usize, &str)| {
        let case: Value = serde_json::from_str(line).expect("a case is JSON");
        let object = object(&case);
        let text = object.to_string();
        let kind = |field: &str| object[field].as_str().unwrap_or_default();
        Mutant {
            id: hash(&text) as u32,
            origin: format!("pod-cases.jsonl:{}", number + 1),
            kind: format!("{} {}", kind("apiVersion"), kind("kind")),
            change: line.to_owned(),
            text,
        }
    };
    let mut seen = HashSet::new();
    CASES.lines().enumerate().map(of_line).filter(|case| seen.insert(case.id)).collect()
}

fn object(case: &Value) -> Value {
    let container = |name, field| with(json!({"name": name, "image": "example.org/web:1"}), &case[field]);
    let mut spec = json!({"containers": [container("web", "container")]});
    if case.get("init").is_some() {
        spec["initContainers"] = json!([container("init", "init")]);
    }
    let spec = with(spec, &case["spec"]);
    let Some(kind) = case.get("kind") else {
        let metadata = with(json!({"name": "web"}), &case["metadata"]);
        return json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec});
    };
    let metadata = with(json!({"labels": {"app": "web"}}), &case["metadata"]);
    let (group, around, spec) = if kind == "Job" {
        ("batch/v1", json!({}), with(json!({"restartPolicy": "Never"}), &spec))
    } else {
        ("apps/v1", json!({"selector": {"matchLabels": {"app": "web"}}}), spec)
    };
    let mut around = with(around, &case["beside"]);
    around["template"] = json!({"metadata": metadata, "spec": spec});
    json!({"apiVersion": group, "kind": kind, "metadata": {"name": "web"}, "spec": around})
}

/// An object with other fields, or with other values of its own.
fn with(mut base: Value, other: &Value) -> Value {
    let fields = other.as_object().into_iter().flat_map(Map::iter);
    for (field, value) in fields {
        base[field] = value.clone();
    }
    base
}
