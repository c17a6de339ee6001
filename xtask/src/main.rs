//! Development tasks of kubevet: `cargo xtask TASK`.

mod bench;
mod facts;
mod new_rule;
mod test;
mod truth;
mod wasm;

use std::{env, path::PathBuf, process::ExitCode};

/// Why a task ended early, in words for a person.
type Result<T = ()> = std::result::Result<T, String>;

const USAGE: &str = "\
usage: cargo xtask TASK

  test              everything that must pass: format, clippy, tests, wasm builds, the wasm parity test
  wasm [DIR]        build the JavaScript package into DIR (lint-wasm/pkg)
  bench [DIR]       what each stage costs on a folder of manifests (the unpacked corpus)
  docs              write what is generated in docs: the reference of the command line, the agreement
                    with the API server
  facts [--check] [FROM]
                    pack dumps of the Kubernetes Go modules (a folder or an archive) into facts/data,
                    or check what is there
  truth [--write] [VERSION..]
                    make facts and verdicts anew from the Go modules of Kubernetes, and compare them with
                    those on record
  new-rule ID       start a rule: its block with the catalogue's metadata, and its line in the list
";

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let task = arguments.next().unwrap_or_default();
    let arguments: Vec<String> = arguments.collect();
    let outcome = match task.as_str() {
        "test" => test::run_everything(),
        "wasm" => wasm::run_build(arguments.first().map(PathBuf::from)),
        "docs" => docs(),
        "facts" => facts::run_pack(&arguments),
        "truth" => truth::run_truth(&arguments),
        "bench" => bench::run_all(arguments.first()),
        "new-rule" => new_rule::start(&arguments),
        "" | "help" | "--help" | "-h" => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        other => Err(format!("there is no task `{other}`\n\n{USAGE}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

/// The tests that compare pages write them when they are asked to.
fn docs() -> Result {
    let write = |arguments: &[&str]| {
        run("env", &[&["KUBEVET_WRITE_DOCS=1", "cargo", "test", "--quiet"], arguments].concat())
    };
    write(&["--package", "kubevet", "--lib", "the_page_of_the_command_line_is_up_to_date"])?;
    let test = "the_page_states_what_is_asserted";
    write(&["--package", "kubevet-tests", "--test", "agreement", test])
}

/// The workspace's folder.
fn root() -> PathBuf {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().expect("xtask lies in the workspace").to_owned()
}

/// Runs a command in the workspace's folder and says so.
fn run(program: &str, arguments: &[&str]) -> Result {
    eprintln!("xtask: {program} {}", arguments.join(" "));
    let status = std::process::Command::new(program).args(arguments).current_dir(root()).status();
    let status = status.map_err(|error| format!("`{program}` does not start: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{program} {}` failed: {status}", arguments.join(" ")))
    }
}
