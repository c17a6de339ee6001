//! Values against their schema: `k8s.io/kube-openapi/pkg/validation/validate`, as the API server uses it.

use std::sync::Arc;

use super::{
    compare::{is_same, repeated, text_of, twins},
    structural::{Bound, Junctions, Keywords, ListType, Structural},
    value::{Data, Value},
};
use crate::{
    facts::{SchemaKind, Version},
    schema::{Problem, Type, Violation},
};

/// Places that are looked at in one object, a place once for each schema that it stands under. What takes more is not
/// judged further.
const BUDGET: u64 = 2_000_000;

const NONE_OF: &str = "has none of the fields of which one must be there";

/// What a value does not obey.
pub(super) struct Validator {
    pub found: Vec<Violation>,
    version: Version,
    budget: u64,
    /// Whether it is only asked if a value fits: then defaults count like what is given.
    asking: bool,
}

impl Validator {
    pub fn new(version: Version) -> Self {
        Validator { found: Vec::new(), version, budget: BUDGET, asking: false }
    }

    fn tell(&mut self, value: &Value<'_>, problem: Problem) {
        // A default that its own schema refuses is a mistake of the definition.
        if value.given || self.asking {
            self.found.push(Violation::new(value.node, problem));
        }
    }

    fn refuse(&mut self, value: &Value<'_>, what: String, help: impl Into<String>) {
        self.tell(value, Problem::Refused { what, help: help.into(), partial: false });
    }

    /// Whether so much work is left.
    fn pays(&mut self, cost: u64) -> bool {
        let pays = self.budget >= cost;
        self.budget = self.budget.saturating_sub(cost);
        pays
    }

    pub fn value(&mut self, value: &Value<'_>, schema: &Arc<Structural>) {
        if !self.pays(1) || is_unknown(value) {
            return;
        }
        if !has_kind(value, schema) {
            if let Some(wanted) = schema.kind {
                self.tell(value, Problem::WrongType { wanted });
            }
            return;
        }
        if let Some(keywords) = &schema.keywords {
            self.keywords(value, keywords, schema);
        }
        if value.is_null() {
            return;
        }
        match &value.data {
            Data::Map(_) => self.fields(value, schema),
            Data::List(items) => {
                if let Some(below) = &schema.items {
                    items.iter().for_each(|item| self.value(item, below));
                }
            }
            _ => {}
        }
        if let Some(junctions) = &schema.junctions {
            self.junctions(value, junctions);
        }
    }

    fn fields(&mut self, value: &Value<'_>, schema: &Arc<Structural>) {
        let Some(map) = value.map() else { return };
        for (name, field) in map {
            if let Some(below) = schema.below(name) {
                self.value(&field.value, below);
            }
        }
        for name in &schema.required {
            // Where a key is filled in later, it may be this one.
            if !map.contains_key(&**name) && !map.keys().any(|key| crate::kubernetes::is_placeholder(key)) {
                self.tell(value, Problem::Missing { field: name.to_string().into() });
            }
        }
    }

    fn keywords(&mut self, value: &Value<'_>, keywords: &Keywords, schema: &Arc<Structural>) {
        if !keywords.values.is_empty() {
            let known = self.pays(keywords.values.len() as u64 / 8)
                && !keywords.values.iter().any(|one| is_same(value, one));
            if known && value.text().is_some() {
                self.tell(value, Problem::UnknownValue { of: Type::Custom(schema.clone()) });
            } else if known {
                let values = schema.values().join("`, `");
                self.refuse(
                    value,
                    "is none of those that are allowed".to_owned(),
                    format!("the values are `{values}`"),
                );
            }
        }
        match &value.data {
            Data::Int(number) => self.number(value, *number as f64, keywords),
            Data::Float(number) => self.number(value, *number, keywords),
            Data::Text(text) => self.text(value, text, keywords),
            Data::List(items) => {
                self.count(value, items.len(), keywords.min_items, keywords.max_items, "item");
                if keywords.unique && !repeated(items).is_empty() {
                    self.refuse(value, "has an item twice".to_owned(), "keep one of them");
                }
            }
            Data::Map(map) => {
                self.count(value, map.len(), keywords.min_properties, keywords.max_properties, "field");
            }
            Data::Null | Data::Bool(_) => {}
        }
    }

    fn number(&mut self, value: &Value<'_>, number: f64, keywords: &Keywords) {
        let at_least = "use a larger number";
        match keywords.minimum {
            Some(Bound { limit, exclusive: false }) if number < limit => {
                self.refuse(value, format!("is less than {limit}"), at_least);
            }
            Some(Bound { limit, exclusive: true }) if number <= limit => {
                self.refuse(value, format!("is not more than {limit}"), at_least);
            }
            _ => {}
        }
        let at_most = "use a smaller number";
        match keywords.maximum {
            Some(Bound { limit, exclusive: false }) if number > limit => {
                self.refuse(value, format!("is more than {limit}"), at_most);
            }
            Some(Bound { limit, exclusive: true }) if number >= limit => {
                self.refuse(value, format!("is not less than {limit}"), at_most);
            }
            _ => {}
        }
        if let Some(factor) = keywords.multiple_of {
            let times = if factor < 1.0 { 1.0 / factor * number } else { number / factor };
            if (times - times.round()).abs() > 1e-9 * times.abs().max(1.0) {
                self.refuse(value, format!("is no multiple of {factor}"), "use a multiple");
            }
        }
    }

