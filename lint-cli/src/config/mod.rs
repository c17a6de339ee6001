//! The configuration file: `kubevet.toml` or `.kubevet.toml`.

mod issue;
mod read;
mod value;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    path::{Path, PathBuf},
};

use kubevet_core::{
    engine::{Closed, Config},
    facts::VersionRange,
    finding::Severity,
    rule::{Options, Profile, Rule},
    source::SourceText,
};

use crate::{
    args::{CheckArgs, FailOn, InputArgs},
    locations::Location,
    outcome::{Failure, Outcome},
    output::Format,
    problem::Problem,
    terminal::Stream,
    walk::normal,
};

/// Names of the file, the better one first.
const NAMES: [&str; 2] = ["kubevet.toml", ".kubevet.toml"];

/// What a configuration file says. `None` and empty mean that it says nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FileConfig {
    pub profiles: Vec<Profile>,
    pub select: Vec<String>,
    pub extend_select: Vec<String>,
    pub ignore: Vec<String>,
    pub severities: BTreeMap<String, Severity>,
    pub options: BTreeMap<String, Options>,
    pub fail_on: Option<FailOn>,
    pub min_severity: Option<Severity>,
    pub exclude: Option<Vec<String>>,
    pub extend_exclude: Vec<String>,
    pub versions: Option<VersionRange>,
    pub closed: Option<Closed>,
    pub output_format: Option<Format>,
    /// Relative to the folder of the file.
    pub crds: Vec<PathBuf>,
    /// Relative to the folder of the file.
    pub schema_locations: Vec<Location>,
}

/// A configuration file that was read.
#[derive(Debug, Default)]
pub struct Loaded {
    pub config: FileConfig,
    /// The file, when there is one.
    pub path: Option<PathBuf>,
    /// Its folder: what its patterns start from.
    pub base: PathBuf,
}

/// Finds and reads the file that holds for a run: the one that was named, else the nearest one above the first path.
pub fn load(
    args: &InputArgs,
    directory: &Path,
    registry: &[&'static Rule],
    stream: Stream,
) -> Outcome<Loaded> {
    let named = || {
        let variable = std::env::var_os("KUBEVET_CONFIG").filter(|value| !value.is_empty());
        args.config.config.clone().or(variable.map(PathBuf::from))
    };
    if args.config.isolated {
        return Ok(Loaded::default());
    }
    let Some(path) = named().or_else(|| nearest(&start(args, directory))) else {
        return Ok(Loaded::default());
    };
    let shown = path.strip_prefix(directory).unwrap_or(&path).to_string_lossy().into_owned();
    let text = std::fs::read_to_string(&path).map_err(|error| Problem::read(&shown, &error))?;
    let source = SourceText::new(shown, text);
    let config = read::read(source.text(), registry, args.kubernetes_version_fallback).map_err(|issues| {
        Failure::Problems(issues.iter().map(|issue| issue.problem(&source, stream)).collect())
    })?;
    let absolute = normal(&directory.join(&path));
    let base = absolute.parent().unwrap_or(directory).to_owned();
    Ok(Loaded { config, path: Some(path), base })
}

/// The folder of the first path.
fn start(args: &InputArgs, directory: &Path) -> PathBuf {
    let first = args.paths.first().map_or(Path::new("."), PathBuf::as_path);
    let first = if first.as_os_str() == OsStr::new("-") {
        args.stdin_filename.as_deref().unwrap_or(Path::new("-"))
    } else {
        first
    };
    let absolute = normal(&directory.join(first));
    if absolute.is_dir() { absolute } else { absolute.parent().unwrap_or(directory).to_owned() }
}

/// The nearest file in this folder or above, up to the root of the repository.
fn nearest(start: &Path) -> Option<PathBuf> {
    for folder in start.ancestors() {
        if let Some(found) = NAMES.iter().map(|name| folder.join(name)).find(|path| path.is_file()) {
            return Some(found);
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

impl FileConfig {
    /// The choices of a run: flags over the file.
    ///
    /// `--select` and `--profile` start a selection of their own; `--extend-select` and `--ignore` add to the file's.
    pub fn engine(self, args: &CheckArgs) -> Config {
        let flags = &args.rules;
        let own_rules = !flags.select.is_empty();
        let own_profile = !flags.profile.is_empty();
        let join = |file: Vec<String>, flags: &[String], drop: bool| {
            let file = if drop { Vec::new() } else { file };
            file.into_iter().chain(flags.iter().cloned()).collect()
        };
        let mut severities = self.severities;
        let strict = if args.schemas.strict { kubevet_rules::STRICT } else { &[] };
        severities.extend(strict.iter().map(|id| ((*id).to_owned(), Severity::Error)));
        severities.extend(flags.severity.iter().cloned());
        let mut extend_select: Vec<String> = join(self.extend_select, &flags.extend_select, own_rules);
        extend_select.extend(strict.iter().map(|id| (*id).to_owned()));
        Config {
            profiles: if own_profile { flags.profile.clone() } else { self.profiles },
            select: join(self.select, &flags.select, own_rules || own_profile),
            extend_select,
            ignore: join(self.ignore, &flags.ignore, own_rules),
            severities,
            options: self.options,
            versions: self.versions,
            closed: flags.closed.or(self.closed).unwrap_or_default(),
            ..Config::default()
        }
    }
}
