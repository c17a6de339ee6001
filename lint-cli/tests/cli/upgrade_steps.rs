//! `check --upgrade-to` on a whole cluster, from the oldest covered version to the newest.

use std::{fs, path::Path};

use crate::support::Folder;

/// The files of `fixtures/cluster`.
fn cluster() -> Folder {
    let folder = Folder::new(&[]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cluster");
    let mut pending = vec![root.clone()];
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            pending
                .extend(fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else {
            let name = path.strip_prefix(&root).expect("it lies there").to_str().expect("a plain name");
            folder.write(&name.replace('\\', "/"), &fs::read_to_string(&path).expect("a text"));
        }
    }
    folder
}

/// What each step from minor version to minor version breaks and changes, as the real components do: see
/// `facts/generator`.
#[test]
fn every_step() {
    let cluster = cluster();
    let mut told = String::new();
    for minor in 29..=37 {
        let (from, to) = (format!("1.{}", minor - 1), format!("1.{minor}"));
        let run = ["check", "--kubernetes-version", &from, "--upgrade-to", &to, "--output-format", "concise"];
        let ran = cluster.run(&run);
        told.push_str(&format!("# {from} to {to}\n{}{}\n", ran.stdout, ran.stderr));
    }
    insta::assert_snapshot!(told);
}

/// The files themselves say where the upgrade starts.
#[test]
fn all_steps_at_once() {
    let ran = cluster().run(&["check", "--upgrade-to", "1.37", "--output-format", "concise"]).exits(1);
    insta::assert_snapshot!(ran.all());
}
