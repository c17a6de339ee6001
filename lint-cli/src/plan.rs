//! What a run shall do: built-in choices, then the configuration file, then the environment, then flags.

use std::path::Path;

use kubevet_core::{
    engine::{Config, Linter},
    finding::Severity,
};

use crate::{
    args::{CheckArgs, Destination, FailOn, destination},
    exclude::{BUILT_IN, Exclude},
    outcome::Outcome,
    output::Format,
    problem::Problem,
};

/// Everything that is decided before the first file is read.
#[derive(Debug)]
pub struct Plan {
    pub linter: Linter,
    pub exclude: Exclude,
    pub fail_on: FailOn,
    pub min_severity: Option<Severity>,
    /// At most one of them is standard output.
    pub outputs: Vec<Destination>,
}

impl Plan {
    /// Decides. `directory` is where relative patterns on the command line start from.
    pub fn new(args: &CheckArgs, directory: &Path) -> Outcome<Self> {
        let rules = &args.rules;
        let config = Config {
            profiles: rules.profile.clone(),
            select: rules.select.clone(),
            extend_select: rules.extend_select.clone(),
            ignore: rules.ignore.clone(),
            severities: rules.severity.iter().cloned().collect(),
            version: rules.kubernetes_version,
            closed: rules.closed.unwrap_or_default(),
            ..Config::default()
        };
        let linter =
            Linter::new(&kubevet_rules::all(), config).map_err(|error| Problem::new(error.to_string()))?;
        Ok(Plan {
            linter,
            exclude: excludes(args, directory)?,
            fail_on: args.output.fail_on.unwrap_or(FailOn::Warning),
            min_severity: rules.min_severity,
            outputs: outputs(args)?,
        })
    }
}

fn excludes(args: &CheckArgs, directory: &Path) -> Outcome<Exclude> {
    let mut exclude = Exclude::default();
    let mut add = |patterns: &[String]| {
        let patterns = patterns.iter().map(String::as_str);
        exclude.add(directory, patterns).map_err(|(pattern, reason)| {
            Problem::new(format!("`{pattern}` is not a pattern of files: {reason}"))
        })
    };
    if args.files.exclude.is_empty() {
        add(&BUILT_IN.map(str::to_owned))?;
    } else {
        add(&args.files.exclude)?;
    }
    add(&args.files.extend_exclude)?;
    Ok(exclude)
}

fn outputs(args: &CheckArgs) -> Outcome<Vec<Destination>> {
    let mut outputs = args.output.output_format.clone();
    match outputs.iter().filter(|output| output.file.is_none()).count() {
        0 => outputs.insert(0, default_output()?),
        1 => {}
        _ => {
            let message =
                "two formats want standard output: give all but one a file, as in `json=report.json`";
            return Err(Problem::new(message).into());
        }
    }
    Ok(outputs)
}

fn default_output() -> Outcome<Destination> {
    let named = std::env::var("KUBEVET_OUTPUT_FORMAT").ok().filter(|value| !value.is_empty());
    let format = named.map(|value| destination(&value));
    let format =
        format.transpose().map_err(|error| Problem::new(format!("KUBEVET_OUTPUT_FORMAT: {error}")))?;
    Ok(format.unwrap_or(Destination { format: Format::Full, file: None }))
}