    fn text(&mut self, value: &Value<'_>, text: &str, keywords: &Keywords) {
        if keywords.min_length.is_some() || keywords.max_length.is_some() {
            self.count(value, text.chars().count(), keywords.min_length, keywords.max_length, "character");
        }
        // That nothing is there is told once.
        let empty = text.is_empty() && keywords.min_length.is_some_and(|min| min > 0);
        if let Some(pattern) = keywords.pattern.as_ref().filter(|_| !empty)
            && self.pays(text.len() as u64)
            && pattern.matches(text) == Some(false)
        {
            let shown = shown(&pattern.text);
            self.refuse(
                value,
                format!("does not match the pattern `{shown}`"),
                "write a value that matches the pattern",
            );
        }
        if let Some(format) = keywords.format
            && self.version.minor >= format.since()
            && !format.may_be(text)
        {
            self.refuse(value, format!("is no {}", format.noun()), format!("write a {}", format.noun()));
        }
    }

    fn count(&mut self, value: &Value<'_>, count: usize, min: Option<u64>, max: Option<u64>, noun: &str) {
        let plural = |limit: u64| if limit == 1 { format!("1 {noun}") } else { format!("{limit} {noun}s") };
        if let Some(min) = min.filter(|min| (count as u64) < *min) {
            let what = format!("has {}, and needs at least {min}", plural(count as u64));
            // Of a patch, the rest is elsewhere.
            let partial = noun != "character";
            self.tell(
                value,
                Problem::Refused { what, help: format!("give at least {}", plural(min)), partial },
            );
        }
        if let Some(max) = max.filter(|max| count as u64 > *max) {
            let what = format!("has {}, and may have {max}", plural(count as u64));
            self.refuse(value, what, format!("keep at most {}", plural(max)));
        }
    }

    /// Whether a value obeys a schema, without a word about it.
    fn fits(&mut self, value: &Value<'_>, schema: &Arc<Structural>) -> bool {
        let before = std::mem::take(&mut self.found);
        let asking = std::mem::replace(&mut self.asking, true);
        self.value(value, schema);
        self.asking = asking;
        std::mem::replace(&mut self.found, before).is_empty()
    }

    fn junctions(&mut self, value: &Value<'_>, junctions: &Junctions) {
        for schema in &junctions.all {
            self.value(value, schema);
        }
        // What is filled in later may be what one of them asks for. Defaults tell nothing of themselves.
        if value.open || !(value.given || self.asking) {
            return;
        }
        self.any(value, &junctions.any);
        self.one(value, &junctions.one);
        if let Some(schema) = &junctions.not
            && self.fits(value, schema)
        {
            let help = match choices(std::slice::from_ref(schema)) {
                Some(names) => format!("leave out {names}"),
                None => "the schema says what it must not be under `not`".to_owned(),
            };
            self.tell_of_junction(value, "is what the schema forbids", help);
        }
    }

    fn any(&mut self, value: &Value<'_>, schemas: &[Arc<Structural>]) {
        if schemas.is_empty() || schemas.iter().any(|schema| self.fits(value, schema)) {
            return;
        }
        match choices(schemas) {
            Some(names) => self.tell_of_junction(value, NONE_OF, format!("set {names}")),
            None => self.nearest(value, schemas, "fits none of the alternatives (`anyOf`)"),
        }
    }

    fn one(&mut self, value: &Value<'_>, schemas: &[Arc<Structural>]) {
        let fitting = schemas.iter().filter(|schema| self.fits(value, schema)).count();
        if schemas.is_empty() || fitting == 1 {
            return;
        }
        let excluding = "has several fields of which one excludes the others";
        match (fitting, choices(schemas)) {
            (0, Some(names)) => self.tell_of_junction(value, NONE_OF, format!("set {names}")),
            (0, None) => self.nearest(value, schemas, "fits none of the alternatives (`oneOf`)"),
            (_, Some(names)) => self.tell_of_junction(value, excluding, format!("keep one of {names}")),
            (count, None) => {
                let help = format!("leave out what makes it fit {} too many", count - 1);
                self.tell_of_junction(
                    value,
                    "fits several alternatives that exclude each other (`oneOf`)",
                    help,
                );
            }
        }
    }

