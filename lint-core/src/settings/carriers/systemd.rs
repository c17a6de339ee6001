//! systemd units with their drop-ins and environment files.

use kubevet_facts::{Component, Version};

use super::{environment, new_settings};
use crate::{
    finding::{Place, Site},
    index::SourceFile,
    settings::{
        Carrier, Settings, arguments,
        words::{Dialect, Variables, Word, resolve, split},
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
    target: Option<Version>,
) -> Option<(Settings, Vec<&'a SourceFile>)> {
    let directives: Vec<Directive<'_>> = files.iter().flat_map(|file| service_directives(file)).collect();
    // The last command counts; an empty one clears those before it.
    let mut command = None;
    for directive in directives.iter().filter(|directive| directive.name == "ExecStart") {
        command = (!directive.value.trim().is_empty()).then_some(directive);
    }
    let command = command?;
    let words: Vec<Word> = words_of(command).into_iter().flatten().collect();
    let (program, component) = (0..words.len()).find_map(|at| Some((at, program(&words, at)?)))?;
    let mut read = Vec::new();
    let (variables, environment_known) = variables(&directives, find, &mut read);
    let words = resolve(words[program + 1..].to_vec(), &variables);
    let version = target.unwrap_or_else(Version::newest);
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
        settings.complete &= environment_known;
    }
    Some((settings, read))
}

/// The component that a word of a command starts: the first word, or one behind a wrapper. Other words may end in the name
/// of a component without running it: `mkdir -p /var/lib/kubelet`, `docker start kubelet`.
fn program(words: &[Word], at: usize) -> Option<Component> {
    let text = &*words[at].text;
    let Some(before) = at.checked_sub(1) else {
        // `-`, `@`, `:`, `+` and `!` in front of the path change how it is started, not what.
        return Component::from_binary(text.trim_start_matches(['-', '@', ':', '+', '!']));
    };
    let run = text.starts_with('/') && text.contains("bin/") || words[before].text.ends_with("hyperkube");
    Component::from_binary(text).filter(|_| run)
}

/// Variables of `Environment=` and of the files that `EnvironmentFile=` names, which win; and whether all files are there.
fn variables<'a>(
    directives: &[Directive<'_>],
    find: FindFile<'a>,
    read: &mut Vec<&'a SourceFile>,
) -> (Variables, bool) {
    let mut found = Variables::new();
    for directive in directives.iter().filter(|directive| directive.name == "Environment") {
        for word in words_of(directive).into_iter().flatten() {
            if let Some((name, text)) = word.text.split_once('=') {
                let value = word.tail(word.text.len() - text.len());
                found.insert(name.to_owned(), Some(value));
            }
        }
    }
    let mut known = true;
    for directive in directives.iter().filter(|directive| directive.name == "EnvironmentFile") {
        let path = directive.value.trim();
        match find(path.trim_start_matches('-')) {
            Some(file) => {
                read.push(file);
                found.extend(environment::variables(file).into_iter().map(|(name, word)| (name, Some(word))));
            }
            None => known = false,
        }
    }
    (found, known)
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
