//! Custom objects against the schemas of their `CustomResourceDefinition`s, as `apiextensions-apiserver` judges them:
//! defaults are filled in, unknown fields are dropped (and refused under strict field validation), then values, lists and
//! rules are checked.

mod compare;
mod definition;
mod format;
mod pattern;
mod rules;
mod structural;
mod validate;
mod value;

#[cfg(test)]
mod tests;

pub use definition::{DefinedVersion, Definition, GROUP, KIND};
pub use structural::{Issue, IssueKind, Structural};

pub(crate) use pattern::Pattern;
#[cfg(feature = "json-schema")]
pub(super) use structural::json;

use std::sync::Arc;

use super::{Problem, Type, Violation, walk};
use crate::{facts::Version, kubernetes::Object, yaml::NodeRef};
use validate::Validator;
use value::{Data, Value};

/// Everything that a definition does not allow of an object. `source` is the object that the definition was read from.
pub fn check(
    object: Object<'_>,
    definition: &Definition,
    source: Object<'_>,
    target: Version,
) -> Vec<Violation> {
    let served = |version: &&DefinedVersion| version.served;
    let Some(version) = definition.version(object.version()).filter(served) else {
        let at = object.node().get("apiVersion").unwrap_or(object.node());
        let served = definition.versions.iter().filter(served).map(|version| version.name.to_string());
        return vec![Violation::new(at.id(), Problem::NotServed { served: served.collect() })];
    };
    let mut validator = Validator::new(target);
    walk::metadata(object.metadata(), target, &mut validator.found);
    let Some(schema) = version.schema(source) else { return validator.found };
    let mut value = Value::of(object.node());
    value.fill(schema);
    unknown(&mut value, schema, definition.preserve, object, &mut validator.found);
    embedded(&value, schema, object, target, &mut validator.found);
    let status = if version.status { take_status(&mut value) } else { None };
    validator.value(&value, schema);
    // A resource without its status is created; the controller writes it.
    if status.is_some() {
        validator.found.retain(|one| {
            !matches!(&one.problem, Problem::Missing { field } if field == "status" && one.node == value.node)
        });
    }
    validator.lists(&value, schema);
    // Where values are refused, rules are not asked.
    if validator.found.iter().all(|one| matches!(one.problem, Problem::UnknownField { .. })) {
        rules::check(&mut value, schema, &mut validator.found);
    }
    validator.found
}

fn take_status<'t>(value: &mut Value<'t>) -> Option<Value<'t>> {
    let Data::Map(map) = &mut value.data else { return None };
    map.remove("status").map(|field| field.value)
}

/// Reports the fields that are dropped.
fn unknown(
    value: &mut Value<'_>,
    schema: &Arc<Structural>,
    preserve: bool,
    object: Object<'_>,
    found: &mut Vec<Violation>,
) {
    for dropped in value.prune(Some(schema), true, preserve) {
        let key = object.tree().node(dropped.key);
        if walk::is_told_elsewhere(&dropped.name, key, object) {
            continue;
        }
        let fields = dropped.of.into_iter().flat_map(Structural::fields).map(str::to_owned);
        let problem = Problem::UnknownField { of: Type::Listed(fields.collect()), nesting: None };
        found.push(Violation::new(dropped.key, problem));
    }
}

/// Objects inside of the object say what they are, and have metadata like any other
/// (`apiserver/schema/objectmeta`).
fn embedded(
    value: &Value<'_>,
    schema: &Arc<Structural>,
    object: Object<'_>,
    target: Version,
    found: &mut Vec<Violation>,
) {
    match &value.data {
        Data::Map(map) => {
            if schema.embedded && value.given && !value.open {
                for name in ["apiVersion", "kind"] {
                    // A schema that asks for them says it by itself.
                    if !map.contains_key(name) && !schema.required.iter().any(|field| &**field == name) {
                        found.push(Violation::new(value.node, Problem::Missing { field: name.into() }));
                    }
                }
                let metadata = map.get("metadata").filter(|field| field.value.given);
                let metadata: Option<NodeRef<'_>> =
                    metadata.map(|field| object.tree().node(field.value.node));
                walk::metadata(metadata, target, found);
            }
            for (name, field) in map {
                if let Some(below) = schema.below(name) {
                    embedded(&field.value, below, object, target, found);
                }
            }
        }
        Data::List(items) => {
            if let Some(below) = &schema.items {
                items.iter().for_each(|item| embedded(item, below, object, target, found));
            }
        }
        _ => {}
    }
}
