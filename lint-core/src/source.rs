//! Source texts, spans and positions.
use std::sync::{Arc, OnceLock};

/// Byte range in a source text.
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
    /// Whether the other span lies within this one.
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// One input text with the path it is known by.
#[derive(Debug)]
pub struct SourceText {
    path: Arc<str>,
    text: Arc<str>,
    lines: OnceLock<LineIndex>,
}

impl SourceText {
    /// A text with its path: relative, `/` separated.
    pub fn new(path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        SourceText { path: path.into(), text: text.into(), lines: OnceLock::new() }
    }
    /// From bytes; what is no UTF-8 is replaced.
    pub fn from_bytes(path: impl Into<Arc<str>>, bytes: Vec<u8>) -> (Self, Option<EncodingProblem>) {
        (SourceText::new(path, String::from_utf8_lossy(&bytes).into_owned()), None)
    }
    /// Its path.
    pub fn path(&self) -> &Arc<str> {
        &self.path
    }
    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// Its lines.
    pub fn line_index(&self) -> &LineIndex {
        self.lines.get_or_init(|| {
            LineIndex(
                std::iter::once(0)
                    .chain(memchr::memchr_iter(b'\n', self.text.as_bytes()).map(|at| at as u32 + 1))
                    .collect(),
            )
        })
    }
}

/// Starts of lines.
#[derive(Debug)]
pub struct LineIndex(Vec<u32>);

/// 1-based line and column in code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

impl LineIndex {
    /// Position of an offset.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let line = self.0.partition_point(|start| *start <= offset) - 1;
        let column = text[self.0[line] as usize..offset as usize].chars().count() as u32 + 1;
        Position { line: line as u32 + 1, column }
    }
}

/// Why bytes are no text.
#[derive(Debug)]
pub struct EncodingProblem {
    /// Where.
    pub offset: u32,
}
