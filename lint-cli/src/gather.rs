//! From the command line to files that are read and parsed: what `check` and `settings` have in common.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    sync::Arc,
};

use kubevet_core::{
    engine::{LintedFile, Linter, lint_schema},
    facts::VersionRange,
    index::SourceFile,
    recognise::FileKind,
    report::visible,
};

use crate::{
    args::InputArgs,
    config::{self, FileConfig, Loaded},
    console::Console,
    exclude::{BUILT_IN, Exclude},
    lint::{lint, text},
    outcome::{Outcome, Status},
    output::{plural, skipped_one},
    problem::Problem,
    progress::Progress,
    walk::{Inputs, Origin, Search},
};

/// Files that were read, and those that could not be.
pub struct Gathered {
    pub files: Vec<LintedFile>,
    pub problems: Vec<Problem>,
}

/// The working directory, once it is clear that the paths make sense.
pub fn directory(args: &InputArgs) -> Outcome<PathBuf> {
    if args.stdin_filename.is_some() && !args.paths.iter().any(|path| path.as_os_str() == OsStr::new("-")) {
        return Err(Problem::new("`--stdin-filename` names standard input: give `-` as a path").into());
    }
    let directory = std::env::current_dir();
    Ok(directory.map_err(|error| Problem::new(format!("the working directory is not known: {error}")))?)
}

/// What the configuration file says, and which files are left out.
pub fn configuration(
    args: &InputArgs,
    directory: &Path,
    console: &Console,
) -> Outcome<(FileConfig, Exclude)> {
    let Loaded { mut config, path, base } =
        config::load(args, directory, &kubevet_rules::all(), console.err)?;
    console.detail(|| match &path {
        Some(path) => format!("configured by {}", path.display()),
        None => "no configuration file".to_owned(),
    });
    let exclude = excludes(args, directory, &config, &base)?;
    let versions = args.kubernetes_version.or(config.versions);
    config.versions = versions.map(|range| covered(range, args, console)).transpose()?;
    config.crds.iter_mut().for_each(|path| *path = base.join(&*path));
    let locations = config.schema_locations.into_iter().map(|location| location.below(&base));
    config.schema_locations = locations.collect();
    Ok((config, exclude))
}

/// Versions that the facts cover: those asked for, or the nearest ones if the user wants them.
pub fn covered(range: VersionRange, args: &InputArgs, console: &Console) -> Outcome<VersionRange> {
    let error = match range.covered() {
        Ok(range) => return Ok(range),
        Err(error) => error,
    };
    if !args.kubernetes_version_fallback {
        let message = format!("{error}, or take the nearest one with `--kubernetes-version-fallback`");
        return Err(Problem::new(message).into());
    }
    let nearest = range.nearest_supported();
    console.warning(&format!("Kubernetes {range} is not known: {nearest}, the nearest, is taken"));
    Ok(nearest)
}

fn excludes(args: &InputArgs, directory: &Path, file: &FileConfig, base: &Path) -> Outcome<Exclude> {
    let mut exclude = Exclude::default();
    let mut add = |base: &Path, patterns: &[String]| {
        let patterns = patterns.iter().map(String::as_str);
        exclude.add(base, patterns).map_err(|(pattern, reason)| {
            Problem::new(format!("`{pattern}` is not a pattern of files: {reason}"))
        })
    };
    let flags = &args.files;
    match &file.exclude {
        _ if !flags.exclude.is_empty() => add(directory, &flags.exclude)?,
        Some(patterns) => add(base, patterns)?,
        None => add(directory, &BUILT_IN.map(str::to_owned))?,
    }
    add(base, &file.extend_exclude)?;
    add(directory, &flags.extend_exclude)?;
    Ok(exclude)
}

/// The files to read.
pub fn find(args: &InputArgs, exclude: Exclude, directory: PathBuf) -> Inputs {
    let search = Search {
        directory,
        exclude,
        force_exclude: args.files.force_exclude,
        respect_ignore: !args.files.no_ignore,
        jobs: args.jobs,
    };
    search.run(&args.paths, args.stdin_filename.as_deref())
}

/// Reads definitions that are not checked themselves. A file that is checked anyway is left out.
pub fn definitions(paths: &[PathBuf], inputs: &Inputs, directory: &Path, linter: &Linter) -> Gathered {
    let search = Search {
        directory: directory.to_owned(),
        exclude: Exclude::default(),
        force_exclude: false,
        respect_ignore: false,
        jobs: 1,
    };
    let mut gathered = Gathered { files: Vec::new(), problems: Vec::new() };
    for path in paths {
        let Inputs { files, problems, .. } = search.run(std::slice::from_ref(path), None);
        let mut known = !problems.is_empty();
        gathered.problems.extend(problems);
        for (path, origin) in files {
            match text(&path, &origin) {
                Ok((source, encoding)) => {
                    let file = SourceFile::of_definitions(source, encoding, &linter.config().limits);
                    known |=
                        file.defines_kinds() || file.tree().is_some_and(|tree| !tree.errors().is_empty());
                    if !inputs.files.contains_key(&path) {
                        gathered.files.push(lint_schema(file, linter));
                    }
                }
                Err(problem) => {
                    known = true;
                    gathered.problems.push(problem);
                }
            }
        }
        if !known {
            let message =
                format!("there is no CustomResourceDefinition in `{}`", visible(&path.to_string_lossy()));
            gathered.problems.push(Problem::new(message));
        }
    }
    gathered.files.sort_by(|one, other| one.file.source().path().cmp(other.file.source().path()));
    gathered.files.dedup_by(|one, other| one.file.source().path() == other.file.source().path());
    gathered
}

/// Prints the files that would be read.
pub fn show_files(inputs: &Inputs, console: &Console) -> Outcome<Status> {
    let paths: String = inputs.files.keys().map(|path| format!("{path}\n")).collect();
    console.print(&paths)?;
    inputs.problems.iter().for_each(|problem| console.problem(problem));
    Ok(if inputs.problems.is_empty() { Status::Clean } else { Status::Failed })
}

/// Reads and lints the files, each by itself.
pub fn read(inputs: Inputs, linter: &Linter, args: &InputArgs, console: &Console) -> Gathered {
    for path in &inputs.special {
        console.warning(&format!("`{}` is left out: it is no regular file", visible(path)));
    }
    let files: Vec<(Arc<str>, Origin)> = inputs.files.into_iter().collect();
    let wanted = !(args.no_progress || console.is_quiet() || std::env::var_os("CI").is_some());
    let progress = Progress::new(files.len(), wanted);
    let results = lint(&files, linter, args.jobs, &progress);
    progress.finish();
    let mut gathered = Gathered { files: Vec::with_capacity(results.len()), problems: inputs.problems };
    for result in results {
        match result {
            Ok(file) => gathered.files.push(file),
            Err(problem) => gathered.problems.push(problem),
        }
    }
    gathered
}

/// Tells which files and documents were not looked at.
pub fn tell_skipped(files: &[SourceFile], console: &Console) {
    for file in files {
        for reason in file.skipped() {
            console.detail(|| format!("skipped {}: {}", file.source().path(), skipped_one(*reason)));
        }
    }
}

/// Why there is nothing to look at; `None` when a file says anything about Kubernetes.
pub fn nothing_found(files: &[SourceFile]) -> Option<String> {
    match files.len() {
        _ if files.iter().any(is_ours) => None,
        0 => Some("no files were found".to_owned()),
        count => Some(format!("no Kubernetes object or configuration in {}", plural(count, "file"))),
    }
}

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
