//! Micro benches of single stages on texts of one kind: `cargo bench -p kubevet-tests`.

use divan::{Bencher, counter::BytesCount};
use kubevet_core::{
    engine::{Config, Linter, lint_document},
    facts::Version,
    kubernetes::Object,
    schema,
    source::SourceText,
    yaml::{Limits, parse},
};

fn main() {
    divan::main();
}

/// A Deployment as people write it.
const SMALL: &str = include_str!("../../examples/cluster/apps/shop/base/deployment.yaml");

/// A CustomResourceDefinition of this many properties: deep, with long descriptions, as generators write them.
fn large(properties: usize) -> String {
    let head = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: things.example.org\n\
                spec:\n  versions:\n    - name: v1\n      schema:\n        openAPIV3Schema:\n          properties:\n";
    let property = |number: usize| {
        format!(
            "            property{number}:\n              description: |-\n                What the property is for, in some words that\n                \
             take a line and a half.\n              type: string\n              maxLength: {number}\n              \
             x-kubernetes-validations:\n              - rule: self != ''\n                message: \"is not empty\"\n"
        )
    };
    (0..properties).fold(head.to_owned(), |text, number| text + &property(number))
}

#[divan::bench]
fn parse_small(bencher: Bencher<'_, '_>) {
    bench_parse(bencher, SMALL);
}

#[divan::bench]
fn parse_large(bencher: Bencher<'_, '_>) {
    bench_parse(bencher, &large(1000));
}

fn bench_parse(bencher: Bencher<'_, '_>, text: &str) {
    let source = || SourceText::new("bench.yaml", text);
    bencher
        .counter(BytesCount::of_str(text))
        .with_inputs(source)
        .bench_values(|source| parse(source, &Limits::default()));
}

#[divan::bench(args = ["pod-security/privileged", "resources/memory-limit-missing", "yaml/duplicate-key", "*"])]
fn lint_small(bencher: Bencher<'_, '_>, rules: &str) {
    let config = Config { select: vec![rules.to_owned()], ..Config::default() };
    let linter = Linter::new(&kubevet_rules::all(), config).expect("the rules are known");
    let source = || SourceText::new("bench.yaml", SMALL);
    bencher
        .counter(BytesCount::of_str(SMALL))
        .with_inputs(source)
        .bench_values(|source| lint_document(source, None, &linter));
}

/// The schema walk alone, to be read as a ratio to `parse_small`. Types are decoded before the clock runs.
#[divan::bench]
fn validate_small(bencher: Bencher<'_, '_>) {
    let tree = parse(SourceText::new("bench.yaml", SMALL), &Limits::default());
    let root = tree.documents().next().and_then(|document| document.root()).expect("a document");
    let object = Object::new(root).expect("an object");
    bencher
        .counter(BytesCount::of_str(SMALL))
        .bench_local(|| schema::check(divan::black_box(object), Version::newest()));
}
