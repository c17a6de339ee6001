//! What is wrong with a broken document, in words that say what to write instead.

use granit_parser::{ErrorKind, ScanError};

use super::{full::Failure, tree::SyntaxErrorKind};
use crate::source::Span;

/// Words and place for an error of the full parser on bytes `start..end` of the text.
pub(super) fn of_scan_error(text: &str, start: usize, end: usize, error: &ScanError) -> Failure {
    let at = (start + error.marker().byte_offset().unwrap_or(0)).min(end);
    if let Some(tab) = tab_indentation(text, start, end, at, error.kind()) {
        let message = "a tab stands where indentation is expected: YAML indents with spaces only".to_owned();
        return Failure { span: Span::new(tab, tab + 1), kind: SyntaxErrorKind::Tab, message };
    }
    if *error.kind() == ErrorKind::RecursionLimitExceeded {
        let message = "the document is nested too deeply to be read".to_owned();
        return Failure { span: character(text, at), kind: SyntaxErrorKind::Depth, message };
    }
    let (at, message) = words(text, start, at, error.kind());
    Failure { span: character(text, at), kind: SyntaxErrorKind::Other, message }
}

/// Refuses `\\/`: YAML 1.2 and JSON have it, go-yaml v2 does not.
pub(super) fn unknown_escape(text: &str, (start, end): (usize, usize)) -> Result<(), Failure> {
    let mut escapes = text[start..end].bytes().enumerate();
    while let Some((at, byte)) = escapes.next() {
        if byte == b'\\' && escapes.next().is_some_and(|(_, next)| next == b'/') {
            let message = "Kubernetes does not know the escape `\\/`: write the `/` alone".to_owned();
            let span = Span::new(start + at, start + at + 2);
            return Err(Failure { span, kind: SyntaxErrorKind::Other, message });
        }
    }
    Ok(())
}

pub(super) fn second_root(text: &str, at: usize) -> Failure {
    let message = "a second value follows the first one: separate documents with `---`".to_owned();
    Failure { span: character(text, at), kind: SyntaxErrorKind::Other, message }
}

pub(super) fn marker_missing(text: &str, at: usize) -> Failure {
    let message = "behind `...` the next document must begin with `---`".to_owned();
    Failure { span: character(text, at), kind: SyntaxErrorKind::Other, message }
}

pub(super) fn too_many_aliases(span: (usize, usize)) -> Failure {
    let message = "the aliases of this document expand to more nodes than any manifest has".to_owned();
    Failure { span: Span::new(span.0, span.1), kind: SyntaxErrorKind::Aliases, message }
}

pub(super) fn alias_in_itself(span: (usize, usize)) -> Failure {
    let message = "this alias stands inside the value that it names".to_owned();
    Failure { span: Span::new(span.0, span.1), kind: SyntaxErrorKind::Aliases, message }
}

/// The character at an offset, the last one of the line at its end.
fn character(text: &str, at: usize) -> Span {
    let line_end = at >= text.len() || text.as_bytes()[at] == b'\n';
    let mut start = if line_end { at.saturating_sub(1) } else { at };
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let length = text[start..].chars().next().map_or(0, char::len_utf8);
    Span::new(start, start + length)
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |at| at + 1)
}

fn line(text: &str, at: usize) -> &str {
    let start = line_start(text, at);
    &text[start..start + text[start..].find('\n').unwrap_or(text.len() - start)]
}

/// The tab that indents the line of an error, or the one before it.
fn tab_indentation(text: &str, start: usize, end: usize, at: usize, kind: &ErrorKind) -> Option<usize> {
    if matches!(kind, ErrorKind::UnclosedQuotedScalar | ErrorKind::RecursionLimitExceeded) {
        return None;
    }
    let mut begin = line_start(text, at.min(end)).max(start);
    for _ in 0..2 {
        let indent = text[begin..end].bytes().take_while(|byte| matches!(byte, b' ' | b'\t'));
        if let Some(tab) = indent.into_iter().position(|byte| byte == b'\t') {
            return Some(begin + tab);
        }
        if begin <= start {
            return None;
        }
        begin = line_start(text, begin - 1).max(start);
    }
    None
}

