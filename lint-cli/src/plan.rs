//! What a run shall do: built-in choices, then the configuration file, then the environment, then flags.

use std::path::{Path, PathBuf};

use kubevet_core::{
    engine::{Config, Linter},
    finding::Severity,
};

use crate::{
    args::{CheckArgs, Destination, FailOn},
    console::Console,
    exclude::Exclude,
    gather::configuration,
    locations::Location,
    outcome::Outcome,
    output::{Format, plural},
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
    /// Files and folders of definitions that are not checked.
    pub crds: Vec<PathBuf>,
    /// Where JSON schemas of custom kinds are.
    pub locations: Vec<Location>,
}

impl Plan {
    /// Decides. `directory` is where relative patterns on the command line start from.
    pub fn new(args: &CheckArgs, directory: &Path, console: &Console) -> Outcome<Self> {
        let (file, exclude) = configuration(&args.input, directory, console)?;
        let outputs = outputs(args, file.output_format)?;
        let fail_on = args.output.fail_on.or(file.fail_on).unwrap_or(FailOn::Warning);
        let min_severity = args.rules.min_severity.or(file.min_severity);
        let crds = file.crds.iter().chain(&args.schemas.crd).cloned().collect();
        let locations = file.schema_locations.iter().chain(&args.schemas.schema_location).cloned().collect();
        let linter = Linter::new(&kubevet_rules::all(), file.engine(args));
        let linter = linter.map_err(|error| Problem::new(error.to_string()))?;
        console.detail(|| format!("{} selected", plural(linter.rules().len(), "rule")));
        Ok(Plan { linter, exclude, fail_on, min_severity, outputs, crds, locations })
    }

    /// The same plan with other choices for the engine.
    pub fn changed(&self, change: impl FnOnce(&mut Config)) -> Outcome<Self> {
        let mut config = self.linter.config().clone();
        change(&mut config);
        let linter = Linter::new(&kubevet_rules::all(), config);
        let linter = linter.map_err(|error| Problem::new(error.to_string()))?;
        Ok(Plan {
            linter,
            exclude: self.exclude.clone(),
            fail_on: self.fail_on,
            min_severity: self.min_severity,
            outputs: self.outputs.clone(),
            crds: self.crds.clone(),
            locations: self.locations.clone(),
        })
    }
}

fn outputs(args: &CheckArgs, configured: Option<Format>) -> Outcome<Vec<Destination>> {
    let mut outputs = args.output.output_format.clone();
    match outputs.iter().filter(|output| output.file.is_none()).count() {
        0 => {
            let format = variable()?.or(configured).unwrap_or_default();
            outputs.insert(0, Destination { format, file: None });
        }
        1 => {}
        _ => {
            let message =
                "two formats want standard output: give all but one a file, as in `json=report.json`";
            return Err(Problem::new(message).into());
        }
    }
    Ok(outputs)
}

fn variable() -> Outcome<Option<Format>> {
    let value = std::env::var("KUBEVET_OUTPUT_FORMAT").ok().filter(|value| !value.is_empty());
    let format = value.map(|value| value.parse()).transpose();
    Ok(format.map_err(|error: String| Problem::new(format!("KUBEVET_OUTPUT_FORMAT: {error}")))?)
}
