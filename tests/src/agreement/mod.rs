//! What the linter says of documents beside what the API server says of them.

mod place;

use std::path::Path;

use kubevet_core::{
    engine::{Config, Linter, lint_document},
    finding::Severity,
    index::SourceFile,
    kubernetes::{Object, is_placeholder},
    source::SourceText,
    yaml::{Limits, NodeRef},
};
use kubevet_facts::{Version, api};
use rayon::prelude::*;
use serde_json::Value;

use place::{field_at, follows, is_near};

use crate::{
    corpus::{self, yaml_texts},
    mutate::{self, Mutant, json_of},
    recorded::{Recorded, Refusal},
    verdicts::{Key, is_miscounted, numbered},
};

/// Rules whose errors say that the API server refuses an object.
const REFUSING: &[&str] = &[
    "schema/*",
    "api/*",
    "rbac/invalid-*",
    "webhook/*",
    "admission-policy/*",
    "crd/*",
    "yaml/duplicate-key",
];

/// A linter that runs only the rules that say what the API server of the newest version refuses.
///
/// # Panics
/// When a group of [`REFUSING`] has no rule.
pub fn linter() -> Linter {
    let select = REFUSING.iter().map(|one| (*one).to_owned()).collect();
    let config = Config { select, versions: Some(Version::newest().into()), ..Config::default() };
    Linter::new(&kubevet_rules::all(), config).expect("the rules are known")
}

/// A finding of the linter that says "the API server refuses it".
#[derive(Clone, Debug)]
pub struct Claim {
    /// Id of the rule.
    pub rule: &'static str,
    /// Its place, as the API server would write it.
    pub field: String,
    /// Its message.
    pub message: String,
}

/// A document, and what both say of it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// As the verdicts have it.
    pub id: String,
    /// File and number of the document, or where the mutant comes from.
    pub origin: String,
    /// What was changed, of a mutant.
    pub change: Option<String>,
    /// `apps/v1 Deployment`.
    pub kind: String,
    /// What the API server refuses.
    pub refusals: Vec<Refusal>,
    /// What the linter says it refuses.
    pub claims: Vec<Claim>,
    /// Of the refusals that name a field and follow from no other one, whether a finding is there.
    pub found: Vec<(Refusal, bool)>,
}

impl Judged {
    /// Whether both accept the document, or both refuse it.
    pub fn agrees(&self) -> bool {
        self.refusals.is_empty() == self.claims.is_empty()
    }
}

/// Identity of an object of the corpus in the verdicts.
pub fn id_of(path: &str, key: Key, kind: &str) -> String {
    format!("{:08x}", mutate::hash(&format!("{path} {} {} {kind}", key.0, key.1)) as u32)
}

/// Identity of a mutant in the verdicts.
pub fn id_of_mutant(mutant: &Mutant) -> String {
    format!("{:08x}", mutant.id)
}

/// Every object of the corpus that has a verdict; `None`, with a printed reason, where the corpus is not there.
pub fn corpus(recorded: &Recorded, linter: &Linter) -> Option<Vec<Judged>> {
    let of_file = |folder: &Path, path: &Path, text: String| {
        let path = relative(folder, path);
        let linted = lint_document(SourceText::new(path.as_str(), text), None, linter);
        let judged = numbered(&linted.file).into_iter().filter_map(|(key, object)| {
            let id = id_of(&path, key, object.kind());
            // Types that are no objects of their own, such as options, have no resource.
            api(object.api_version(), object.kind())?.resource?;
            let refusals = recorded.verdicts.get(&id)?.clone();
            let claims = claims(object, &linted.findings, linter);
            let origin = format!("{path} {}.{}", key.0, key.1);
            (!is_open(object.node())).then(|| Judged {
                id,
                origin,
                change: None,
                kind: kind_of(object),
                found: found(object.node(), &refusals, &claims),
                refusals,
                claims,
            })
        });
        judged.collect::<Vec<_>>()
    };
    let folder = corpus::corpus()?;
    let files: Vec<_> = countable(folder).collect();
    Some(files.into_par_iter().flat_map_iter(|(path, text)| of_file(folder, &path, text)).collect())
}

