//! What each stage costs on a folder of files, side by side in one run: `cargo xtask bench [DIR]`.
//!
//! All stages run in turn, round after round, so that a machine that changes its pace changes it for all of them.
//! The ratios are what to read; the absolute figures belong to the machine.

use std::{
    hint::black_box,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use kubevet_core::{
    engine::{Config, Linter, lint_document, lint_set_with},
    index::{ResourceSet, SourceFile},
    recognise,
    source::SourceText,
    yaml::{Limits, parse},
};
use rayon::prelude::*;

const ROUNDS: usize = 7;

type Stage = (&'static str, fn(&[PathBuf], &Linter));

const STAGES: &[Stage] = &[
    ("read", |paths, _| paths.par_iter().for_each(|path| drop(black_box(std::fs::read(path))))),
    ("read + parse", |paths, _| {
        paths.par_iter().for_each(|path| drop(black_box(parse(read(path), &Limits::default()))));
    }),
    ("read + parse + index", |paths, _| {
        let files = paths.par_iter().map(|path| SourceFile::new(read(path), None, &Limits::default()));
        drop(black_box(files.collect::<Vec<_>>()));
    }),
    ("whole run, recommended rules", |paths, linter| {
        let linted = paths.par_iter().map(|path| lint_document(read(path), None, linter)).collect();
        let set = ResourceSet::new(linted, linter.config());
        let report = lint_set_with(&set, linter, |jobs, job| (0..jobs).into_par_iter().map(job).collect());
        black_box(report.findings.len());
    }),
];

fn main() {
    let Some(folder) = std::env::args().nth(1) else {
        eprintln!("usage: bench DIR");
        std::process::exit(2);
    };
    let all = yaml_files(Path::new(&folder));
    let size = |path: &PathBuf| std::fs::metadata(path).map_or(0, |data| data.len());
    let small: Vec<PathBuf> = all.iter().filter(|path| size(path) < 4096).cloned().collect();
    let large: Vec<PathBuf> = all.iter().filter(|path| size(path) > 100_000).cloned().collect();
    let linter =
        Linter::new(&kubevet_rules::all(), Config::default()).expect("the default configuration holds");
    for (name, paths) in [("all files", &all), ("files below 4 KB", &small), ("files above 100 KB", &large)] {
        let bytes: u64 = paths.iter().map(size).sum();
        println!("\n{name}: {} files, {:.1} MB; median of {ROUNDS} rounds", paths.len(), mega(bytes));
        println!(
            "{:<32} {:>7} {:>9} {:>10} {:>8} {:>9}",
            "stage", "threads", "ms", "files/s", "MB/s", "x read"
        );
        table(paths, bytes, &linter);
    }
}

fn table(paths: &[PathBuf], bytes: u64, linter: &Linter) {
    let pools: Vec<_> = [1, 2]
        .into_iter()
        .map(|threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads start"))
        .collect();
    let mut times = vec![vec![Vec::new(); STAGES.len()]; pools.len()];
    for _ in 0..=ROUNDS {
        for (pool, times) in pools.iter().zip(&mut times) {
            for ((_, stage), times) in STAGES.iter().zip(times) {
                let start = Instant::now();
                pool.install(|| stage(paths, linter));
                times.push(start.elapsed());
            }
        }
    }
    for (pool, times) in pools.iter().zip(&mut times) {
        let medians: Vec<Duration> = times.iter_mut().map(|times| median(times)).collect();
        for ((name, _), time) in STAGES.iter().zip(&medians) {
            let seconds = time.as_secs_f64();
            println!(
                "{name:<32} {:>7} {:>9.1} {:>10.0} {:>8.0} {:>9.2}",
                pool.current_num_threads(),
                seconds * 1e3,
                paths.len() as f64 / seconds,
                mega(bytes) / seconds,
                seconds / medians[0].as_secs_f64(),
            );
        }
    }
}

/// The first round only warms the page cache.
fn median(times: &mut [Duration]) -> Duration {
    let counted = &mut times[1..];
    counted.sort_unstable();
    counted[counted.len() / 2]
}

fn read(path: &Path) -> SourceText {
    let bytes = std::fs::read(path).unwrap_or_default();
    SourceText::from_bytes(path.to_string_lossy().as_ref(), bytes).0
}

#[allow(clippy::cast_precision_loss, reason = "for people to read")]
fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(folder) = pending.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                pending.push(path);
            } else if recognise::is_candidate(&path.to_string_lossy()) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
