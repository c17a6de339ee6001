//! Every example of every rule gives the same report through WebAssembly as natively.

use std::{fs, path::Path, process::Command};

use kubevet_core::{rule::Example, rule::Rule, rule::examples};
use kubevet_wasm::check_json;
use serde_json::{Value, json};

#[test]
fn the_wasm_build_gives_the_same_reports() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let package = root.join("target/wasm-node");
    if !package.join("kubevet.js").is_file() {
        assert!(std::env::var_os("CI").is_none(), "CI builds the wasm package before the tests");
        eprintln!("skipped: no wasm package; `cargo xtask wasm target/wasm-node` builds it");
        return;
    }
    let cases: Vec<Value> = kubevet_rules::all()
        .into_iter()
        .flat_map(|rule| {
            examples(rule.docs)
                .expect("checked by the tests of examples")
                .into_iter()
                .map(move |one| case(rule, &one))
        })
        .collect();
    assert!(cases.len() > 2 * kubevet_rules::all().len() - 1, "every rule has two examples");
    let file = root.join("target/wasm-node/cases.json");
    fs::write(&file, serde_json::to_vec(&cases).expect("plain data")).expect("target is writable");

    let output = Command::new("node")
        .arg(root.join("tests/wasm/parity.cjs"))
        .args([&package, &file])
        .output()
        .expect("node is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let through_wasm: Vec<Value> = serde_json::from_slice(&output.stdout).expect("the script prints JSON");

    assert_eq!(through_wasm.len(), cases.len());
    for (case, wasm) in cases.iter().zip(through_wasm) {
        let native = check_json(&case["files"].to_string(), &case["options"].to_string())
            .expect("the case is well formed");
        let native: Value = serde_json::from_str(&native).expect("a report is JSON");
        assert_eq!(native, wasm, "stale? `cargo xtask wasm target/wasm-node` builds the package; {case:#}");
    }
}

fn case(rule: &Rule, example: &Example) -> Value {
    let files: Vec<_> =
        example.files.iter().map(|(path, text)| json!({"path": path, "text": text})).collect();
    let mut options = json!({"select": [rule.id]});
    if example.closed {
        options["closed"] = true.into();
    }
    if let Some(text) = &example.options {
        let table: Value = toml::from_str(text).expect("checked by the tests of examples");
        options["rules"] = json!({rule.id: table});
    }
    json!({"files": files, "options": options})
}
