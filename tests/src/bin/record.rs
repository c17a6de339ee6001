//! Records what the real API server says of the corpus, of its mutants and of cases of pods: `record ORACLE ORIGIN [--write]`.
//!
//! ORACLE is the binary that `tests/oracle/build.sh` makes, ORIGIN the first line of the records (`Kubernetes 1.37.1,
//! 2026-11-21`). Without `--write` it fails where the answers are not those on record. Whole answers stay in
//! `target/truth/answers`.

use std::{
    collections::{BTreeSet, HashSet},
    env, fs,
    io::Write,
    path::Path,
    process::{Command, ExitCode, Stdio},
    thread,
};

use kubevet_tests::{
    agreement, corpus, pods,
    recorded::{Recorded, pack, path},
    verdicts,
};
use serde_json::{Value, json};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (options, words): (Vec<&str>, Vec<&str>) =
        arguments.iter().map(String::as_str).partition(|one| one.starts_with("--"));
    let ([oracle, origin], [] | ["--write"]) = (&words[..], &options[..]) else {
        eprintln!("usage: record ORACLE ORIGIN [--write]");
        return ExitCode::from(2);
    };
    let Some(folder) = corpus::corpus() else { return ExitCode::from(2) };
    let write = !options.is_empty();
    let same = record("corpus", origin, write, corpus_lines(oracle, folder));
    let recorded = Recorded::read("corpus");
    let mutants = agreement::mutants(&recorded).expect("the corpus is there");
    let same = [("mutants", mutants), ("pods", pods::cases())].iter().fold(same, |same, (name, objects)| {
        let questions = objects.iter().map(|one| {
            let object: Value = serde_json::from_str(&one.text).expect("an object is JSON");
            json!({"id": agreement::id_of_mutant(one), "object": object}).to_string()
        });
        let answers = ask(oracle, folder, &questions.collect::<Vec<_>>());
        keep(name, &answers);
        record(name, origin, write, answers.iter().filter_map(line).collect()) && same
    });
    if same || write { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The corpus is read by the oracle itself, so that reading YAML is compared too.
fn corpus_lines(oracle: &str, folder: &Path) -> Vec<String> {
    let files = agreement::countable(folder).map(|(path, _)| agreement::relative(folder, &path));
    let mut answers = ask(oracle, folder, &files.collect::<Vec<_>>());
    answers.retain_mut(|answer| {
        let key = answer["doc"].as_str().and_then(verdicts::key);
        let id = key.map(|key| {
            let text = |key: &str| answer[key].as_str().unwrap_or_default();
            agreement::id_of(text("id"), key, text("kind"))
        });
        answer["id"] = id.as_deref().into();
        id.is_some()
    });
    keep("corpus", &answers);
    answers.iter().filter_map(line).collect()
}

fn ask(oracle: &str, folder: &Path, questions: &[String]) -> Vec<Value> {
    let mut child = Command::new(fs::canonicalize(oracle).expect("the oracle is built"))
        .arg("api")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the oracle starts");
    let mut input = child.stdin.take().expect("it is piped");
    let text = questions.join("\n");
    let asking = thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("the oracle ends");
    asking.join().expect("the writer does not panic").expect("the oracle reads every question");
    assert!(output.status.success(), "the oracle failed: {}", output.status);
    let text = String::from_utf8(output.stdout).expect("answers are text");
    text.lines().map(|line| serde_json::from_str(line).expect("an answer is JSON")).collect()
}

/// An answer as a line of the record; nothing for those that judge no object.
fn line(answer: &Value) -> Option<String> {
    let errors = || answer["errors"].as_array().into_iter().flatten();
    let says = |kind: &str| errors().any(|error| error["type"] == kind);
    // A client reads YAML before the API server does: JSON with comments is no object to the server alone.
    let unread = errors().any(|error| error["text"].to_string().contains("couldn't get version/kind"));
    let decoded_only = answer["warnings"].to_string().contains("decoded only") && answer["ok"] == true;
    if unread || decoded_only || says("Panic") || says("UnknownKind") || says("NotServed") {
        return None;
    }
    // Validation walks Go maps, whose order changes from run to run.
    let refusals: BTreeSet<String> = errors()
        .map(|error| {
            let text = |key: &str| error[key].as_str().unwrap_or_default();
            format!("\t{}:{}", text("field").replace(['\t', '\n'], " "), text("type"))
        })
        .collect();
    Some(refusals.into_iter().fold(answer["id"].as_str()?.to_owned(), |line, refusal| line + &refusal))
}

fn keep(name: &str, answers: &[Value]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/truth/answers");
    let text: String = answers.iter().map(|answer| format!("{answer}\n")).collect();
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(folder.join(format!("{name}.jsonl")), text))
        .expect("target is writable");
}

/// Compares with what is on record, and writes it when that is wanted. An equal record keeps its date.
fn record(name: &str, origin: &str, write: bool, mut lines: Vec<String>) -> bool {
    lines.sort();
    let identities: HashSet<_> = lines.iter().filter_map(|line| line.get(..8)).collect();
    assert_eq!(identities.len(), lines.len(), "two documents of {name} have the same identity");
    let known = if path(name).is_file() { Recorded::read(name) } else { Recorded::default() };
    let same = pack(&known.origin, &lines) == fs::read(path(name)).unwrap_or_default();
    let refused = lines.iter().filter(|line| line.contains('\t')).count();
    println!(
        "{name}: {} verdicts, {refused} refused, {}",
        lines.len(),
        if same { "as recorded" } else { "not as recorded" }
    );
    if write && !same {
        fs::write(path(name), pack(origin, &lines)).expect("tests/data is writable");
    }
    same
}
