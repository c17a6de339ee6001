//! Fields that are there with nothing in them.

use kubevet_core::{
    facts::{Schema, SchemaKind},
    kubernetes::{Object, PodSpec},
    yaml::NodeRef,
};

/// Values of fields without which the API server refuses the object, and that are empty strings or lists: Go cannot tell
/// them from absent ones. Pods have rules of their own for theirs.
pub(super) fn empty_required(object: Object<'_>, schema: Schema) -> Vec<NodeRef<'_>> {
    let mut found = Vec::new();
    let pod = PodSpec::of(object).map(PodSpec::node);
    fields(object.node(), schema, pod, &mut found);
    found
}

fn fields<'t>(node: NodeRef<'t>, schema: Schema, pod: Option<NodeRef<'t>>, found: &mut Vec<NodeRef<'t>>) {
    if node.is_seq() {
        if let Some(items) = schema.items() {
            node.items().filter(|item| !item.is_scalar()).for_each(|item| fields(item, items, pod, found));
        }
        return;
    }
    if Some(node) == pod {
        return;
    }
    for entry in node.entries() {
        let Some(field) = schema.field(entry.key.text()) else { continue };
        let (value, kind) = (entry.value, field.schema().kind());
        let empty = match kind {
            SchemaKind::String => value.as_str() == Some(""),
            SchemaKind::Array => value.is_seq() && value.is_empty(),
            _ => false,
        };
        if empty && field.enforced() {
            found.push(value);
        } else if !value.is_scalar() {
            fields(value, field.schema(), pod, found);
        }
    }
}
