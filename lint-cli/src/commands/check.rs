//! `kubevet check`.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    time::Instant,
};

use kubevet_core::{
    engine::{Report, lint_versions_with},
    finding::Finding,
    index::ResourceSet,
};
use rayon::prelude::*;

use super::upgrade::upgrade;
use crate::{
    args::{CheckArgs, Destination},
    console::Console,
    gather::{self, Gathered},
    lint::on_threads,
    locations,
    outcome::{Outcome, Status},
    output::{Counted, Format, statistics, statistics_json, summary},
    plan::Plan,
    problem::Problem,
    terminal::Stream,
    walk::Inputs,
};

/// Checks files and says what was found.
pub fn check(args: &CheckArgs, console: &Console) -> Outcome<Status> {
    let start = Instant::now();
    let directory = gather::directory(&args.input)?;
    let plan = Plan::new(args, &directory, console)?;
    let inputs = gather::find(&args.input, plan.exclude.clone(), directory.clone());
    if args.input.files.show_files {
        return gather::show_files(&inputs, console);
    }
    let gathered = read(inputs, &plan, args, &directory, console);
    if let Some(version) = args.upgrade_to {
        return upgrade(args, version, &plan, gathered, console);
    }

    let looked = look(gathered, &plan, args.input.jobs)?;
    gather::tell_skipped(looked.set.files(), console);
    for output in &plan.outputs {
        write(output, &looked, args.output.statistics, console)?;
    }
    looked.problems.iter().for_each(|problem| console.problem(problem));
    console.detail(|| format!("took {:.1} ms", start.elapsed().as_secs_f64() * 1000.0));
    let counted = Counted { hidden: looked.hidden, failed: looked.problems.len() };
    console.note(summary(&looked.report, counted, console.err).trim_end());
    Ok(status(&looked, &plan, args, console))
}

/// Reads what is checked, and the definitions that are only read.
pub fn read(inputs: Inputs, plan: &Plan, args: &CheckArgs, directory: &Path, console: &Console) -> Gathered {
    let definitions = gather::definitions(&plan.crds, &inputs, directory, &plan.linter);
    let mut gathered = gather::read(inputs, &plan.linter, &args.input, console);
    gathered.files.extend(definitions.files);
    gathered.problems.extend(definitions.problems);
    gathered
}

/// What a run knows in the end.
pub struct Looked {
    pub set: ResourceSet,
    pub report: Report,
    pub problems: Vec<Problem>,
    /// Findings below the least severity.
    pub hidden: usize,
}

/// Phase 2, for all files together.
pub fn look(gathered: Gathered, plan: &Plan, jobs: usize) -> Outcome<Looked> {
    let Gathered { files, problems } = gathered;
    let jobs = if files.len() == 1 { 1 } else { jobs };
    together(plan, jobs, problems, || {
        let mut set = ResourceSet::new(files, plan.linter.config());
        let problems = locations::give(&mut set, &plan.locations, &plan.linter);
        (set, problems)
    })
}

/// Looks at the same files for other versions of Kubernetes.
pub fn look_again(looked: Looked, plan: &Plan, jobs: usize) -> Outcome<Looked> {
    let Looked { mut set, problems, .. } = looked;
    together(plan, jobs, problems, || {
        set.retarget(plan.linter.config());
        (set, Vec::new())
    })
}

fn together(
    plan: &Plan,
    jobs: usize,
    mut problems: Vec<Problem>,
    files: impl FnOnce() -> (ResourceSet, Vec<Problem>) + Send,
) -> Outcome<Looked> {
    let together = catch_unwind(AssertUnwindSafe(|| {
        on_threads(jobs, || {
            let (mut set, problems) = files();
            let spread = |jobs: usize, job: &(dyn Fn(usize) -> Vec<Finding> + Sync)| {
                (0..jobs).into_par_iter().map(job).collect()
            };
            let report = lint_versions_with(&mut set, &plan.linter, spread);
            (set, report, problems)
        })
    }));
    let (set, mut report, more) = together.map_err(|_| {
        Problem::new(
            "the files could not be checked together: this is a mistake of kubevet, please report it",
        )
    })?;
    problems.extend(more);
    let all = report.findings.len();
    if let Some(least) = plan.min_severity {
        report.findings.retain(|finding| finding.severity >= least);
    }
    let hidden = all - report.findings.len();
    Ok(Looked { set, report, problems, hidden })
}

fn write(output: &Destination, looked: &Looked, counts: bool, console: &Console) -> Outcome {
    let render = |stream: Stream| match (counts, output.format) {
        (false, format) => format.render(&looked.report, &looked.set, stream),
        (true, Format::Full | Format::Concise) => statistics(&looked.report, stream),
        (true, Format::Json | Format::JsonLines) => statistics_json(&looked.report),
    };
    write_to(output, render, console)
}

/// Writes a report where it shall go.
pub fn write_to(output: &Destination, render: impl Fn(Stream) -> String, console: &Console) -> Outcome {
    let Some(file) = &output.file else { return console.print(&render(console.out)) };
    let written = std::fs::write(file, render(Stream::PLAIN));
    written.map_err(|error| Problem::write(&file.to_string_lossy(), &error).into())
}

/// What the run ends with.
pub fn status(looked: &Looked, plan: &Plan, args: &CheckArgs, console: &Console) -> Status {
    let silent = looked.report.findings.is_empty() && looked.hidden == 0 && !args.input.files.allow_empty;
    if let Some(what) = silent.then(|| gather::nothing_found(looked.set.files())).flatten() {
        console.problem(&Problem::new(format!("nothing to check: {what} (`--allow-empty` accepts that)")));
        return Status::Failed;
    }
    if !looked.problems.is_empty() {
        return Status::Failed;
    }
    let failing =
        |report: &Report| report.findings.iter().any(|finding| plan.fail_on.includes(finding.severity));
    if failing(&looked.report) && !args.output.exit_zero { Status::Findings } else { Status::Clean }
}
