//! YAML (interim).
#[allow(warnings, clippy::all, clippy::pedantic, missing_docs)]
mod fast;
#[allow(warnings, clippy::all, clippy::pedantic, missing_docs)]
mod scalar;
use crate::source::{SourceText, Span};
use std::sync::Arc;

/// Id of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u32);
/// Bounds.
#[derive(Debug, Clone, Default)]
pub struct Limits {}
/// A parsed file.
pub struct Tree {
    source: SourceText,
    tape: fast::Tree,
}
impl std::fmt::Debug for Tree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tree({})", self.path())
    }
}
/// Parses.
pub fn parse(source: SourceText, _: &Limits) -> Tree {
    let mut tape = fast::Tree::default();
    if fast::parse(source.text(), &mut tape).is_err() {
        tape.clear();
    }
    Tree { source, tape }
}
/// A document.
pub struct Document<'t> {
    /// Ordinal.
    pub index: u32,
    tree: &'t Tree,
    id: u32,
}
impl<'t> Document<'t> {
    /// Root.
    pub fn root(&self) -> Option<NodeRef<'t>> {
        Some(NodeRef { tree: self.tree, id: self.id })
    }
}
impl Tree {
    /// Source.
    pub fn source(&self) -> &SourceText {
        &self.source
    }
    /// Path.
    pub fn path(&self) -> &Arc<str> {
        self.source.path()
    }
    /// Text.
    pub fn text(&self) -> &str {
        self.source.text()
    }
    /// Documents.
    pub fn documents(&self) -> impl ExactSizeIterator<Item = Document<'_>> {
        self.tape.docs.iter().enumerate().map(|(index, id)| Document {
            index: index as u32,
            tree: self,
            id: *id,
        })
    }
    /// A node.
    pub fn node(&self, id: NodeId) -> NodeRef<'_> {
        NodeRef { tree: self, id: id.0 }
    }
}
/// Copy handle to a node.
#[derive(Debug, Clone, Copy)]
pub struct NodeRef<'t> {
    tree: &'t Tree,
    id: u32,
}
impl PartialEq for NodeRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.id == other.id
    }
}
impl Eq for NodeRef<'_> {}
/// A pair of a mapping.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'t> {
    /// Key.
    pub key: NodeRef<'t>,
    /// Value.
    pub value: NodeRef<'t>,
}
/// A resolved scalar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scalar<'t> {
    /// null
    Null,
    /// bool
    Bool(bool),
    /// int
    Int(i64),
    /// uint
    UInt(u64),
    /// float
    Float(f64),
    /// string
    Str(&'t str),
}
impl<'t> NodeRef<'t> {
    fn raw(self) -> &'t fast::Node {
        &self.tree.tape.nodes[self.id as usize]
    }
    fn next(self) -> u32 {
        if matches!(self.raw().kind, fast::Kind::Map | fast::Kind::Seq) { self.raw().a } else { self.id + 1 }
    }
    fn children(self) -> impl Iterator<Item = NodeRef<'t>> {
        let end = if matches!(self.raw().kind, fast::Kind::Map | fast::Kind::Seq) { self.raw().a } else { 0 };
        let mut at = self.id + 1;
        let tree = self.tree;
        std::iter::from_fn(move || {
            if at >= end {
                return None;
            }
            let node = NodeRef { tree, id: at };
            at = node.next();
            Some(node)
        })
    }
    /// Value of a key.
    pub fn get(self, key: &str) -> Option<NodeRef<'t>> {
        self.entries().filter(|entry| entry.key.text() == key).last().map(|entry| entry.value)
    }
    /// `get` in a chain.
    pub fn at(self, path: &[&str]) -> Option<NodeRef<'t>> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }
    /// Pairs.
    pub fn entries(self) -> impl Iterator<Item = Entry<'t>> {
        let mut children = if self.is_map() { Some(self.children()) } else { None };
        std::iter::from_fn(move || {
            let children = children.as_mut()?;
            Some(Entry { key: children.next()?, value: children.next()? })
        })
    }
    /// Items.
    pub fn items(self) -> impl Iterator<Item = NodeRef<'t>> {
        self.children().filter(move |_| self.is_seq())
    }
    /// Number of children.
    pub fn len(self) -> usize {
        if self.is_map() || self.is_seq() { self.raw().b as usize } else { 0 }
    }
    /// No children.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
    /// Mapping.
    pub fn is_map(self) -> bool {
        self.raw().kind == fast::Kind::Map
    }
    /// Sequence.
    pub fn is_seq(self) -> bool {
        self.raw().kind == fast::Kind::Seq
    }
    /// Scalar.
    pub fn is_scalar(self) -> bool {
        !self.is_map() && !self.is_seq()
    }
    /// Null.
    pub fn is_null(self) -> bool {
        self.is_scalar() && self.value() == Scalar::Null
    }
    /// Cooked text.
    pub fn text(self) -> &'t str {
        self.tree.tape.value(self.tree.text(), self.raw())
    }
    /// Resolved value.
    pub fn value(self) -> Scalar<'t> {
        if self.raw().kind != fast::Kind::Plain {
            return Scalar::Str(self.text());
        }
        match scalar::resolve(self.text()) {
            scalar::Sc::Null => Scalar::Null,
            scalar::Sc::Bool(value) => Scalar::Bool(value),
            scalar::Sc::Int(value) => Scalar::Int(value),
            scalar::Sc::UInt(value) => Scalar::UInt(value),
            scalar::Sc::Float(value) => Scalar::Float(value),
            _ => Scalar::Str(self.text()),
        }
    }
    /// String.
    pub fn as_str(self) -> Option<&'t str> {
        if !self.is_scalar() {
            return None;
        }
        if let Scalar::Str(text) = self.value() { Some(text) } else { None }
    }
    /// Boolean.
    pub fn as_bool(self) -> Option<bool> {
        if let (true, Scalar::Bool(value)) = (self.is_scalar(), self.value()) { Some(value) } else { None }
    }
    /// Integer.
    pub fn as_i64(self) -> Option<i64> {
        if let (true, Scalar::Int(value)) = (self.is_scalar(), self.value()) { Some(value) } else { None }
    }
    /// Span of the value.
    pub fn span(self) -> Span {
        Span { start: self.raw().start, end: self.raw().end }
    }
    fn path(self) -> Vec<(NodeRef<'t>, Option<NodeRef<'t>>)> {
        let mut at = self.root();
        let mut path = Vec::new();
        while at != self {
            let mut key = None;
            let mut found = None;
            for (index, child) in at.children().enumerate() {
                let is_key = at.is_map() && index % 2 == 0;
                if child.id <= self.id && self.id < child.next() {
                    found = Some(child);
                    break;
                }
                key = is_key.then_some(child);
            }
            let Some(child) = found else { break };
            path.push((child, key));
            at = child;
        }
        path
    }
    /// Key in its mapping.
    pub fn key_node(self) -> Option<NodeRef<'t>> {
        self.path().last()?.1
    }
    /// Span of the key.
    pub fn key_span(self) -> Option<Span> {
        self.key_node().map(NodeRef::span)
    }
    /// Key to value.
    pub fn entry_span(self) -> Span {
        Span { start: self.key_span().unwrap_or(self.span()).start, end: self.span().end }
    }
    /// Parent.
    pub fn parent(self) -> Option<NodeRef<'t>> {
        let path = self.path();
        match path.len() {
            0 => None,
            1 => Some(self.root()),
            n => Some(path[n - 2].0),
        }
    }
    /// Route.
    pub fn route(self) -> String {
        use std::fmt::Write as _;
        let mut route = String::new();
        let mut parent = self.root();
        for (node, key) in self.path() {
            match key {
                Some(key) => {
                    if !route.is_empty() {
                        route.push('.');
                    }
                    route.push_str(key.text());
                }
                None => match node.get("name").and_then(NodeRef::as_str) {
                    Some(name) => drop(write!(route, "[name={name}]")),
                    None => {
                        let index = parent.items().position(|item| item == node).unwrap_or(0);
                        drop(write!(route, "[{index}]"));
                    }
                },
            }
            parent = node;
        }
        route
    }
    /// Document ordinal.
    pub fn document(self) -> u32 {
        self.tree.tape.docs.partition_point(|start| *start <= self.id) as u32 - 1
    }
    /// Document root.
    pub fn root(self) -> NodeRef<'t> {
        NodeRef { tree: self.tree, id: self.tree.tape.docs[self.document() as usize] }
    }
    /// Tree.
    pub fn tree(self) -> &'t Tree {
        self.tree
    }
    /// Id.
    pub fn id(self) -> NodeId {
        NodeId(self.id)
    }
}
