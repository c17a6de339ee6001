//! The README shows what the command really prints.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use crate::support::ran;

#[test]
fn the_readme_shows_real_output() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let readme = std::fs::read_to_string(root.join("README.md")).expect("the README is there");
    let blocks: Vec<&str> = readme.split("```console\n$ kubevet ").skip(1).collect();
    assert!(blocks.len() >= 2, "the README has examples");
    for block in blocks {
        let (line, rest) = block.split_once('\n').expect("a command and what it prints");
        let shown = rest.split("```").next().expect("the block ends");
        let arguments = line.split(' ').map(|word| word.trim_matches('\''));
        let mut command = Command::new(env!("CARGO_BIN_EXE_kubevet"));
        command.args(arguments).current_dir(&root).env_clear().stdin(Stdio::null());
        let found = ran(&mut command);
        let found = format!("{}{}", found.stdout, found.stderr);
        assert_eq!(found.trim_end(), shown.trim_end(), "kubevet {line}");
    }
}
