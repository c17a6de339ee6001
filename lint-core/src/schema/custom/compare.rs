//! When two values are one.

use std::{borrow::Cow, collections::HashMap};

use serde_json::Value as Json;

use super::value::{Data, Field, Value};

/// Go compares numbers after converting the one that is given to the type of the other.
pub(super) fn is_same(value: &Value<'_>, json: &Json) -> bool {
    match (&value.data, json) {
        (Data::Bool(one), Json::Bool(other)) => one == other,
        (Data::Int(one), Json::Number(other)) => {
            other.as_i64().map_or_else(|| other.as_f64() == Some(*one as f64), |other| other == *one)
        }
        (Data::Float(one), Json::Number(other)) => {
            other.as_i64().map_or_else(|| other.as_f64() == Some(*one), |other| other == *one as i64)
        }
        (Data::Text(one), Json::String(other)) => one == other,
        (Data::List(items), Json::Array(others)) => {
            items.len() == others.len() && items.iter().zip(others).all(|(item, other)| is_same(item, other))
        }
        (Data::Map(map), Json::Object(others)) => {
            let same = |(name, field): (&Cow<'_, str>, &Field<'_>)| {
                others.get(&**name).is_some_and(|other| is_same(&field.value, other))
            };
            map.len() == others.len() && map.iter().all(same)
        }
        (Data::Null, Json::Null) => true,
        _ => false,
    }
}

/// Positions of items that are equal to an earlier one, with the first of them.
pub(super) fn repeated(items: &[Value<'_>]) -> Vec<(usize, usize)> {
    if items.len() < 2 {
        return Vec::new();
    }
    let known = items.iter().enumerate().filter(|(_, item)| !item.open);
    twins(known.map(|(index, item)| (text_of(item), index)))
}

pub(super) fn twins(texts: impl Iterator<Item = (String, usize)>) -> Vec<(usize, usize)> {
    let mut seen = HashMap::new();
    let mut found = Vec::new();
    for (text, index) in texts {
        match seen.get(&text) {
            Some(first) => found.push((index, *first)),
            None => drop(seen.insert(text, index)),
        }
    }
    found
}

/// A text that is the same for equal values only.
pub(super) fn text_of(value: &Value<'_>) -> String {
    match &value.data {
        Data::Null => "null".to_owned(),
        Data::Bool(value) => value.to_string(),
        Data::Int(value) => value.to_string(),
        Data::Float(value) => format!("{value:?}"),
        Data::Text(text) => format!("{text:?}"),
        Data::List(items) => format!("[{}]", items.iter().map(text_of).collect::<Vec<_>>().join(",")),
        Data::Map(map) => {
            let fields = map.iter().map(|(name, field)| format!("{name:?}:{}", text_of(&field.value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
    }
}
