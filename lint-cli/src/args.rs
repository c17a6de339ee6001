//! What can be said on the command line.

use std::{path::PathBuf, str::FromStr};

use clap::{Args, Parser, Subcommand, ValueEnum, builder::PossibleValuesParser, builder::TypedValueParser};
use kubevet_core::{
    engine::Closed,
    facts::{Component, Version, VersionRange},
    finding::Severity,
    rule::Profile,
};

use crate::{locations::Location, output::Format, terminal::Color};

/// What holds for all commands.
pub const AFTER_HELP: &str = "\
Environment:
  KUBEVET_CONFIG            configuration file, as with --config
  KUBEVET_OUTPUT_FORMAT     format of standard output of `check`, as with --output-format
  NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, CLICOLOR   colour, where --color says nothing

Exit status:
  0  done; `check` found nothing at or above --fail-on
  1  `check` found something at or above --fail-on
  2  the job, or a part of it, could not be done: bad usage or configuration, an unreadable file,
     nothing to look at";

/// Check Kubernetes manifests and the configuration of the cluster itself, offline.
#[derive(Debug, Parser)]
#[command(name = "kubevet", version, after_help = AFTER_HELP, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub global: Global,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check files and folders
    Check(Box<CheckArgs>),
    /// Show the effective settings of every component found, each with its origin
    Settings(Box<SettingsArgs>),
    /// List the rules
    Rules(RulesArgs),
    /// Show the page of a rule
    Explain(ExplainArgs),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the version, and the versions of Kubernetes that are known
    Version {
        /// Format of the output
        #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
        output_format: Listing,
    },
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// When to use colour and links
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Color,
    /// Say what is done: configuration in use, files that are skipped, time taken
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Print no summary and no notes, only results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
}

/// Formats of commands that list things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Listing {
    #[default]
    Text,
    Json,
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Show what an upgrade to this version of Kubernetes breaks, and which settings it changes by itself
    #[arg(long, value_name = "VERSION", conflicts_with = "statistics")]
    pub upgrade_to: Option<Version>,
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub rules: RuleArgs,
    #[command(flatten)]
    pub schemas: SchemaArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

#[derive(Debug, Args)]
pub struct SettingsArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub shown: ShownArgs,
}

/// What is read, and how.
#[derive(Debug, Args)]
pub struct InputArgs {
    /// Files and folders; `-` is standard input
    #[arg(value_name = "PATHS", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Name of the text on standard input: its place in reports, and what kind of file it is
    #[arg(long, value_name = "PATH")]
    pub stdin_filename: Option<PathBuf>,
    /// The version of Kubernetes, in place of the one that the files name; of a range such as `1.33..1.37`, every version
    /// must hold
    #[arg(long, value_name = "VERSION")]
    pub kubernetes_version: Option<VersionRange>,
    /// Where a version of Kubernetes is not known, take the nearest one that is
    #[arg(long)]
    pub kubernetes_version_fallback: bool,
    /// Number of threads; 0 takes one per processor
    #[arg(short, long, value_name = "N", default_value_t = 0)]
    pub jobs: usize,
    /// Show no progress bar
    #[arg(long)]
    pub no_progress: bool,
    #[command(flatten)]
    pub files: FileArgs,
    #[command(flatten)]
    pub config: ConfigArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Rules")]
pub struct RuleArgs {
    /// Run these rules only: ids or patterns such as `kubelet/*`
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub select: Vec<String>,
    /// Run these rules too
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub extend_select: Vec<String>,
    /// Leave these rules out
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// Run the rules of these profiles
    #[arg(long, value_name = "PROFILES", value_delimiter = ',', value_parser = profile())]
    pub profile: Vec<Profile>,
    /// Severity of a rule in this run
    #[arg(long, value_name = "RULE=LEVEL", value_delimiter = ',', value_parser = rule_severity)]
    pub severity: Vec<(String, Severity)>,
    /// Leave out findings below this severity
    #[arg(long, value_name = "LEVEL", value_parser = severity())]
    pub min_severity: Option<Severity>,
    /// Whether the files are everything that belongs together: what is missing is reported only then
    #[arg(long, value_name = "WHETHER", value_parser = closed())]
    pub closed: Option<Closed>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Schemas")]
pub struct SchemaArgs {
    /// Take schemas of custom kinds from these CustomResourceDefinitions, too: a file or folder that is not checked itself
    #[arg(long, value_name = "PATH")]
    pub crd: Vec<PathBuf>,
    /// Take schemas of custom kinds from JSON Schema files in kubeconform's layout: a folder, or a template of paths such as
    /// `{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json`
    #[arg(long, value_name = "TEMPLATE", value_parser = Location::from_str)]
    pub schema_location: Vec<Location>,
    /// Report objects of custom kinds without a schema as errors
    #[arg(long)]
    pub strict: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Files")]
pub struct FileArgs {
    /// Leave out files and folders: glob patterns that replace the built-in ones
    #[arg(long, value_name = "GLOBS", value_delimiter = ',')]
    pub exclude: Vec<String>,
    /// Leave out these files and folders too
    #[arg(long, value_name = "GLOBS", value_delimiter = ',')]
    pub extend_exclude: Vec<String>,
    /// Leave out excluded files even where they are named on the command line
    #[arg(long)]
    pub force_exclude: bool,
    /// Look at files that `.gitignore` and its kin leave out
    #[arg(long, visible_alias = "no-respect-gitignore")]
    pub no_ignore: bool,
    /// Succeed when nothing is found to look at
    #[arg(long)]
    pub allow_empty: bool,
    /// Print the files that would be read, and do nothing else
    #[arg(long)]
    pub show_files: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Configuration")]
pub struct ConfigArgs {
    /// Use this configuration file
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Use no configuration file
    #[arg(long, conflicts_with = "config")]
    pub isolated: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// full, concise, json or json-lines; with `=FILE` into a file, as often as wanted
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = destination)]
    pub output_format: Vec<Destination>,
    /// Print the number of findings of each rule, not the findings
    #[arg(long)]
    pub statistics: bool,
    /// Exit with 1 for findings of this severity and above; `warning` where nothing says otherwise
    #[arg(long, value_name = "LEVEL", value_enum)]
    pub fail_on: Option<FailOn>,
    /// Exit with 0 even when something was found
    #[arg(long)]
    pub exit_zero: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct ShownArgs {
    /// Only these components, such as `kubelet`
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = component())]
    pub component: Vec<Component>,
    /// Only these settings, by the name of their flag or field, even if nobody says them; `*` stands for any characters
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub setting: Vec<String>,
    /// Also what nobody says: defaults; without it, only what is said or injected is shown
    #[arg(long)]
    pub all: bool,
    /// Format of the output
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub output_format: SettingsFormat,
}

/// Formats of `kubevet settings`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum SettingsFormat {
    #[default]
    Table,
    Json,
}

