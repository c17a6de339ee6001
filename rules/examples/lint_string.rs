//! Lints a string: `cargo run -p kubevet-rules --example lint_string`.

use kubevet_core::engine::{Config, Linter, lint_document, lint_set};
use kubevet_core::{index::ResourceSet, source::SourceText};

fn main() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  hostPID: true\n";
    let linter = Linter::new(&kubevet_rules::all(), Config::default()).expect("nothing unknown is selected");
    let linted = lint_document(SourceText::new("pod.yaml", text), None, &linter);
    let set = ResourceSet::new(vec![linted], linter.config());
    for finding in lint_set(&set, &linter).findings {
        println!("{}[{}]: {}", finding.severity, finding.rule, finding.message);
    }
}
