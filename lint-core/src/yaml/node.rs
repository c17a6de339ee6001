//! Handles to nodes: how rules walk a tree.

mod way;

use std::{borrow::Cow, fmt, iter, ops::Range};

use super::{
    Scalar, Style, Tree, resolve,
    tree::{Node, NodeId, Tag},
};
use crate::source::Span;

/// A node of a tree: 16 bytes, free to copy.
///
/// Every question has an answer: on the wrong kind of node it is `None` or an empty iterator. Aliases are followed, and
/// merge keys (`<<`) are honoured; explicit keys win over merged ones.
#[derive(Clone, Copy)]
pub struct NodeRef<'t> {
    tree: &'t Tree,
    id: u32,
}

/// A pair of a mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'t> {
    /// The key.
    pub key: NodeRef<'t>,
    /// The value.
    pub value: NodeRef<'t>,
}

/// Merge keys are followed this deep; a longer chain is somebody's attack.
const MERGE_DEPTH: u32 = 16;

impl<'t> NodeRef<'t> {
    pub(super) fn new(tree: &'t Tree, id: u32) -> Self {
        NodeRef { tree, id }
    }

    fn raw(self) -> &'t Node {
        &self.tree.nodes[self.id as usize]
    }

    /// The node that an alias stands for; any other node itself.
    fn target(self) -> Self {
        let node = self.raw();
        if node.style == Style::Alias { NodeRef::new(self.tree, node.a) } else { self }
    }

    /// Number of the node behind the last descendant.
    fn behind(self) -> u32 {
        let node = self.raw();
        if node.is_container() { node.a } else { self.id + 1 }
    }

    fn children(self) -> impl Iterator<Item = NodeRef<'t>> {
        let target = self.target();
        let end = if target.raw().is_container() { target.raw().a } else { 0 };
        let (tree, mut at) = (self.tree, target.id + 1);
        iter::from_fn(move || {
            if at >= end {
                return None;
            }
            let node = NodeRef::new(tree, at);
            at = node.behind();
            Some(node)
        })
    }

    pub(super) fn child_ids(self) -> impl Iterator<Item = u32> {
        self.children().map(|child| child.id)
    }

    /// Pairs that the mapping itself writes, `<<` included.
    pub(super) fn own_entries(self) -> impl Iterator<Item = Entry<'t>> {
        let mut children = self.children();
        let map = self.is_map();
        iter::from_fn(
            move || if map { Some(Entry { key: children.next()?, value: children.next()? }) } else { None },
        )
    }

    fn is_merge_key(self) -> bool {
        self.raw().style == Style::Plain && self.text() == "<<"
    }

    /// Mappings that `<<` brings in, the stronger ones first.
    fn merged(self) -> impl Iterator<Item = NodeRef<'t>> {
        let merges = self.own_entries().filter(|entry| entry.key.is_merge_key());
        merges.flat_map(|entry| {
            iter::once(entry.value).filter(|value| value.is_map()).chain(entry.value.items())
        })
    }

    /// The value of a key, as Kubernetes reads the key. Of a key that is there twice the last one counts.
    pub fn get(self, key: &str) -> Option<NodeRef<'t>> {
        self.get_within(key, MERGE_DEPTH)
    }

    fn get_within(self, key: &str, depth: u32) -> Option<NodeRef<'t>> {
        let mut found = None;
        for entry in self.own_entries() {
            // Plain `on` is the key "true": its text is not its name.
            if entry.key.text_is(key)
                && (resolve::is_word(key)
                    || entry.key.raw().style != Style::Plain
                    || resolve::key(entry.key) == key)
            {
                found = Some(entry.value);
            }
        }
        if found.is_none() && self.tree.merges && depth > 0 {
            return self.merged().find_map(|map| map.get_within(key, depth - 1));
        }
        found
    }

    /// [`NodeRef::get`] in a chain.
    pub fn at(self, path: &[&str]) -> Option<NodeRef<'t>> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// Pairs of a mapping, in order; merged ones last.
    pub fn entries(self) -> impl Iterator<Item = Entry<'t>> {
        let merges = self.tree.merges && self.own_entries().any(|entry| entry.key.is_merge_key());
        let merged = if merges { self.merged_entries() } else { Vec::new() };
        self.own_entries().filter(move |entry| !(merges && entry.key.is_merge_key())).chain(merged)
    }

    /// Pairs that only merge keys bring in.
    fn merged_entries(self) -> Vec<Entry<'t>> {
        let mut found: Vec<Entry<'t>> = Vec::new();
        let mut pending: Vec<(NodeRef<'t>, u32)> = self.merged().map(|map| (map, MERGE_DEPTH)).collect();
        pending.reverse();
        while let Some((map, depth)) = pending.pop() {
            for entry in map.own_entries() {
                let known = self
                    .own_entries()
                    .chain(found.iter().copied())
                    .any(|one| one.key.text() == entry.key.text());
                if !known {
                    found.push(entry);
                }
            }
            if depth > 0 {
                let deeper: Vec<_> = map.merged().map(|map| (map, depth - 1)).collect();
                pending.extend(deeper.into_iter().rev());
            }
        }
        found
    }

    /// Items of a sequence.
    pub fn items(self) -> impl Iterator<Item = NodeRef<'t>> {
        let seq = self.is_seq();
        self.children().take_while(move |_| seq)
    }

    /// Number of items or pairs as written; 0 for a scalar.
    pub fn len(self) -> usize {
        let node = self.target().raw();
        if node.is_container() { node.b as usize } else { 0 }
    }

    /// Whether it has no items or pairs.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Whether it is a mapping.
    pub fn is_map(self) -> bool {
        self.target().raw().style == Style::Map
    }

    /// Whether it is a sequence.
    pub fn is_seq(self) -> bool {
        self.target().raw().style == Style::Seq
    }

    /// Whether it is a scalar.
    pub fn is_scalar(self) -> bool {
        !self.target().raw().is_container()
    }

    /// Whether it is `null`, `~` or nothing.
    pub fn is_null(self) -> bool {
        self.is_scalar() && self.value() == Scalar::Null
    }

    /// How it is written.
    pub fn style(self) -> Style {
        self.raw().style
    }

    /// Whether it is written in flow style: `[a]`, `{a: b}`, or inside of one.
    pub fn is_flow(self) -> bool {
        self.raw().flow
    }

    /// The text of a scalar with escapes and line folding done; `""` for collections.
    pub fn text(self) -> &'t str {
        let node = self.target().raw();
        if node.is_container() {
            return "";
        }
        let text = if node.pooled { self.tree.pool.as_str() } else { self.tree.text() };
        &text[node.a as usize..node.b as usize]
    }

    /// The text of a key as it becomes in JSON: plain `on` is "true", and `1` is "1".
    pub fn key_text(self) -> Cow<'t, str> {
        resolve::key(self)
    }

    /// Whether [`NodeRef::text`] of a scalar is this: most others differ in length.
    fn text_is(self, text: &str) -> bool {
        let node = self.target().raw();
        if node.is_container() || (node.b - node.a) as usize != text.len() {
            return false;
        }
        // As bytes: nothing is asked of where characters begin.
        let whole = if node.pooled { self.tree.pool.as_bytes() } else { self.tree.text().as_bytes() };
        &whole[node.a as usize..node.b as usize] == text.as_bytes()
    }

    /// The scalar as Kubernetes reads it; an empty text for collections.
    pub fn value(self) -> Scalar<'t> {
        let node = self.target().raw();
        match (node.style, node.tag) {
            (Style::Plain, Tag::None) | (_, Tag::Resolved) => resolve::plain(self.text()),
            _ => Scalar::Str(self.text()),
        }
    }

    /// The text, when Kubernetes reads a string.
    pub fn as_str(self) -> Option<&'t str> {
        match self.value() {
            Scalar::Str(text) if self.is_scalar() => Some(text),
            _ => None,
        }
    }

    /// The value, when Kubernetes reads a boolean.
    pub fn as_bool(self) -> Option<bool> {
        if let (true, Scalar::Bool(value)) = (self.is_scalar(), self.value()) { Some(value) } else { None }
    }

    /// The value, when Kubernetes reads a whole number.
    pub fn as_i64(self) -> Option<i64> {
        if let (true, Scalar::Int(value)) = (self.is_scalar(), self.value()) { Some(value) } else { None }
    }

    /// The value, when Kubernetes reads a number.
    pub fn as_f64(self) -> Option<f64> {
        match self.value() {
            Scalar::Float(value) if self.is_scalar() => Some(value),
            Scalar::Int(value) if self.is_scalar() => Some(value as f64),
            Scalar::UInt(value) if self.is_scalar() => Some(value as f64),
            _ => None,
        }
    }

    /// Its bytes: quotes and the header of a block scalar included; a block collection ends with its last child.
    pub fn span(self) -> Span {
        let node = self.raw();
        Span { start: node.start, end: node.end }
    }

    /// Bytes of the source that stand for a range of [`NodeRef::text`]. `None` where escapes or folding leave none.
    pub fn text_span(self, range: Range<usize>) -> Option<Span> {
        let node = self.target().raw();
        if range.end > self.text().len() || node.is_container() {
            return None;
        }
        if !node.pooled {
            return Some(Span::new(node.a as usize + range.start, node.a as usize + range.end));
        }
        if node.style != Style::Literal {
            return None;
        }
        Some(Span::new(self.literal_offset(range.start)?, self.literal_offset(range.end)?))
    }

    /// Offset in the source of an offset in the text of a literal block: its lines are the source's, less indentation.
    fn literal_offset(self, offset: usize) -> Option<usize> {
        let (node, text, source) = (self.target().raw(), self.text(), self.tree.text());
        let line = text[..offset].matches('\n').count();
        let line_start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
        let content = text[line_start..].split('\n').next()?;
        let mut start = node.start as usize;
        for _ in 0..=line {
            start = source[start..].find('\n')? + start + 1;
        }
        let written = source[start..].split('\n').next()?;
        let written = written.strip_suffix('\r').unwrap_or(written);
        let indent = written.len().checked_sub(content.len())?;
        (written.ends_with(content)).then_some(start + indent + offset - line_start)
    }

    /// Number of its document.
    pub fn document(self) -> u32 {
        self.tree.documents.partition_point(|document| document.nodes_end <= self.id) as u32
    }

    /// The root of its document.
    pub fn root(self) -> NodeRef<'t> {
        let document = &self.tree.documents[self.document() as usize];
        NodeRef::new(self.tree, document.root.unwrap_or(self.id))
    }

    /// The tree it belongs to.
    pub fn tree(self) -> &'t Tree {
        self.tree
    }

    /// Its number, for [`Tree::node`].
    pub fn id(self) -> NodeId {
        NodeId(self.id)
    }
}

impl PartialEq for NodeRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.id == other.id
    }
}

impl Eq for NodeRef<'_> {}

impl fmt::Debug for NodeRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:?})", self.route(), self.style())?;
        if self.is_scalar() { write!(f, " {:?}", self.text()) } else { Ok(()) }
    }
}
