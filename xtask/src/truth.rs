//! `cargo xtask truth`: makes facts and verdicts anew from the Go modules of Kubernetes, and says what is not on record.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Result, facts, root, run};

/// The patch releases that the facts were taken from, one for each supported minor. Not every release is to be had as a
/// module with all that it needs.
const VERSIONS: [&str; 10] = [
    "1.28.15", "1.29.15", "1.30.14", "1.31.14", "1.32.13", "1.33.12", "1.34.10", "1.35.8", "1.36.4", "1.37.1",
];

/// The releases of etcd, one for each minor that kubeadm installs.
const ETCD: [&str; 3] = ["3.5.24", "3.6.15", "3.7.2"];

/// Releases of etcd whose source says which flags it has: those that kubeadm installs.
const ETCD_SOURCES: [&str; 3] = ["3.5.24", "3.6.5", "3.7.0"];

/// The versions whose flags are compared with their configuration files: the oldest and the newest.
const EQUIVALENT: [&str; 2] = ["1.28.15", "1.37.1"];

/// The versions whose API servers are asked what they refuse.
const OBSERVED: [&str; 2] = ["1.34.10", "1.37.1"];

/// Folder of everything that is built and written on the way.
const WORK: &str = "target/truth";

/// `truth [--write] [VERSION..]`: dumps the versions (all by default) and makes the tables that need no other ones,
/// compares what `cargo xtask facts` makes of them with the embedded data, and asks the newest API server about the corpus
/// again. Versions that are not dumped anew come from the dumps beside the checkout. With `--write` it writes what is not
/// on record.
pub fn run_truth(arguments: &[String]) -> Result {
    let (options, versions): (Vec<_>, Vec<_>) = arguments.iter().partition(|one| one.starts_with('-'));
    if let Some(unknown) = options.iter().find(|option| **option != "--write") {
        return Err(format!("there is no option `{unknown}`"));
    }
    let write = !options.is_empty();
    let versions: Vec<&str> = match versions.as_slice() {
        [] => VERSIONS.to_vec(),
        some => some.iter().map(|version| known(version)).collect::<std::result::Result<_, _>>()?,
    };
    let dumps = dump(&versions)?;
    let mut wrong = tables(&versions, &dumps, write)?;
    wrong.extend(facts::differing(&dumps)?.into_iter().map(|name| format!("facts/data/{name}")));
    if write && !wrong.is_empty() {
        facts::run_pack(&[dumps.to_string_lossy().into_owned()])?;
    }
    if !record(write)? {
        wrong.push("tests/data".to_owned());
    }
    match (wrong.is_empty(), write) {
        (true, _) => {
            println!("everything is as on record");
            Ok(())
        }
        (false, true) => {
            println!("written: {}", wrong.join(", "));
            Ok(())
        }
        (false, false) => Err(format!("not as on record: {} (`--write` writes it)", wrong.join(", "))),
    }
}

fn known(version: &str) -> std::result::Result<&'static str, String> {
    let found = VERSIONS.into_iter().find(|one| *one == version);
    found.ok_or_else(|| format!("facts come from {}, not from {version}", VERSIONS.join(", ")))
}

/// Dumps versions into a folder that has all of them, and says which files are not those beside the checkout.
fn dump(versions: &[&str]) -> std::result::Result<PathBuf, String> {
    let all = root().join(WORK).join("dumps");
    let beside = facts::unpacked_beside()?;
    for version in versions {
        run("nice", &["facts/generator/dump.sh", version, WORK, &format!("{WORK}/dumps")])?;
    }
    for version in ETCD {
        run("nice", &["facts/generator/etcd.sh", version, WORK, &format!("{WORK}/dumps")])?;
    }
    let Some(beside) = beside else {
        println!(
            "no dumps beside the checkout: nothing to compare the new ones with, and none for other versions"
        );
        return Ok(all);
    };
    for version in VERSIONS.iter().map(|version| minor(version)).chain(["etcd"]) {
        if version == "etcd" || versions.iter().any(|one| minor(one) == version) {
            compare(&beside.join(version), &all.join(version))?;
        } else {
            copy(&beside.join(version), &all.join(version))?;
        }
    }
    Ok(all)
}