    fn tell_of_junction(&mut self, value: &Value<'_>, what: &str, help: String) {
        // Of what was not looked at to its end nothing is known.
        if self.pays(1) {
            let partial = matches!(value.data, Data::Map(_) | Data::List(_));
            self.tell(value, Problem::Refused { what: what.to_owned(), help, partial });
        }
    }

    /// Reports what is wrong with the alternative that fits best, where it is one thing.
    fn nearest(&mut self, value: &Value<'_>, schemas: &[Arc<Structural>], what: &str) {
        let before = std::mem::take(&mut self.found);
        let asking = std::mem::replace(&mut self.asking, true);
        let mut best: Option<Vec<Violation>> = None;
        for schema in schemas {
            self.value(value, schema);
            let found = std::mem::take(&mut self.found);
            if best.as_ref().is_none_or(|best| found.len() < best.len()) {
                best = Some(found);
            }
        }
        (self.found, self.asking) = (before, asking);
        let best = best.unwrap_or_default();
        let help = match &best[..] {
            [Violation { problem: Problem::Missing { field }, .. }] => {
                format!("the nearest one wants `{field}`")
            }
            [Violation { problem: Problem::Refused { help, .. }, .. }] => help.clone(),
            [Violation { problem: Problem::UnknownValue { of }, .. }] => {
                format!("the nearest one takes `{}`", of.values().join("`, `"))
            }
            _ => "the schema lists what it may be".to_owned(),
        };
        self.tell_of_junction(value, what, help);
    }

    /// Items that lists may have once: `apiserver/schema/listtype`.
    pub fn lists(&mut self, value: &Value<'_>, schema: &Arc<Structural>) {
        match &value.data {
            Data::Map(map) => {
                for (name, field) in map {
                    if let Some(below) = schema.below(name) {
                        self.lists(&field.value, below);
                    }
                }
            }
            Data::List(items) => {
                for (index, first) in duplicates(items, &schema.list) {
                    let first = items[first].node;
                    self.tell(&items[index], Problem::Duplicate { first, of: Type::Custom(schema.clone()) });
                }
                if let Some(below) = &schema.items {
                    items.iter().for_each(|item| self.lists(item, below));
                }
            }
            _ => {}
        }
    }
}

/// Positions of items that repeat an earlier one, with that one.
fn duplicates(items: &[Value<'_>], list: &ListType) -> Vec<(usize, usize)> {
    match list {
        ListType::Atomic => Vec::new(),
        ListType::Set => repeated(items),
        ListType::Map(keys) => {
            let part = |item: &Value<'_>, key: &str| item.get(key).map(text_of).unwrap_or_default();
            let texts = items.iter().enumerate().filter(|(_, item)| !item.open).map(|(index, item)| {
                (keys.iter().map(|key| part(item, key)).collect::<Vec<_>>().join("\u{0}"), index)
            });
            // An item without its keys lacks something else.
            twins(texts.filter(|(text, _)| text.bytes().any(|byte| byte != 0)))
        }
    }
}

/// Whether a value is filled in later.
fn is_unknown(value: &Value<'_>) -> bool {
    value.open && matches!(value.data, Data::Text(_))
}

fn has_kind(value: &Value<'_>, schema: &Structural) -> bool {
    let Some(kind) = schema.kind else { return true };
    match (&value.data, kind) {
        (Data::Null, _) => schema.nullable,
        (Data::Map(_), SchemaKind::Object)
        | (Data::List(_), SchemaKind::Array)
        | (Data::Text(_), SchemaKind::String | SchemaKind::IntOrString)
        | (Data::Bool(_), SchemaKind::Bool)
        | (Data::Int(_), SchemaKind::Int64 | SchemaKind::IntOrString | SchemaKind::Number)
        | (Data::Float(_), SchemaKind::Number) => true,
        (Data::Float(value), SchemaKind::Int64 | SchemaKind::IntOrString) => value.fract() == 0.0,
        // The API server compares the type of a list with the one of a formatted string, and finds no difference.
        (Data::List(_), SchemaKind::String) => {
            schema.keywords.as_ref().is_some_and(|keywords| keywords.format.is_some())
        }
        _ => false,
    }
}

/// The fields that alternatives ask for, where each of them asks for nothing else.
fn choices(schemas: &[Arc<Structural>]) -> Option<String> {
    let plain = |schema: &Arc<Structural>| {
        let asks = !schema.required.is_empty();
        let only = schema.keywords.is_none() && schema.junctions.is_none();
        let names = schema.required.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ");
        (asks && only).then_some(names)
    };
    let names: Option<Vec<String>> = schemas.iter().take(8).map(plain).collect();
    names.filter(|names| schemas.len() <= 8 && !names.is_empty()).map(|names| names.join(" or "))
}

/// A pattern in a message: on one line, not too long.
fn shown(pattern: &str) -> String {
    let line: String = pattern.chars().take(80).map(|char| if char == '`' { '\'' } else { char }).collect();
    let line = line.replace('\n', " ");
    if line.len() < pattern.len() { format!("{line}…") } else { line }
}
