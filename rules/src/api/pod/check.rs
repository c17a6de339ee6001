//! What rules of pods ask of single values.
//!
//! Values of another type, and those that the schema reports by itself, are passed over: one cause is one finding.

use std::{
    collections::HashMap,
    fmt::{self, Display},
    ops::RangeInclusive,
};

use kubevet_core::{
    facts::{Component, feature_is_on},
    kubernetes::{Container, Object, is_placeholder},
    rule::{Context, Draft, Key},
    schema::{Malformed, Problem},
    suggest::closest,
    yaml::NodeRef,
};

/// What a finding is about, for messages: words are made only where something is reported.
#[derive(Clone, Copy)]
pub(super) enum Who<'t> {
    /// The pod as a whole.
    Pod,
    /// A container.
    Container(Container<'t>),
    /// An item of `volumes`.
    Volume(NodeRef<'t>),
}

impl Display for Who<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Who::Pod => f.write_str("the pod"),
            Who::Container(container) => f.write_str(&container.title()),
            Who::Volume(volume) => match volume.get("name").and_then(NodeRef::as_str) {
                Some(name) if !name.is_empty() => write!(f, "volume `{}`", shown(name)),
                _ => f.write_str("an unnamed volume"),
            },
        }
    }
}

/// A text as messages show it.
pub(super) fn shown(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let short: String = line.chars().take(64).collect();
    short.replace('`', "'")
}

/// A field that is there: `null` is nothing.
pub(super) fn given<'t>(holder: NodeRef<'t>, field: &str) -> Option<NodeRef<'t>> {
    holder.get(field).filter(|node| !node.is_null())
}

/// A string that is there and not empty.
pub(super) fn string<'t>(holder: NodeRef<'t>, field: &str) -> Option<&'t str> {
    holder.get(field)?.as_str().filter(|text| !text.is_empty())
}

/// A boolean that is there.
pub(super) fn flag(holder: NodeRef<'_>, field: &str) -> Option<bool> {
    holder.get(field)?.as_bool()
}

/// Items of a list that are objects.
pub(super) fn objects<'t>(holder: NodeRef<'t>, list: &str) -> impl Iterator<Item = NodeRef<'t>> {
    holder.get(list).into_iter().flat_map(NodeRef::items).filter(|item| item.is_map())
}

/// Whether the API server of the target version has a feature, when nobody sets its gate.
pub(super) fn has_feature(cx: &Context<'_>, gate: &str) -> bool {
    feature_is_on(Component::KubeApiserver, gate, cx.version())
}

/// Whether the object is decoded by the API server, and not by a controller that fills in what is missing.
pub(super) fn is_complete(object: Object<'_>) -> bool {
    object.group() != "serving.knative.dev"
}

/// Whether a rule about schemas reports the value already.
fn is_said(cx: &Context<'_>, node: NodeRef<'_>) -> bool {
    let Some(object) = Object::containing(node) else { return false };
    let violations = cx.violations(object);
    let rule = violations.iter().filter(|one| one.node == node.id()).find_map(|one| match one.problem {
        Problem::UnknownValue { .. } => Some("schema/invalid-enum"),
        Problem::Malformed(Malformed::Range { .. }) => Some("schema/format-or-range"),
        _ => None,
    });
    rule.is_some_and(|rule| cx.left_to(rule).is_some())
}

/// Whether a rule about schemas reports a field that is missing.
pub(super) fn is_missing_said(cx: &Context<'_>, holder: NodeRef<'_>, field: &str) -> bool {
    let Some(object) = Object::containing(holder) else { return false };
    let missing = |problem: &Problem| matches!(problem, Problem::Missing { field: name } if *name == field);
    let known = cx.violations(object).iter().any(|one| one.node == holder.id() && missing(&one.problem));
    known && cx.left_to("schema/missing-required").is_some()
}

/// Reports a field that is missing or empty; whether it has something in it.
pub(super) fn required(cx: &mut Context<'_>, holder: NodeRef<'_>, field: &str, who: impl Display) -> bool {
    let Some(node) = given(holder, field) else {
        let object = Object::containing(holder);
        if object.is_some_and(is_complete) && !is_missing_said(cx, holder, field) {
            absent(cx, holder, format!("{who} has no `{field}`: the API server refuses it"))
                .help(format!("set `{field}`"));
        }
        return false;
    };
    let empty = if node.is_scalar() { node.as_str() == Some("") } else { node.is_empty() };
    if empty {
        cx.report(node, format!("`{field}` of {who} is empty: the API server refuses it"))
            .help(format!("give `{field}` a value"));
    }
    !empty
}

