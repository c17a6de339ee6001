//! Micro benches of reports: `cargo bench -p kubevet`.

use divan::Bencher;
use kubevet_cli::{output::Format, terminal::Stream};
use kubevet_core::{
    engine::{Config, Linter, Report, lint_document, lint_set},
    index::ResourceSet,
    source::SourceText,
};

fn main() {
    divan::main();
}

/// A file of 5 MB in which 300 findings are spread evenly.
fn findings() -> (ResourceSet, Report) {
    let privileged = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: web\n    image: registry.example.org/web:1.2.0\n    securityContext:\n      privileged: true\n---\n";
    let filler = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: text}}\ndata:\n  text: |\n{}---\n",
        "    a line of text that somebody mounts into a pod\n".repeat(330)
    );
    let text = format!("{privileged}{filler}").repeat(300);
    assert!(text.len() > 5_000_000, "{}", text.len());
    let config = Config { select: vec!["pod-security/privileged".to_owned()], ..Config::default() };
    let linter = Linter::new(&kubevet_rules::all(), config).expect("the rule is known");
    let linted = lint_document(SourceText::new("large.yaml", text), None, &linter);
    let set = ResourceSet::new(vec![linted], linter.config());
    let report = lint_set(&set, &linter);
    assert_eq!(report.findings.len(), 300);
    (set, report)
}

#[divan::bench(args = ["full", "concise", "json"])]
fn render_300_findings_of_5_mb(bencher: Bencher<'_, '_>, format: &str) {
    let (set, report) = findings();
    let format: Format = format.parse().expect("a format");
    bencher.bench(|| format.render(&report, &set, Stream::PLAIN));
}
