//! The full parser: `granit-parser`, with the corrections that Kubernetes' reading and exact spans need.

use std::collections::HashMap;

use granit_parser::{Event, Options, Parser, ScalarStyle, StructureStyle, Tag as EventTag};

use super::{
    Limits,
    fast::Tape,
    message,
    tree::{Node, Style, SyntaxErrorKind, Tag},
};
use crate::source::Span;

/// Why a document cannot be read: place, kind, words.
pub(super) struct Failure {
    pub span: Span,
    pub kind: SyntaxErrorKind,
    pub message: String,
}

/// Parses one document: bytes `start..end` of the text. Returns whether it has a root; the root is the first node added.
pub(super) fn parse(
    text: &str,
    start: usize,
    end: usize,
    limits: &Limits,
    tape: &mut Tape,
) -> Result<bool, Failure> {
    let part = &text[start..end];
    let mut options = Options::default();
    options.emit_comments = true;
    // Kubernetes' parser takes continuation lines of quoted scalars at any column.
    options.strict_indentation = false;
    // Long licence headers are no attack: the size of the file bounds them.
    options.max_buffered_comment_events = usize::MAX;
    options.block_nesting_limit = limits.depth as usize;
    options.flow_nesting_limit = limits.depth as usize;
    let mut parser = Parser::new_from_str_with_options(part, options);
    let mut builder =
        Builder { text, end, tape, stack: Vec::new(), anchors: HashMap::new(), last_end: start, size: 0 };
    let mut documents = 0;
    let mut root = false;
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| message::of_scan_error(text, start, end, &error))?;
        let bytes = span.byte_range().unwrap_or(0..0);
        let span = (start + bytes.start, start + bytes.end);
        match event {
            Event::DocumentStart(..) => {
                documents += 1;
                if documents > 1 {
                    return Err(message::second_root(text, span.0));
                }
            }
            Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            Event::Comment(..) => builder.tape.comments.push(Span::new(span.0, span.1)),
            event => {
                builder.node(event, span)?;
                root = true;
            }
        }
        if builder.size > limits.expanded_nodes {
            return Err(message::too_many_aliases(span));
        }
    }
    Ok(root)
}

/// An open collection.
struct Frame {
    node: u32,
    anchor: usize,
    /// Nodes inside, with aliases expanded.
    size: u64,
    /// Direct children: keys and values count alike.
    children: u32,
}

struct Builder<'a> {
    text: &'a str,
    end: usize,
    tape: &'a mut Tape,
    stack: Vec<Frame>,
    /// Node and expanded size by anchor; an anchor that is still open is not there.
    anchors: HashMap<usize, (u32, u64)>,
    /// End of the last token.
    last_end: usize,
    /// Nodes so far, with aliases expanded.
    size: u64,
}

