//! The two doors: [`lint_document`] for one file, pure and ready to be run in parallel, then [`lint_set`] once.

mod config;
mod merge;
mod select;

pub use config::{Closed, Config, ConfigError};
pub use select::Linter;
pub(crate) use select::{Enabled, matches};

use std::{
    cell::OnceCell,
    panic::{AssertUnwindSafe, catch_unwind},
};

use kubevet_facts::Version;

use crate::{
    finding::{Class, Finding, Place, Severity, Site, fingerprint},
    index::{ResourceSet, SourceFile},
    kubernetes::{Object, PodSpec},
    recognise::Skipped,
    rule::Check,
    schema::Violation,
    settings::Cluster,
    source::{EncodingProblem, SourceText, Span},
};

/// Id of the finding that stands for a panic of a rule.
pub const INTERNAL_ERROR: &str = "kubevet/internal-error";

/// Phase 1 of one file: what it holds and what is wrong with it as far as it alone can tell.
#[derive(Debug)]
pub struct LintedFile {
    /// The parsed file.
    pub file: SourceFile,
    /// Findings of phase 1. [`lint_set`] decides which of them hold for the set.
    pub findings: Vec<Finding>,
    /// The version of Kubernetes that they are for, as far as the file alone tells.
    pub version: Version,
}

/// What a run found.
#[derive(Debug, Default)]
pub struct Report {
    /// Sorted by path, start and rule, without duplicates.
    pub findings: Vec<Finding>,
    /// What was looked at.
    pub summary: Summary,
}

/// Counts for the summary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files read.
    pub files: usize,
    /// YAML documents in them.
    pub documents: usize,
    /// Kubernetes objects in them.
    pub objects: usize,
    /// Components whose settings were found.
    pub components: usize,
    /// What was not looked at, with counts.
    pub skipped: Vec<(Skipped, usize)>,
    /// Custom kinds without a schema, sorted.
    pub unvalidated: Vec<Unvalidated>,
}

/// A custom kind that nobody has a schema of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unvalidated {
    /// Its group and version.
    pub api_version: String,
    /// The kind.
    pub kind: String,
    /// How many objects there are.
    pub objects: usize,
}

impl Report {
    /// Number of findings of one severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}

/// Phase 1: parses one file and runs every rule that needs no other file.
///
/// Pure: the result depends on the arguments alone. A panic of a rule becomes a finding.
pub fn lint_document(source: SourceText, encoding: Option<EncodingProblem>, linter: &Linter) -> LintedFile {
    let file = SourceFile::new(source, encoding, &linter.config.limits);
    let chosen = linter.config.versions.map(|versions| versions.newest);
    let version = chosen.or(file.said_version()).unwrap_or_else(|| linter.config.otherwise());
    let findings = judge(&file, version, linter);
    LintedFile { file, findings, version }
}

/// What the rules of phase 1 say of a file.
fn judge(file: &SourceFile, version: Version, linter: &Linter) -> Vec<Finding> {
    let mut findings = Vec::new();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        run_file(file, version, linter, &mut findings);
        if cfg!(debug_assertions) {
            linter.assert_dispatch(file, version, &findings);
        }
    }));
    if outcome.is_err() {
        findings.push(internal_error(file));
    }
    findings
}

/// Phase 1 of a file that is there for its schemas alone ([`SourceFile::of_definitions`]): what is wrong with them.
pub fn lint_schema(file: SourceFile, linter: &Linter) -> LintedFile {
    let mut findings = Vec::new();
    let version = linter.config.otherwise();
    run_schema_source(&file, linter, version, &mut findings);
    LintedFile { file, findings, version }
}

/// Phase 2: runs the rules that need several files, drops what does not hold of partial documents, and sorts.
pub fn lint_set(set: &ResourceSet, linter: &Linter) -> Report {
    lint_set_with(set, linter, |jobs, job| (0..jobs).map(job).collect())
}

