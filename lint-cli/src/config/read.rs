//! From TOML to choices: every key, type, rule and option is checked, and every mistake is told at once.

use clap::ValueEnum;
use kubevet_core::{
    engine::{Config, Linter},
    facts::{VersionRange, VersionRangeError},
    rule::{Options, Profile, Rule},
    suggest::closest,
};
use toml::de::{DeTable, DeValue};

use super::{
    FileConfig,
    issue::Issue,
    value::{Text, Value, json, one_or_more, text, texts, wrong},
};
use crate::{
    args::{FailOn, parse_closed},
    exclude::glob,
};

/// Keys at the top of the file.
pub const KEYS: [&str; 14] = [
    "closed",
    "crds",
    "exclude",
    "extend-exclude",
    "extend-select",
    "fail-on",
    "ignore",
    "kubernetes-version",
    "min-severity",
    "output-format",
    "profile",
    "rules",
    "schema-location",
    "select",
];

/// Reads the text of a configuration file. With `fallback`, versions of Kubernetes may be unknown ones.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file.
pub fn read(text: &str, registry: &[&'static Rule], fallback: bool) -> Result<FileConfig, Vec<Issue>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader { registry, fallback, config: FileConfig::default(), issues: Vec::new() };
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        reader.issues.push(Issue { span, message: error.message().to_owned(), help: None });
    }
    // After a mistake in the syntax, what is left may not be what was meant.
    if reader.issues.is_empty() {
        for (key, value) in table.get_ref() {
            reader.key(key.get_ref(), &key.span(), value);
        }
    }
    reader.issues.sort_by_key(|issue| (issue.span.start, issue.span.end));
    if reader.issues.is_empty() { Ok(reader.config) } else { Err(reader.issues) }
}

struct Reader<'r> {
    registry: &'r [&'static Rule],
    fallback: bool,
    config: FileConfig,
    issues: Vec<Issue>,
}

type Read<T = ()> = Result<T, Issue>;

