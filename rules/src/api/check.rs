//! What rules about objects ask of single values.
//!
//! Values of another type than the field's are passed over here, and so are unknown values of enumerations: rules about
//! schemas report them, and one cause is one finding.

use std::{fmt::Display, ops::RangeInclusive};

use kubevet_core::{
    facts::{Component, api, feature_is_on, served},
    kubernetes::{Object, is_placeholder, values::names::Problem},
    rule::{Anchor, Context, Draft, Key},
    yaml::NodeRef,
};

/// Fields below an object, a node, or nothing.
pub(crate) trait Fields<'t>: Copy {
    /// The mapping with the fields.
    fn holder(self) -> Option<NodeRef<'t>>;

    /// The value of a field, by its names with dots between them. `null` is nothing.
    fn field(self, path: &str) -> Option<NodeRef<'t>> {
        // Short texts: a plain loop beats a search for the dots.
        let (mut node, mut rest) = (self.holder()?, path);
        while let Some(dot) = rest.bytes().position(|byte| byte == b'.') {
            node = node.get(&rest[..dot])?;
            rest = &rest[dot + 1..];
        }
        let node = node.get(rest)?;
        (!node.is_null()).then_some(node)
    }

    /// A string that is there, not empty, and not filled in later.
    fn word(self, path: &str) -> Option<NodeRef<'t>> {
        self.field(path)
            .filter(|node| node.as_str().is_some_and(|text| !text.is_empty() && !is_placeholder(text)))
    }

    /// The text of a string, `""` where there is none.
    fn said(self, path: &str) -> &'t str {
        self.field(path).and_then(NodeRef::as_str).unwrap_or_default()
    }

    /// A whole number that is there.
    fn number(self, path: &str) -> Option<(NodeRef<'t>, i64)> {
        let node = self.field(path)?;
        Some((node, node.as_i64()?))
    }

    /// Whether a boolean is there and true.
    fn is_set(self, path: &str) -> bool {
        self.field(path).and_then(NodeRef::as_bool) == Some(true)
    }

    /// Items of a list.
    fn each(self, path: &str) -> impl Iterator<Item = NodeRef<'t>> {
        self.field(path).into_iter().flat_map(NodeRef::items)
    }

    /// Whether a list or map is there that has something in it.
    fn has(self, path: &str) -> bool {
        self.field(path).is_some_and(|node| !node.is_empty())
    }
}

impl<'t> Fields<'t> for NodeRef<'t> {
    fn holder(self) -> Option<NodeRef<'t>> {
        Some(self)
    }
}

impl<'t> Fields<'t> for Option<NodeRef<'t>> {
    fn holder(self) -> Option<NodeRef<'t>> {
        self
    }
}

impl<'t> Fields<'t> for Object<'t> {
    fn holder(self) -> Option<NodeRef<'t>> {
        Some(self.node())
    }
}

/// Whether the API server of the target version has the kind in this version: older ones have other fields.
pub(crate) fn is_served(object: Object<'_>, cx: &Context<'_>) -> bool {
    served(object.api_version(), object.kind(), cx.version())
}

/// Whether an object is one of Kubernetes' own that the API server stores, or did once.
pub(crate) fn is_built_in(object: Object<'_>) -> bool {
    api(object.api_version(), object.kind()).is_some_and(|api| api.resource.is_some())
}

/// Whether the API server of the target version has a feature, when nobody sets its gate.
pub(crate) fn has_feature(cx: &Context<'_>, gate: &str) -> bool {
    feature_is_on(Component::KubeApiserver, gate, cx.version())
}

/// A text as messages show it.
pub(crate) fn shown(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let short: String = line.chars().take(64).collect();
    short.replace('`', "'")
}

/// Name of the field that a node is the value of.
pub(crate) fn field_name(node: NodeRef<'_>) -> &str {
    node.key_node().map_or("", NodeRef::text)
}

/// Reports something that the API server refuses.
pub(crate) fn refuse<'a>(cx: &'a mut Context<'_>, place: impl Anchor, what: impl Display) -> Draft<'a> {
    cx.report(place, format!("{what}: the API server refuses it"))
}

/// Reports that something is missing in a mapping, which whole documents must have.
pub(crate) fn missing<'a>(
    cx: &'a mut Context<'_>,
    holder: NodeRef<'_>,
    what: impl Display,
    help: &str,
) -> Draft<'a> {
    let what = format!("{what}: the API server refuses it");
    let object = Object::containing(holder).filter(|object| object.node() == holder);
    let draft = match object {
        Some(object) => cx.report(object, what),
        None => match holder.word("name").filter(|_| holder.key_node().is_none()) {
            Some(name) => cx.report(name, what),
            None => cx.report(Key(holder), what),
        },
    };
    draft.help(help).absence()
}

