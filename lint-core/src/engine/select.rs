//! Which rules run, with which severity, on what.

use std::collections::HashMap;

use kubevet_facts::Version;

use super::{Config, ConfigError};
use crate::{
    finding::{Finding, Severity},
    index::SourceFile,
    kubernetes::PodSpec,
    rule::{Check, Context, Kinds, Options, Profile, Rule},
    suggest::closest,
};

/// A rule that runs, as this run wants it.
#[derive(Debug)]
pub struct Enabled {
    /// The rule.
    pub rule: &'static Rule,
    /// Its severity in this run.
    pub severity: Severity,
    pub(crate) options: Options,
    standard: bool,
}

/// A prepared selection of rules: made once, then shared by all threads.
#[derive(Debug)]
pub struct Linter {
    pub(super) config: Config,
    pub(super) rules: Vec<Enabled>,
    pub(super) text: Vec<usize>,
    pub(super) schema: Vec<usize>,
    pub(super) schema_source: Vec<usize>,
    pub(super) pod: Vec<usize>,
    pub(super) container: Vec<usize>,
    pub(super) set: Vec<usize>,
    any_object: Vec<usize>,
    by_group: HashMap<&'static str, Vec<usize>>,
    by_kind: HashMap<(&'static str, &'static str), Vec<usize>>,
}

impl Linter {
    /// Selects from a list of rules. Errors name a pattern that matches no rule, or an unknown rule id.
    pub fn new(registry: &[&'static Rule], config: Config) -> Result<Self, ConfigError> {
        let lists = [&config.select, &config.extend_select, &config.ignore];
        for pattern in lists.into_iter().flatten() {
            known(registry, pattern)?;
        }
        for id in config.severities.keys().chain(config.options.keys()) {
            if !registry.iter().any(|rule| rule.id == id) {
                return Err(unknown_rule(registry, id));
            }
        }
        let profiles =
            if config.profiles.is_empty() { &[Profile::Recommended][..] } else { &config.profiles };
        let any = |patterns: &[String], id: &str| patterns.iter().any(|pattern| matches(pattern, id));
        let mut rules = Vec::new();
        for rule in registry {
            let by_profile = profiles.iter().filter_map(|profile| rule.severity_in(*profile)).max();
            let selected =
                if config.select.is_empty() { by_profile.is_some() } else { any(&config.select, rule.id) };
            let selected = selected || any(&config.extend_select, rule.id);
            if !selected || any(&config.ignore, rule.id) {
                continue;
            }
            let severity = config.severities.get(rule.id).copied().or(by_profile).unwrap_or(rule.severity);
            let standard =
                profiles.iter().any(|profile| profile.is_standard() && rule.severity_in(*profile).is_some());
            let options = if standard { None } else { config.options.get(rule.id).cloned() };
            rules.push(Enabled { rule, severity, options: options.unwrap_or_default(), standard });
        }
        Ok(Linter::dispatch(config, rules))
    }

    fn dispatch(config: Config, rules: Vec<Enabled>) -> Self {
        let mut linter = Linter {
            config,
            rules: Vec::new(),
            text: Vec::new(),
            schema: Vec::new(),
            schema_source: Vec::new(),
            pod: Vec::new(),
            container: Vec::new(),
            set: Vec::new(),
            any_object: Vec::new(),
            by_group: HashMap::new(),
            by_kind: HashMap::new(),
        };
        for (index, enabled) in rules.iter().enumerate() {
            match enabled.rule.check {
                Check::Text(_) => linter.text.push(index),
                Check::Schema(_) => linter.schema.push(index),
                Check::SchemaSource(_) => linter.schema_source.push(index),
                Check::Pod(_) => linter.pod.push(index),
                Check::Container(_) => linter.container.push(index),
                Check::Object(Kinds::Any, _) => linter.any_object.push(index),
                Check::Object(Kinds::Groups(groups), _) => {
                    groups.iter().for_each(|group| linter.by_group.entry(group).or_default().push(index));
                }
                Check::Object(Kinds::Of(kinds), _) => {
                    kinds.iter().for_each(|kind| linter.by_kind.entry(*kind).or_default().push(index));
                }
                Check::Settings(..) | Check::Cluster(_) | Check::Set(_) => linter.set.push(index),
            }
        }
        linter.rules = rules;
        linter
    }

    /// The rules that run.
    pub fn rules(&self) -> &[Enabled] {
        &self.rules
    }

    /// The choices it was made from.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Indexes of the object rules that want this group and kind.
    pub(super) fn object_rules<'a>(
        &'a self,
        group: &'a str,
        kind: &'a str,
    ) -> impl Iterator<Item = usize> + 'a {
        let by_kind = self.by_kind.get(&(group, kind));
        let by_group = self.by_group.get(group);
        by_kind.into_iter().chain(by_group).chain([&self.any_object]).flatten().copied()
    }

    pub(super) fn context<'a>(
        &'a self,
        rule: usize,
        version: Version,
        findings: &'a mut Vec<Finding>,
    ) -> Context<'a> {
        let Enabled { rule, severity, options, standard } = &self.rules[rule];
        Context {
            rule,
            severity: *severity,
            options,
            version,
            standard: *standard,
            enabled: &self.rules,
            findings,
            violations: None,
        }
    }

    /// Runs every rule of phase 1 over everything, asking its own filter, and compares with the dispatched run.
    pub(super) fn assert_dispatch(&self, file: &SourceFile, version: Version, dispatched: &[Finding]) {
        let mut plain = Vec::new();
        for (index, Enabled { rule, .. }) in self.rules.iter().enumerate() {
            let mut cx = self.context(index, version, &mut plain);
            if let Check::Text(check) | Check::SchemaSource(check) = rule.check {
                check(file, &mut cx);
            }
            for object in file.objects() {
                match rule.check {
                    Check::Schema(check) => check(object, &mut cx),
                    Check::Object(kinds, check) if kinds.contains(object.group(), object.kind()) => {
                        check(object, &mut cx);
                    }
                    Check::Pod(check) => PodSpec::of(object).into_iter().for_each(|pod| check(pod, &mut cx)),
                    Check::Container(check) => {
                        let containers = PodSpec::of(object).into_iter().flat_map(PodSpec::containers);
                        containers.for_each(|container| check(container, &mut cx));
                    }
                    _ => {}
                }
            }
        }
        let sorted = |list: &[Finding]| {
            let mut keys: Vec<_> =
                list.iter().map(|one| (one.site.place.clone(), one.rule, one.message.clone())).collect();
            keys.sort();
            keys
        };
        assert_eq!(
            sorted(&plain),
            sorted(dispatched),
            "dispatch changes findings of {}",
            file.source().path()
        );
    }
}

