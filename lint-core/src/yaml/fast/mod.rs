//! The fast path: the block subset of YAML that manifests use, with flow collections and JSON.
//!
//! It gives up ([`Bail`]) on everything unusual, and the full parser decides. It never accepts what Kubernetes would refuse.

mod block;
mod flow;
mod scalar;

use super::tree::{Node, Style, Tag};
use crate::source::Span;

/// Gives up: the full parser decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bail;

pub(super) type Fast<T> = Result<T, Bail>;

/// What is written: the parts of a tree.
#[derive(Default)]
pub(super) struct Tape {
    pub nodes: Vec<Node>,
    pub pool: String,
    pub comments: Vec<Span>,
    pub merges: bool,
}

/// An open block collection.
struct Frame {
    node: u32,
    column: u32,
    seq: bool,
    /// A key or `-` stands without its value.
    awaits: bool,
    /// A sequence at the column of the key that holds it.
    indentless: bool,
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    tape: &'a mut Tape,
    stack: Vec<Frame>,
    position: usize,
    has_root: bool,
    /// Number of the root, once there is one.
    first_node: usize,
}

/// Deepest nesting that the fast path follows; the full parser has the limit that counts.
const DEPTH: usize = 200;
/// Longest key on one line, in bytes (YAML allows 1024 characters).
const KEY_LENGTH: usize = 1000;

/// Whether a text has no character that the fast path leaves to the full parser: control characters (a carriage return
/// among them), Unicode line breaks, byte-order marks.
pub(super) fn is_plain_text(bytes: &[u8]) -> bool {
    let (mut control, mut high) = (false, false);
    for chunk in bytes.chunks(4096) {
        let (mut low, mut or) = (0u8, 0u8);
        for &byte in chunk {
            low |= u8::from(((byte < 0x20) && (byte != b'\n') && (byte != b'\t')) || (byte == 0x7f));
            or |= byte;
        }
        control |= low != 0;
        high |= or & 0x80 != 0;
    }
    if control {
        return false;
    }
    if !high {
        return true;
    }
    let mut from = 0;
    while let Some(at) = memchr::memchr3(0xE2, 0xC2, 0xEF, &bytes[from..]) {
        let at = from + at;
        from = at + 1;
        let (next, after) = (bytes.get(at + 1).copied(), bytes.get(at + 2).copied());
        let odd = match bytes[at] {
            0xE2 => next == Some(0x80) && matches!(after, Some(0xA8 | 0xA9)),
            0xC2 => next.is_some_and(|byte| byte < 0xA0),
            _ => matches!((next, after), (Some(0xBB), Some(0xBF)) | (Some(0xBF), Some(0xBE | 0xBF))),
        };
        if odd {
            return false;
        }
    }
    true
}

/// Parses one document: bytes `start..end` of the text, without markers. Returns whether it has a root; the root is the
/// first node that was added.
pub(super) fn parse(text: &str, start: usize, end: usize, tape: &mut Tape) -> Fast<bool> {
    let text = &text[..end];
    tape.nodes.reserve((end - start) / 16);
    let stack = Vec::with_capacity(16);
    let first_node = tape.nodes.len();
    let mut parser =
        Parser { text, bytes: text.as_bytes(), tape, stack, position: start, has_root: false, first_node };
    parser.run()?;
    Ok(parser.has_root)
}

impl Parser<'_> {
    /// The byte at an offset; a line break behind the end.
    #[inline]
    fn at(&self, offset: usize) -> u8 {
        self.bytes.get(offset).copied().unwrap_or(b'\n')
    }

    /// Whether white space or a line end stands at an offset.
    #[inline]
    fn blank_at(&self, offset: usize) -> bool {
        matches!(self.at(offset), b' ' | b'\n' | b'\t')
    }

    #[inline]
    fn skip_spaces(&self, mut offset: usize) -> usize {
        while self.at(offset) == b' ' {
            offset += 1;
        }
        offset
    }

    /// Offset of the next line break, or the end.
    #[inline]
    fn line_end(&self, offset: usize) -> usize {
        memchr::memchr(b'\n', &self.bytes[offset..]).map_or(self.bytes.len(), |at| offset + at)
    }

    /// Notes the comment at an offset; returns the end of its line.
    fn comment(&mut self, offset: usize) -> usize {
        let end = self.line_end(offset);
        self.tape.comments.push(Span::new(offset, end));
        end
    }

    #[inline]
    fn push(&mut self, node: Node) -> u32 {
        let id = self.tape.nodes.len() as u32;
        self.tape.nodes.push(node);
        id
    }

    #[inline]
    fn empty_scalar(&mut self, at: usize) {
        self.push(Node { tag: Tag::None, ..Node::slice(Style::Plain, (at, at), (at, at)) });
    }

    /// Counts one more child of a container.
    #[inline]
    fn count(&mut self, node: u32) {
        self.tape.nodes[node as usize].b += 1;
    }

    /// Closes a container at an offset.
    #[inline]
    fn close(&mut self, node: u32, end: usize) {
        let behind = self.tape.nodes.len() as u32;
        let node = &mut self.tape.nodes[node as usize];
        node.a = behind;
        node.end = end as u32;
    }

    /// Puts a scalar where a value is awaited.
    #[inline]
    fn put(&mut self, node: Node) -> Fast<()> {
        match self.stack.last_mut() {
            Some(frame) if frame.awaits => frame.awaits = false,
            _ => return Err(Bail),
        }
        self.push(node);
        Ok(())
    }
}
