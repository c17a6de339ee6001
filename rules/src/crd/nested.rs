//! What stands in `allOf`, `anyOf`, `oneOf` and `not`.

use kubevet_core::{
    rule::{Context, Key},
    yaml::NodeRef,
};

use crate::api::check::{Fields, refuse};

const LISTS: &[&str] = &["allOf", "anyOf", "oneOf"];

/// Fields that stand outside only (`validateNestedValueValidation`).
const OUTSIDE: &[&str] = &[
    "type",
    "default",
    "title",
    "description",
    "nullable",
    "additionalProperties",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-embedded-resource",
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-map-type",
    "x-kubernetes-validations",
];

/// Reports what only the schema around may say.
pub(super) fn logic(schema: NodeRef<'_>, cx: &mut Context<'_>) {
    let number_or_text = is_int_or_string(schema.field("anyOf"));
    for list in LISTS {
        for (at, one) in schema.each(list).enumerate() {
            if *list == "anyOf" && number_or_text {
                continue;
            }
            let skip = *list == "allOf" && at == 0 && is_int_or_string(one.field("anyOf"));
            inside(one, skip, cx);
        }
    }
    if let Some(not) = schema.field("not") {
        inside(not, false, cx);
    }
}

/// The two items that stand for `x-kubernetes-int-or-string` (`intOrStringAnyOf`).
fn is_int_or_string(list: Option<NodeRef<'_>>) -> bool {
    let types: Vec<&str> = list
        .into_iter()
        .flat_map(NodeRef::items)
        .map(|item| if item.len() == 1 { item.said("type") } else { "" })
        .collect();
    types == ["integer", "string"]
}

fn inside(schema: NodeRef<'_>, skip_any_of: bool, cx: &mut Context<'_>) {
    for field in OUTSIDE {
        let Some(node) = schema.field(field) else { continue };
        let empty = node.as_str() == Some("")
            || node.as_bool() == Some(false) && *field != "additionalProperties" && *field != "default";
        if !(empty || node.is_seq() && node.is_empty()) {
            refuse(cx, Key(node), format!("`{field}` stands inside of `allOf`, `anyOf`, `oneOf` or `not`"))
                .help("move it out of it");
        }
    }
    for list in LISTS.iter().filter(|list| !(skip_any_of && **list == "anyOf")) {
        schema.each(list).for_each(|one| inside(one, false, cx));
    }
    for field in ["not", "items"] {
        if let Some(below) = schema.field(field).filter(|below| below.is_map()) {
            inside(below, false, cx);
        }
    }
    for entry in schema.field("properties").into_iter().flat_map(NodeRef::entries) {
        if entry.key.text() == "metadata" {
            refuse(
                cx,
                entry.key,
                "nothing inside of `allOf`, `anyOf`, `oneOf` or `not` is said about `metadata`",
            )
            .help("delete it");
        }
        inside(entry.value, false, cx);
    }
}

/// Reports fields that the root's `allOf` and its neighbours name, and the schema does not have.
pub(super) fn complete(schema: NodeRef<'_>, cx: &mut Context<'_>) {
    let lists = LISTS.iter().flat_map(|list| schema.each(list));
    let all: Vec<NodeRef<'_>> = lists.chain(schema.field("not")).collect();
    all.into_iter().for_each(|one| defined(one, schema, cx));
}

fn defined(nested: NodeRef<'_>, schema: NodeRef<'_>, cx: &mut Context<'_>) {
    let lists = LISTS.iter().flat_map(|list| nested.each(list));
    let deeper: Vec<NodeRef<'_>> = lists.chain(nested.field("not")).collect();
    deeper.into_iter().for_each(|one| defined(one, schema, cx));
    if let Some(items) = nested.field("items") {
        match schema.field("items") {
            Some(outer) => defined(items, outer, cx),
            None => {
                refuse(cx, Key(items), "`items` is not defined in the schema itself")
                    .help("define it outside, too");
            }
        }
    }
    for entry in nested.field("properties").into_iter().flat_map(NodeRef::entries) {
        match schema.field("properties").and_then(|all| all.get(entry.key.text())) {
            Some(outer) => defined(entry.value, outer, cx),
            None => {
                refuse(cx, entry.key, "the field is not defined in the schema itself")
                    .help("define it outside, too");
            }
        }
    }
}
