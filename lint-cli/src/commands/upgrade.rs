//! `kubevet check --upgrade-to`: two runs, and what the second one says more.

use std::collections::HashSet;

use kubevet_core::{
    facts::{Component, Version},
    finding::Finding,
    report::{concise, json_lines, upgrade_json},
    settings::{
        upgrade::{ChangeView, changes},
        view::{Selection, views},
    },
};

use super::check::{Looked, look, look_again, status, write_to};
use crate::{
    args::CheckArgs,
    console::Console,
    gather::{self, Gathered},
    outcome::{Outcome, Status},
    output::{Counted, Format, changes_lines, changes_table, full, plural, summary},
    plan::Plan,
    problem::Problem,
    terminal::Stream,
};

/// Says what a version of Kubernetes breaks and changes.
pub fn upgrade(
    args: &CheckArgs,
    to: Version,
    plan: &Plan,
    gathered: Gathered,
    console: &Console,
) -> Outcome<Status> {
    let chosen = plan.linter.config().versions;
    if let Some(range) = chosen.filter(|range| range.oldest != range.newest) {
        let message = format!("an upgrade starts at one version, not at the range {range}");
        return Err(Problem::new(message).into());
    }
    let to = gather::covered(to.into(), &args.input, console)?.newest;
    // Where nobody says a version, the one before is the one to leave.
    let before = Version { minor: to.minor - 1, ..to }.nearest_supported();
    let now = look(gathered, &plan.changed(|config| config.assumed = Some(before))?, args.input.jobs)?;
    let from = chosen.map(|range| range.newest).or(version_of_servers(&now)).unwrap_or(before);
    let all = Selection { defaults: true, ..Selection::default() };
    let settings = views(&now.set, &all);
    let known: HashSet<_> = now.report.findings.iter().map(identity).collect();

    let mut then =
        look_again(now, &plan.changed(|config| config.versions = Some(to.into()))?, args.input.jobs)?;
    then.report.findings.retain(|finding| !known.contains(&identity(finding)));
    let changed = changes(&settings, &views(&then.set, &all));
    for output in &plan.outputs {
        write_to(output, |stream| render(output.format, &then, &changed, stream), console)?;
    }
    then.problems.iter().for_each(|problem| console.problem(problem));
    tell_steps(from, to, console);
    let counted = Counted { hidden: then.hidden, failed: then.problems.len() };
    let findings = summary(&then.report, counted, console.err);
    console.note(format!("{}; {findings}", plural(changed.len(), "changed setting")).trim_end());
    Ok(status(&then, plan, args, console))
}

fn render(format: Format, then: &Looked, changed: &[ChangeView], stream: Stream) -> String {
    match format {
        Format::Full => full(&then.report, &then.set, stream) + &changes_table(changed, stream),
        Format::Concise => concise(&then.report, &then.set) + &changes_lines(changed),
        Format::Json => upgrade_json(&then.report, &then.set, changed),
        Format::JsonLines => json_lines(&then.report, &then.set),
    }
}

/// The oldest version of an API server.
fn version_of_servers(looked: &Looked) -> Option<Version> {
    let components = looked.set.clusters().iter().flat_map(|cluster| &cluster.components);
    let servers = components.filter(|settings| settings.component == Component::KubeApiserver);
    servers.map(|settings| settings.version).min()
}

/// Clusters go from minor version to minor version (kubeadm, "Upgrading kubeadm clusters").
fn tell_steps(from: Version, to: Version, console: &Console) {
    if from.minor + 1 < to.minor {
        let steps: Vec<String> = (from.minor + 1..=to.minor).map(|minor| format!("1.{minor}")).collect();
        console.warning(&format!(
            "{from} to {to} are {} upgrades, one minor version at a time: {}",
            steps.len(),
            steps.join(", ")
        ));
    }
    if from > to {
        console.warning(&format!("{to} is older than {from}: Kubernetes does not support downgrades"));
    }
}

/// What makes two findings of two versions the same: words may name the version.
fn identity(finding: &Finding) -> (&'static str, String, u32, u32) {
    let place = &finding.site.place;
    (finding.rule, place.path.to_string(), place.span.start, place.span.end)
}