/// What makes a run fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    Error,
    Warning,
    Info,
    Never,
}

impl FailOn {
    /// Whether a finding of this severity makes the run fail.
    pub fn includes(self, severity: Severity) -> bool {
        match self {
            FailOn::Error => severity >= Severity::Error,
            FailOn::Warning => severity >= Severity::Warning,
            FailOn::Info => severity >= Severity::Info,
            FailOn::Never => false,
        }
    }
}

/// A format with the file it goes to; without one, to standard output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    pub format: Format,
    pub file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct RulesArgs {
    /// Ids or patterns such as `kubelet/*`
    #[arg(value_name = "PATTERNS")]
    pub patterns: Vec<String>,
    /// Only the rules of these profiles, with the severities they have there
    #[arg(long, value_name = "PROFILES", value_delimiter = ',', value_parser = profile())]
    pub profile: Vec<Profile>,
    /// Format of the output
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub output_format: Listing,
}

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Id of a rule; a kind of object with the path of a field, such as `deployment.spec.strategy`; or a component and
    /// one of its flags, such as `kubelet max-pods`
    #[arg(value_name = "WHAT", num_args = 1..=2, required = true)]
    pub what: Vec<String>,
    /// The version of Kubernetes that a field or flag is of; the newest without it
    #[arg(long, value_name = "VERSION")]
    pub kubernetes_version: Option<Version>,
    /// The API version of a kind that has several, such as `autoscaling/v1`
    #[arg(long, value_name = "API_VERSION")]
    pub api_version: Option<String>,
}

fn profile() -> impl TypedValueParser<Value = Profile> {
    PossibleValuesParser::new(Profile::ALL.map(Profile::name)).try_map(|name| name.parse::<Profile>())
}

fn severity() -> impl TypedValueParser<Value = Severity> {
    PossibleValuesParser::new(Severity::ALL.map(Severity::name)).try_map(|name| name.parse::<Severity>())
}

fn component() -> impl TypedValueParser<Value = Component> {
    let names = Component::ALL.map(Component::name);
    PossibleValuesParser::new(names).map(|name| {
        Component::ALL.into_iter().find(|component| component.name() == name).expect("one of their names")
    })
}

fn closed() -> impl TypedValueParser<Value = Closed> {
    PossibleValuesParser::new(CLOSED.map(|(name, _)| name)).try_map(|name| parse_closed(&name))
}

/// Words for [`Closed`].
pub const CLOSED: [(&str, Closed); 3] = [("auto", Closed::Auto), ("yes", Closed::Yes), ("no", Closed::No)];

/// Reads `auto`, `yes` or `no`.
pub fn parse_closed(text: &str) -> Result<Closed, String> {
    let found = CLOSED.into_iter().find(|(name, _)| *name == text).map(|(_, closed)| closed);
    found.ok_or_else(|| format!("`{text}` is none of `auto`, `yes` and `no`"))
}

fn rule_severity(text: &str) -> Result<(String, Severity), String> {
    let (rule, level) = text.split_once('=').ok_or("write `RULE=LEVEL`, such as `pdb/missing=error`")?;
    Ok((rule.trim().to_owned(), level.trim().parse()?))
}

/// Reads `FORMAT` or `FORMAT=FILE`.
pub fn destination(text: &str) -> Result<Destination, String> {
    let (format, file) = match text.split_once('=') {
        Some((_, "")) => return Err("name a file after `=`".to_owned()),
        Some((format, file)) => (format, Some(PathBuf::from(file))),
        None => (text, None),
    };
    Ok(Destination { format: format.parse()?, file })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn destinations() {
        assert_eq!(destination("json"), Ok(Destination { format: Format::Json, file: None }));
        let to_file = Destination { format: Format::JsonLines, file: Some("a=b".into()) };
        assert_eq!(destination("json-lines=a=b"), Ok(to_file));
        assert!(destination("json=").is_err() && destination("jsn").unwrap_err().contains("`json`"));
    }
}
