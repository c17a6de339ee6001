//! What the user decides about a run.

use std::{collections::BTreeMap, fmt};

use kubevet_facts::{Version, VersionRange};

use crate::{
    finding::Severity,
    rule::{Options, Profile},
    yaml::Limits,
};

/// Whether every object that a reference could mean is among the files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Closed {
    /// Decided per namespace from what is there.
    #[default]
    Auto,
    /// The files are everything.
    Yes,
    /// More exists elsewhere: rules about absence are silent.
    No,
}

/// Choices of one run. The default is the `recommended` profile for the newest Kubernetes.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Selected profiles; empty means `recommended`. Where two give one rule different severities, the higher wins.
    pub profiles: Vec<Profile>,
    /// Patterns of rule ids that replace the profiles' selection; empty means the profiles decide.
    pub select: Vec<String>,
    /// Patterns of rule ids that are added to the selection.
    pub extend_select: Vec<String>,
    /// Patterns of rule ids that are taken out again.
    pub ignore: Vec<String>,
    /// Severities that replace those of the profile, by rule id.
    pub severities: BTreeMap<String, Severity>,
    /// Options by rule id.
    pub options: BTreeMap<String, Options>,
    /// Target versions, which must all be covered by the facts: what is reported of any of them is reported. Without
    /// them the files' own words hold, then `assumed`.
    pub versions: Option<VersionRange>,
    /// Version where nothing else says one; the newest without it.
    pub assumed: Option<Version>,
    /// Whether the files are everything.
    pub closed: Closed,
    /// Bounds on hostile input.
    pub limits: Limits,
}

impl Config {
    /// The version where nobody says one.
    pub(crate) fn otherwise(&self) -> Version {
        self.assumed.unwrap_or_else(Version::newest)
    }
}

/// A choice that cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The offending word as given.
    pub value: String,
    /// What is wrong with it.
    pub message: String,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, ": did you mean `{suggestion}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ConfigError {}
