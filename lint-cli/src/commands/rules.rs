//! `kubevet rules`.

use kubevet_core::{
    engine::{Config, Linter},
    finding::{Class, Severity},
    rule::{FixKind, OptionSpec, Profile, Rule},
};
use serde::Serialize;

use crate::{
    args::{Listing, RulesArgs},
    console::Console,
    outcome::Outcome,
    output::{markdown_line, plural, wrap},
    problem::Problem,
    terminal::{BOLD, DIM, Stream, severity_style},
};

/// Lists the rules: those that match the patterns, and that the profiles hold.
pub fn rules(args: &RulesArgs, console: &Console) -> Outcome {
    let registry = kubevet_rules::all();
    let profiles = if args.profile.is_empty() { vec![Profile::All] } else { args.profile.clone() };
    let selected =
        |config: Config| Linter::new(&registry, config).map_err(|error| Problem::new(error.to_string()));
    let of_profiles = selected(Config { profiles, ..Config::default() })?;
    let by_pattern = selected(Config {
        select: args.patterns.clone(),
        profiles: vec![Profile::All],
        ..Config::default()
    })?;
    let named: Vec<&str> = by_pattern.rules().iter().map(|enabled| enabled.rule.id).collect();
    let listed: Vec<(&Rule, Severity)> = of_profiles
        .rules()
        .iter()
        .filter(|enabled| named.binary_search(&enabled.rule.id).is_ok())
        .map(|enabled| (enabled.rule, enabled.severity))
        .collect();
    match args.output_format {
        Listing::Text => {
            console.print(&table(&listed, console.out))?;
            console.note(&format!(
                "{}; `kubevet explain RULE` shows the page of one",
                plural(listed.len(), "rule")
            ));
            Ok(())
        }
        Listing::Json => console.print(&json(&listed)),
    }
}

fn table(rules: &[(&Rule, Severity)], stream: Stream) -> String {
    let mut out = String::new();
    for (rule, severity) in rules {
        let line = format!(
            "{} {} {} {}",
            stream.paint(BOLD, rule.id),
            stream.paint(severity_style(*severity), severity.name()),
            rule.class.name(),
            profiles(rule).iter().map(|name| stream.paint(DIM, name)).collect::<Vec<_>>().join(" "),
        );
        out.push_str(&wrap(&line, stream.width, "", "  "));
        out.push_str(&wrap(&markdown_line(&rule.summary(), stream), stream.width, "  ", "  "));
    }
    out
}

/// Names of the profiles that hold the rule, but `all`.
pub fn profiles(rule: &Rule) -> Vec<&'static str> {
    let all = Profile::ALL.into_iter().filter(|profile| *profile != Profile::All);
    all.filter(|profile| rule.severity_in(*profile).is_some()).map(Profile::name).collect()
}

#[derive(Serialize)]
struct JsonRule {
    rule: &'static str,
    class: Class,
    severity: Severity,
    profiles: Vec<&'static str>,
    summary: String,
    cis: &'static [&'static str],
    pss: Option<&'static str>,
    nsa: Option<&'static str>,
    versions: &'static str,
    peers: &'static [&'static str],
    fix: FixKind,
    options: Vec<JsonOption>,
    url: String,
    docs: String,
}

#[derive(Serialize)]
struct JsonOption {
    name: &'static str,
    shape: &'static str,
    docs: &'static str,
}

fn json(rules: &[(&Rule, Severity)]) -> String {
    let options = |options: &[OptionSpec]| {
        let option =
            |spec: &OptionSpec| JsonOption { name: spec.name, shape: spec.kind.describe(), docs: spec.docs };
        options.iter().map(option).collect()
    };
    let rules: Vec<JsonRule> = rules
        .iter()
        .map(|(rule, severity)| JsonRule {
            rule: rule.id,
            class: rule.class,
            severity: *severity,
            profiles: profiles(rule),
            summary: rule.summary(),
            cis: rule.cis,
            pss: rule.pss,
            nsa: rule.nsa,
            versions: rule.versions,
            peers: rule.peers,
            fix: rule.fix,
            options: options(rule.options),
            url: rule.url(),
            docs: rule
                .docs
                .lines()
                .map(|line| line.strip_prefix(' ').unwrap_or(line).to_owned() + "\n")
                .collect(),
        })
        .collect();
    serde_json::to_string_pretty(&rules).expect("plain data") + "\n"
}
