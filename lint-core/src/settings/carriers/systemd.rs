//! systemd units with their drop-ins and environment files.

use kubevet_facts::{Component, Version};

use super::{environment, new_settings};
use crate::{
    finding::{Place, Site},
    index::SourceFile,
    settings::{
        Carrier, Settings, arguments, program,
        variables::{Expansion, Variables, resolve},
        words::{Dialect, Word, split},
    },
    source::Span,
};

/// One directive of the `[Service]` section.
struct Directive<'f> {
    file: &'f SourceFile,
    name: &'f str,
    /// Text behind the `=`, continued lines included.
    value: &'f str,
    /// Offset of the value in its file.
    start: usize,
}

/// Finds an environment file by the path that a unit names.
pub(in crate::settings) type FindFile<'a> = &'a dyn Fn(&str) -> Option<&'a SourceFile>;

/// The component that a unit with its drop-ins starts, with the files that were read for it.
pub(in crate::settings) fn read<'a>(
    files: &[&'a SourceFile],
    find: FindFile<'a>,
    version: Version,
) -> Option<(Settings, Vec<&'a SourceFile>)> {
    let directives: Vec<Directive<'_>> = files.iter().flat_map(|file| service_directives(file)).collect();
    // The last command counts; an empty one clears those before it.
    let mut command = None;
    for directive in directives.iter().filter(|directive| directive.name == "ExecStart") {
        command = (!directive.value.trim().is_empty()).then_some(directive);
    }
    let command = command?;
    let mut words: Vec<Word> = words_of(command).into_iter().flatten().map(specifiers).collect();
    // A `-` in front of the path accepts failure; it is no option.
    if let Some(first) = words.first_mut().filter(|first| first.text.starts_with('-')) {
        *first = first.tail(1);
    }
    let (component, words) = program::started(words)?;
    let mut read = Vec::new();
    let (variables, files_known) = variables(&directives, find, &mut read);
    let unset_is_empty = files_known && !read.is_empty();
    let words = resolve(words, &variables, Expansion::Systemd { unset_is_empty });
    let place = Place {
        path: command.file.source().path().clone(),
        span: words_of(command).first()?.first()?.site.place.span,
    };
    let site = Site { place, document: 0, object: None, field: Some("ExecStart".to_owned()) };
    let mut settings = new_settings(component, version, Carrier::Systemd, site);
    settings.read_command_line(arguments::parse(component, version, &words));
    // Packages bring a unit without flags, for a drop-in that is made on the node.
    settings.complete &= !words.is_empty() || component == Component::Etcd;
    if component == Component::Etcd {
        let mut names: Vec<_> = variables.iter().collect();
        names.sort_by_key(|(name, _)| name.as_str());
        for (name, word) in names {
            if let Some(word) = word {
                environment::etcd_variable(&mut settings, name, word);
            }
        }
        settings.complete &= files_known;
    }
    Some((settings, read))
}

/// Variables of `Environment=` and of the files that `EnvironmentFile=` names, which win; and whether all files are there.
/// An empty directive forgets those before it.
fn variables<'a>(
    directives: &[Directive<'_>],
    find: FindFile<'a>,
    read: &mut Vec<&'a SourceFile>,
) -> (Variables, bool) {
    let mut found = Variables::new();
    let mut files = Vec::new();
    for directive in directives {
        let value = directive.value.trim();
        match directive.name {
            "Environment" if value.is_empty() => found.clear(),
            "Environment" => {
                for word in words_of(directive).into_iter().flatten().map(specifiers) {
                    if let Some((name, text)) = word.text.split_once('=') {
                        let value = word.tail(word.text.len() - text.len());
                        found.insert(name.to_owned(), Some(value).filter(|value| !value.unknown));
                    }
                }
            }
            "EnvironmentFile" if value.is_empty() => files.clear(),
            "EnvironmentFile" => files.push(value.trim_start_matches('-')),
            _ => {}
        }
    }
    let mut known = true;
    for path in files {
        match find(path) {
            Some(file) => {
                read.push(file);
                found.extend(environment::variables(file).into_iter().map(|(name, word)| (name, Some(word))));
            }
            None => known = false,
        }
    }
    (found, known)
}

/// `%H` and its like are known when the unit runs; `%%` is a `%`.
fn specifiers(word: Word) -> Word {
    let mut chars = word.text.chars();
    let mut unknown = word.unknown;
    let mut text = String::with_capacity(word.text.len());
    while let Some(c) = chars.next() {
        text.push(c);
        match (c, chars.clone().next()) {
            ('%', Some('%')) => drop(chars.next()),
            ('%', Some(next)) => unknown |= next.is_ascii_alphabetic(),
            _ => {}
        }
    }
    word.rewritten(text, unknown)
}

fn words_of(directive: &Directive<'_>) -> Vec<Vec<Word>> {
    let (start, path) = (directive.start, directive.file.source().path().clone());
    let span = Span::new(start, start + directive.value.trim_end().len());
    let site = Site {
        place: Place { path, span },
        document: 0,
        object: None,
        field: Some(directive.name.to_owned()),
    };
    split(directive.value, Dialect::Systemd, &site, |at| Some((start + at) as u32))
}

fn service_directives(file: &SourceFile) -> Vec<Directive<'_>> {
    let text = file.source().text();
    let mut found = Vec::new();
    let mut service = false;
    let mut start = 0;
    while start < text.len() {
        let mut end = line_end(text, start);
        let line = &text[start..end];
        let body = line.trim();
        if body.starts_with('[') {
            service = body == "[Service]";
        } else if !body.starts_with(['#', ';']) {
            // A continued line, over comment lines.
            while end < text.len() && continues(text, start, end) {
                end = line_end(text, end + 1);
            }
            if let Some((name, value)) = text[start..end].split_once('=')
                && service
            {
                let offset = end - value.len();
                found.push(Directive { file, name: name.trim(), value, start: offset });
            }
        }
        start = end + 1;
    }
    found
}

fn line_end(text: &str, start: usize) -> usize {
    text[start..].find('\n').map_or(text.len(), |at| start + at)
}

/// Whether the directive `start..end` goes on in the next line: its last line that is no comment ends with a backslash.
fn continues(text: &str, start: usize, end: usize) -> bool {
    let lines = text[start..end].lines().rev();
    let mut lines = lines.skip_while(|line| line.trim_start().starts_with(['#', ';']));
    lines.next().is_some_and(|line| line.trim_end().ends_with('\\'))
}
