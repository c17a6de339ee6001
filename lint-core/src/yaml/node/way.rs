//! The way from the root of a document down to a node.

use std::{fmt::Write as _, iter};

use super::{NodeRef, resolve};
use crate::source::Span;

/// One step of the way to a node.
#[derive(Clone, Copy)]
struct Step<'t> {
    node: NodeRef<'t>,
    /// Its key, when it is the value of one.
    key: Option<NodeRef<'t>>,
    /// Its number among the children: keys and values of a mapping count alike.
    number: usize,
}

impl<'t> NodeRef<'t> {
    /// Ancestors and itself, below the root.
    fn path(self) -> Vec<Step<'t>> {
        let mut path = Vec::new();
        let mut at = self.root();
        while let Some(step) = at.step_to(self) {
            path.push(step);
            at = step.node;
        }
        path
    }

    /// Ancestors and itself, the root first.
    pub(crate) fn way(self) -> impl Iterator<Item = NodeRef<'t>> {
        iter::once(self.root()).chain(self.path().into_iter().map(|step| step.node))
    }

    /// The child that a node below is, or is in.
    fn step_to(self, node: NodeRef<'t>) -> Option<Step<'t>> {
        if self.id == node.id {
            return None;
        }
        let mut before = None;
        let (number, child) = if let Some(all) = self.tree.children_of(self.id) {
            let number = all.partition_point(|child| *child <= node.id).checked_sub(1)?;
            before = number.checked_sub(1).map(|before| all[before]);
            (number, NodeRef::new(self.tree, all[number]))
        } else {
            self.children().enumerate().find(|(_, child)| {
                let holds = node.id < child.behind();
                before = if holds { before } else { Some(child.id) };
                holds
            })?
        };
        let is_value = self.is_map() && number % 2 == 1;
        let key = before.filter(|_| is_value).map(|key| NodeRef::new(self.tree, key));
        Some(Step { node: child, key, number })
    }

    /// The key that it is the value of.
    pub fn key_node(self) -> Option<NodeRef<'t>> {
        self.path().last()?.key
    }

    /// Bytes of its key.
    pub fn key_span(self) -> Option<Span> {
        self.key_node().map(NodeRef::span)
    }

    /// Bytes from its key, or from itself where it has none, to its end.
    pub fn entry_span(self) -> Span {
        Span { start: self.key_span().unwrap_or_else(|| self.span()).start, end: self.span().end }
    }

    /// The collection that holds it; `None` for a root.
    pub fn parent(self) -> Option<NodeRef<'t>> {
        let path = self.path();
        match path.len() {
            0 => None,
            1 => Some(self.root()),
            length => Some(path[length - 2].node),
        }
    }

    /// The way to it from the root: `spec.containers[name=web].image`. Items go by their `name`, else by number;
    /// keys with odd characters are quoted: `metadata.labels["app.kubernetes.io/name"]`. The way to a key is the way to
    /// its value.
    pub fn route(self) -> String {
        let mut route = String::new();
        let mut parent = self.root();
        for Step { node, key, number } in self.path() {
            let written = match key.or_else(|| parent.is_map().then_some(node)) {
                Some(key) => {
                    let text = resolve::key(key);
                    let simple = !text.is_empty()
                        && text
                            .bytes()
                            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
                    let dot = if route.is_empty() { "" } else { "." };
                    if simple { write!(route, "{dot}{text}") } else { write!(route, "[{text:?}]") }
                }
                None => match node.get("name").and_then(NodeRef::as_str) {
                    Some(name) => write!(route, "[name={name}]"),
                    None => write!(route, "[{number}]"),
                },
            };
            written.expect("a string takes everything");
            parent = node;
        }
        route
    }
}
