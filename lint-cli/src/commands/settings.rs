//! `kubevet settings`.

use std::panic::{AssertUnwindSafe, catch_unwind};

use kubevet_core::{
    engine::{Config, Linter, Report, lint_set},
    facts::Component,
    index::{ResourceSet, SourceFile},
    report::visible,
    settings::view::{ComponentView, Selection, json, names, views},
    suggest::closest,
    yaml::Tree,
};

use crate::{
    args::{SettingsArgs, SettingsFormat},
    console::Console,
    gather,
    outcome::{Outcome, Status},
    output::{plural, settings_table, skipped_words},
    problem::Problem,
};

/// Shows the effective settings of every component found.
pub fn settings(args: &SettingsArgs, console: &Console) -> Outcome<Status> {
    let directory = gather::directory(&args.input)?;
    let (file, exclude) = gather::configuration(&args.input, &directory, console)?;
    if let Some(range) = file.versions.filter(|range| range.oldest != range.newest) {
        let message = format!("settings are those of one version, not of the range {range}");
        return Err(Problem::new(message).into());
    }
    let linter = Linter::new(&[], Config { versions: file.versions, ..Config::default() })
        .map_err(|error| Problem::new(error.to_string()))?;
    let inputs = gather::find(&args.input, exclude, directory);
    if args.input.files.show_files {
        return gather::show_files(&inputs, console);
    }
    let gathered = gather::read(inputs, &linter, &args.input, console);
    let failed = gathered.problems.len();
    let together = catch_unwind(AssertUnwindSafe(|| {
        let set = ResourceSet::new(gathered.files, linter.config());
        let report = lint_set(&set, &linter);
        (set, report)
    }));
    let (set, report) = together.map_err(|_| {
        Problem::new("the files could not be read together: this is a mistake of kubevet, please report it")
    })?;
    gathered.problems.iter().for_each(|problem| console.problem(problem));
    gather::tell_skipped(set.files(), console);
    set.files().iter().for_each(|file| tell_broken(file, console));

    let selection = Selection {
        components: args.shown.component.clone(),
        names: args.shown.setting.clone(),
        defaults: args.shown.all,
    };
    let mut shown = views(&set, &selection);
    let empty = nothing(&shown, &set, args).filter(|_| !args.input.files.allow_empty);
    // Who has no setting of a name has no place in the answer.
    shown.retain(|view| selection.names.is_empty() || !view.settings.is_empty());
    console.print(&match args.shown.output_format {
        SettingsFormat::Table => settings_table(&shown, console.out),
        SettingsFormat::Json => json(&shown),
    })?;
    console.note(&summary(&shown, &set, &report));
    if let Some(why) = &empty {
        console.problem(&Problem::new(format!("nothing to show: {why} (`--allow-empty` accepts that)")));
    }
    Ok(if empty.is_some() || failed > 0 { Status::Failed } else { Status::Clean })
}

/// What could not be read of a file may hold settings.
fn tell_broken(file: &SourceFile, console: &Console) {
    let source = file.source();
    let path = visible(source.path());
    if let Some(problem) = file.encoding_problem() {
        let at = source.position(problem.offset);
        console.warning(&format!("{path}:{}:{}: {problem}", at.line, at.column));
    }
    for error in file.tree().into_iter().flat_map(Tree::errors) {
        let at = source.position(error.span.start);
        let message = visible(&error.message);
        console.warning(&format!("{path}:{}:{}: {message}; this document is left out", at.line, at.column));
    }
}

fn summary(shown: &[ComponentView], set: &ResourceSet, report: &Report) -> String {
    let mut clusters: Vec<&str> = shown.iter().map(|view| &*view.cluster).collect();
    clusters.dedup();
    let rows: usize = shown.iter().map(|view| view.settings.len()).sum();
    let mut text = format!("{} of {}", plural(rows, "setting"), plural(shown.len(), "component"));
    if clusters.len() > 1 {
        text.push_str(&format!(" in {} clusters", clusters.len()));
    }
    text.push_str(&format!(", from {}", plural(set.files().len(), "file")));
    text.push_str(&skipped_words(&report.summary));
    text
}

/// Why nothing is shown; `None` when something is.
fn nothing(shown: &[ComponentView], set: &ResourceSet, args: &SettingsArgs) -> Option<String> {
    if shown.iter().any(|view| !view.settings.is_empty()) {
        return None;
    }
    let found = || set.clusters().iter().flat_map(|cluster| &cluster.components);
    if found().next().is_none() {
        let files = gather::nothing_found(set.files());
        let said = || format!("no file of {} configures a component", plural(set.files().len(), "file"));
        return Some(files.unwrap_or_else(said));
    }
    if shown.is_empty() {
        let there =
            Component::ALL.into_iter().filter(|component| found().any(|one| one.component == *component));
        let there: Vec<&str> = there.map(Component::name).collect();
        return Some(format!("the components in these files are {}", there.join(", ")));
    }
    let asked: Vec<&str> = args.shown.setting.iter().map(|name| name.trim_start_matches('-')).collect();
    if asked.is_empty() {
        return None;
    }
    let known: Vec<&str> = found().flat_map(names).collect();
    let meant = asked.iter().find_map(|name| closest(name, known.iter().copied()));
    let meant = meant.map_or_else(String::new, |name| format!(": did you mean `{name}`?"));
    Some(format!("no setting is called `{}`{meant}", asked.join("`, `")))
}
