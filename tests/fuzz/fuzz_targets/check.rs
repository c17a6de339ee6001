//! All rules on any bytes: no panic, and every finding lies in its file.

#![no_main]

use kubevet_core::{
    engine::{Config, INTERNAL_ERROR, Linter, lint_document, lint_set},
    index::ResourceSet,
    source::SourceText,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let config = Config { select: vec!["*".to_owned()], ..Config::default() };
    let linter = Linter::new(&kubevet_rules::all(), config).expect("the rules are known");
    let (source, problem) = SourceText::from_bytes("fuzz.yaml", bytes.to_vec());
    let set = ResourceSet::new(vec![lint_document(source, problem, &linter)], linter.config());
    for finding in lint_set(&set, &linter).findings {
        assert_ne!(finding.rule, INTERNAL_ERROR);
        let source = set.source(&finding.site.place.path).expect("findings are about files of the set");
        assert!(source.text().get(finding.site.place.span.range()).is_some(), "{finding:?}");
    }
});
