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

/// Folder of everything that is built and written on the way.
const WORK: &str = "target/truth";

/// `truth [--write] [VERSION..]`: dumps the versions (all by default), compares what `cargo xtask facts` makes of them
/// with the embedded data, and asks the newest API server about the corpus again. Versions that are not dumped anew come
/// from the dumps beside the checkout. With `--write` it writes what is not on record.
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
    let mut wrong = Vec::new();
    for name in facts::differing(&dumps)? {
        wrong.push(format!("facts/data/{name}"));
    }
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

/// Asks the API server of the newest version about the corpus and its mutants. True when it says what is on record.
fn record(write: bool) -> std::result::Result<bool, String> {
    let newest = VERSIONS[VERSIONS.len() - 1];
    let oracle = format!("{WORK}/bin/oracle-{}", minor(newest));
    fs::create_dir_all(root().join(WORK).join("bin")).map_err(|error| error.to_string())?;
    run("nice", &["tests/oracle/build.sh", newest, WORK, &oracle])?;
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