/// Whether a pattern (`kubelet/*`, `*/latest`, an id) matches a rule id. `*` stands for any characters.
pub fn matches(pattern: &str, id: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == id,
        Some((head, tail)) => id.strip_prefix(head).is_some_and(|rest| {
            (0..=rest.len()).any(|at| rest.is_char_boundary(at) && matches(tail, &rest[at..]))
        }),
    }
}

fn known(registry: &[&'static Rule], pattern: &str) -> Result<(), ConfigError> {
    if registry.iter().any(|rule| matches(pattern, rule.id)) {
        Ok(())
    } else {
        Err(unknown_rule(registry, pattern))
    }
}

fn unknown_rule(registry: &[&'static Rule], value: &str) -> ConfigError {
    let message = if value.contains('*') {
        format!("`{value}` matches no rule")
    } else {
        format!("there is no rule `{value}`")
    };
    let groups = registry.iter().map(|rule| rule.group());
    let suggestion = match value.split_once('/') {
        Some((group, "*")) => closest(group, groups).map(|group| format!("{group}/*")),
        _ => closest(value, registry.iter().map(|rule| rule.id)).map(str::to_owned),
    };
    ConfigError { value: value.to_owned(), message, suggestion }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns() {
        assert!(matches("kubelet/*", "kubelet/anonymous-auth"));
        assert!(matches("*", "a/b") && matches("*/b", "a/b") && matches("a/*c*e", "a/bcde"));
        assert!(
            !matches("kubelet/*", "kubeadm/token-format") && !matches("a/b", "a/bc") && !matches("*c", "a/b")
        );
    }
}
