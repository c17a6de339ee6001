//! Custom objects of real projects that their authors made wrong on purpose, and those that are right.

use std::{collections::BTreeSet, fs, path::Path};

use kubevet_core::{
    engine::{Config, Linter, lint_document, lint_set},
    index::ResourceSet,
    source::SourceText,
};
use kubevet_tests::corpus::corpus;

fn yaml_below(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of the corpus") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            yaml_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(path);
        }
    }
}

/// The files of a project in which the rules about schemas find something, and all its files.
fn judged(project: &str) -> Option<(BTreeSet<String>, Vec<String>)> {
    let Some(corpus) = corpus() else {
        println!("skipped: there is no corpus");
        return None;
    };
    let config = Config {
        select: vec!["schema/*".into(), "crd/*".into()],
        ignore: vec!["schema/unknown-custom-kind".into()],
        ..Config::default()
    };
    let linter = Linter::new(&kubevet_rules::all(), config).expect("the rules are known");
    let mut paths = Vec::new();
    yaml_below(&corpus.join("manifests").join(project), &mut paths);
    let names: Vec<String> = paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    let linted = paths.iter().zip(&names).map(|(path, name)| {
        let (source, problem) = SourceText::from_bytes(name.as_str(), fs::read(path).expect("a file"));
        lint_document(source, problem, &linter)
    });
    let set = ResourceSet::new(linted.collect(), linter.config());
    let report = lint_set(&set, &linter);
    Some((report.findings.iter().map(|finding| finding.site.place.path.to_string()).collect(), names))
}

#[test]
fn examples_that_are_made_wrong_are_found() {
    // The one that is not found breaks a pattern that the definitions of the corpus do not have.
    let cases = [
        ("kubernetes-sigs__gateway-api", "/invalid-examples/", "invalid-header-value.yaml", 35),
        ("strimzi__strimzi-kafka-operator", "-cel-", "\0", 18),
    ];
    for (project, marked, except, least) in cases {
        let Some((found, all)) = judged(project) else { return };
        let wrong: Vec<&String> =
            all.iter().filter(|name| name.contains(marked) && !name.ends_with(except)).collect();
        assert!(wrong.len() >= least, "{project}: {}", wrong.len());
        let missed: Vec<_> = wrong.iter().filter(|name| !found.contains(**name)).collect();
        assert!(missed.is_empty(), "{missed:#?}");
    }
}

#[test]
fn the_cases_of_kubectl_validate_are_judged_alike() {
    let Some((found, all)) = judged("kubernetes-sigs__kubectl-validate") else { return };
    let named = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
    let custom = |name: &String| {
        name.contains("/testcases/manifests/")
            && ["_cel_", "x_list_map", "crd", "jobset"].iter().any(|word| named(name).contains(word))
    };
    let cases: Vec<&String> = all.iter().filter(|name| custom(name)).collect();
    assert!(cases.len() >= 7, "{cases:?}");
    for name in cases {
        assert_eq!(found.contains(name), named(name).starts_with("error_"), "{name}");
    }
}
