//! `cargo xtask test`: installs what it needs, then runs everything that must pass.

use std::process::Command;

use crate::{Result, facts, run};

const WASM: &str = "wasm32-unknown-unknown";

pub fn run_everything() -> Result {
    install()?;
    run("cargo", &["fmt", "--all", "--check"])?;
    run("cargo", &["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])?;
    for package in ["kubevet-facts", "kubevet-core", "kubevet-rules", "kubevet-wasm"] {
        run("cargo", &["check", "--quiet", "--target", WASM, "--package", package])?;
    }
    // The parity test runs what this builds.
    run(
        "cargo",
        &["run", "--quiet", "--package", "xtask", "--features", "wasm", "--", "wasm", "target/wasm-node"],
    )?;
    run("cargo", &["test", "--workspace", "--quiet"])?;
    facts::run_check()?;
    eprintln!("xtask: everything passes");
    Ok(())
}

/// Components and targets of the toolchain that a minimal installation lacks.
fn install() -> Result {
    let installed = |list: &str| {
        let output = Command::new("rustup").args([list, "list", "--installed"]).output();
        output.ok().map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let Some(targets) = installed("target") else {
        eprintln!("xtask: rustup is not there; assuming that the toolchain has {WASM}, clippy and rustfmt");
        return Ok(());
    };
    if !targets.lines().any(|line| line == WASM) {
        run("rustup", &["target", "add", WASM])?;
    }
    let components = installed("component").unwrap_or_default();
    for component in ["clippy", "rustfmt"] {
        if !components.lines().any(|line| line.starts_with(component)) {
            run("rustup", &["component", "add", component])?;
        }
    }
    Ok(())
}
