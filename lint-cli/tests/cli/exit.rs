//! Exit status and summary.

use std::io::Read;

use crate::support::{CLEAN, ERROR, Folder, WARNING};

#[test]
fn clean_is_0_and_says_what_was_checked() {
    let ran = Folder::new(&[("a.yaml", CLEAN)]).run(&["check"]).exits(0);
    assert_eq!(ran.stdout, "");
    assert_eq!(ran.stderr, "no findings in 1 file (1 document, 1 object)\n");
}

#[test]
fn findings_are_1_from_the_given_severity_on() {
    let folder = Folder::new(&[("a.yaml", WARNING)]);
    let run = |flags: &[&str]| folder.run(&[&["check", "--select", "pdb/blocks-drain"], flags].concat()).code;
    assert_eq!(run(&[]), 1);
    assert_eq!(run(&["--fail-on", "warning"]), 1);
    assert_eq!(run(&["--fail-on", "error"]), 0);
    assert_eq!(run(&["--fail-on", "never"]), 0);
    assert_eq!(run(&["--exit-zero"]), 0);
    assert_eq!(run(&["--severity", "pdb/blocks-drain=error", "--fail-on", "error"]), 1);
    assert_eq!(run(&["--severity", "pdb/blocks-drain=info"]), 0);
    assert_eq!(run(&["--severity", "pdb/blocks-drain=info", "--fail-on", "info"]), 1);
}

#[test]
fn the_summary_counts_what_is_hidden() {
    let folder = Folder::new(&[("a.yaml", WARNING), ("b.yaml", ERROR)]);
    let flags = ["check", "--select", "pdb/blocks-drain,rbac/wildcard-all"];
    let ran = folder.run(&[&flags[..], &["--min-severity", "error"]].concat()).exits(1);
    assert_eq!(ran.stderr, "1 error in 2 files (2 documents, 2 objects); 1 below `--min-severity`\n");
    assert!(ran.stdout.contains("rbac/wildcard-all") && !ran.stdout.contains("pdb/blocks-drain"));
    let ran = folder.run(&flags);
    assert_eq!(ran.stderr, "1 error, 1 warning in 2 files (2 documents, 2 objects)\n");
    assert_eq!(folder.run(&[&flags[..], &["-q"]].concat()).stderr, "");
}

#[test]
fn nothing_to_check_is_2_unless_allowed() {
    let empty = Folder::new(&[]);
    let ran = empty.run(&["check"]).exits(2);
    assert!(ran.stderr.contains("nothing to check: no files were found"), "{}", ran.stderr);
    empty.run(&["check", "--allow-empty"]).exits(0);

    let other =
        Folder::new(&[("ci.yaml", "on: push\njobs: {}\n"), ("templates/a.yaml", "a: {{ .Values.a }}\n")]);
    let ran = other.run(&["check"]).exits(2);
    assert!(
        ran.stderr.contains("1 Helm template,") && ran.stderr.contains("not Kubernetes"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("no Kubernetes object or configuration in 2 files"), "{}", ran.stderr);
    other.run(&["check", "--allow-empty"]).exits(0);
}

#[test]
fn what_cannot_be_done_is_2_and_wins_over_findings() {
    let folder = Folder::new(&[("a.yaml", ERROR)]);
    let ran = folder.run(&["check", "a.yaml", "gone.yaml"]).exits(2);
    assert!(ran.stdout.contains("rbac/wildcard-all"), "the run goes on: {}", ran.stdout);
    assert!(
        ran.stderr.contains("error: cannot read `gone.yaml`: no such file or directory"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("; not read: 1 file\n"), "{}", ran.stderr);
    for flags in [
        &["check", "--select", "rbac/wildcard-al"][..],
        &["check", "--kubernetes-version", "1.2"],
        &["check", "--output-format", "xml"],
        &["check", "--output-format", "json", "--output-format", "full"],
        &["check", "--output-format", "json=no/such/folder/a.json"],
        &["check", "--exclude", "a["],
        &["check", "--stdin-filename", "a.yaml"],
        &["check", "--config", "gone.toml"],
        &["check", "--nonsense"],
        &["explain", "rbac/nonsense"],
        &["rules", "nonsense/*"],
        &[],
    ] {
        folder.run(flags).exits(2);
    }
}

#[test]
fn a_reader_that_has_enough_is_no_failure() {
    let folder = Folder::new(&[]);
    for index in 0..2000 {
        folder.write(&format!("{index}.yaml"), ERROR);
    }
    let mut command = folder.command(&["check", "-q", "--select", "rbac/wildcard-all"]);
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().expect("the command starts");
    let mut start = [0; 16];
    let mut stdout = child.stdout.take().expect("a pipe");
    stdout.read_exact(&mut start).expect("there is output");
    drop(stdout);
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}
