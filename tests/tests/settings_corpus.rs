//! Effective settings of every carrier of the corpus: places, texts, and values that simpler readers find too.

use std::{fs, path::Path};

use kubevet_core::{
    engine::{Config, Linter, lint_document},
    facts::{Component, flag},
    index::ResourceSet,
    settings::{Form, Origin, Settings, Value},
    source::SourceText,
};
use kubevet_tests::corpus::{corpus, files};

/// Every file of a folder of the corpus as one set.
fn set(folder: &Path) -> ResourceSet {
    let linter = Linter::new(&[], Config::default()).expect("nothing is selected");
    let linted = files(folder).into_iter().map(|path| {
        let shown = path.strip_prefix(folder).expect("below").to_string_lossy().into_owned();
        let (source, problem) = SourceText::from_bytes(shown, fs::read(&path).expect("readable"));
        lint_document(source, problem, &linter)
    });
    ResourceSet::new(linted.collect(), linter.config())
}

fn components(set: &ResourceSet) -> impl Iterator<Item = &Settings> {
    set.clusters().iter().flat_map(|cluster| &cluster.components)
}

/// The sets of the corpus; none where it is absent.
fn sets() -> Vec<ResourceSet> {
    let Some(corpus) = corpus() else { return Vec::new() };
    ["cluster", "cluster-derived", "manifests"].map(|part| set(&corpus.join(part))).into()
}

/// What a place says, without quotes, escapes and line breaks of any dialect.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '"' | '\'' | '\\') && !c.is_whitespace()).collect()
}

/// Whether a place says a value. A flag that stands alone says its name; booleans have several spellings.
fn says(written: &str, name: &str, value: &str) -> bool {
    let (written, value) = (plain(written), plain(value));
    let truth = match &*written.to_ascii_lowercase() {
        "y" | "yes" | "on" | "true" => Some("true"),
        "n" | "no" | "off" | "false" => Some("false"),
        _ => None,
    };
    written.contains(&value) || truth == Some(&*value) || written.contains(&format!("-{name}"))
}

#[test]
fn every_value_stands_where_its_origin_says() {
    let sets = sets();
    let (mut values, mut carriers) = (0, 0);
    for set in &sets {
        for settings in components(set) {
            carriers += 1;
            for setting in settings.said() {
                for (value, origin) in settings.layers(setting.name()) {
                    let site = origin.site().expect("what is said has a place");
                    let source = set.source(&site.place.path).expect("a file of the set");
                    let span = site.place.span;
                    assert!(
                        span.start <= span.end && span.end as usize <= source.text().len(),
                        "{}: {} is outside of {}",
                        settings.component,
                        setting.name(),
                        source.path()
                    );
                    // Slicing fails inside of a character.
                    let written = source.slice(span);
                    if matches!(origin, Origin::Injected(..)) {
                        continue;
                    }
                    values += 1;
                    // Gates stand inside the value of one flag; variables stand where they are used.
                    let name = site.field.as_deref().unwrap_or_default().trim_start_matches('-');
                    let found = match value {
                        Value::Text(text) | Value::Unknown(text) => says(written, name, text),
                        // A sequence stands whole; of a repeated flag it is the last.
                        Value::List(items) => items.last().is_none_or(|item| says(written, name, item)),
                    };
                    assert!(found, "{}: {} is {value:?}, not {written:?}", source.path(), setting.name());
                }
            }
        }
    }
    if !sets.is_empty() {
        assert!(carriers > 1000 && values > 3000, "{carriers} components, {values} values");
    }
}