/// [`lint_set`] by a caller that has threads: `spread(n, job)` runs the independent jobs 0 to n - 1 in any order, and
/// gives what they return in theirs. It is called more than once.
pub fn lint_set_with(
    set: &ResourceSet,
    linter: &Linter,
    spread: impl Fn(usize, &(dyn Fn(usize) -> Vec<Finding> + Sync)) -> Vec<Vec<Finding>>,
) -> Report {
    if !linter.set.is_empty() {
        spread(ResourceSet::PARTS, &|part| {
            set.prepare(part);
            Vec::new()
        });
    }
    let found = spread(linter.set.len(), &|job| {
        let mut findings = Vec::new();
        run_set(set, linter, linter.set[job], &mut findings);
        findings
    });
    let again = set.misjudged();
    let mut early: Vec<&[Finding]> = set.findings.iter().map(Vec::as_slice).collect();
    again.iter().for_each(|(file, _)| early[*file] = &[]);
    early.extend(set.schema_findings.iter().map(Vec::as_slice));
    let judged = spread(again.len().div_ceil(AT_ONCE), &|job| {
        let files = again.iter().skip(job * AT_ONCE).take(AT_ONCE);
        files.flat_map(|(file, version)| judge(set.file(*file), *version, linter)).collect()
    });
    let kinds = if linter.schema.is_empty() { Vec::new() } else { set.custom_kinds() };
    let custom: Vec<Object<'_>> = kinds.iter().flat_map(|kind| set.of_custom(kind)).collect();
    let validated = spread(custom.len().div_ceil(AT_ONCE), &|job| {
        let mut findings = Vec::new();
        let objects = custom.iter().skip(job * AT_ONCE).take(AT_ONCE);
        objects.for_each(|object| run_custom(set, linter, *object, &mut findings));
        findings
    });
    let holds = |finding: &Finding| !(finding.absence && set.is_partial(finding));
    let early = early.into_iter().flatten().filter(|finding| holds(finding)).cloned();
    let late = judged.into_iter().chain(found).chain(validated).flatten().filter(holds);
    let mut findings: Vec<Finding> = early.chain(late).collect();
    for finding in &mut findings {
        let site = &finding.site;
        finding.fingerprint = fingerprint(
            finding.rule,
            site.object.as_deref(),
            &site.place.path,
            site.field.as_deref(),
            &finding.message,
        );
    }
    findings.sort_by(|one, other| one.sort_key().cmp(&other.sort_key()));
    findings.dedup();
    Report { findings, summary: summary(set) }
}

/// [`lint_set_with`] for every version of a range ([`Config::versions`]): what is reported for any of them. The set is
/// then that of the newest one again.
pub fn lint_versions_with(
    set: &mut ResourceSet,
    linter: &Linter,
    spread: impl Fn(usize, &(dyn Fn(usize) -> Vec<Finding> + Sync)) -> Vec<Vec<Finding>>,
) -> Report {
    let newest = lint_set_with(set, linter, &spread);
    let Some(range) = linter.config.versions.filter(|range| range.oldest != range.newest) else {
        return newest;
    };
    let mut all = vec![(range.newest, newest)];
    for version in range.iter().rev().skip(1) {
        set.retarget(&Config { versions: Some(version.into()), ..linter.config.clone() });
        all.push((version, lint_set_with(set, linter, &spread)));
    }
    set.retarget(&linter.config);
    merge::merge(all)
}

/// [`lint_versions_with`] on one thread.
pub fn lint_versions(set: &mut ResourceSet, linter: &Linter) -> Report {
    lint_versions_with(set, linter, |jobs, job| (0..jobs).map(job).collect())
}

/// Files of one job when they are judged again, and custom objects of one.
const AT_ONCE: usize = 32;

/// What the schema of a custom object does not allow.
fn run_custom(set: &ResourceSet, linter: &Linter, object: Object<'_>, findings: &mut Vec<Finding>) {
    let Some(file) = set.file_at(object.tree().path()) else { return };
    let version = set.version_of(file);
    let start = findings.len();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let violations = set.violations(object, version);
        if !violations.is_empty() {
            run_schema(object, &OnceCell::from(violations), linter, version, findings);
        }
    }));
    if outcome.is_err() {
        findings.truncate(start);
        findings.push(internal_error(file));
    }
}

