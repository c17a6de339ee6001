//! `cargo xtask bench`: what each stage costs, and the whole program with its peak memory.

use std::{
    fs,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{Result, root, run};

/// Benches the stages and the program on a folder, and the micro benches.
pub fn run_all(folder: Option<&String>) -> Result {
    let folder = folder.cloned().unwrap_or_else(|| "target/corpus/manifests".into());
    if !root().join(&folder).is_dir() {
        return Err(format!(
            "`{folder}` is not there: name a folder of manifests, or run the tests once to unpack the corpus"
        ));
    }
    run(
        "cargo",
        &["build", "--quiet", "--release", "--package", "kubevet", "--package", "kubevet-tests", "--bins"],
    )?;
    run("target/release/bench", &[&folder])?;
    println!("\nthe program, peak memory by /proc");
    for threads in ["1", "2"] {
        program(&folder, threads)?;
    }
    program("examples/cluster/rbac/ci.yaml", "1")?;
    run("cargo", &["bench", "--quiet", "--package", "kubevet-tests", "--bench", "stages"])?;
    run("cargo", &["bench", "--quiet", "--package", "kubevet", "--bench", "render"])
}

/// Runs the program once warm and reports wall time and peak memory.
fn program(folder: &str, threads: &str) -> Result {
    let mut peak = 0;
    let mut fastest = Duration::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        let mut child = Command::new(root().join("target/release/kubevet"))
            .args(["check", folder, "--isolated", "--output-format", "concise", "--quiet", "-j", threads])
            .current_dir(root())
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| format!("kubevet does not start: {error}"))?;
        while child.try_wait().map_err(|error| error.to_string())?.is_none() {
            let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
            peak = peak.max(kilobytes.unwrap_or(0u64));
            thread::sleep(Duration::from_micros(200));
        }
        fastest = fastest.min(start.elapsed());
    }
    println!(
        "kubevet check {folder} -j {threads}: best of 5 {:.1} ms, peak {} MB",
        fastest.as_secs_f64() * 1e3,
        peak / 1000
    );
    Ok(())
}
