//! Command lines as words with their places.

use std::ops::Range;

use crate::{
    finding::{Place, Site},
    source::Span,
    yaml::NodeRef,
};

/// One word of a command line.
#[derive(Clone, Debug)]
pub(super) struct Word {
    /// Its text, with quotes and variables resolved.
    pub text: String,
    /// Part of it is not known.
    pub unknown: bool,
    /// The whole word.
    pub site: Site,
    /// Pieces of its text that stand in the file as they are: their start in the text, and in the file. None where the
    /// text comes from somewhere else.
    pieces: Vec<(usize, u32)>,
}

impl Word {
    /// The place of a part of its text; of the whole word where the text is not written like this.
    pub fn part(&self, range: Range<usize>) -> Site {
        let mut site = self.site.clone();
        // The end is behind the last byte: the next piece may begin behind a quote.
        let last = range.end.checked_sub(1).filter(|last| *last >= range.start);
        let end = last.map_or_else(|| self.offset(range.end), |last| self.offset(last).map(|last| last + 1));
        if let (Some(start), Some(end)) = (self.offset(range.start), end) {
            site.place.span = Span { start, end };
        }
        site
    }

    /// Where a byte of its text is in the file, where the text is written like this.
    pub fn offset(&self, at: usize) -> Option<u32> {
        let piece = self.pieces[self.pieces.partition_point(|(start, _)| *start <= at).checked_sub(1)?];
        Some(piece.1 + (at - piece.0) as u32)
    }

    /// The word without its first bytes.
    pub fn tail(&self, from: usize) -> Self {
        let text = self.text[from..].to_owned();
        let first = self.offset(from).map(|start| (0, start));
        let rest =
            self.pieces.iter().filter(|(start, _)| *start > from).map(|(start, at)| (start - from, *at));
        let site = if text.is_empty() { self.part(from..from) } else { self.part(from..self.text.len()) };
        Word { pieces: first.into_iter().chain(rest).collect(), site, text, unknown: self.unknown }
    }

    /// The word with another text.
    pub fn rewritten(self, text: String, unknown: bool) -> Self {
        let pieces = if text == self.text { self.pieces } else { Vec::new() };
        Word { text, unknown, pieces, ..self }
    }

    /// The word, of which only its place is known.
    pub fn unknowable(self) -> Self {
        Word { unknown: true, ..self }
    }

    /// An item of a YAML list.
    pub fn of_node(node: NodeRef<'_>, site: Site) -> Self {
        let text = node.text().to_owned();
        let start = node.text_span(0..text.len()).map(|span| (0, span.start));
        Word { text, unknown: false, site, pieces: start.into_iter().collect() }
    }
}

/// Which rules of splitting hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `ExecStart=` and `Environment=` of systemd.
    Systemd,
    /// A script of `sh -c`: operators end a command.
    Shell,
}

/// Splits a text into commands of words. `offset` maps an offset in the text to one in the file; `site` is the place of the
/// whole text. Variables are not resolved yet.
pub(super) fn split(
    text: &str,
    dialect: Dialect,
    site: &Site,
    offset: impl Fn(usize) -> Option<u32>,
) -> Vec<Vec<Word>> {
    let commands = vec![Vec::new()];
    let mut splitter = Splitter { text, dialect, site, commands, word: None, offset: &offset };
    splitter.run();
    splitter.commands.retain(|command| !command.is_empty());
    splitter.commands
}

/// A word that is being read.
struct Open {
    text: String,
    start: usize,
    /// Starts of what stands in a row, in the word's text and in the whole text.
    pieces: Vec<(usize, usize)>,
}

struct Splitter<'a> {
    text: &'a str,
    dialect: Dialect,
    site: &'a Site,
    commands: Vec<Vec<Word>>,
    word: Option<Open>,
    offset: &'a dyn Fn(usize) -> Option<u32>,
}

impl Splitter<'_> {
    fn run(&mut self) {
        let dialect = self.dialect;
        let mut quote = None;
        let mut chars = self.text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map(|(_, next)| *next);
            match (quote, c) {
                (Some(end), c) if c == end => quote = None,
                (None, '"' | '\'') => {
                    quote = Some(c);
                    self.open(at);
                }
                // A backslash keeps its meaning in single quotes of a shell only.
                (None | Some('"'), '\\') => match next {
                    Some('\n') => {
                        chars.next();
                        self.end(at);
                        skip_comment_lines(self.text, &mut chars, dialect);
                    }
                    Some(escaped) => {
                        chars.next();
                        self.open(at);
                        self.push(at + 1, escaped);
                    }
                    None => {}
                },
                (Some(_), c) => self.push(at, c),
                // The output of a command is one word.
                (None, '$') if dialect == Dialect::Shell && next == Some('(') => {
                    self.push(at, c);
                    let mut depth = 0;
                    for (at, c) in chars.by_ref() {
                        self.push(at, c);
                        depth += i32::from(c == '(') - i32::from(c == ')');
                        if depth == 0 {
                            break;
                        }
                    }
                }
                (None, '\n') if dialect == Dialect::Shell => self.end_command(at),
                (None, ';' | '&' | '|' | '(' | ')') if dialect == Dialect::Shell => self.end_command(at),
                (None, '<' | '>') if dialect == Dialect::Shell && self.at_redirection() => {
                    self.word = None;
                    skip_redirection(&mut chars);
                }
                (None, '#') if dialect == Dialect::Shell && self.word.is_none() => {
                    while chars.next_if(|(_, c)| *c != '\n').is_some() {}
                }
                (None, c) if c.is_whitespace() => self.end(at),
                (None, c) => self.push(at, c),
            }
        }
        self.end(self.text.len());
    }

    /// Whether `<` or `>` redirects here: at the start of a word, or behind the number of a file. Elsewhere it belongs to
    /// a word in angle brackets that stands for a value.
    fn at_redirection(&self) -> bool {
        self.word.as_ref().is_none_or(|word| word.text.bytes().all(|byte| byte.is_ascii_digit()))
    }

    fn open(&mut self, at: usize) -> &mut Open {
        self.word.get_or_insert(Open { text: String::new(), start: at, pieces: Vec::new() })
    }

    fn push(&mut self, at: usize, c: char) {
        let word = self.open(at);
        let here = word.text.len();
        if word.pieces.last().is_none_or(|(text, source)| source + (here - text) != at) {
            word.pieces.push((here, at));
        }
        word.text.push(c);
    }

    fn end(&mut self, at: usize) {
        let Some(word) = self.word.take() else { return };
        let mut site = self.site.clone();
        if let (Some(start), Some(end)) = ((self.offset)(word.start), (self.offset)(at)) {
            site.place.span = Span { start, end };
        }
        let pieces = word.pieces.into_iter().map(|(text, source)| Some((text, (self.offset)(source)?)));
        let pieces = pieces.collect::<Option<Vec<_>>>().unwrap_or_default();
        let unknown = self.dialect == Dialect::Shell && word.text.contains('`');
        self.commands.last_mut().expect("never empty").push(Word { text: word.text, unknown, site, pieces });
    }

    fn end_command(&mut self, at: usize) {
        self.end(at);
        self.commands.push(Vec::new());
    }
}

