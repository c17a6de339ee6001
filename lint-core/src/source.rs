//! Source texts, spans, and positions for people.

use std::{
    fmt,
    ops::Range,
    sync::{Arc, OnceLock},
};

/// Byte range in a source text. Lines and columns exist only at the edges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from byte offsets.
    pub fn new(start: usize, end: usize) -> Self {
        Span { start: start as u32, end: end as u32 }
    }

    /// As a range for slicing.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Number of bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether it has no bytes.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether the other span lies within this one.
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// One input text with the path it is known by.
#[derive(Debug)]
pub struct SourceText {
    path: Arc<str>,
    text: Box<str>,
    lines: OnceLock<LineIndex>,
}

impl SourceText {
    /// A text with its path: relative, `/` separated.
    pub fn new(path: impl Into<Arc<str>>, text: impl Into<Box<str>>) -> Self {
        SourceText { path: path.into(), text: text.into(), lines: OnceLock::new() }
    }

    /// A text from bytes, with what is wrong with them. Invalid bytes become U+FFFD; offsets up to the problem are exact.
    pub fn from_bytes(path: impl Into<Arc<str>>, bytes: Vec<u8>) -> (Self, Option<EncodingProblem>) {
        let utf16 = [&[0xFF, 0xFE][..], &[0xFE, 0xFF]].iter().any(|mark| bytes.starts_with(mark));
        let (text, problem) = match String::from_utf8(bytes) {
            Ok(text) => {
                let problem = control_character(&text);
                (text, problem)
            }
            Err(error) => {
                let offset = error.utf8_error().valid_up_to() as u32;
                let kind = if utf16 { EncodingProblemKind::Utf16 } else { EncodingProblemKind::InvalidUtf8 };
                (
                    String::from_utf8_lossy(error.as_bytes()).into_owned(),
                    Some(EncodingProblem { offset, kind }),
                )
            }
        };
        (SourceText::new(path, text), problem)
    }

    /// Its path.
    pub fn path(&self) -> &Arc<str> {
        &self.path
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The part of the text that a span names; empty when the span is of another text.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Where its lines begin; made on first use.
    pub fn line_index(&self) -> &LineIndex {
        self.lines.get_or_init(|| {
            let breaks = memchr::memchr_iter(b'\n', self.text.as_bytes()).map(|at| at as u32 + 1);
            LineIndex(std::iter::once(0).chain(breaks).collect())
        })
    }

    /// Line and column of an offset.
    pub fn position(&self, offset: u32) -> Position {
        self.line_index().position(&self.text, offset)
    }
}

/// Offsets at which lines begin.
#[derive(Debug)]
pub struct LineIndex(Vec<u32>);

/// A place for people: both numbers count from 1, columns in Unicode code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

impl LineIndex {
    /// Line and column of an offset; an offset behind the text counts as its end.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let mut offset = (offset as usize).min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.0.partition_point(|start| *start as usize <= offset) - 1;
        let before = &text[self.0[line] as usize..offset];
        Position { line: line as u32 + 1, column: before.chars().count() as u32 + 1 }
    }

    /// Bytes of a line, counted from 1, without its line break. `None` behind the last line.
    pub fn line_span(&self, text: &str, line: u32) -> Option<Span> {
        let start = *self.0.get(line.checked_sub(1)? as usize)? as usize;
        let rest = &text[start..];
        let length = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        Some(Span::new(start, start + rest[..length].trim_end_matches('\r').len()))
    }

    /// Number of lines; a text that ends with a line break has an empty last one.
    pub fn line_count(&self) -> u32 {
        self.0.len() as u32
    }
}

/// Bytes that YAML does not take for a text: what, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodingProblem {
    /// Offset of the first offending byte, in the text as well as in the bytes.
    pub offset: u32,
    /// What is wrong there.
    pub kind: EncodingProblemKind,
}

/// What is wrong with bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EncodingProblemKind {
    /// UTF-16, by its byte-order mark.
    Utf16,
    /// Not UTF-8.
    InvalidUtf8,
    /// A control character that YAML refuses.
    Control(char),
}

impl fmt::Display for EncodingProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            EncodingProblemKind::Utf16 => f.write_str("the file is UTF-16, and Kubernetes reads UTF-8"),
            EncodingProblemKind::InvalidUtf8 => f.write_str("the bytes are not valid UTF-8"),
            EncodingProblemKind::Control(c) => {
                write!(f, "the control character U+{:04X} is not allowed in YAML", u32::from(c))
            }
        }
    }
}

/// The first character that YAML's printable set leaves out (`yaml_reader.go` of go-yaml: "control characters are not allowed").
fn control_character(text: &str) -> Option<EncodingProblem> {
    let bytes = text.as_bytes();
    let suspicious = |byte: u8| (byte < 0x20 && !matches!(byte, b'\n' | b'\t' | b'\r')) || byte == 0x7F;
    // Without a branch for each byte the compiler takes many at once.
    let low =
        bytes.chunks(256).position(|chunk| chunk.iter().fold(false, |any, byte| any | suspicious(*byte)));
    let low = low.and_then(|chunk| (chunk * 256..bytes.len()).find(|at| suspicious(bytes[*at])));
    // C1 controls are two bytes that begin with C2; NEL is the one that YAML takes.
    let high = memchr::memchr_iter(0xC2, bytes)
        .find(|at| bytes.get(at + 1).is_some_and(|byte| *byte < 0xA0 && *byte != 0x85));
    let offset = [low, high].into_iter().flatten().min()?;
    let kind = EncodingProblemKind::Control(text[offset..].chars().next()?);
    Some(EncodingProblem { offset: offset as u32, kind })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_code_points() {
        let source = SourceText::new("a.yaml", "a: 😀b\r\nsecond\n");
        assert_eq!(source.position(3), Position { line: 1, column: 4 });
        assert_eq!(source.position(7), Position { line: 1, column: 5 });
        assert_eq!(source.position(5), Position { line: 1, column: 4 });
        assert_eq!(source.position(10), Position { line: 2, column: 1 });
        assert_eq!(source.position(999), Position { line: 3, column: 1 });
        let index = source.line_index();
        assert_eq!(index.line_span(source.text(), 1).map(|span| source.slice(span)), Some("a: 😀b"));
        assert_eq!((index.line_count(), index.line_span(source.text(), 4)), (3, None));
    }

    #[test]
    fn bytes_that_are_no_text() {
        let problem = |bytes: &[u8]| SourceText::from_bytes("x", bytes.to_vec()).1;
        assert_eq!(problem("ä: 1\r\n\tb\u{85}".as_bytes()), None);
        assert_eq!(
            problem(b"ab\xff").map(|one| (one.offset, one.kind)),
            Some((2, EncodingProblemKind::InvalidUtf8))
        );
        assert_eq!(problem(b"ab\xe2\x82").map(|one| one.offset), Some(2));
        assert_eq!(problem(b"\xff\xfea\0").map(|one| one.kind), Some(EncodingProblemKind::Utf16));
        assert_eq!(
            problem(b"a\0").map(|one| (one.offset, one.kind)),
            Some((1, EncodingProblemKind::Control('\0')))
        );
        assert_eq!(
            problem("a\u{9b}".as_bytes()).map(|one| one.kind),
            Some(EncodingProblemKind::Control('\u{9b}'))
        );
    }
}
