//! The page of a rule.

use std::fmt::Write;

use kubevet_core::{
    rule::{FixKind, Profile, Rule},
    suggest::closest,
};

use super::row;
use crate::{
    outcome::Outcome,
    output::{markdown, markdown_line, wrap},
    problem::Problem,
    terminal::{BOLD, Stream, severity_style},
};

/// The page of the rule with an id.
pub fn explain(id: &str, stream: Stream) -> Outcome<String> {
    let registry = kubevet_rules::all();
    let Some(rule) = registry.iter().find(|rule| rule.id == id) else {
        let meant = closest(id, registry.iter().map(|rule| rule.id));
        let meant = meant
            .map_or_else(|| "; `kubevet rules` lists all".to_owned(), |id| format!(": did you mean `{id}`?"));
        return Err(Problem::new(format!("there is no rule `{id}`{meant}")).into());
    };
    Ok(page(rule, stream))
}

fn page(rule: &Rule, stream: Stream) -> String {
    let mut out = format!("{}\n", stream.paint(BOLD, rule.id));
    let severity = stream.paint(severity_style(rule.severity), rule.severity.name());
    let mut line = |name: &str, value: &str| out.push_str(&row(name, value, stream));
    line("severity", &format!("{severity} ({})", rule.class.name()));
    line("profiles", &profiles(rule));
    if !rule.versions.is_empty() {
        line("Kubernetes", rule.versions);
    }
    if !rule.cis.is_empty() {
        line("CIS", &rule.cis.join(", "));
    }
    if let Some(pss) = rule.pss {
        line("PSS", pss);
    }
    if let Some(nsa) = rule.nsa {
        line("NSA", nsa);
    }
    if !rule.peers.is_empty() {
        line("elsewhere", &rule.peers.join(", "));
    }
    match rule.fix {
        FixKind::None => {}
        FixKind::Safe => line("fix", "safe"),
        FixKind::Unsafe => line("fix", "changes behaviour"),
    }
    line("page", &stream.link(&rule.url(), &rule.url()));
    let _ = write!(out, "\n{}", markdown(rule.docs, stream));
    if !rule.options.is_empty() {
        let _ = write!(out, "\n{}\n", stream.paint(BOLD, &format!("Options in [rules.\"{}\"]", rule.id)));
        for option in rule.options {
            let text = format!("`{}` = {}: {}", option.name, option.kind.describe(), option.docs);
            out.push_str(&wrap(&markdown_line(&text, stream), stream.width, "- ", "  "));
        }
    }
    out
}

/// Profiles with the severity where it is another one.
fn profiles(rule: &Rule) -> String {
    let named = Profile::ALL.into_iter().filter_map(|profile| {
        let severity = rule.severity_in(profile)?;
        Some(if severity == rule.severity { profile.to_string() } else { format!("{profile} ({severity})") })
    });
    named.collect::<Vec<_>>().join(", ")
}
