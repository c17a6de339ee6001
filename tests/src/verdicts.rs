//! What the real Kubernetes says of the corpus, line by line, and what rules report on the same objects.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use kubevet_core::{
    engine::{Linter, lint_document},
    index::SourceFile,
    kubernetes::Object,
    source::SourceText,
};
use serde_json::Value;

use crate::corpus::{corpus, verdicts};

/// An object of a file: number of its document, number of the object in it.
pub type Key = (u32, usize);

/// A verdict and what we say of the same object.
#[derive(Debug)]
pub struct Compared {
    /// The line of the verdicts.
    pub verdict: Value,
    /// Rules that report something there.
    pub reported: BTreeSet<&'static str>,
}

impl Compared {
    /// Where it is, for messages.
    pub fn place(&self) -> String {
        format!("{} {}", self.verdict["file"], self.verdict["doc"])
    }
}

/// Every verdict of a file of JSON lines beside what the linter reports; `None`, with a printed reason, where they are
/// not there.
///
/// # Panics
/// When corpus and verdicts do not belong together.
pub fn compared(name: &str, linter: &Linter) -> Option<Vec<Compared>> {
    let all = compared_with(name, linter, |_| ())?;
    Some(all.into_iter().map(|(one, ())| one).collect())
}

/// [`compared`], with what something else says of each object.
///
/// # Panics
/// When corpus and verdicts do not belong together.
pub fn compared_with<T: Clone>(
    name: &str,
    linter: &Linter,
    other: impl Fn(Object<'_>) -> T,
) -> Option<Vec<(Compared, T)>> {
    let (corpus, verdicts) = (corpus()?, verdicts()?);
    let lines = fs::read_to_string(verdicts.join(name)).expect("the verdicts are unpacked");
    let mut all = Vec::new();
    let mut of_file = (String::new(), Reported::<T>::new(), false);
    for line in lines.lines() {
        let verdict: Value = serde_json::from_str(line).expect("a line is JSON");
        let file = verdict["file"].as_str().expect("a verdict names its file");
        if of_file.0 != file {
            let bytes = fs::read(corpus.join(file)).expect("the corpus has the file");
            let miscounted = is_miscounted(&bytes);
            of_file = (file.to_owned(), reported(linter, file, bytes, &other), miscounted);
        }
        if of_file.2 {
            continue;
        }
        let Some(key) = verdict["doc"].as_str().and_then(key) else { continue };
        let Some((kind, reported, other)) = of_file.1.get(&key).cloned() else { continue };
        if verdict["kind"] == *kind {
            all.push((Compared { verdict, reported }, other));
        }
    }
    Some(all)
}

/// Kinds of the objects, the rules that report something there, and what else is said.
type Reported<T> = BTreeMap<Key, (String, BTreeSet<&'static str>, T)>;

fn reported<T>(linter: &Linter, path: &str, bytes: Vec<u8>, other: &impl Fn(Object<'_>) -> T) -> Reported<T> {
    let (source, problem) = SourceText::from_bytes(path, bytes);
    let linted = lint_document(source, problem, linter);
    let found = numbered(&linted.file).into_iter().map(|(key, object)| {
        let inside = linted.findings.iter().filter(|one| object.node().span().contains(one.site.place.span));
        let rules = inside.map(|one| one.rule).collect();
        (key, (object.kind().to_owned(), rules, other(object)))
    });
    found.collect()
}

/// The objects of a file by the numbers that the reader of the real API machinery gives them.
pub fn numbered(file: &SourceFile) -> Vec<(Key, Object<'_>)> {
    // It splits at `---` lines: comments before the first one are a document to it.
    let before = file.source().text().split("\n---").next().unwrap_or_default();
    let comment = |line: &str| line.starts_with('#') || line.trim().is_empty();
    let skipped = u32::from(before.contains('#') && before.lines().all(comment));
    let (mut document, mut number) = (0, 0);
    let objects = file.objects().map(|object| {
        number = if object.node().document() == document { number } else { 0 };
        document = object.node().document();
        number += 1;
        ((document + skipped, number - 1), object)
    });
    objects.collect()
}

/// Whether that reader miscounts: it takes two `---` lines in a row for one.
pub fn is_miscounted(bytes: &[u8]) -> bool {
    bytes.windows(8).any(|window| window == b"\n---\n---")
}

/// Reads `2` and `2.items[5]`.
pub fn key(text: &str) -> Option<Key> {
    let (document, item) = text.split_once(".items[").unwrap_or((text, "0]"));
    Some((document.parse().ok()?, item.trim_end_matches(']').parse().ok()?))
}
