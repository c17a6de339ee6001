//! The rules that say what the API server refuses, against the verdicts of the real one: on every object of the corpus, and
//! on thousands of them with one thing changed.
//!
//! `KUBEVET_DISAGREEMENTS=FILE` writes every disagreement to a file, the commonest first.

use std::{
    collections::{BTreeMap, HashMap},
    env,
    fmt::Write as _,
    fs,
};

use kubevet_tests::{
    agreement::{self, Judged},
    recorded::Recorded,
};
use serde_json::{Value, json};

/// Least share of documents, in percent, of which both say the same: of the corpus, and of its mutants.
const AGREED: (f64, f64) = (99.9, 99.0);

/// Least share of refused fields, in percent, with a finding there.
const FOUND: (f64, f64) = (99.0, 98.0);

/// Both, of the cases of pods.
const OF_PODS: (f64, f64) = (99.5, 87.0);

/// The page on all this states what is asserted here; `KUBEVET_WRITE_DOCS=1` (`cargo xtask docs`) writes it.
#[test]
fn the_page_states_what_is_asserted() {
    let mut table =
        "| documents | number | agree, at least | refused fields found, at least |\n|---|---|---|---|\n"
            .to_owned();
    let mut origin = String::new();
    let parts = [
        ("objects of the corpus", "corpus", AGREED.0, FOUND.0),
        ("with one thing changed", "mutants", AGREED.1, FOUND.1),
        ("pods that ask one question", "pods", OF_PODS.0, OF_PODS.1),
    ];
    for (title, name, agreed, found) in parts {
        let recorded = Recorded::read(name);
        writeln!(table, "| {title} | {} | {agreed} % | {found} % |", recorded.verdicts.len())
            .expect("a string takes everything");
        origin = recorded.origin;
    }
    let (start, end) = ("written by `cargo xtask docs` -->\n", "<!-- end of agreement -->");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/truth.md");
    let page = fs::read_to_string(path).expect("the page is there");
    let (head, rest) = page.split_once(start).expect("it has a place for the table");
    let (_, tail) = rest.split_once(end).expect("the place has an end");
    let wanted = format!("{head}{start}{table}\nRecorded of {origin}.\n{end}{tail}");
    if env::var_os("KUBEVET_WRITE_DOCS").is_some() {
        fs::write(path, &wanted).expect("the page can be written");
    } else {
        assert_eq!(page, wanted, "run `cargo xtask docs`");
    }
}

/// Documents, those with the same verdict; fields that are refused, those with a finding there.
#[derive(Default, Clone, Copy)]
struct Tally {
    documents: usize,
    agreed: usize,
    fields: usize,
    found: usize,
}

impl Tally {
    fn add(&mut self, one: &Judged) {
        self.documents += 1;
        self.agreed += usize::from(one.agrees());
        for (_, found) in &one.found {
            self.fields += 1;
            self.found += usize::from(*found);
        }
    }

    fn share(self) -> f64 {
        100.0 * self.agreed as f64 / self.documents.max(1) as f64
    }

    fn share_of_fields(self) -> f64 {
        100.0 * self.found as f64 / self.fields.max(1) as f64
    }
}

fn tally(name: &str, all: &[Judged]) -> Tally {
    let mut kinds: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut total = Tally::default();
    for one in all {
        kinds.entry(&one.kind).or_default().add(one);
        total.add(one);
    }
    let mut text = String::new();
    for (kind, tally) in kinds.iter().map(|(kind, tally)| (*kind, *tally)).chain([("all", total)]) {
        let Tally { documents, agreed, fields, found } = tally;
        let (share, of_fields) = (tally.share(), tally.share_of_fields());
        writeln!(
            text,
            "{kind:70} {agreed:5}/{documents:<5} {share:6.2}%  fields {found:4}/{fields:<4} {of_fields:6.2}%"
        )
        .expect("a string takes everything");
    }
    println!("{name}\n{text}");
    total
}

