//! Environment files: `NAME=value` lines that a unit reads.

use std::sync::Arc;

use kubevet_facts::{Component, Version};

use super::new_settings;
use crate::{
    finding::{Place, Site},
    index::SourceFile,
    settings::{
        Argument, Carrier, Form, Origin, Settings, Value, arguments,
        variables::{Expansion, Variables, resolve},
        words::{Dialect, Word, split, value},
    },
    source::Span,
};

/// The variables of an environment file, in order.
pub(in crate::settings) fn variables(file: &SourceFile) -> Vec<(String, Word)> {
    let (path, text) = (file.source().path(), file.source().text());
    let mut found = Vec::new();
    let mut start = 0;
    for line in continued_lines(text) {
        found.extend(assignment(line, start, path));
        start += line.len() + 1;
    }
    found
}

/// Lines, with those that end in a backslash joined to the next.
fn continued_lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = 0;
        loop {
            end += rest[end..].find('\n').unwrap_or(rest.len() - end);
            if end >= rest.len() || !rest[..end].ends_with('\\') {
                break;
            }
            end += 1;
        }
        let line = &rest[..end];
        rest = rest.get(end + 1..).unwrap_or_default();
        Some(line)
    })
}

/// `NAME=value` or `NAME="value"`, with or without `export`.
pub(super) fn assignment(line: &str, start: usize, path: &Arc<str>) -> Option<(String, Word)> {
    let body = line.trim_start();
    let body = body.strip_prefix("export ").unwrap_or(body);
    if body.starts_with(['#', ';']) {
        return None;
    }
    let (name, written) = body.split_once('=')?;
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return None;
    }
    let offset = start + line.len() - written.len();
    let trimmed = written.trim();
    let offset = offset + written.len() - written.trim_start().len();
    let unquoted = ['"', '\''].into_iter().find_map(|quote| trimmed.strip_prefix(quote)?.strip_suffix(quote));
    let word = match unquoted {
        Some(inner) => value(inner, path, offset + 1),
        None => value(trimmed, path, offset),
    };
    Some((name.to_owned(), word))
}

/// The component that a variable's name belongs to: `KUBELET_EXTRA_ARGS`, `KUBE_API_ARGS`, `ETCD_NAME`.
fn component_of(name: &str) -> Option<Component> {
    let prefixes = [
        ("KUBELET_", Component::Kubelet),
        ("KUBE_API", Component::KubeApiserver),
        ("KUBE_CONTROLLER_MANAGER", Component::KubeControllerManager),
        ("KUBE_SCHEDULER", Component::KubeScheduler),
        ("KUBE_PROXY", Component::KubeProxy),
        ("ETCD_", Component::Etcd),
    ];
    prefixes.into_iter().find(|(prefix, _)| name.starts_with(prefix)).map(|(_, component)| component)
}

/// An environment file that no unit of the set reads: it says a part of a command line.
pub(in crate::settings) fn read(file: &SourceFile, version: Version) -> Vec<Settings> {
    let mut found: Vec<Settings> = Vec::new();
    for (name, word) in variables(file) {
        let Some(component) = component_of(&name) else { continue };
        let at = found.iter().position(|settings| settings.component == component).unwrap_or_else(|| {
            let place =
                Place { path: file.source().path().clone(), span: Span { start: 0, end: first_line(file) } };
            let site = Site { place, document: 0, object: None, field: None };
            found.push(new_settings(component, version, Carrier::EnvironmentFile, site));
            found.len() - 1
        });
        let settings = &mut found[at];
        settings.complete = false;
        if component == Component::Etcd {
            etcd_variable(settings, &name, &word);
            continue;
        }
        let words =
            split(&word.text, Dialect::Systemd, &word.site, |at| Some(word.part(at..at).place.span.start));
        let words = resolve(
            words.into_iter().flatten().collect(),
            &Variables::new(),
            Expansion::Systemd { unset_is_empty: false },
        );
        settings.read_command_line(arguments::parse(component, version, &words));
        settings.complete = false;
    }
    found.retain(|settings| !settings.layers.is_empty());
    found
}

fn first_line(file: &SourceFile) -> u32 {
    file.source().text().find('\n').unwrap_or(file.source().text().len()) as u32
}

/// `ETCD_CERT_FILE` is `--cert-file`; a flag of that name wins over it (etcd's `flags.SetFlagsFromEnv`).
pub(super) fn etcd_variable(settings: &mut Settings, name: &str, word: &Word) {
    let Some(flag) = name.strip_prefix("ETCD_") else { return };
    let flag = flag.to_ascii_lowercase().replace('_', "-");
    if kubevet_facts::flag(Component::Etcd, &flag, settings.version).is_none()
        || !settings.layers(&flag).is_empty()
    {
        return;
    }
    let text = word.text.clone();
    let unknown = word.unknown || crate::kubernetes::is_placeholder(&text);
    let value = if unknown { Value::Unknown(text) } else { Value::Text(text) };
    let site = Site { field: Some(name.to_owned()), ..word.site.clone() };
    settings.given.push(Argument {
        name: flag.clone(),
        value: value.clone(),
        site: site.clone(),
        name_site: site.clone(),
        form: Form::Variable,
        alone: false,
        stray: None,
    });
    settings.push(&flag, value, Origin::Flag(site));
}
