//! YAML as Kubernetes reads it, with the place of everything.
//!
//! Semantics are those of `sigs.k8s.io/yaml` (go-yaml v2): YAML 1.1 scalars, strict about duplicate keys.
//! A stream is split into documents; each is parsed by the fast path, and by the full parser where that gives up.
//! A broken document is one [`SyntaxError`]; the others are read all the same.

mod fast;
mod full;
mod message;
mod node;
mod resolve;
mod split;
mod tree;

#[cfg(test)]
mod tests;

pub use node::{Entry, NodeRef};
pub use resolve::Scalar;
pub use tree::{
    Comment, Document, DuplicateKey, Limits, NodeId, Placement, Style, SyntaxError, SyntaxErrorKind, Tree,
};

use std::{borrow::Cow, sync::OnceLock};

use crate::source::{SourceText, Span};
use fast::Tape;
use split::Segment;
use tree::{DocumentEntry, Node};

/// Parses a text. Never fails: what is wrong becomes [`Tree::errors`]. JSON is YAML here.
pub fn parse(source: SourceText, limits: &Limits) -> Tree {
    if u32::try_from(source.text().len()).is_err() {
        let message = "the file is larger than 4 GiB".to_owned();
        let error = SyntaxError { span: Span::default(), document: 0, kind: SyntaxErrorKind::Size, message };
        return Tree { errors: vec![error], ..empty(source) };
    }
    let (text, cuts) = without_carriage_returns(source.text());
    let mut stream = Stream {
        text: &text,
        limits,
        tape: Tape::default(),
        documents: Vec::new(),
        errors: Vec::new(),
        full: false,
    };
    stream.run();
    let Stream { mut tape, mut documents, mut errors, full, .. } = stream;
    if full {
        tape.comments.sort_unstable();
    }
    if !cuts.is_empty() {
        restore(&cuts, &mut tape, &mut documents, &mut errors);
    }
    drop(text);
    let Tape { nodes, pool, comments, merges } = tape;
    Tree { source, nodes, pool, documents, comments, errors, merges, wide: OnceLock::new() }
}

fn empty(source: SourceText) -> Tree {
    Tree {
        source,
        nodes: Vec::new(),
        pool: String::new(),
        documents: Vec::new(),
        comments: Vec::new(),
        errors: Vec::new(),
        merges: false,
        wide: OnceLock::new(),
    }
}

/// The text with every CRLF as LF, and the offsets (in the new text) where a carriage return is missing.
fn without_carriage_returns(text: &str) -> (Cow<'_, str>, Vec<u32>) {
    if memchr::memmem::find(text.as_bytes(), b"\r\n").is_none() {
        return (Cow::Borrowed(text), Vec::new());
    }
    let mut joined = String::with_capacity(text.len());
    let mut cuts = Vec::new();
    for (index, line) in text.split("\r\n").enumerate() {
        if index > 0 {
            cuts.push(joined.len() as u32);
            joined.push('\n');
        }
        joined.push_str(line);
    }
    (Cow::Owned(joined), cuts)
}

/// Moves every offset back into the text with carriage returns.
fn restore(cuts: &[u32], tape: &mut Tape, documents: &mut [DocumentEntry], errors: &mut [SyntaxError]) {
    let moved = |at: u32| at + cuts.partition_point(|cut| *cut < at) as u32;
    let span = |span: &mut Span| *span = Span { start: moved(span.start), end: moved(span.end) };
    for node in &mut tape.nodes {
        (node.start, node.end) = (moved(node.start), moved(node.end));
        if !node.is_container() && !node.pooled && node.style != Style::Alias {
            (node.a, node.b) = (moved(node.a), moved(node.b));
        }
    }
    tape.comments.iter_mut().for_each(span);
    documents.iter_mut().for_each(|document| span(&mut document.span));
    errors.iter_mut().for_each(|error| span(&mut error.span));
}

