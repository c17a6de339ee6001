//! The function behind [`crate::check`], in JSON, so that native tests reach all of it.

use std::collections::BTreeMap;

use kubevet_core::{
    engine::{Closed, Config, Linter, lint_document, lint_versions},
    facts::{VersionRange, VersionRangeError},
    finding::Severity,
    index::ResourceSet,
    report,
    rule::Options,
    source::SourceText,
};
use serde::Deserialize;

/// One file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputFile {
    /// Relative path, `/` separated.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// The choices of a run; every one may be left out. The words are those of the command line.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct CheckOptions {
    profiles: Vec<String>,
    select: Vec<String>,
    extend_select: Vec<String>,
    ignore: Vec<String>,
    kubernetes_version: Option<String>,
    closed: Option<bool>,
    rules: BTreeMap<String, RuleOptions>,
}

#[derive(Deserialize, Default)]
struct RuleOptions {
    severity: Option<String>,
    #[serde(flatten)]
    options: serde_json::Map<String, serde_json::Value>,
}

/// Lints files that belong together. Takes and gives JSON: a list of [`InputFile`], [`CheckOptions`], the report.
///
/// # Errors
/// What is wrong with the arguments, in words.
pub fn check_json(files: &str, options: &str) -> Result<String, String> {
    let files: Vec<InputFile> = serde_json::from_str(files).map_err(|error| format!("files: {error}"))?;
    let options: Option<CheckOptions> =
        serde_json::from_str(options).map_err(|error| format!("options: {error}"))?;
    let config = options.unwrap_or_default().config()?;
    let linter = Linter::new(&kubevet_rules::all(), config).map_err(|error| error.to_string())?;
    let linted = files.into_iter().map(|file| {
        let (source, problem) = SourceText::from_bytes(file.path, file.text.into_bytes());
        lint_document(source, problem, &linter)
    });
    let mut set = ResourceSet::new(linted.collect(), linter.config());
    let report = lint_versions(&mut set, &linter);
    Ok(report::json(&report, &set))
}

impl CheckOptions {
    fn config(self) -> Result<Config, String> {
        let mut config = Config {
            profiles: self.profiles.iter().map(|name| name.parse()).collect::<Result<_, String>>()?,
            select: self.select,
            extend_select: self.extend_select,
            ignore: self.ignore,
            closed: match self.closed {
                None => Closed::Auto,
                Some(true) => Closed::Yes,
                Some(false) => Closed::No,
            },
            ..Config::default()
        };
        if let Some(version) = self.kubernetes_version {
            config.versions = Some(
                version
                    .parse()
                    .and_then(VersionRange::covered)
                    .map_err(|error: VersionRangeError| error.to_string())?,
            );
        }
        for (id, RuleOptions { severity, options }) in self.rules {
            let rules = kubevet_rules::all();
            let rule =
                rules.iter().find(|rule| rule.id == id).ok_or_else(|| format!("there is no rule `{id}`"))?;
            if let Some(severity) = severity {
                config.severities.insert(id.clone(), severity.parse::<Severity>()?);
            }
            let options = Options::read(rule.options, options).map_err(|error| format!("`{id}`: {error}"))?;
            config.options.insert(id, options);
        }
        Ok(config)
    }
}
