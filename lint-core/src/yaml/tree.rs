//! The parsed file: nodes in one array, with spans into the text.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, OnceLock},
};

use super::{NodeRef, resolve};
use crate::source::{SourceText, Span};

/// Number of a node in its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) u32);

/// What a node is, and how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// A mapping.
    Map,
    /// A sequence.
    Seq,
    /// A scalar without quotes.
    Plain,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// `|`
    Literal,
    /// `>`
    Folded,
    /// `*name`: looks like its target to every reader but [`NodeRef::style`].
    Alias,
}

/// What an explicit tag makes of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// None is written: style and text decide.
    None,
    /// `!!str`, or a tag that Kubernetes does not know.
    Text,
    /// A tag of the core schema whose text resolves by itself.
    Resolved,
}

/// A node: 20 bytes, in document order, children behind their parent. Children of a mapping alternate key and value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub start: u32,
    pub end: u32,
    /// Scalar: start of its text. Container: number of the node behind its last descendant. Alias: its target.
    pub a: u32,
    /// Scalar: end of its text. Container: number of children (pairs of a mapping).
    pub b: u32,
    pub style: Style,
    /// The text of the scalar is in the pool, because it is not a slice of the source.
    pub pooled: bool,
    /// Written in flow style.
    pub flow: bool,
    pub tag: Tag,
}

impl Node {
    pub fn is_container(&self) -> bool {
        matches!(self.style, Style::Map | Style::Seq)
    }

    /// A scalar whose text is a slice of the source.
    pub fn slice(style: Style, span: (usize, usize), text: (usize, usize)) -> Self {
        let (a, b) = (text.0 as u32, text.1 as u32);
        Node {
            start: span.0 as u32,
            end: span.1 as u32,
            a,
            b,
            style,
            pooled: false,
            flow: false,
            tag: Tag::None,
        }
    }

    /// A scalar whose text is in the pool.
    pub fn pooled(style: Style, span: (usize, usize), text: (usize, usize)) -> Self {
        Node { pooled: true, ..Node::slice(style, span, text) }
    }

    /// A container that is not closed yet.
    pub fn open(style: Style, start: usize, flow: bool) -> Self {
        Node { flow, ..Node::slice(style, (start, start), (0, 0)) }
    }
}

/// Bounds on hostile input. Beyond them a document is one finding.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Nesting of collections.
    pub depth: u32,
    /// Nodes of one document with all its aliases expanded.
    pub expanded_nodes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { depth: 1000, expanded_nodes: 1_000_000 }
    }
}

/// Why a document could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SyntaxErrorKind {
    /// A tab where indentation is expected.
    Tab,
    /// Nested deeper than [`Limits::depth`].
    Depth,
    /// Its aliases expand beyond [`Limits::expanded_nodes`], or contain themselves.
    Aliases,
    /// The file is larger than 4 GiB.
    Size,
    /// Anything else that YAML does not allow.
    Other,
}

/// The one thing that is wrong with a broken document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// What is wrong; where the reader looks first.
    pub span: Span,
    /// Number of the document.
    pub document: u32,
    /// What kind of problem.
    pub kind: SyntaxErrorKind,
    /// What was expected, for people: lower case, no final dot.
    pub message: String,
}

#[derive(Clone, Debug)]
pub(super) struct DocumentEntry {
    pub root: Option<u32>,
    pub span: Span,
    pub broken: bool,
    /// Number of the node behind its last one.
    pub nodes_end: u32,
}

/// Everything parsed from one text. Owns the text, so a node knows its file.
pub struct Tree {
    pub(super) source: SourceText,
    pub(super) nodes: Vec<Node>,
    pub(super) pool: String,
    pub(super) documents: Vec<DocumentEntry>,
    pub(super) comments: Vec<Span>,
    pub(super) errors: Vec<SyntaxError>,
    /// Some key is `<<`.
    pub(super) merges: bool,
    /// Children of wide collections, once somebody has asked.
    pub(super) wide: OnceLock<HashMap<u32, Box<[u32]>>>,
}

/// Collections with more items or pairs than this are not searched from their beginning for each node in them.
const WIDE: u32 = 64;

/// One document of a file.
#[derive(Clone, Copy)]
pub struct Document<'t> {
    tree: &'t Tree,
    /// Its number, counted from 0 over every document of the stream, empty ones included.
    pub index: u32,
}