/// The literal flags of a command in one line, found without any parser: `--name=value`.
fn literal_flags(command: &str) -> Vec<(String, String)> {
    let words =
        command.split_whitespace().filter(|word| !word.contains(['$', '\'', '"', '{', '%', '<', '>']));
    let pairs = words.filter_map(|word| word.strip_prefix("--")?.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[test]
fn units_give_the_flags_that_stand_in_them() {
    let mut compared = 0;
    for set in sets() {
        for file in set.files().iter().filter(|file| file.source().path().ends_with(".service")) {
            let joined = file.source().text().replace("\\\n", " ");
            let mut commands = joined.lines().filter_map(|line| line.strip_prefix("ExecStart="));
            let (Some(command), None) = (commands.next(), commands.next()) else { continue };
            let mut here = components(&set).filter(|one| one.site.place.path == *file.source().path());
            let Some(settings) = here.next() else { continue };
            let flags = literal_flags(command);
            for (name, value) in &flags {
                let beats = kubevet_core::facts::flag_beats_file(settings.component, name);
                let repeated = flags.iter().filter(|(other, _)| other == name).count() > 1;
                if repeated || settings.has_config_file && !beats {
                    continue;
                }
                assert_eq!(
                    settings.get(name).text(),
                    Some(value.as_str()),
                    "{}: --{name}",
                    file.source().path()
                );
                compared += 1;
            }
        }
    }
    if corpus().is_some() {
        assert!(compared > 500, "{compared} flags");
    }
}

/// Scalars of a document by path, as another YAML reader sees them.
fn scalars(value: &serde_yaml::Value, path: &str, out: &mut Vec<(String, String)>) {
    let text = match value {
        serde_yaml::Value::Mapping(map) => {
            for (key, value) in map {
                let key = key.as_str().unwrap_or_default();
                let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
                scalars(value, &path, out);
            }
            return;
        }
        serde_yaml::Value::Bool(value) => value.to_string(),
        serde_yaml::Value::Number(value) if value.is_u64() => value.to_string(),
        serde_yaml::Value::String(text) => text.clone(),
        _ => return,
    };
    out.push((path.to_owned(), text));
}

#[test]
fn configuration_files_give_the_fields_that_another_reader_finds() {
    use serde::Deserialize;
    let mut compared = 0;
    for set in sets() {
        for file in set.files() {
            let path = file.source().path();
            let here = components(&set).filter(|one| one.has_config_file && one.site.place.path == *path);
            let here: Vec<&Settings> = here.collect();
            if here.is_empty() {
                continue;
            }
            for document in serde_yaml::Deserializer::from_str(file.source().text()) {
                let Ok(document) = serde_yaml::Value::deserialize(document) else { break };
                let component = match document["kind"].as_str() {
                    Some("KubeletConfiguration") => Component::Kubelet,
                    Some("KubeProxyConfiguration") => Component::KubeProxy,
                    Some("KubeSchedulerConfiguration") => Component::KubeScheduler,
                    _ => continue,
                };
                let mut of_component = here.iter().filter(|one| one.component == component);
                let (Some(settings), None) = (of_component.next(), of_component.next()) else { continue };
                let mut fields = Vec::new();
                scalars(&document, "", &mut fields);
                let own =
                    |name: &str| !matches!(name, "apiVersion" | "kind") && !name.starts_with("metadata");
                for (name, text) in fields.into_iter().filter(|(name, _)| own(name)) {
                    let layers = settings.layers(&name);
                    let file = layers.iter().find(|(_, origin)| matches!(origin, Origin::File(_)));
                    let said = match file.map(|(value, _)| value) {
                        Some(Value::Text(said) | Value::Unknown(said)) => said,
                        other => panic!("{path}: {name} is {other:?}, not {text}"),
                    };
                    assert_eq!(*said, text, "{path}: {name}");
                    compared += 1;
                }
            }
        }
    }
    if corpus().is_some() {
        assert!(compared > 2000, "{compared} fields");
    }
}

#[test]
fn kubeadm_arguments_reach_their_component() {
    use serde::Deserialize;
    let mut compared = 0;
    for set in sets() {
        for file in set.files() {
            let path = file.source().path();
            let here: Vec<&Settings> = components(&set).filter(|one| one.site.place.path == *path).collect();
            if here.is_empty() {
                continue;
            }
            for document in serde_yaml::Deserializer::from_str(file.source().text()) {
                let Ok(document) = serde_yaml::Value::deserialize(document) else { break };
                if document["kind"].as_str() != Some("ClusterConfiguration") {
                    continue;
                }
                for (part, component) in [
                    ("apiServer", Component::KubeApiserver),
                    ("controllerManager", Component::KubeControllerManager),
                    ("scheduler", Component::KubeScheduler),
                ] {
                    let mut of_component = here.iter().filter(|one| one.component == component);
                    let (Some(settings), None) = (of_component.next(), of_component.next()) else { continue };
                    for (name, text) in arguments(&document[part]["extraArgs"]) {
                        let known = flag(component, &name, settings.version);
                        if known.is_some_and(|flag| flag.repeatable) && name != "feature-gates" {
                            assert!(settings.get(&name).list().is_some(), "{path}: --{name}");
                        } else if text.contains(['$', '{', '<']) {
                            assert!(settings.get(&name).is_unknown(), "{path}: --{name}");
                        } else {
                            assert_eq!(settings.get(&name).text(), Some(&*text), "{path}: --{name}");
                        }
                        compared += 1;
                    }
                }
            }
        }
    }
    if corpus().is_some() {
        assert!(compared > 200, "{compared} arguments");
    }
}

/// Extra arguments in both forms.
fn arguments(value: &serde_yaml::Value) -> Vec<(String, String)> {
    let text = |value: &serde_yaml::Value| match value {
        serde_yaml::Value::String(text) => Some(text.clone()),
        serde_yaml::Value::Bool(value) => Some(value.to_string()),
        serde_yaml::Value::Number(value) => Some(value.to_string()),
        _ => None,
    };
    let pairs: Vec<_> = match value {
        serde_yaml::Value::Mapping(map) => {
            map.iter().map(|(name, value)| (text(name), text(value))).collect()
        }
        serde_yaml::Value::Sequence(list) => {
            list.iter().map(|item| (text(&item["name"]), text(&item["value"]))).collect()
        }
        _ => Vec::new(),
    };
    pairs.into_iter().filter_map(|(name, value)| Some((name?, value?))).collect()
}

#[test]
fn every_flag_stands_where_its_place_says() {
    let mut seen = 0;
    for set in &sets() {
        for settings in components(set) {
            for argument in settings.given().iter().filter(|argument| argument.form != Form::Variable) {
                let place = &argument.name_site.place;
                let written = plain(set.source(&place.path).expect("a file of the set").slice(place.span));
                seen += 1;
                assert!(
                    written.trim_start_matches('-') == plain(&argument.name) || written.contains('$'),
                    "{}: `{written}` is not `{}`",
                    place.path,
                    argument.name
                );
            }
        }
    }
    assert!(seen == 0 || seen > 2_000, "only {seen} flags were given");
}