/// Reports a string that is not of its form.
pub(crate) fn form(
    cx: &mut Context<'_>,
    node: Option<NodeRef<'_>>,
    what: &str,
    check: impl Fn(&str) -> Result<(), Problem>,
) {
    let Some((node, text)) = node.and_then(|node| Some((node, node.as_str()?))) else { return };
    if is_placeholder(text) {
        return;
    }
    if let Err(problem) = check(text) {
        refuse(cx, node, format!("`{}` is no {what}", shown(text))).help(format!("it {problem}"));
    }
}

/// Reports numbers of fields that are outside of a range.
pub(crate) fn within<'t>(
    cx: &mut Context<'_>,
    holder: impl Fields<'t>,
    fields: &[&str],
    range: &RangeInclusive<i64>,
) {
    for (node, number) in fields.iter().filter_map(|field| holder.number(field)) {
        if range.contains(&number) {
            continue;
        }
        let name = field_name(node);
        if *range.end() == i64::MAX {
            let low = match range.start() {
                0 => "negative".to_owned(),
                low => format!("{number}, less than {low}"),
            };
            refuse(cx, node, format!("`{name}` is {low}"))
                .help(format!("give a number of {} or more", range.start()));
        } else {
            refuse(cx, node, format!("`{name}` is {number}, outside {} to {}", range.start(), range.end()))
                .help(format!("give a number from {} to {}", range.start(), range.end()));
        }
    }
}

/// Reports numbers of fields that are negative.
pub(crate) fn not_negative<'t>(cx: &mut Context<'_>, holder: impl Fields<'t>, fields: &[&str]) {
    within(cx, holder, fields, &(0..=i64::MAX));
}

/// Reports empty strings in fields that are pointers in Go: nothing is filled in there, and no enumeration has them.
pub(crate) fn not_empty<'t>(cx: &mut Context<'_>, holder: impl Fields<'t>, fields: &[&str]) {
    let empty = |field: &&str| holder.field(field).filter(|node| node.as_str() == Some(""));
    for node in fields.iter().filter_map(empty).collect::<Vec<_>>() {
        let name = field_name(node);
        refuse(cx, node, format!("`{name}` is there and empty"))
            .help(format!("give `{name}` a value, or delete it"));
    }
}

/// Reports a value that another one of the same list, or of an earlier place, has.
pub(crate) fn repeated<'a>(
    cx: &'a mut Context<'_>,
    again: NodeRef<'_>,
    first: NodeRef<'_>,
    what: impl Display,
) -> Draft<'a> {
    refuse(cx, again, what).label(first, "the first one").help("keep one of them")
}

/// A number of pods, or a share of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Amount {
    /// A number.
    Count(i64),
    /// Percent.
    Share(u64),
    /// Neither.
    Malformed,
}

impl Amount {
    /// Reads an `IntOrString` (`IsValidPercent`: digits and `%`).
    pub fn of(node: NodeRef<'_>) -> Option<Self> {
        if let Some(number) = node.as_i64() {
            return Some(Amount::Count(number));
        }
        let text = node.as_str().filter(|text| !is_placeholder(text))?;
        let digits = text.strip_suffix('%').filter(|text| !text.is_empty());
        let digits = digits.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        Some(digits.map_or(Amount::Malformed, |text| Amount::Share(text.parse().unwrap_or(u64::MAX))))
    }

    /// Whether it is zero, in either form.
    pub fn is_zero(self) -> bool {
        matches!(self, Amount::Count(0) | Amount::Share(0))
    }
}

/// Reports an amount that is negative, no percentage, or more than 100 percent where that is the most.
pub(crate) fn amount(cx: &mut Context<'_>, node: Option<NodeRef<'_>>, up_to_all: bool) -> Option<Amount> {
    let node = node?;
    let amount = Amount::of(node)?;
    let (name, text) = (field_name(node), shown(node.text()));
    let help = "give a number such as 1, or a percentage such as `25%`";
    match amount {
        Amount::Count(..0) => refuse(cx, node, format!("`{name}` is negative")).help(help),
        Amount::Share(101..) if up_to_all => {
            refuse(cx, node, format!("`{name}` is more than 100%")).help(help)
        }
        Amount::Malformed => refuse(cx, node, format!("`{text}` is no value of `{name}`")).help(help),
        _ => return Some(amount),
    };
    Some(amount)
}