impl Reader<'_> {
    fn key(&mut self, key: &str, span: &std::ops::Range<usize>, value: &Value<'_>) {
        let read = match key {
            "closed" => one(value, parse_closed).map(|closed| self.config.closed = Some(closed)),
            "crds" => texts(value).map(|paths| {
                self.config.crds = paths.into_iter().map(|(path, _)| path.into()).collect();
            }),
            "exclude" => globs(value).map(|globs| self.config.exclude = Some(globs)),
            "extend-exclude" => globs(value).map(|globs| self.config.extend_exclude = globs),
            "extend-select" => self.rules(value).map(|rules| self.config.extend_select = rules),
            "fail-on" => one(value, fail_on).map(|level| self.config.fail_on = Some(level)),
            "ignore" => self.rules(value).map(|rules| self.config.ignore = rules),
            "kubernetes-version" => {
                one(value, |text| self.versions(text)).map(|versions| self.config.versions = Some(versions))
            }
            "min-severity" => one(value, str::parse).map(|level| self.config.min_severity = Some(level)),
            "output-format" => one(value, str::parse).map(|format| self.config.output_format = Some(format)),
            "profile" => one_or_more(value)
                .and_then(|names| names.into_iter().map(profile).collect())
                .map(|profiles| self.config.profiles = profiles),
            "rules" => self.rule_tables(value),
            "schema-location" => one_or_more(value)
                .and_then(|texts| texts.into_iter().map(|text| parsed(text, str::parse)).collect())
                .map(|locations| self.config.schema_locations = locations),
            "select" => self.rules(value).map(|rules| self.config.select = rules),
            _ => Err(unknown("key", key, span, KEYS)),
        };
        self.issues.extend(read.err());
    }

    fn versions(&self, text: &str) -> Result<VersionRange, String> {
        let range = text
            .parse()
            .and_then(|range: VersionRange| if self.fallback { Ok(range) } else { range.covered() });
        range.map_err(|error: VersionRangeError| error.to_string())
    }

    /// A list of ids and patterns, each of which must match a rule.
    fn rules(&mut self, value: &Value<'_>) -> Read<Vec<String>> {
        let patterns = texts(value)?;
        for (pattern, span) in &patterns {
            let config = Config { select: vec![pattern.clone()], ..Config::default() };
            if let Err(error) = Linter::new(self.registry, config) {
                let help = error.suggestion.map(|meant| format!("did you mean `{meant}`?"));
                self.issues.push(Issue { span: span.clone(), message: error.message, help });
            }
        }
        Ok(patterns.into_iter().map(|(pattern, _)| pattern).collect())
    }

    /// `[rules."group/name"]`.
    fn rule_tables(&mut self, value: &Value<'_>) -> Read {
        let tables = value.get_ref().as_table().ok_or_else(|| wrong(value, "a table"))?;
        for (id, table) in tables {
            let Some(rule) = self.registry.iter().find(|rule| rule.id == id.get_ref()) else {
                let ids = self.registry.iter().map(|rule| rule.id);
                let mut issue = unknown("rule", id.get_ref(), &id.span(), ids);
                if !id.get_ref().contains('/') {
                    issue.help = Some("rules are named like `[rules.\"group/name\"]`, in quotes".to_owned());
                }
                self.issues.push(issue);
                continue;
            };
            match table.get_ref() {
                DeValue::Table(entries) => self.rule(rule, entries),
                _ => self.issues.push(wrong(table, "a table with `severity` and options of the rule")),
            }
        }
        Ok(())
    }

    fn rule(&mut self, rule: &'static Rule, entries: &DeTable<'_>) {
        let mut options = Options::default();
        for (key, value) in entries {
            let name: &str = key.get_ref();
            if name == "severity" {
                match one(value, str::parse) {
                    Ok(severity) => drop(self.config.severities.insert(rule.id.to_owned(), severity)),
                    Err(issue) => self.issues.push(issue),
                }
                continue;
            }
            let Some(spec) = rule.options.iter().find(|spec| spec.name == name) else {
                let names = rule.options.iter().map(|spec| spec.name).chain(["severity"]);
                self.issues.push(unknown("option", name, &key.span(), names));
                continue;
            };
            match spec.kind.read(&json(value.get_ref())) {
                Some(read) => options.set(name, read),
                None => self.issues.push(wrong(value, spec.kind.describe())),
            }
        }
        self.config.options.insert(rule.id.to_owned(), options);
    }
}

/// One string with a meaning.
fn one<T>(value: &Value<'_>, read: impl Fn(&str) -> Result<T, String>) -> Read<T> {
    parsed(text(value)?, read)
}

fn parsed<T>((text, span): Text, read: impl Fn(&str) -> Result<T, String>) -> Read<T> {
    read(&text).map_err(|message| Issue { span, message, help: None })
}

fn profile((name, span): Text) -> Read<Profile> {
    name.parse().map_err(|_| unknown("profile", &name, &span, Profile::ALL.map(Profile::name)))
}

fn fail_on(text: &str) -> Result<FailOn, String> {
    FailOn::from_str(text, false)
        .map_err(|_| format!("`{text}` is none of `error`, `warning`, `info` and `never`"))
}

fn globs(value: &Value<'_>) -> Read<Vec<String>> {
    let patterns = texts(value)?.into_iter();
    let checked = patterns.map(|(pattern, span)| match glob(&pattern) {
        Ok(_) => Ok(pattern),
        Err(error) => {
            let message = format!("this is not a pattern of files: {}", error.kind());
            Err(Issue { span, message, help: None })
        }
    });
    checked.collect()
}

/// A name that is not known, with what was probably meant, else with what there is.
fn unknown<'a>(
    what: &str,
    name: &str,
    span: &std::ops::Range<usize>,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> Issue {
    let help = match closest(name, known.clone()) {
        Some(meant) => Some(format!("did you mean `{meant}`?")),
        None if what == "rule" => Some("`kubevet rules` lists all".to_owned()),
        None => Some(format!(
            "there is {}",
            known.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        )),
    };
    Issue { span: span.clone(), message: format!("there is no {what} `{name}`"), help }
}
