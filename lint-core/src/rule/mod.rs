//! Rules: their metadata, how one is declared, and how findings are made.

mod context;
mod declare;
mod example;
mod options;
mod profile;

pub use context::{Anchor, Context, Draft, Key};
pub use example::{Example, Verdict, examples};
pub use options::{OptionKind, OptionSpec, OptionValue, Options};
pub use profile::Profile;

use crate::{
    finding::{Class, Severity},
    index::{ResourceSet, SourceFile},
    kubernetes::{Container, Object, PodSpec},
    settings::{Cluster, Component, Settings},
};

/// What the rule looks at, with the function that looks.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// One file, whether or not it holds Kubernetes objects.
    Text(fn(&SourceFile, &mut Context<'_>)),
    /// One object of the given kinds.
    Object(Kinds, fn(Object<'_>, &mut Context<'_>)),
    /// What the schema of an object does not allow ([`Context::violations`]): of built-in kinds file by file, of custom
    /// kinds once all files are known.
    Schema(fn(Object<'_>, &mut Context<'_>)),
    /// Schemas that a file gives, also of files that are there for nothing else.
    SchemaSource(fn(&SourceFile, &mut Context<'_>)),
    /// Every pod specification: of a Pod, of a workload's template, of a custom kind with a known template.
    Pod(fn(PodSpec<'_>, &mut Context<'_>)),
    /// Every container of every pod specification: init, sidecar, regular and ephemeral.
    Container(fn(Container<'_>, &mut Context<'_>)),
    /// The effective configuration of one component.
    Settings(Component, fn(&Settings, &mut Context<'_>)),
    /// The configuration of all components that belong to one cluster.
    Cluster(fn(&Cluster<'_>, &mut Context<'_>)),
    /// All objects that belong together.
    Set(fn(&ResourceSet, &mut Context<'_>)),
}

/// Which objects an object rule wants. Versions of a group are never distinguished here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kinds {
    /// Every object.
    Any,
    /// Pairs of API group (`""` is the core group) and kind.
    Of(&'static [(&'static str, &'static str)]),
    /// Every kind of these API groups.
    Groups(&'static [&'static str]),
}

impl Kinds {
    /// Whether an object of this group and kind is wanted.
    pub fn contains(self, group: &str, kind: &str) -> bool {
        match self {
            Kinds::Any => true,
            Kinds::Of(list) => list.contains(&(group, kind)),
            Kinds::Groups(list) => list.contains(&group),
        }
    }
}

/// Whether the rule can mend what it reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FixKind {
    /// A person decides what is right.
    None,
    /// Applied by `--fix`.
    Safe,
    /// Applied by `--fix --unsafe-fixes`.
    Unsafe,
}

/// One rule: everything that is known about it, and its predicate.
#[derive(Debug)]
pub struct Rule {
    /// `group/name`.
    pub id: &'static str,
    /// What kind of problem.
    pub class: Class,
    /// Severity where no profile says otherwise.
    pub severity: Severity,
    /// Members of the nested profiles, each with the severity it uses there (`None`: the default one).
    pub profiles: &'static [(Profile, Option<Severity>)],
    /// Controls of the CIS Kubernetes Benchmark 1.12 that it checks.
    pub cis: &'static [&'static str],
    /// Control of the Pod Security Standards: `baseline/host-ports`.
    pub pss: Option<&'static str>,
    /// Topic of the NSA/CISA Kubernetes Hardening Guide.
    pub nsa: Option<&'static str>,
    /// Versions it applies to, in words of the catalogue.
    pub versions: &'static str,
    /// `tool:rule` names of other linters that it covers.
    pub peers: &'static [&'static str],
    /// Whether it can mend what it reports.
    pub fix: FixKind,
    /// What a user can set under `[rules."group/name"]`.
    pub options: &'static [OptionSpec],
    /// True of whole documents only: silent on patches, bases, components and templates.
    pub absence: bool,
    /// What it looks at.
    pub check: Check,
    /// The doc comment: what, why, how to fix, references, examples. Markdown.
    pub docs: &'static str,
    /// Source file and line of the declaration.
    pub file: &'static str,
    /// Line of the declaration.
    pub line: u32,
}

impl Rule {
    /// `kubelet` of `kubelet/anonymous-auth`.
    pub fn group(&self) -> &'static str {
        self.id.split_once('/').map_or(self.id, |(group, _)| group)
    }

    /// First paragraph of the documentation on one line.
    pub fn summary(&self) -> String {
        let lines = self.docs.lines().map(str::trim).skip_while(|line| line.is_empty());
        lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// Where the rule's page lives.
    pub fn url(&self) -> String {
        Rule::url_of(self.id)
    }

    /// Where the page of the rule with this id lives.
    pub fn url_of(id: &str) -> String {
        format!("https://kubevet.dev/rules/{id}")
    }

    /// Severity in a profile, or `None` when the rule is no member of it.
    pub fn severity_in(&self, profile: Profile) -> Option<Severity> {
        let listed = |wanted: Profile| {
            self.profiles
                .iter()
                .find(|(member, _)| *member == wanted)
                .map(|(_, own)| own.unwrap_or(self.severity))
        };
        let standard = |member: bool| member.then_some(self.severity);
        match profile {
            Profile::Recommended | Profile::Production | Profile::Hardened => listed(profile),
            Profile::Cis => standard(!self.cis.is_empty()),
            Profile::PssBaseline => {
                standard(self.pss.is_some_and(|control| control.starts_with("baseline/")))
            }
            Profile::PssRestricted => standard(self.pss.is_some()),
            Profile::Nsa => standard(self.nsa.is_some()),
            Profile::All => Some(self.severity),
        }
    }
}