impl Builder<'_> {
    fn node(&mut self, event: Event<'_>, span: (usize, usize)) -> Result<(), Failure> {
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                if style == ScalarStyle::DoubleQuoted {
                    message::unknown_escape(self.text, span)?;
                }
                let mut node = self.scalar(&value, style, span);
                node.tag = tag.map_or(Tag::None, |tag| tag_of(&tag));
                if node.style == Style::Plain && &*value == "<<" && self.at_key() {
                    self.tape.merges = true;
                }
                self.last_end = node.end as usize;
                let id = self.push(node);
                self.finish(id, anchor, 1);
            }
            Event::SequenceStart(style, anchor, _) => {
                self.open(Style::Seq, style, anchor, self.sequence_start(span.0, style));
            }
            Event::MappingStart(style, anchor, _) => self.open(Style::Map, style, anchor, span.0),
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(anchor) => {
                let Some((target, size)) = self.anchors.get(&anchor).copied() else {
                    return Err(message::alias_in_itself(span));
                };
                let node =
                    Node { style: Style::Alias, ..Node::slice(Style::Plain, span, (target as usize, 0)) };
                self.last_end = span.1;
                let id = self.push(node);
                self.finish(id, 0, size);
            }
            _ => {}
        }
        Ok(())
    }

    fn push(&mut self, node: Node) -> u32 {
        let id = self.tape.nodes.len() as u32;
        self.tape.nodes.push(node);
        id
    }

    /// Whether the next node is a key.
    fn at_key(&self) -> bool {
        self.stack.last().is_some_and(|top| {
            top.children % 2 == 0 && self.tape.nodes[top.node as usize].style == Style::Map
        })
    }

    fn open(&mut self, style: Style, written: StructureStyle, anchor: usize, start: usize) {
        let node = self.push(Node::open(style, start, written == StructureStyle::Flow));
        self.last_end = self.last_end.max(start);
        self.stack.push(Frame { node, anchor, size: 1, children: 0 });
    }

    /// Notes a finished node with its expanded size.
    fn finish(&mut self, id: u32, anchor: usize, size: u64) {
        self.size = self.size.saturating_add(size);
        if anchor != 0 {
            self.anchors.insert(anchor, (id, size));
        }
        if let Some(top) = self.stack.last_mut() {
            top.children += 1;
            top.size = top.size.saturating_add(size);
        }
    }

    fn close(&mut self, span: (usize, usize)) {
        let Some(frame) = self.stack.pop() else { return };
        let behind = self.tape.nodes.len() as u32;
        let node = &mut self.tape.nodes[frame.node as usize];
        node.a = behind;
        node.b = if node.style == Style::Map { frame.children / 2 } else { frame.children };
        // The end event of a block collection lies at the next token: it ends with its last child.
        if node.flow {
            self.last_end = span.1;
        }
        node.end = self.last_end as u32;
        // Its children were counted when they were finished.
        let (id, anchor, size) = (frame.node, frame.anchor, frame.size);
        self.finish(id, anchor, 1);
        if anchor != 0 {
            self.anchors.insert(anchor, (id, size));
        }
        if let Some(top) = self.stack.last_mut() {
            top.size = top.size.saturating_add(size - 1);
        }
    }

    /// The parser begins a sequence that stands at its key's column behind the first dash.
    fn sequence_start(&self, start: usize, style: StructureStyle) -> usize {
        let bytes = self.text.as_bytes();
        if style == StructureStyle::Flow || bytes.get(start) == Some(&b'-') {
            return start;
        }
        let before = &bytes[self.last_end.min(start)..start];
        before.iter().rposition(|byte| *byte == b'-').map_or(start, |at| start - before.len() + at)
    }

    fn scalar(&mut self, value: &str, style: ScalarStyle, (start, end): (usize, usize)) -> Node {
        let (style, quotes) = match style {
            ScalarStyle::Plain => (Style::Plain, 0),
            ScalarStyle::SingleQuoted => (Style::Single, 1),
            ScalarStyle::DoubleQuoted => (Style::Double, 1),
            ScalarStyle::Literal => return self.block(value, Style::Literal, start, end),
            ScalarStyle::Folded => return self.block(value, Style::Folded, start, end),
        };
        // An empty value is reported as `~` of no length; it belongs behind the token before it.
        if style == Style::Plain && start >= end {
            return Node::slice(style, (self.last_end, self.last_end), (self.last_end, self.last_end));
        }
        let inner = (start + quotes, end.saturating_sub(quotes).max(start + quotes));
        let mut node = if self.text.get(inner.0..inner.1) == Some(value) {
            Node::slice(style, (start, end), inner)
        } else {
            self.pooled(style, (start, end), value)
        };
        node.flow = self.stack.last().is_some_and(|top| self.tape.nodes[top.node as usize].flow);
        node
    }

    fn pooled(&mut self, style: Style, span: (usize, usize), value: &str) -> Node {
        let from = self.tape.pool.len();
        self.tape.pool.push_str(value);
        Node::pooled(style, span, (from, self.tape.pool.len()))
    }

    /// A block scalar: its span begins at the header and ends with its text, and a line break that the file does not
    /// have at its end is none of its own.
    fn block(&mut self, value: &str, style: Style, start: usize, end: usize) -> Node {
        let indicator = if style == Style::Literal { b'|' } else { b'>' };
        let bytes = self.text.as_bytes();
        let from = self.last_end.min(start);
        let header =
            bytes[from..end].iter().position(|byte| *byte == indicator).map_or(start, |at| from + at);
        let bare = value.strip_suffix('\n').unwrap_or(value);
        // A last line of spaces belongs to the text when it is indented further.
        let spaces = bare.ends_with(' ') && bare.trim_end_matches(' ').ends_with('\n');
        let cut = !self.text.trim_end_matches(' ').ends_with('\n') || spaces && self.text.ends_with(' ');
        let invented = end >= self.end && self.end == self.text.len() && cut;
        let value = if invented { bare } else { value };
        let written = self.text[header..end].trim_end_matches([' ', '\t']);
        let mut stop = header + written.trim_end_matches('\n').len();
        if value.ends_with('\n') && bytes.get(stop) == Some(&b'\n') {
            stop += 1;
        }
        self.pooled(style, (header, stop.max(header + 1)), value)
    }
}

/// Tags of the core schema resolve as the text does, except `!!str`; others leave the text a text.
fn tag_of(tag: &EventTag) -> Tag {
    match tag.core_suffix() {
        Some("int" | "float" | "bool" | "null") => Tag::Resolved,
        _ => Tag::Text,
    }
}
