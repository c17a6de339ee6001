//! `kubevet check`.

use std::{
    ffi::OsStr,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::Arc,
    time::Instant,
};

use kubevet_core::{
    engine::{Report, lint_set},
    index::{ResourceSet, SourceFile},
    recognise::FileKind,
};

use crate::{
    args::{CheckArgs, Destination},
    console::Console,
    lint::lint,
    outcome::{Outcome, Status},
    output::{Counted, Format, plural, skipped_one, statistics, statistics_json, summary},
    plan::Plan,
    problem::Problem,
    progress::Progress,
    terminal::Stream,
    walk::{Inputs, Origin, Search},
};

/// Checks files and says what was found.
pub fn check(args: &CheckArgs, console: &Console) -> Outcome<Status> {
    let start = Instant::now();
    if args.stdin_filename.is_some() && !args.paths.iter().any(|path| path.as_os_str() == OsStr::new("-")) {
        return Err(Problem::new("`--stdin-filename` names standard input: give `-` as a path").into());
    }
    let directory = std::env::current_dir()
        .map_err(|error| Problem::new(format!("the working directory is not known: {error}")))?;
    let plan = Plan::new(args, &directory, console)?;
    let inputs = find(args, &plan, directory);
    if args.files.show_files {
        return show_files(&inputs, console);
    }

    let looked = look(inputs, &plan, args, console)?;
    for output in &plan.outputs {
        write(output, &looked, args.output.statistics, console)?;
    }
    looked.problems.iter().for_each(|problem| console.problem(problem));
    console.detail(|| format!("took {:.1} ms", start.elapsed().as_secs_f64() * 1000.0));
    let counted = Counted { hidden: looked.hidden, failed: looked.problems.len() };
    console.note(summary(&looked.report, counted, console.err).trim_end());
    Ok(status(&looked, &plan, args, console))
}

fn find(args: &CheckArgs, plan: &Plan, directory: PathBuf) -> Inputs {
    let search = Search {
        directory,
        exclude: plan.exclude.clone(),
        force_exclude: args.files.force_exclude,
        respect_ignore: !args.files.no_ignore,
        jobs: args.jobs,
    };
    search.run(&args.paths, args.stdin_filename.as_deref())
}

fn show_files(inputs: &Inputs, console: &Console) -> Outcome<Status> {
    let paths: String = inputs.files.keys().map(|path| format!("{path}\n")).collect();
    console.print(&paths)?;
    inputs.problems.iter().for_each(|problem| console.problem(problem));
    Ok(if inputs.problems.is_empty() { Status::Clean } else { Status::Failed })
}

/// What a run knows in the end.
struct Looked {
    set: ResourceSet,
    report: Report,
    problems: Vec<Problem>,
    /// Findings below the least severity.
    hidden: usize,
}

/// Phase 1 for every file, then phase 2.
fn look(inputs: Inputs, plan: &Plan, args: &CheckArgs, console: &Console) -> Outcome<Looked> {
    let files: Vec<(Arc<str>, Origin)> = inputs.files.into_iter().collect();
    let wanted = !(args.output.no_progress || console.is_quiet() || std::env::var_os("CI").is_some());
    let progress = Progress::new(files.len(), wanted);
    let results = lint(&files, &plan.linter, args.jobs, &progress);
    progress.finish();
    let mut problems = inputs.problems;
    let mut linted = Vec::with_capacity(results.len());
    for result in results {
        match result {
            Ok(file) => linted.push(file),
            Err(problem) => problems.push(problem),
        }
    }
    let together = catch_unwind(AssertUnwindSafe(|| {
        let set = ResourceSet::new(linted, plan.linter.config());
        let report = lint_set(&set, &plan.linter);
        (set, report)
    }));
    let (set, mut report) = together.map_err(|_| {
        Problem::new(
            "the files could not be checked together: this is a mistake of kubevet, please report it",
        )
    })?;
    let all = report.findings.len();
    if let Some(least) = plan.min_severity {
        report.findings.retain(|finding| finding.severity >= least);
    }
    let hidden = all - report.findings.len();
    set.files().iter().for_each(|file| tell_skipped(file, console));
    Ok(Looked { set, report, problems, hidden })
}

fn tell_skipped(file: &SourceFile, console: &Console) {
    for reason in file.skipped() {
        console.detail(|| format!("skipped {}: {}", file.source().path(), skipped_one(*reason)));
    }
}

fn write(output: &Destination, looked: &Looked, counts: bool, console: &Console) -> Outcome {
    let render = |stream: Stream| match (counts, output.format) {
        (false, format) => format.render(&looked.report, &looked.set, stream),
        (true, Format::Full | Format::Concise) => statistics(&looked.report, stream),
        (true, Format::Json | Format::JsonLines) => statistics_json(&looked.report),
    };
    let Some(file) = &output.file else { return console.print(&render(console.out)) };
    let written = std::fs::write(file, render(Stream::PLAIN));
    written.map_err(|error| Problem::write(&file.to_string_lossy(), &error).into())
}

fn status(looked: &Looked, plan: &Plan, args: &CheckArgs, console: &Console) -> Status {
    let empty =
        looked.report.findings.is_empty() && looked.hidden == 0 && !looked.set.files().iter().any(is_ours);
    if empty && !args.files.allow_empty {
        let files = looked.set.files().len();
        let what = match files {
            0 => "no files were found".to_owned(),
            _ => format!("no Kubernetes object or configuration in {}", plural(files, "file")),
        };
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

/// Whether the file says anything about Kubernetes.
fn is_ours(file: &SourceFile) -> bool {
    let kinds = [
        FileKind::Kustomization,
        FileKind::SystemdUnit,
        FileKind::SystemdDropIn,
        FileKind::EnvironmentFile,
        FileKind::Pem,
    ];
    file.objects().len() > 0 || kinds.contains(&file.kind())
}