/// The rest of `2>>file`, `>&2` or `< file`.
fn skip_redirection(chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>) {
    while chars.next_if(|(_, c)| matches!(c, '<' | '>' | '&' | ' ' | '\t')).is_some() {}
    while chars.next_if(|(_, c)| !c.is_whitespace() && !matches!(c, ';' | '|' | '&' | ')')).is_some() {}
}

/// Comment lines between continued lines are left out by systemd.
fn skip_comment_lines(
    text: &str,
    chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>,
    dialect: Dialect,
) {
    while let Some((at, _)) = chars.peek().copied() {
        let line = text[at..].trim_start_matches([' ', '\t']);
        if dialect != Dialect::Systemd || !line.starts_with(['#', ';']) {
            return;
        }
        while chars.next_if(|(_, c)| *c != '\n').is_some() {}
        chars.next();
    }
}

/// A value that a file gives to a variable.
pub(super) fn value(text: &str, path: &std::sync::Arc<str>, start: usize) -> Word {
    let place = Place { path: path.clone(), span: Span::new(start, start + text.len()) };
    let site = Site { place, document: 0, object: None, field: None };
    Word { text: text.to_owned(), unknown: false, site, pieces: vec![(0, start as u32)] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str, dialect: Dialect) -> Vec<Vec<(String, Option<u32>)>> {
        let site = value("", &"x".into(), 0).site;
        let commands = split(text, dialect, &site, |at| Some(at as u32));
        commands
            .into_iter()
            .map(|command| {
                command
                    .into_iter()
                    .map(|word| (word.offset(0), word.text))
                    .map(|(start, text)| (text, start))
                    .collect()
            })
            .collect()
    }

    #[test]
    fn systemd_words() {
        let found = words("kubelet --a=\"x y\" \\\n # no\n 'b c' d\\ e", Dialect::Systemd);
        let expected = [("kubelet", Some(0)), ("--a=x y", Some(8)), ("b c", Some(28)), ("d e", Some(33))];
        assert_eq!(found, [expected.map(|(text, start)| (text.to_owned(), start)).to_vec()]);
    }

    #[test]
    fn shell_commands() {
        let found = words("set -e; # x\nexec etcd --a=1 \\\n  --b && true", Dialect::Shell);
        let texts: Vec<Vec<_>> =
            found.iter().map(|command| command.iter().map(|word| word.0.as_str()).collect()).collect();
        assert_eq!(texts, [vec!["set", "-e"], vec!["exec", "etcd", "--a=1", "--b"], vec!["true"]]);
    }

    #[test]
    fn parts_of_quoted_words_have_places() {
        let text = "--a='b/c=d' \"--e=f\"'g' --h=\\\"i";
        let site = value("", &"x".into(), 0).site;
        let words = split(text, Dialect::Systemd, &site, |at| Some(at as u32)).remove(0);
        let part = |index: usize, range: Range<usize>| {
            let word: &Word = &words[index];
            (word.text[range.clone()].to_owned(), &text[word.part(range).place.span.range()])
        };
        assert_eq!(part(0, 4..9), ("b/c=d".to_owned(), "b/c=d"));
        assert_eq!(part(1, 4..5), ("f".to_owned(), "f"));
        assert_eq!(part(1, 4..6), ("fg".to_owned(), "f\"'g"));
        assert_eq!(part(2, 4..6), ("\"i".to_owned(), "\"i"));
        let tail = words[1].tail(4);
        assert_eq!((&*tail.text, &text[tail.part(1..2).place.span.range()]), ("fg", "g"));
    }

    #[test]
    fn commands_inside_of_words() {
        let found = words("exec etcd --name=$(hostname -s $(x)) --v=`date`z && a", Dialect::Shell);
        let texts: Vec<_> = found[0].iter().map(|word| word.0.as_str()).collect();
        assert_eq!(texts, ["exec", "etcd", "--name=$(hostname -s $(x))", "--v=`date`z"]);
        assert_eq!(found.len(), 2);
    }
}
