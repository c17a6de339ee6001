//! The tree against other parsers, on every file of the corpus.

use std::{collections::BTreeSet, path::Path};

use kubevet_core::yaml::{NodeRef, Scalar, Style};
use kubevet_tests::{
    corpus::{corpus, yaml_texts},
    trees::{check_spans, granit_lines, is_read_differently, lines, tree},
};

/// The one file of the corpus that go-yaml v2 refuses and libyaml takes: it has the escape `\/` in double quotes.
fn only_go_refuses(path: &Path) -> bool {
    path.ends_with("external-secrets__external-secrets/docs/snippets/conjur-external-secret-find.yaml")
}

#[test]
fn trees_are_those_of_the_full_parser() {
    let Some(corpus) = corpus() else { return };
    let mut different = Vec::new();
    let mut compared = 0;
    for (path, text) in yaml_texts(corpus) {
        let tree = tree(&text);
        check_spans(&tree).unwrap_or_else(|wrong| panic!("{}: {wrong}", path.display()));
        let Some(expected) = granit_lines(&text) else { continue };
        if is_read_differently(&text) || only_go_refuses(&path) {
            continue;
        }
        compared += 1;
        let found = lines(&tree);
        if found != expected {
            let at = found
                .iter()
                .zip(&expected)
                .position(|(one, other)| one != other)
                .unwrap_or(found.len().min(expected.len()));
            different.push(format!(
                "{}: {:?} instead of {:?}; {:?}",
                path.display(),
                found.get(at),
                expected.get(at),
                tree.errors()
            ));
        }
    }
    assert!(compared > 9000, "only {compared} files were compared");
    assert!(
        different.is_empty(),
        "{} of {compared}:\n{}",
        different.len(),
        different[..different.len().min(20)].join("\n")
    );
}

/// A node against the value that `serde_yaml` reads, where YAML 1.1 and 1.2 agree.
fn compare(node: NodeRef<'_>, value: &serde_yaml::Value) -> Result<(), String> {
    use serde_yaml::Value;
    let differs = || Err(format!("{}: {:?} is not {value:?}", node.route(), node.value()));
    match (value, node.value()) {
        (Value::Mapping(map), _) => {
            if !node.is_map() || node.len() != map.len() {
                return differs();
            }
            for (entry, (key, value)) in node.entries().zip(map) {
                compare(entry.key, key)?;
                compare(entry.value, value)?;
            }
            Ok(())
        }
        (Value::Sequence(items), _) => {
            if !node.is_seq() || node.len() != items.len() {
                return differs();
            }
            node.items().zip(items).try_for_each(|(node, value)| compare(node, value))
        }
        (Value::Tagged(_), _) => Ok(()),
        (Value::Null, Scalar::Null) => Ok(()),
        (Value::Bool(one), Scalar::Bool(other)) if *one == other => Ok(()),
        (Value::Number(one), Scalar::Int(other)) if one.as_i64() == Some(other) => Ok(()),
        (Value::Number(one), Scalar::UInt(other)) if one.as_u64() == Some(other) => Ok(()),
        (Value::Number(one), Scalar::Float(other))
            if one.as_f64().is_some_and(|one| one.total_cmp(&other).is_eq()) =>
        {
            Ok(())
        }
        (Value::String(one), Scalar::Str(other)) if one == other => Ok(()),
        // What YAML 1.1 reads otherwise: booleans in other words, octal numbers, underscores, base prefixes.
        _ if node.style() == Style::Plain && is_of_yaml_1_1(node.text()) => Ok(()),
        _ => differs(),
    }
}

fn is_of_yaml_1_1(text: &str) -> bool {
    let word = ["y", "n", "yes", "no", "on", "off"].contains(&text.to_lowercase().as_str());
    let digits = text.trim_start_matches(['-', '+']);
    word || digits.starts_with('0') && digits.len() > 1
        || text.contains('_')
        || digits.starts_with('.')
        || digits.ends_with('.')
        || digits.contains(['e', 'E'])
}

#[test]
fn values_are_those_of_serde_yaml() {
    let Some(corpus) = corpus() else { return };
    let mut different = Vec::new();
    let mut compared = 0;
    for (path, text) in yaml_texts(corpus) {
        use serde::Deserialize as _;
        let values: Result<Vec<_>, _> =
            serde_yaml::Deserializer::from_str(&text).map(serde_yaml::Value::deserialize).collect();
        // It refuses duplicate keys, which the tree keeps, and leaves merge keys alone.
        let Ok(values) = values else { continue };
        if text.contains("<<:") || only_go_refuses(&path) {
            continue;
        }
        let tree = tree(&text);
        let roots: Vec<_> = tree.documents().map(|document| document.root()).collect();
        if roots.len() != values.len() {
            different.push(format!(
                "{}: {} documents instead of {}",
                path.display(),
                roots.len(),
                values.len()
            ));
            continue;
        }
        for (root, value) in roots.into_iter().zip(&values) {
            compared += 1;
            let outcome =
                root.map_or_else(|| Err(format!("{:?}", tree.errors())), |root| compare(root, value));
            if let Err(error) = outcome {
                different.push(format!("{}: {error}", path.display()));
            }
        }
    }
    assert!(compared > 10_000, "only {compared} documents were compared");
    assert!(
        different.is_empty(),
        "{} of {compared}:\n{}",
        different.len(),
        different[..different.len().min(20)].join("\n")
    );
}

#[test]
fn verdicts_are_those_of_the_corpus() {
    let Some(corpus) = corpus() else { return };
    let table = |name: &str| std::fs::read_to_string(corpus.join(name)).expect("the corpus has its tables");
    let first_cells = |name: &str| -> BTreeSet<String> {
        table(name).lines().skip(1).filter_map(|line| line.split('\t').next()).map(str::to_owned).collect()
    };
    let (refused, duplicates) = (first_cells("parse_errors.tsv"), first_cells("dupkeys.tsv"));
    let manifests = corpus.join("manifests");
    let mut wrong = Vec::new();
    for (path, text) in yaml_texts(&manifests) {
        let name = path.strip_prefix(&manifests).expect("inside").to_string_lossy().replace('\\', "/");
        let tree = tree(&text);
        if tree.errors().is_empty() == (refused.contains(&name) || only_go_refuses(&path)) {
            wrong.push(format!("{name}: {:?}", tree.errors()));
        }
        if !tree.errors().is_empty() {
            continue;
        }
        if tree.duplicate_keys().is_empty() == duplicates.contains(&name) {
            wrong.push(format!("{name}: duplicate keys {:?}", tree.duplicate_keys()));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