/// Reports that something is missing in a mapping.
pub(super) fn absent<'a>(cx: &'a mut Context<'_>, holder: NodeRef<'_>, message: String) -> Draft<'a> {
    let name = holder.get("name").filter(|name| name.is_scalar() && !name.is_null());
    match (holder.key_node(), name) {
        (None, Some(name)) if !name.text().is_empty() => cx.report(name, message).absence(),
        _ => cx.report(Key(holder), message).absence(),
    }
}

/// Reports a string that does not have the format of its field. `what` names the field: "`hostname` of the pod".
pub(super) fn format(
    cx: &mut Context<'_>,
    node: NodeRef<'_>,
    what: impl Display,
    valid: impl Fn(&str) -> Result<(), &'static str>,
) {
    let Some(text) = node.as_str() else { return };
    let Err(problem) = valid(text) else { return };
    if is_placeholder(text) || is_said(cx, node) {
        return;
    }
    let message = if text.is_empty() {
        format!("{what} is empty: the API server refuses it")
    } else {
        format!("{what} `{}` is malformed: the API server refuses it", shown(text))
    };
    cx.report(node, message).help(format!("it {problem}"));
}

/// Reports a string that is none of the values of its field; whether it is one.
pub(super) fn one_of(cx: &mut Context<'_>, node: NodeRef<'_>, what: impl Display, values: &[&str]) -> bool {
    let Some(text) = node.as_str().filter(|text| !values.contains(text)) else { return true };
    if is_placeholder(text) || is_said(cx, node) {
        return false;
    }
    let message = if text.is_empty() {
        format!("{what} is empty: the API server refuses it")
    } else {
        format!("`{}` is no value of {what}: the API server refuses it", shown(text))
    };
    let same = values.iter().find(|value| value.eq_ignore_ascii_case(text)).copied();
    let named = values.iter().filter(|value| !value.is_empty());
    let known = named.map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
    let help = match same.or_else(|| closest(text, values.iter().copied())) {
        Some(near) => format!("did you mean `{near}`? the values are {known}"),
        None => format!("the values are {known}"),
    };
    cx.report(node, message).help(help);
    false
}

/// Reports a whole number outside of the range of its field.
pub(super) fn within(
    cx: &mut Context<'_>,
    node: NodeRef<'_>,
    what: impl Display,
    range: RangeInclusive<i64>,
) -> bool {
    let Some(number) = node.as_i64().filter(|number| !range.contains(number)) else { return true };
    if !is_said(cx, node) {
        let (start, end) = range.into_inner();
        let message = format!("{what} is {number}: the API server refuses it");
        cx.report(node, message).help(match (start, end) {
            (0, i64::MAX) => "it must not be negative".to_owned(),
            (1, i64::MAX) => "it must be greater than 0".to_owned(),
            _ => format!("it must be between {start} and {end}"),
        });
    }
    false
}

/// Texts of nodes that were met: finds those that come twice. Up to sixteen of them need no memory.
pub(super) struct Seen<'t> {
    few: [Option<NodeRef<'t>>; 16],
    count: usize,
    many: HashMap<&'t str, NodeRef<'t>>,
}

impl<'t> Seen<'t> {
    pub(super) fn new() -> Self {
        Seen { few: [None; 16], count: 0, many: HashMap::new() }
    }

    /// Remembers a node, or returns the first one with the same text. Fill-ins of templates are never the same.
    pub(super) fn insert(&mut self, node: NodeRef<'t>) -> Option<NodeRef<'t>> {
        let text = node.text();
        let near = self.few[..self.count].iter().flatten().find(|one| one.text() == text).copied();
        let first = near.or_else(|| self.many.get(text).copied());
        if let Some(first) = first {
            return Some(first).filter(|_| !is_placeholder(text));
        }
        if self.count < self.few.len() {
            self.few[self.count] = Some(node);
            self.count += 1;
        } else {
            self.many.insert(text, node);
        }
        None
    }
}
