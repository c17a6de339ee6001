//! Structure against the schema of the target version.

mod cel;
mod fields;
mod kinds;
mod lists;
mod sources;
mod types;
mod values;

pub use kinds::UNKNOWN_CUSTOM_KIND;

use kubevet_core::{kubernetes::Object, rule::Rule, yaml::NodeRef};

/// The rules of the group.
pub const RULES: &[&Rule] = &[
    &cel::CEL_RULE,
    &fields::MISSING_REQUIRED,
    &fields::UNKNOWN_FIELD,
    &UNKNOWN_CUSTOM_KIND,
    &kinds::UNKNOWN_KIND,
    &lists::LIST_MAP_KEY_DUPLICATE,
    &lists::NULL_VALUE,
    &sources::UNUSABLE_SCHEMA,
    &types::WRONG_TYPE,
    &values::FORMAT_OR_RANGE,
    &values::INVALID_ENUM,
];

/// A value or mapping in words: `replicas`, `containers[]`, "this Deployment".
fn title(node: NodeRef<'_>) -> String {
    if let Some(key) = node.key_node() {
        return format!("`{}`", key.text());
    }
    let list = node.parent().filter(|parent| parent.is_seq()).and_then(NodeRef::key_node);
    match (list, Object::containing(node)) {
        (Some(key), object) if object.is_none_or(|object| object.node() != node) => {
            format!("`{}[]`", key.text())
        }
        (_, Some(object)) => format!("this {}", object.kind()),
        _ => "this object".to_owned(),
    }
}