fn run_schema(
    object: Object<'_>,
    violations: &OnceCell<Vec<Violation>>,
    linter: &Linter,
    version: Version,
    findings: &mut Vec<Finding>,
) {
    for rule in &linter.schema {
        if let Check::Schema(check) = linter.rules[*rule].rule.check {
            let mut cx = linter.context(*rule, version, findings);
            cx.violations = Some(violations);
            check(object, &mut cx);
        }
    }
}

fn run_schema_source(file: &SourceFile, linter: &Linter, version: Version, findings: &mut Vec<Finding>) {
    for rule in &linter.schema_source {
        if let Check::SchemaSource(check) = linter.rules[*rule].rule.check {
            check(file, &mut linter.context(*rule, version, findings));
        }
    }
}

/// One rule of phase 2 on everything that it is about.
fn run_set(set: &ResourceSet, linter: &Linter, rule: usize, findings: &mut Vec<Finding>) {
    let mut cx = linter.context(rule, set.version(), findings);
    match linter.rules[rule].rule.check {
        Check::Set(check) => check(set, &mut cx),
        Check::Cluster(check) => {
            for cluster in set.clusters() {
                check(&Cluster { settings: cluster, set }, &mut cx);
            }
        }
        Check::Settings(component, check) => {
            let components = set.clusters().iter().flat_map(|cluster| &cluster.components);
            for settings in components.filter(|settings| settings.component == component) {
                cx.version = settings.version;
                check(settings, &mut cx);
            }
        }
        _ => unreachable!("rules of phase 1 are not in this list"),
    }
}

fn run_file(file: &SourceFile, version: Version, linter: &Linter, findings: &mut Vec<Finding>) {
    for rule in &linter.text {
        if let Check::Text(check) = linter.rules[*rule].rule.check {
            check(file, &mut linter.context(*rule, version, findings));
        }
    }
    run_schema_source(file, linter, version, findings);
    for object in file.objects() {
        let violations = OnceCell::new();
        for rule in linter.object_rules(object.group(), object.kind()) {
            if let Check::Object(_, check) = linter.rules[rule].rule.check {
                let mut cx = linter.context(rule, version, findings);
                cx.violations = Some(&violations);
                check(object, &mut cx);
            }
        }
        run_schema(object, &violations, linter, version, findings);
        let Some(pod) = PodSpec::of(object) else { continue };
        for rule in &linter.pod {
            if let Check::Pod(check) = linter.rules[*rule].rule.check {
                let mut cx = linter.context(*rule, version, findings);
                cx.violations = Some(&violations);
                check(pod, &mut cx);
            }
        }
        for container in pod.containers() {
            for rule in &linter.container {
                if let Check::Container(check) = linter.rules[*rule].rule.check {
                    let mut cx = linter.context(*rule, version, findings);
                    cx.violations = Some(&violations);
                    check(container, &mut cx);
                }
            }
        }
    }
}

fn internal_error(file: &SourceFile) -> Finding {
    let place = Place { path: file.source().path().clone(), span: Span::default() };
    Finding {
        rule: INTERNAL_ERROR,
        class: Class::Correctness,
        severity: Severity::Error,
        message: "a rule failed on this file: its findings are incomplete".into(),
        help: Some("this is a mistake of kubevet: please report it with the file".into()),
        site: Site { place, document: 0, object: None, field: None },
        related: Vec::new(),
        fixes: Vec::new(),
        fingerprint: 0,
        absence: false,
    }
}

fn summary(set: &ResourceSet) -> Summary {
    let mut summary = Summary { files: set.files().len(), ..Summary::default() };
    let mut skipped = std::collections::BTreeMap::<Skipped, usize>::new();
    for file in set.files() {
        summary.documents += file.document_count() as usize;
        summary.objects += file.objects().len();
        for reason in file.skipped() {
            *skipped.entry(*reason).or_default() += 1;
        }
    }
    summary.components = set.clusters().iter().map(|cluster| cluster.components.len()).sum();
    summary.skipped = skipped.into_iter().collect();
    let unvalidated = set.without_schema().into_iter().map(|((api_version, kind), objects)| Unvalidated {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        objects,
    });
    summary.unvalidated = unvalidated.collect();
    summary
}
