//! What the linter says of documents beside what the API server says of them.

use std::path::Path;

use kubevet_core::{
    engine::{Config, Linter, lint_document},
    finding::Severity,
    index::SourceFile,
    kubernetes::{Object, is_placeholder},
    source::{SourceText, Span},
    yaml::{Limits, NodeRef},
};
use kubevet_facts::Version;
use rayon::prelude::*;
use serde_json::Value;

use crate::{
    corpus::{self, yaml_texts},
    mutate::{self, Mutant, json_of},
    recorded::{Recorded, Refusal},
    verdicts::{Key, is_miscounted, numbered},
};

/// Rules whose errors say that the API server refuses an object.
const REFUSING: &[&str] = &["schema/*", "api/*", "rbac/invalid-*", "yaml/duplicate-key"];

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
    /// Of the refusals that name a field, whether a finding is there.
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
    let named = refusals.iter().filter(|one| !one.field.is_empty());
    named.map(|one| (one.clone(), claims.iter().any(|claim| is_near(claim, one, object)))).collect()
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

/// The field of a place in the file, as the API server writes it.
fn field_at(node: NodeRef<'_>, span: Span) -> String {
    let mut field = String::new();
    let mut at = node;
    loop {
        if let Some(entry) = at.entries().find(|entry| entry.value.entry_span().contains(span)) {
            push_step(&mut field, entry.key.text());
            at = entry.value;
        } else if let Some((index, item)) =
            at.items().enumerate().find(|(_, item)| item.span().contains(span))
        {
            field.push_str(&format!("[{index}]"));
            at = item;
        } else {
            return field;
        }
    }
}

fn push_step(field: &mut String, name: &str) {
    if name.contains(['.', '/']) {
        field.push_str(&format!("[{name}]"));
    } else {
        let dot = if field.is_empty() { "" } else { "." };
        field.push_str(&format!("{dot}{name}"));
    }
}

/// What a refusal is about, as far as it stands in the document: names and numbers from the top, the first that is not
/// there included.
fn place_of(refusal: &Refusal, object: NodeRef<'_>) -> (Vec<String>, bool) {
    // Of a definition whose versions have all the same, the server validates it in one place.
    let field = ["validation", "subresources", "additionalPrinterColumns"].iter().find_map(|name| {
        let rest = refusal.field.strip_prefix("spec.")?.strip_prefix(name)?;
        object.at(&["spec", name]).is_none().then(|| {
            format!("spec.versions[0].{}{rest}", if *name == "validation" { "schema" } else { name })
        })
    });
    let field = field.unwrap_or_else(|| refusal.field.clone());
    let mut place = Vec::new();
    let mut at = vec![object];
    for step in steps(&field) {
        if at.iter().all(|node| node.is_seq()) && step.parse::<usize>().is_err() {
            // The decoder leaves numbers out.
            at = at.into_iter().flat_map(NodeRef::items).collect();
        }
        place.push(step.to_owned());
        at = at.into_iter().filter_map(|node| below(node, step)).collect();
        if at.is_empty() {
            return (place, true);
        }
    }
    (place, false)
}

fn below<'t>(node: NodeRef<'t>, step: &str) -> Option<NodeRef<'t>> {
    match step.parse::<usize>() {
        Ok(index) if node.is_seq() => {
            let mut items = node.items();
            items.nth(index)
        }
        _ => node.get(step),
    }
}

/// Steps of a field: names, numbers, and keys of maps, which come in brackets as numbers do.
fn steps(field: &str) -> Vec<&str> {
    let mut steps = Vec::new();
    let mut rest = field;
    while !rest.is_empty() {
        let (step, behind) = match rest.strip_prefix('[') {
            Some(inside) => inside.split_once(']').unwrap_or((inside, "")),
            None => rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len())),
        };
        steps.push(step);
        rest = behind.strip_prefix('.').unwrap_or(behind);
    }
    steps
}

/// Whether a finding is at the field of a refusal, at its parent or at a child of it. What is missing is reported at what
/// would hold it or anything in that; an object's name and kind stand for the object.
fn is_near(claim: &Claim, refusal: &Refusal, object: NodeRef<'_>) -> bool {
    let (mut theirs, missing) = place_of(refusal, object);
    let ours = if ["metadata.name", "metadata", "kind", "apiVersion"].contains(&claim.field.as_str())
        && refusal.field != "metadata.name"
        && missing
    {
        ""
    } else {
        &claim.field
    };
    let mut ours: Vec<String> = steps(ours).into_iter().map(str::to_owned).collect();
    if refusal.kind == "Decode" {
        let number = |step: &String| step.bytes().all(|byte| byte.is_ascii_digit());
        ours.retain(|step| !number(step));
        theirs.retain(|step| !number(step));
    }
    let common = ours.iter().zip(&theirs).take_while(|(one, other)| one == other).count();
    let (up, down) = (theirs.len() - common, ours.len() - common);
    up == 0 && down <= 2 || down == 0 && up <= 2 || missing && up == 1 && down <= 2
}