impl<'t> Document<'t> {
    fn entry(&self) -> &'t DocumentEntry {
        &self.tree.documents[self.index as usize]
    }

    /// Its root; `None` when it is broken.
    pub fn root(&self) -> Option<NodeRef<'t>> {
        self.entry().root.map(|id| NodeRef::new(self.tree, id))
    }

    /// Its bytes, without the marker that begins it.
    pub fn span(&self) -> Span {
        self.entry().span
    }

    /// Whether it could not be read: [`Tree::errors`] says why.
    pub fn is_broken(&self) -> bool {
        self.entry().broken
    }
}

/// Where a comment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Placement {
    /// On a line of its own, above what follows.
    Above,
    /// Behind something on its line.
    Trailing,
}

/// A comment, from its `#` to the end of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its bytes.
    pub span: Span,
    /// Where it stands.
    pub placement: Placement,
}

/// A key that a mapping has twice, once resolved as Kubernetes does.
#[derive(Clone, Copy, Debug)]
pub struct DuplicateKey<'t> {
    /// The key that comes first; lenient decoders drop its value.
    pub first: NodeRef<'t>,
    /// The key that comes again.
    pub second: NodeRef<'t>,
}

impl Tree {
    /// The text with its path.
    pub fn source(&self) -> &SourceText {
        &self.source
    }

    /// The path of the file.
    pub fn path(&self) -> &Arc<str> {
        self.source.path()
    }

    /// The text of the file.
    pub fn text(&self) -> &str {
        self.source.text()
    }

    /// Every document of the stream.
    pub fn documents(&self) -> impl ExactSizeIterator<Item = Document<'_>> {
        (0..self.documents.len() as u32).map(|index| Document { tree: self, index })
    }

    /// All comments, in order.
    pub fn comments(&self) -> impl ExactSizeIterator<Item = Comment> {
        self.comments.iter().map(|span| {
            let before = &self.text()[..span.start as usize];
            let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
            let placement = if line.trim().is_empty() { Placement::Above } else { Placement::Trailing };
            Comment { span: *span, placement }
        })
    }

    /// What is wrong with the broken documents, one for each.
    pub fn errors(&self) -> &[SyntaxError] {
        &self.errors
    }

    /// The node of a number that [`NodeRef::id`] gave.
    pub fn node(&self, id: NodeId) -> NodeRef<'_> {
        NodeRef::new(self, id.0)
    }

    /// The children of a wide collection, in order: keys and values of a mapping alternate.
    pub(super) fn children_of(&self, id: u32) -> Option<&[u32]> {
        let is_wide = |node: &Node| node.is_container() && node.b > WIDE;
        if !is_wide(&self.nodes[id as usize]) {
            return None;
        }
        let wide = self.wide.get_or_init(|| {
            let all = self.nodes.iter().enumerate().filter(|(_, node)| is_wide(node));
            all.map(|(id, _)| (id as u32, NodeRef::new(self, id as u32).child_ids().collect())).collect()
        });
        wide.get(&id).map(|children| &**children)
    }

    /// Keys that occur twice in one mapping.
    pub fn duplicate_keys(&self) -> Vec<DuplicateKey<'_>> {
        let mut found = Vec::new();
        let mut keys: Vec<NodeRef<'_>> = Vec::new();
        for (id, node) in self.nodes.iter().enumerate() {
            if node.style != Style::Map || node.b < 2 {
                continue;
            }
            keys.clear();
            keys.extend(NodeRef::new(self, id as u32).own_entries().map(|entry| entry.key));
            if keys.len() <= 16 {
                for (index, second) in keys.iter().enumerate() {
                    let first = keys[..index].iter().rfind(|first| resolve::same_key(**first, *second));
                    found.extend(first.map(|first| DuplicateKey { first: *first, second: *second }));
                }
            } else {
                let mut seen = HashMap::with_capacity(keys.len());
                for second in &keys {
                    if let Some(first) = seen.insert(resolve::key(*second), *second) {
                        found.push(DuplicateKey { first, second: *second });
                    }
                }
            }
        }
        found
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tree({}, {} nodes, {} documents)", self.path(), self.nodes.len(), self.documents.len())
    }
}