#[test]
fn the_api_server_agrees() {
    let (corpus, mutants) = (Recorded::read("corpus"), Recorded::read("mutants"));
    let linter = agreement::linter();
    let Some(objects) = agreement::corpus(&corpus, &linter) else { return };
    let made = agreement::mutants(&corpus).expect("the corpus is there");
    let count = made.len();
    let changed = agreement::judged(made, &mutants, &linter);
    assert!(
        changed.len() * 100 >= count * 99,
        "{} of {count} mutants have a verdict: `cargo xtask truth --write`",
        changed.len()
    );
    let of_objects = tally("corpus", &objects);
    let of_mutants = tally("mutants", &changed);
    if let Some(file) = env::var_os("KUBEVET_DISAGREEMENTS") {
        fs::write(&file, disagreements(objects.iter().chain(&changed))).expect("the file can be written");
    }
    assert!(of_objects.documents > 6_000 && of_mutants.documents > 9_000, "too little was compared");
    for (tally, agreed, found) in [(of_objects, AGREED.0, FOUND.0), (of_mutants, AGREED.1, FOUND.1)] {
        assert!(tally.share() >= agreed, "{:.2}% agree", tally.share());
        assert!(tally.share_of_fields() >= found, "{:.2}% of the fields are found", tally.share_of_fields());
    }
}

/// Cases need no corpus.
#[test]
fn the_api_server_agrees_on_pods() {
    let cases = kubevet_tests::pods::cases();
    let count = cases.len();
    let judged = agreement::judged(cases, &Recorded::read("pods"), &agreement::linter());
    assert!(judged.len() * 100 >= count * 99, "{} of {count} have a verdict", judged.len());
    let tally = tally("pods", &judged);
    if let Some(file) = env::var_os("KUBEVET_DISAGREEMENTS_OF_PODS") {
        fs::write(&file, disagreements(judged.iter())).expect("the file can be written");
    }
    assert!(tally.share() >= OF_PODS.0, "{:.2}% agree", tally.share());
    assert!(tally.share_of_fields() >= OF_PODS.1, "{:.2}% of the fields are found", tally.share_of_fields());
}

/// Every disagreement as a line of JSON; those of the commonest cause first.
fn disagreements<'a>(all: impl Iterator<Item = &'a Judged>) -> String {
    let texts = answers();
    let mut causes: HashMap<String, usize> = HashMap::new();
    let mut lines = Vec::new();
    for one in all {
        let missed: Vec<_> = one.found.iter().filter(|(_, found)| !found).collect();
        if one.agrees() && missed.is_empty() {
            continue;
        }
        let cause = cause(one);
        *causes.entry(cause.clone()).or_default() += 1;
        let claims = one.claims.iter().map(|claim| json!([claim.rule, claim.field, claim.message]));
        let refusals = one.refusals.iter().map(|one| json!([one.kind, one.field]));
        let line = json!({
            "cause": cause,
            "kind": one.kind,
            "agrees": one.agrees(),
            "change": one.change,
            "origin": one.origin,
            "id": one.id,
            "server": texts.get(&one.id).cloned().unwrap_or_else(|| refusals.collect()),
            "ours": claims.collect::<Vec<_>>(),
        });
        lines.push((cause, one.kind.clone(), line.to_string()));
    }
    lines.sort_by_cached_key(|(cause, kind, line)| {
        (std::cmp::Reverse(causes[cause]), cause.clone(), kind.clone(), line.clone())
    });
    lines.into_iter().map(|(_, _, line)| line + "\n").collect()
}

/// What a disagreement is about: the first refused field that we miss, or the rule that claims too much.
fn cause(one: &Judged) -> String {
    if one.refusals.is_empty() {
        return format!("accepted, but {}", one.claims[0].rule);
    }
    let missed = one.found.iter().find(|(_, found)| !found).map_or(&one.refusals[0], |(missed, _)| missed);
    let field: String = missed.field.split('.').map(|step| step.split('[').next().unwrap_or_default()).fold(
        String::new(),
        |field, step| if field.is_empty() { step.to_owned() } else { format!("{field}.{step}") },
    );
    let agreed = if one.agrees() { "only the field of " } else { "" };
    format!("{agreed}{} {field}", missed.kind)
}

/// What the API server said word for word, where verdicts were recorded on this machine.
fn answers() -> HashMap<String, Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/truth/answers");
    let texts = ["corpus", "mutants", "pods"]
        .iter()
        .filter_map(|name| fs::read_to_string(format!("{folder}/{name}.jsonl")).ok());
    let mut found = HashMap::new();
    for text in texts {
        for line in text.lines() {
            let answer: Value = serde_json::from_str(line).unwrap_or_default();
            let id = answer["id"].as_str().unwrap_or_default().to_owned();
            found.insert(id, answer["errors"].clone());
        }
    }
    found
}