/// The documents of a text, one after the other.
struct Stream<'a> {
    text: &'a str,
    limits: &'a Limits,
    tape: Tape,
    documents: Vec<DocumentEntry>,
    errors: Vec<SyntaxError>,
    /// The full parser ran.
    full: bool,
}

impl Stream<'_> {
    fn run(&mut self) {
        let from = if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let plain = fast::is_plain_text(&self.text.as_bytes()[from..]);
        let mut segments = split::segments(self.text, from).into_iter().peekable();
        while let Some(mut segment) = segments.next() {
            // Directives belong to the document behind the next marker.
            if !segment.explicit
                && self.begins_with_directive(segment)
                && let Some(next) = segments.next_if(|next| next.explicit)
            {
                segment = Segment { start: segment.marker, end: next.end, explicit: true, ..segment };
            }
            self.document(segment, plain);
        }
    }

    fn begins_with_directive(&self, segment: Segment) -> bool {
        let text = &self.text[segment.start..segment.end];
        let first = text.lines().find(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
        first.is_some_and(|line| line.starts_with('%'))
    }

    fn document(&mut self, segment: Segment, plain: bool) {
        let first_node = self.tape.nodes.len() as u32;
        let mark = (self.tape.nodes.len(), self.tape.pool.len(), self.tape.comments.len());
        let text = self.text;
        let plain = plain || fast::is_plain_text(&text.as_bytes()[segment.start..segment.end]);
        let quick = match self.content_start(segment) {
            Some(start) if plain => fast::parse(text, start, segment.end, &mut self.tape).ok(),
            _ => None,
        };
        let outcome = quick.map_or_else(
            || {
                self.rewind(mark);
                self.full = true;
                full::parse(text, segment.marker, segment.end, self.limits, &mut self.tape)
            },
            Ok,
        );
        let span = Span::new(segment.start, segment.end);
        match outcome {
            Ok(false) if !segment.explicit => {}
            // Only the first document of a stream may do without its marker.
            Ok(true) if !segment.explicit && segment.marker != segment.start => {
                let at = self.tape.nodes[mark.0].start as usize;
                self.broken(segment, mark, message::marker_missing(self.text, at));
            }
            Ok(root) => {
                if !root {
                    let at = segment.start.min(segment.end);
                    self.tape.nodes.push(Node::slice(Style::Plain, (at, at), (at, at)));
                }
                let nodes_end = self.tape.nodes.len() as u32;
                self.documents.push(DocumentEntry { root: Some(first_node), span, broken: false, nodes_end });
            }
            Err(failure) => self.broken(segment, mark, failure),
        }
    }

    /// Notes a document that cannot be read.
    fn broken(&mut self, segment: Segment, mark: (usize, usize, usize), failure: full::Failure) {
        self.rewind(mark);
        let full::Failure { span, kind, message } = failure;
        self.errors.push(SyntaxError { span, document: self.documents.len() as u32, kind, message });
        let span = Span::new(segment.start, segment.end);
        self.documents.push(DocumentEntry { root: None, span, broken: true, nodes_end: mark.0 as u32 });
    }

    fn rewind(&mut self, (nodes, pool, comments): (usize, usize, usize)) {
        self.tape.nodes.truncate(nodes);
        self.tape.pool.truncate(pool);
        self.tape.comments.truncate(comments);
    }

    /// Where the lines of a document begin, with a comment behind its marker noted. `None` when its content begins on
    /// the line of the marker.
    fn content_start(&mut self, segment: Segment) -> Option<usize> {
        if segment.marker == segment.start {
            return Some(segment.start);
        }
        let rest = &self.text[segment.start..segment.end];
        let (line, length) = rest.find('\n').map_or((rest, rest.len()), |at| (&rest[..at], at + 1));
        let body = line.trim_start();
        if body.starts_with('#') && body.len() < line.len() {
            let start = segment.start + line.len() - body.len();
            self.tape.comments.push(Span::new(start, segment.start + line.len()));
        } else if !body.is_empty() {
            return None;
        }
        Some(segment.start + length)
    }
}
