//! Match conditions of webhooks and policies.

use std::collections::HashMap;

use kubevet_core::{
    kubernetes::values::names,
    rule::{Context, Key},
    yaml::NodeRef,
};

use crate::api::check::{Fields, form, refuse, repeated, shown};

/// Reports conditions without a name of their own (`validateMatchConditions`); expressions are not read.
pub(crate) fn conditions(holder: NodeRef<'_>, cx: &mut Context<'_>) {
    let Some(list) = holder.field("matchConditions") else { return };
    if list.len() > 64 {
        refuse(cx, Key(list), "there are more than 64 conditions").help("join some of them with `&&`");
    }
    let mut seen: HashMap<&str, NodeRef<'_>> = HashMap::new();
    for condition in list.items().filter(|condition| condition.is_map()) {
        expression(condition, "expression", cx);
        let Some(name) = condition.word("name") else { continue };
        form(cx, Some(name), "name of a condition", names::qualified_name);
        if let Some(first) = seen.insert(name.text(), name) {
            repeated(cx, name, first, format!("two conditions are called `{}`", shown(name.text())));
        }
    }
}

/// Reports an expression of white space: an empty one is a missing one.
pub(crate) fn expression(holder: NodeRef<'_>, field: &str, cx: &mut Context<'_>) {
    let blank = holder
        .field(field)
        .filter(|node| node.as_str().is_some_and(|text| !text.is_empty() && text.trim().is_empty()));
    if let Some(node) = blank {
        refuse(cx, node, format!("`{field}` is blank")).help("write a CEL expression");
    }
}