fn minor(version: &str) -> &str {
    version.rsplit_once('.').map_or(version, |(minor, _)| minor)
}

fn compare(old: &Path, new: &Path) -> Result {
    for file in files(old)? {
        let name = file.file_name().unwrap_or_default();
        let same = fs::read(&file).ok() == fs::read(new.join(name)).ok();
        let shown = new.join(name);
        let shown = shown.strip_prefix(root()).unwrap_or(&shown).display();
        println!("{shown}: {}", if same { "byte-equal" } else { "not the same" });
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result {
    fs::create_dir_all(to).map_err(|error| error.to_string())?;
    for file in files(from)? {
        let name = file.file_name().unwrap_or_default();
        fs::copy(&file, to.join(name)).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn files(folder: &Path) -> std::result::Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    Ok(files)
}

/// Makes the tables of `facts/data` that the versions are enough for, and gives the names of those that differ.
fn tables(versions: &[&str], dumps: &Path, write: bool) -> std::result::Result<Vec<String>, String> {
    let has = |wanted: &[&str]| wanted.iter().all(|version| versions.contains(version));
    let mut wrong = Vec::new();
    let mut make = |name: &str, command: &[&str]| -> Result {
        wrong.extend(table(name, command, write)?);
        Ok(())
    };
    make("kubeadm-api.tsv", &[&["facts/generator/kubeadm-api.sh"][..], &VERSIONS].concat())?;
    make("etcd-flags.tsv", &[&["facts/generator/etcd-flags.sh"][..], &ETCD_SOURCES].concat())?;
    if has(&EQUIVALENT) {
        make("equivalence.tsv", &[&["facts/generator/equivalence.sh", WORK][..], &EQUIVALENT].concat())?;
    }
    let corpus = root().join("target/corpus");
    if has(&OBSERVED) && corpus.is_dir() {
        let oracles = OBSERVED.map(oracle).into_iter().collect::<std::result::Result<Vec<_>, _>>()?;
        let (corpus, dumps) = (corpus.to_string_lossy(), dumps.to_string_lossy());
        let mut command = vec!["facts/generator/refusals.py", &corpus, &dumps];
        command.extend(oracles.iter().map(String::as_str));
        make("refusals.tsv", &command)?;
    }
    Ok(wrong)
}

/// Runs a generator that writes a table; its name when that is not the one on record, which is put back unless it is to be
/// written.
fn table(name: &str, command: &[&str], write: bool) -> std::result::Result<Option<String>, String> {
    let path = root().join("facts/data").join(name);
    let recorded = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    run("nice", command)?;
    let same = fs::read(&path).ok().as_ref() == Some(&recorded);
    println!("facts/data/{name}: {}", if same { "byte-equal" } else { "not the same" });
    if !same && !write {
        fs::write(&path, &recorded).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok((!same).then(|| format!("facts/data/{name}")))
}

/// Builds the program around the API server of a version.
fn oracle(version: &str) -> std::result::Result<String, String> {
    let oracle = format!("{WORK}/bin/oracle-{}", minor(version));
    fs::create_dir_all(root().join(WORK).join("bin")).map_err(|error| error.to_string())?;
    run("nice", &["tests/oracle/build.sh", version, WORK, &oracle])?;
    Ok(oracle)
}

/// Asks the API server of the newest version about the corpus and its mutants. True when it says what is on record.
fn record(write: bool) -> std::result::Result<bool, String> {
    let newest = VERSIONS[VERSIONS.len() - 1];
    let oracle = oracle(newest)?;
    let today = Command::new("date").args(["-u", "+%F"]).output().map_err(|error| error.to_string())?;
    let origin = format!("Kubernetes {newest}, {}", String::from_utf8_lossy(&today.stdout).trim());
    let mut arguments =
        vec!["run", "--quiet", "--package", "kubevet-tests", "--bin", "record", "--", &oracle, &origin];
    if write {
        arguments.push("--write");
    }
    let status = Command::new("cargo").args(arguments).current_dir(root()).status();
    let status = status.map_err(|error| error.to_string())?;
    match status.code() {
        Some(0) => Ok(true),
        Some(1) => Ok(false),
        _ => Err(format!("verdicts could not be recorded: {status}")),
    }
}
