//! `x-kubernetes-validations`: `apiserver/schema/cel`, for objects that are new.

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use super::{
    format::Format,
    structural::Structural,
    value::{Data, Field, Map, Value},
};
use crate::{
    cel::{
        Cel, Evaluator, Expression,
        Failure::{self, Unknown},
        Source, parse,
    },
    facts::SchemaKind,
    kubernetes::values::duration,
    schema::{Problem, Violation},
    yaml::{NodeId, NodeRef},
};

/// Steps that one rule may take at one place, and all of them in an object.
const STEPS: u64 = 100_000;
const ALL_STEPS: u64 = 2_000_000;

/// A rule as it is written.
#[derive(Debug)]
pub(super) struct RuleText {
    text: Arc<str>,
    message: Option<Box<str>>,
    message_expression: Option<Box<str>>,
    field_path: Option<Box<str>>,
    parsed: OnceLock<Option<Expression>>,
}

impl RuleText {
    /// Reads an entry of the list. `None` for rules about changes: nobody knows what was there before.
    pub fn new(node: NodeRef<'_>) -> Option<Self> {
        let text = |key: &str| node.get(key).and_then(NodeRef::as_str).filter(|text| !text.trim().is_empty());
        let rule = text("rule").filter(|rule| !rule.contains("oldSelf"))?;
        Some(RuleText {
            text: rule.trim().into(),
            message: text("message").map(Into::into),
            message_expression: text("messageExpression").map(Into::into),
            field_path: text("fieldPath").map(Into::into),
            parsed: OnceLock::new(),
        })
    }

    /// Whether the rule holds of a value; its message where it does not.
    fn broken(&self, this: &Cel<'_>, steps: &mut u64) -> Option<String> {
        let expression = self.parsed.get_or_init(|| parse(&self.text).ok()).as_ref()?;
        let mut value = |expression: &Expression| {
            let most = STEPS.min(*steps);
            let mut evaluator = Evaluator::new("self", this.clone(), most);
            let value = evaluator.value(expression);
            *steps -= most - evaluator.left();
            value
        };
        match value(expression).and_then(|value| value.truth()) {
            Ok(false) | Err(Failure::NoSuchKey) => {}
            Ok(true) | Err(Unknown) => return None,
        }
        let written = self.message_expression.as_ref().and_then(|text| parse(text).ok());
        let written = match written.and_then(|expression| value(&expression).ok()) {
            Some(Cel::Text(text)) if !text.trim().is_empty() && !text.contains('\n') => {
                Some(text.into_owned())
            }
            _ => None,
        };
        let fixed = || {
            self.message.as_ref().map_or_else(|| format!("failed rule: {}", self.text), ToString::to_string)
        };
        Some(written.unwrap_or_else(fixed))
    }

    /// The node that the rule is about: of its `fieldPath`, else of the value.
    fn place(&self, value: &Value<'_>) -> NodeId {
        let path = self.field_path.as_deref().unwrap_or_default();
        let mut at = value;
        for step in path.split('.').filter(|step| !step.is_empty()) {
            match at.get(step) {
                Some(below) if below.given => at = below,
                _ => break,
            }
        }
        at.node
    }
}

/// Reports the rules that do not hold.
pub(super) fn check(value: &mut Value<'_>, schema: &Structural, found: &mut Vec<Violation>) {
    // A name that the object leaves out is made by the API server.
    let node = value.node;
    if let Data::Map(map) = &mut value.data {
        let metadata = map.entry("metadata".into()).or_insert_with(|| Field {
            key: node,
            value: Value { node, given: false, open: false, data: Data::Map(Map::new()) },
        });
        if let Data::Map(fields) = &mut metadata.value.data {
            let name = Value { node, given: false, open: true, data: Data::Text("".into()) };
            fields.entry("name".into()).or_insert(Field { key: node, value: name });
        }
    }
    walk(value, schema, &mut { ALL_STEPS }, found);
}

fn walk(value: &Value<'_>, schema: &Structural, steps: &mut u64, found: &mut Vec<Violation>) {
    if value.is_null() {
        return;
    }
    if !schema.rules.is_empty()
        && !value.open
        && let Ok(this) = cel(value, Some(schema))
    {
        for rule in &schema.rules {
            if let Some(message) = rule.broken(&this, steps) {
                let problem = Problem::Rule { expression: rule.text.clone(), message };
                found.push(Violation::new(rule.place(value), problem));
            }
        }
    }
    match &value.data {
        Data::Map(map) => {
            for (name, field) in map {
                if let Some(below) = schema.below(name) {
                    walk(&field.value, below, steps, found);
                }
            }
        }
        Data::List(items) => {
            if let Some(below) = &schema.items {
                items.iter().for_each(|item| walk(item, below, steps, found));
            }
        }
        _ => {}
    }
}

/// A mapping or list of an object, with its schema.
#[derive(Debug)]
struct Place<'v> {
    value: &'v Value<'v>,
    schema: Option<&'v Structural>,
}

impl<'v> Source<'v> for Place<'v> {
    fn get(&self, name: &str) -> Result<Option<Cel<'v>>, Failure> {
        let below = self.schema.and_then(|schema| schema.below(name)).map(|below| &**below);
        self.value.get(name).map(|value| cel(value, below)).transpose()
    }

    fn keys(&self) -> Vec<Cow<'v, str>> {
        self.value.map().into_iter().flatten().map(|(name, _)| name.clone()).collect()
    }

    fn items(&self) -> Option<Result<Vec<Cel<'v>>, Failure>> {
        let Data::List(items) = &self.value.data else { return None };
        let below = self.schema.and_then(|schema| schema.items.as_deref());
        Some(items.iter().map(|item| cel(item, below)).collect())
    }
}

/// A value as expressions see it: the schema decides about numbers and formats.
fn cel<'v>(value: &'v Value<'v>, schema: Option<&'v Structural>) -> Result<Cel<'v>, Failure> {
    let kind = schema.and_then(|schema| schema.kind);
    let format = schema.and_then(|schema| schema.keywords.as_ref()?.format);
    match &value.data {
        _ if value.open && !matches!(value.data, Data::List(_) | Data::Map(_)) => Err(Unknown),
        Data::Null => Ok(Cel::Null),
        Data::Bool(value) => Ok(Cel::Bool(*value)),
        Data::Int(value) if kind == Some(SchemaKind::Number) => Ok(Cel::Double(*value as f64)),
        Data::Int(value) => Ok(Cel::Int(*value)),
        Data::Float(value) if kind == Some(SchemaKind::Number) => Ok(Cel::Double(*value)),
        Data::Float(_) => Err(Unknown),
        Data::Text(text) => match format {
            Some(Format::Duration) => duration::parse(text).map(Cel::Duration).ok_or(Unknown),
            Some(Format::Date | Format::DateTime | Format::Byte) => Err(Unknown),
            _ => Ok(Cel::Text(Cow::Borrowed(text))),
        },
        Data::List(_) | Data::Map(_) => Cel::from_source(Place { value, schema }),
    }
}
