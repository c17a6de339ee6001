//! What the engine reports.

mod fingerprint;

use std::sync::Arc;

use crate::source::Span;

pub(crate) use fingerprint::fingerprint;

/// How bad a finding is. Ordered: `Info < Warning < Error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// An improvement that depends on the site.
    Info,
    /// It works, and a known failure, exposure or upgrade break follows from it.
    Warning,
    /// It cannot work as written, or it is a critical exposure.
    Error,
}

impl Severity {
    /// All severities, mildest first.
    pub const ALL: [Severity; 3] = [Severity::Info, Severity::Warning, Severity::Error];

    /// The lower-case name used in options and output.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

impl std::str::FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Severity::ALL
            .into_iter()
            .find(|severity| severity.name() == text)
            .ok_or_else(|| format!("`{text}` is not a severity: use `error`, `warning` or `info`"))
    }
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// What kind of problem a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// What is written cannot work or is not what runs.
    Correctness,
    /// An exposure.
    Security,
    /// An outage waiting for its day.
    Availability,
    /// Two places disagree.
    Consistency,
    /// Versions and their changes.
    Upgrade,
    /// Order and readability.
    Hygiene,
}

impl Class {
    /// The lower-case name used in output.
    pub const fn name(self) -> &'static str {
        match self {
            Class::Correctness => "correctness",
            Class::Security => "security",
            Class::Availability => "availability",
            Class::Consistency => "consistency",
            Class::Upgrade => "upgrade",
            Class::Hygiene => "hygiene",
        }
    }
}

/// A byte range in a named file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Path of the file as the edge knows it: relative, `/` separated.
    pub path: Arc<str>,
    /// Bytes of the file.
    pub span: Span,
}

/// Which Kubernetes object a finding is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectIdentity {
    /// `apps/v1`.
    pub api_version: String,
    /// `Deployment`.
    pub kind: String,
    /// `metadata.namespace` as written.
    pub namespace: Option<String>,
    /// `metadata.name`, else `metadata.generateName`.
    pub name: Option<String>,
}

impl std::fmt::Display for ObjectIdentity {
    /// `Deployment prod/web`, the form people think in.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.kind)?;
        match (&self.namespace, &self.name) {
            (Some(namespace), Some(name)) => write!(f, " {namespace}/{name}"),
            (None, Some(name)) => write!(f, " {name}"),
            _ => Ok(()),
        }
    }
}

/// A place with what lies there: where a finding points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// File and bytes.
    pub place: Place,
    /// Number of the YAML document in its file, counted from 0.
    pub document: u32,
    /// The object the place lies in.
    pub object: Option<Arc<ObjectIdentity>>,
    /// Route of the place inside its object, or the flag, variable or directive it belongs to.
    pub field: Option<String>,
}

/// Another place that belongs to a finding, possibly in another file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// What is there, in a few words.
    pub message: String,
}

/// Whether a fix may be applied without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Applicability {
    /// The component behaves the same, or only a form it would refuse is corrected.
    Safe,
    /// The behaviour changes: a person decides.
    Unsafe,
}

/// Replaces the bytes of a span of the finding's file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// A way to mend a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fix {
    /// What applying it does, as an imperative: "quote the value".
    pub title: String,
    /// Whether it may be applied without asking.
    pub applicability: Applicability,
    /// Edits of the finding's file, ascending and disjoint.
    pub edits: Vec<Edit>,
}

/// One problem at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Id of the rule: `group/name`.
    pub rule: &'static str,
    /// Class of the rule.
    pub class: Class,
    /// Severity after profile and configuration.
    pub severity: Severity,
    /// What is, why it matters.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The primary place.
    pub site: Site,
    /// Other places that belong to it.
    pub related: Vec<Related>,
    /// Ways to mend it.
    pub fixes: Vec<Fix>,
    /// Stable over edits elsewhere in the file: never depends on line numbers.
    pub fingerprint: u128,
    /// Only true of the file as a whole: dropped when the document turns out to be a patch, base or template.
    pub(crate) absence: bool,
}

impl Finding {
    /// Order of output: path, start, rule; the rest makes the order total.
    pub fn sort_key(&self) -> impl Ord + '_ {
        (&self.site.place, self.rule, &self.message, &self.related)
    }
}
