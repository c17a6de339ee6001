//! Rules that say which requests webhooks and policies see.

use std::collections::HashMap;

use kubevet_core::{kubernetes::is_placeholder, rule::Context, yaml::NodeRef};

use crate::api::check::{Fields, field_name, not_empty, refuse, shown};

/// Reports what no rule can say (`validateRuleWithOperations`).
pub(crate) fn rule(rule: NodeRef<'_>, operations: &[&str], cx: &mut Context<'_>) {
    for list in ["operations", "apiGroups", "apiVersions"] {
        wildcard(rule.field(list), cx);
    }
    for node in rule.each("operations") {
        let text = node.text();
        if (node.is_null() || node.as_str().is_some()) && !operations.contains(&text) && !is_placeholder(text)
        {
            refuse(cx, visible(node), format!("`{}` is no operation", shown(text)))
                .help(format!("the operations are `{}`", operations.join("`, `")));
        }
    }
    for list in ["apiVersions", "resources"] {
        for node in rule.each(list).filter(|node| node.is_null() || node.as_str() == Some("")) {
            refuse(cx, visible(node), format!("an item of `{list}` is empty")).help("name one, or delete it");
        }
    }
    not_empty(cx, rule, &["scope"]);
    resources(rule, cx);
}

/// An item without bytes of its own stands for its list.
fn visible(node: NodeRef<'_>) -> NodeRef<'_> {
    if node.span().start < node.span().end { node } else { node.parent().unwrap_or(node) }
}

/// Reports `*` beside others.
fn wildcard(list: Option<NodeRef<'_>>, cx: &mut Context<'_>) {
    let Some(list) = list.filter(|list| list.len() > 1) else { return };
    if let Some(star) = list.items().find(|node| node.text() == "*") {
        refuse(cx, star, format!("`*` stands beside others in `{}`", field_name(list)))
            .help("keep `*` alone, or delete it");
    }
}

/// `validateResources`.
fn resources(rule: NodeRef<'_>, cx: &mut Context<'_>) {
    let Some(list) = rule.field("resources").filter(|list| list.len() > 1) else { return };
    let named = |name| list.items().find(|node| node.text() == name);
    if let Some(all) = named("*/*") {
        refuse(cx, all, "`*/*` stands beside others in `resources`").help("keep `*/*` alone, or delete it");
        return;
    }
    // The last one decides, as in the API server.
    let last = list.items().filter(|node| !node.text().contains('/') && !node.text().is_empty()).last();
    if let (Some(star), Some(_)) = (named("*"), last.filter(|node| node.text() != "*")) {
        refuse(cx, star, "`*` stands beside other resources").help("keep `*` alone, or delete it");
    }
    let (mut of_resource, mut of_subresource) = (HashMap::new(), HashMap::new());
    for node in list.items() {
        let Some((resource, subresource)) = node.text().split_once('/') else { continue };
        let wider = of_resource.get(resource).or_else(|| of_subresource.get(subresource)).copied();
        if let Some(wider) = wider {
            refuse(cx, node, format!("`{}` is listed twice", shown(node.text())))
                .label(wider, "this takes it in")
                .help("delete it");
        }
        if subresource == "*" {
            of_resource.insert(resource, node);
        }
        if resource == "*" {
            of_subresource.insert(subresource, node);
        }
    }
}