/// What is made of the accepted objects of the corpus.
pub fn mutants(recorded: &Recorded) -> Option<Vec<Mutant>> {
    let folder = corpus::corpus()?;
    let files: Vec<_> = countable(folder).collect();
    let accepted = |path: &str, key, kind: &str| {
        recorded.verdicts.get(&id_of(path, key, kind)).is_some_and(Vec::is_empty)
    };
    let of_file = |path: &Path, text: String| {
        let path = relative(folder, path);
        let file = SourceFile::new(SourceText::new(path.as_str(), text), None, &Limits::default());
        let usable = |(key, object): &(Key, Object<'_>)| {
            accepted(&path, *key, object.kind()) && !is_open(object.node())
        };
        let objects = numbered(&file).into_iter().filter(usable);
        let named = objects.filter_map(|(key, object)| {
            Some((format!("{path} {}.{}", key.0, key.1), json_of(object.node())?))
        });
        named.collect::<Vec<_>>()
    };
    let objects: Vec<(String, Value)> =
        files.into_par_iter().flat_map_iter(|(path, text)| of_file(&path, text)).collect();
    Some(mutate::mutants(objects))
}

/// Mutants with a verdict beside what the linter says of them.
pub fn judged(mutants: Vec<Mutant>, recorded: &Recorded, linter: &Linter) -> Vec<Judged> {
    let one = |mutant: Mutant| {
        let id = id_of_mutant(&mutant);
        let refusals = recorded.verdicts.get(&id)?.clone();
        let linted = lint_document(SourceText::new("mutant.json", mutant.text), None, linter);
        let object = linted.file.objects().next()?;
        let claims = claims(object, &linted.findings, linter);
        Some(Judged {
            found: found(object.node(), &refusals, &claims),
            id,
            origin: mutant.origin,
            change: Some(mutant.change),
            kind: mutant.kind,
            refusals,
            claims,
        })
    };
    mutants.into_par_iter().filter_map(one).collect()
}

/// Files of the corpus whose documents both count alike.
pub fn countable(folder: &Path) -> impl Iterator<Item = (std::path::PathBuf, String)> {
    // Machine-made round-trip samples: every field has a value, and none makes sense.
    let sample = |path: &Path| path.to_string_lossy().contains("__api/testdata/");
    yaml_texts(folder).filter(move |(path, text)| !sample(path) && !is_miscounted(text.as_bytes()))
}

/// A path of the corpus, as the verdicts have it.
pub fn relative(folder: &Path, path: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).to_string_lossy().into_owned()
}

fn found(object: NodeRef<'_>, refusals: &[Refusal], claims: &[Claim]) -> Vec<(Refusal, bool)> {
    let counted = refusals.iter().filter(|one| !one.field.is_empty() && !follows(one, refusals));
    counted.map(|one| (one.clone(), claims.iter().any(|claim| is_near(&claim.field, one, object)))).collect()
}

fn kind_of(object: Object<'_>) -> String {
    format!("{} {}", object.api_version(), object.kind())
}

/// What only a later step makes an object for the API server: placeholders, patches, encrypted files.
fn is_open(node: NodeRef<'_>) -> bool {
    if node.is_scalar() {
        return is_placeholder(node.text());
    }
    let later = |key: &str| key == "$patch" || key == "sops";
    node.entries().any(|entry| later(entry.key.text()) || is_open(entry.value)) || node.items().any(is_open)
}

fn claims(object: Object<'_>, findings: &[kubevet_core::finding::Finding], linter: &Linter) -> Vec<Claim> {
    let refusing =
        |id: &str| linter.rules().iter().any(|one| one.rule.id == id && one.severity == Severity::Error);
    let inside = findings.iter().filter(|one| object.node().span().contains(one.site.place.span));
    let refusing = inside.filter(|one| refusing(one.rule));
    let claims = refusing.map(|one| Claim {
        rule: one.rule,
        field: field_at(object.node(), one.site.place.span),
        message: one.message.clone(),
    });
    claims.collect()
}