/// Where to look first, and what to write there.
fn words(text: &str, start: usize, at: usize, kind: &ErrorKind) -> (usize, String) {
    let message = match kind {
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => {
            return (at, "this quote is not closed before the document ends".to_owned());
        }
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::ExpectedFlowSequenceSeparator => {
            let bracket = text[at..].starts_with(['[', '{']);
            return match open_bracket(&text[start..at + usize::from(bracket)]) {
                Some((offset, close)) => (start + offset, format!("this bracket is not closed: `,` or `{close}` is expected")),
                None => (at, "`,` or a closing bracket is expected here".to_owned()),
            };
        }
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            let first = line_start(text, at) + line(text, at).len() - line(text, at).trim_start().len();
            return (first, format!("`{}` is no `key: value`: a `:` is expected behind the key", shorten(line(text, at).trim())));
        }
        ErrorKind::InvalidColonPlacement => "a second `: ` on one line: quote the value, or put it on a line of its own".to_owned(),
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::InvalidIndentation | ErrorKind::UnexpectedEofBlockMapping => {
            return indentation(text, start, at);
        }
        ErrorKind::ExpectedBlockSequenceEntry | ErrorKind::BlockSequenceEntryNotAllowed => {
            "a list item is not expected here: its `-` must stand in the column of the others".to_owned()
        }
        ErrorKind::UnknownAnchor => "this alias names an anchor that the document does not define before it".to_owned(),
        ErrorKind::ExpectedDocumentStart => "this does not continue the value before it: check its indentation, or separate documents with `---`".to_owned(),
        ErrorKind::UnexpectedCharacter { .. } => "this character cannot begin a value: quote the value".to_owned(),
        ErrorKind::InvalidBlockScalarHeader => "behind `|` or `>` only `+`, `-`, a digit or a comment may follow on the line".to_owned(),
        other => {
            let text = other.to_string();
            text.trim_end_matches('.').chars().take(1).flat_map(char::to_lowercase).chain(text.trim_end_matches('.').chars().skip(1)).collect()
        }
    };
    (at, message)
}

/// A line whose column fits nothing that is open.
fn indentation(text: &str, start: usize, at: usize) -> (usize, String) {
    let content = line(text, at);
    let indent = content.len() - content.trim_start().len();
    let first = line_start(text, at) + indent;
    let above = text[start..line_start(text, at).max(start)]
        .lines()
        .rev()
        .map(|line| (line, line.len() - line.trim_start().len()));
    let mut columns: Vec<usize> = Vec::new();
    let mut least = usize::MAX;
    for (line, indent) in
        above.filter(|(line, _)| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
    {
        if indent < least {
            least = indent;
            columns.push(indent + 1);
            let dash = line.trim_start();
            if let Some(item) = dash.strip_prefix("- ") {
                columns.push(indent + 3 + item.len() - item.trim_start().len());
            }
        }
        if indent == 0 {
            break;
        }
    }
    columns.sort_unstable();
    columns.dedup();
    if columns.contains(&(indent + 1)) {
        return (
            first,
            format!(
                "`{}` does not fit here: a `key: value` or a new line of the value above is expected",
                shorten(content.trim())
            ),
        );
    }
    let columns: Vec<String> = columns.iter().map(usize::to_string).collect();
    (
        first,
        format!(
            "this line begins in column {}, and nothing above it does: {} is expected",
            indent + 1,
            list(&columns)
        ),
    )
}

fn list(columns: &[String]) -> String {
    match columns {
        [] => "column 1".to_owned(),
        [one] => format!("column {one}"),
        [rest @ .., last] => format!("column {} or {last}", rest.join(", ")),
    }
}

fn shorten(text: &str) -> String {
    let text = text.replace('`', "'");
    if text.chars().count() <= 40 { text } else { text.chars().take(39).chain(['…']).collect() }
}

/// The innermost bracket that is open at the end of a text, quotes and comments left out.
fn open_bracket(text: &str) -> Option<(usize, char)> {
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut quote = None;
    let mut comment = false;
    let mut before = '\n';
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if comment => comment = c != '\n',
            (Some(end), c) if c == end && before != '\\' => {
                quote = None;
            }
            (None, '"' | '\'') if !before.is_alphanumeric() => quote = Some(c),
            (None, '#') if before.is_whitespace() => comment = true,
            (None, '[') => open.push((at, ']')),
            (None, '{') => open.push((at, '}')),
            (None, ']' | '}') => {
                open.pop();
            }
            _ => {}
        }
        before = c;
    }
    open.pop()
}
