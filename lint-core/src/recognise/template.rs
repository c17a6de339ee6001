//! Text that becomes YAML only after a template engine has run.

use super::FileKind;

/// Template actions where YAML cannot have them: a line that starts with an action, a plain or flow value that
/// does. Actions inside quotes, block scalars or the middle of plain text belong to a valid document.
pub(super) fn kind(text: &str) -> Option<FileKind> {
    if !text.contains("{{") && !text.contains("{%") {
        return None;
    }
    let mut scanner = Scanner::default();
    let found = text.lines().find_map(|line| scanner.structural(line))?;
    let go = found == Action::Go && is_helm(text);
    Some(if go { FileKind::HelmTemplate } else { FileKind::Template })
}

/// Whether some action uses what only Helm provides: `.Values`, `.Release`, `.Chart`, `.Capabilities`, `include`.
pub(super) fn is_helm(text: &str) -> bool {
    const WORDS: &[&str] =
        &[".Values", ".Release.", ".Chart.", ".Capabilities.", "include \"", "template \"", "define \""];
    text.split("{{").skip(1).any(|action| {
        let action = action.split_once("}}").map_or(action, |(action, _)| action);
        WORDS.iter().any(|word| action.contains(word))
    })
}

/// Which language an action is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    /// `{{ … }}`: Go templates, and Jinja expressions.
    Go,
    /// `{% … %}`: Jinja statements.
    Jinja,
}

/// What a line may continue. Columns are those of the parent: content that is indented deeper belongs to it.
#[derive(Default)]
enum Open {
    #[default]
    Nothing,
    Block(usize),
    Plain(usize),
    Quote(char),
}

#[derive(Default)]
struct Scanner {
    open: Open,
}

impl Scanner {
    /// The action that stands where YAML has structure, when the line has one.
    fn structural(&mut self, line: &str) -> Option<Action> {
        let body = line.trim_start_matches(' ');
        let indent = line.len() - body.len();
        let body = body.trim_end();
        match self.open {
            Open::Quote(quote) => {
                if let Some(end) = closing(body, quote) {
                    self.open = Open::Nothing;
                    return self.rest(&body[end + 1..]);
                }
                return None;
            }
            Open::Block(parent) if body.is_empty() || indent > parent => return None,
            Open::Plain(parent) if body.is_empty() || indent > parent && !body.starts_with('#') => {
                return None;
            }
            _ => self.open = Open::Nothing,
        }
        if body.is_empty() || body.starts_with('#') {
            return None;
        }
        if let Some(action) = action_at(body) {
            return Some(action);
        }
        self.entry(body, indent)
    }

    /// `- - key: value`: dashes, key and value of one line.
    fn entry(&mut self, body: &str, indent: usize) -> Option<Action> {
        let (mut body, mut column, mut parent) = (body, indent, indent);
        while let Some(rest) = body.strip_prefix("- ") {
            parent = column;
            let item = rest.trim_start_matches(' ');
            column += body.len() - item.len();
            body = item;
        }
        let value = match split_key(body) {
            Some(value) => {
                parent = column;
                value
            }
            None => body,
        };
        self.value(value.trim_start(), parent)
    }

    fn value(&mut self, value: &str, parent: usize) -> Option<Action> {
        if let Some(action) = action_at(value) {
            return Some(action);
        }
        match value.chars().next()? {
            '#' => None,
            quote @ ('"' | '\'') => {
                let Some(end) = closing(&value[1..], quote) else {
                    self.open = Open::Quote(quote);
                    return None;
                };
                self.rest(&value[end + 2..])
            }
            '|' | '>' => {
                self.open = Open::Block(parent);
                None
            }
            '[' | '{' => self.rest(value),
            // `&anchor value` and `!tag value`.
            '&' | '!' => {
                self.value(value.split_once(' ').map_or("", |(_, value)| value).trim_start(), parent)
            }
            _ => {
                self.open = Open::Plain(parent);
                None
            }
        }
    }

    /// Flow collections, and what follows a quoted value: actions count outside of quotes.
    fn rest(&mut self, text: &str) -> Option<Action> {
        let mut at = 0;
        while let Some(found) = text[at..].find(['"', '\'', '{']) {
            at += found;
            let quote = text[at..].chars().next()?;
            if quote == '{' {
                if let Some(action) = action_at(&text[at..]) {
                    return Some(action);
                }
                at += 1;
                continue;
            }
            let Some(end) = closing(&text[at + 1..], quote) else {
                self.open = Open::Quote(quote);
                return None;
            };
            at += end + 2;
        }
        None
    }
}

fn action_at(text: &str) -> Option<Action> {
    if text.starts_with("{{") {
        return Some(Action::Go);
    }
    (text.starts_with("{%") || text.starts_with("{#")).then_some(Action::Jinja)
}

/// Offset of the quote that closes a scalar whose opening quote was before `text`.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut chars = text.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        if char == '\\' && quote == '"' {
            chars.next();
        } else if char == quote {
            if quote == '\'' && chars.peek().is_some_and(|(_, next)| *next == '\'') {
                chars.next();
            } else {
                return Some(at);
            }
        }
    }
    None
}

/// The text after `key:`, when the line has a key.
fn split_key(body: &str) -> Option<&str> {
    let quote = body.chars().next().filter(|first| matches!(first, '"' | '\''));
    if let Some(quote) = quote {
        let end = closing(&body[1..], quote)?;
        return body[end + 2..].trim_start().strip_prefix(':');
    }
    if body.starts_with(['{', '[', '|', '>']) {
        return None;
    }
    body.split_once(": ").map(|(_, value)| value).or_else(|| body.strip_suffix(':').map(|_| ""))
}
