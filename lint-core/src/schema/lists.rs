//! Items of lists that must differ.

use kubevet_facts::Schema;

use super::{Problem, Type, Violation};
use crate::{kubernetes::is_placeholder, yaml::NodeRef};

/// Reports items that repeat the keys of an earlier one, or an earlier item of a set.
pub(super) fn check(list: NodeRef<'_>, schema: Schema, found: &mut Vec<Violation>) {
    let mut keys = schema.merge_keys();
    let first_key = keys.next();
    if list.len() < 2 || (first_key.is_none() && !schema.is_set()) {
        return;
    }
    let mut items: Vec<_> = list
        .items()
        .enumerate()
        .filter_map(|(index, item)| {
            let node = first_key
                .map_or(Some(item), |key| item.get(key))
                .filter(|node| node.is_scalar() && !node.is_null())?;
            Some((node.text(), index, item))
        })
        .collect();
    items.sort_unstable_by_key(|(text, index, _)| (*text, *index));
    let rest: Vec<&str> = keys.collect();
    for at in 1..items.len() {
        let (text, _, item) = items[at];
        if is_placeholder(text) {
            continue;
        }
        // Few items share their first key, and fewer the others.
        let equal = items[..at]
            .iter()
            .rev()
            .take_while(|(other, ..)| *other == text)
            .find(|(.., other)| rest.iter().all(|key| part(item, key) == part(*other, key)));
        if let Some((_, _, first)) = equal {
            let problem = Problem::Duplicate { first: first.id(), of: Type::BuiltIn(schema) };
            found.push(Violation::new(item.id(), problem));
        }
    }
}

/// A further key of an item. The only ones with a default are the protocols of ports (`+default="TCP"` in the core API's
/// types), and the default is a part of the key.
fn part<'t>(item: NodeRef<'t>, key: &str) -> Option<&'t str> {
    let said = item.get(key).filter(|node| !node.is_null()).map(NodeRef::text);
    said.or_else(|| (key == "protocol").then_some("TCP"))
}
