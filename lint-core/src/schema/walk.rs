//! The walk over an object with its schema beside it.

use kubevet_facts::{Schema, SchemaKind, Version, schema};

use super::{
    Problem, Type, Violation, lists,
    nesting::{Frame, nesting},
    scalar,
};
use crate::{
    kubernetes::{Object, is_placeholder},
    yaml::{Entry, NodeRef, Scalar},
};

/// Everything that the schema of a built-in object does not allow, in the order of the text; nothing for a kind that this
/// version does not have.
pub fn check(object: Object<'_>, version: Version) -> Vec<Violation> {
    let mut found = Vec::new();
    if let Some(schema) = schema(object.api_version(), object.kind(), version) {
        let frame = Frame { parent: None, step: "", item: false, loose: false, schema, node: object.node() };
        fields(&frame, &mut found);
    }
    found
}

/// What metadata of any object do not allow.
pub(super) fn metadata(node: Option<NodeRef<'_>>, version: Version, found: &mut Vec<Violation>) {
    let schema = schema("v1", "ConfigMap", version).and_then(|schema| schema.field("metadata"));
    if let (Some(node), Some(field)) = (node, schema) {
        let frame = Frame { parent: None, step: "", item: false, loose: false, schema: field.schema(), node };
        value(node, field.schema(), &frame, found);
    }
}

/// Whether the value is there: `null` is none.
fn value(node: NodeRef<'_>, schema: Schema, above: &Frame<'_, '_>, found: &mut Vec<Violation>) -> bool {
    if node.is_scalar() {
        let scalar = node.value();
        if scalar == Scalar::Null {
            return false;
        }
        found.extend(scalar::problem(node, scalar, schema).map(|problem| Violation::new(node.id(), problem)));
    } else {
        collection(node, schema, above, found);
    }
    true
}

fn collection(node: NodeRef<'_>, schema: Schema, above: &Frame<'_, '_>, found: &mut Vec<Violation>) {
    match schema.kind() {
        SchemaKind::Any => {
            if let Some(schema) = schema.loose().filter(|_| node.is_map()) {
                fields(&Frame { parent: Some(above), node, schema, loose: true, ..*above }, found);
            }
        }
        SchemaKind::Object if node.is_map() => {
            fields(&Frame { parent: Some(above), node, schema, ..*above }, found);
        }
        SchemaKind::Map if node.is_map() => {
            let Some(values) = schema.values() else { return };
            for entry in node.entries() {
                inside(entry.value, values, above, found);
            }
        }
        SchemaKind::Array if node.is_seq() => {
            let Some(items) = schema.items() else { return };
            for item in node.items() {
                inside(item, items, &Frame { item: true, ..*above }, found);
            }
            lists::check(node, schema, found);
        }
        // Go reads a list of small numbers into bytes.
        SchemaKind::Bytes if node.is_seq() => {}
        wanted => found.push(Violation::new(node.id(), Problem::WrongType { wanted })),
    }
}

/// An item of a list or a value of a map.
fn inside(node: NodeRef<'_>, schema: Schema, above: &Frame<'_, '_>, found: &mut Vec<Violation>) {
    if !value(node, schema, above, found) && schema.kind() != SchemaKind::Any {
        found.push(Violation::new(node.id(), Problem::Null { wanted: schema.kind() }));
    }
}

fn fields(frame: &Frame<'_, '_>, found: &mut Vec<Violation>) {
    let (schema, node) = (frame.schema, frame.node);
    let mut enforced = 0;
    for entry in node.entries() {
        let name = entry.key.text();
        if let Some(field) = schema.field(name) {
            let below = Frame { parent: Some(frame), step: field.name(), item: false, ..*frame };
            let there = value(entry.value, field.schema(), &below, found);
            enforced += usize::from(there && field.enforced());
            if field.enforced() && is_empty(entry.value, field.schema().kind()) && !is_status(frame) {
                found.push(Violation::new(entry.value.id(), Problem::Empty));
            }
        } else if !frame.loose
            && entry.key.is_scalar()
            && !is_directive(name)
            && !is_placeholder(name)
            && (frame.parent.is_some() || !is_sops(entry))
        {
            let of = Type::BuiltIn(schema);
            let problem = Problem::UnknownField { of, nesting: nesting(frame, entry) };
            found.push(Violation::new(entry.key.id(), problem));
        }
    }
    if enforced < schema.enforced_count() {
        let absent = schema.fields().filter(|field| field.enforced());
        let absent = absent.filter(|field| node.get(field.name()).is_none_or(NodeRef::is_null));
        found.extend(
            absent.map(|field| Violation::new(node.id(), Problem::Missing { field: field.name().into() })),
        );
    }
}

/// Whether Go reads nothing from a value that is there: it cannot tell an empty string or list from an absent one.
fn is_empty(value: NodeRef<'_>, kind: SchemaKind) -> bool {
    match kind {
        SchemaKind::String => value.as_str() == Some(""),
        SchemaKind::Array => value.is_seq() && value.is_empty(),
        _ => false,
    }
}

/// Whether a mapping is the status, or in it: the API server drops it.
fn is_status(frame: &Frame<'_, '_>) -> bool {
    let mut at = frame;
    while let Some(above) = at.parent {
        if at.step == "status" && above.parent.is_none_or(|root| root.parent.is_none()) {
            return true;
        }
        at = above;
    }
    false
}

/// What SOPS leaves in an encrypted file, and takes out again when it decrypts.
fn is_sops(entry: Entry<'_>) -> bool {
    entry.key.text() == "sops" && entry.value.get("mac").is_some()
}

/// Whether a name that no schema knows is for another reader than the API server, or is filled in later.
pub(super) fn is_told_elsewhere(name: &str, key: NodeRef<'_>, object: Object<'_>) -> bool {
    let at_root = || object.node().entries().find(|entry| entry.key == key);
    is_directive(name) || is_placeholder(name) || name == "sops" && at_root().is_some_and(is_sops)
}

/// Instructions of strategic merge patches, such as `$patch: delete`, which the API server removes before it decodes.
fn is_directive(name: &str) -> bool {
    matches!(name, "$patch" | "$retainKeys")
        || name.starts_with("$setElementOrder/")
        || name.starts_with("$deleteFromPrimitiveList/")
}
