//! Fields that stand at the wrong level.

use kubevet_facts::{Schema, SchemaKind};

use crate::yaml::{Entry, NodeRef};

/// An object on the way to a place, or a field of one (with the object's schema and node).
#[derive(Clone, Copy)]
pub(super) struct Frame<'f, 't> {
    pub parent: Option<&'f Frame<'f, 't>>,
    /// Name of the field that the object is the value of, or an item of; empty for the root.
    pub step: &'static str,
    /// Whether it is an item.
    pub item: bool,
    pub schema: Schema,
    pub node: NodeRef<'t>,
}

/// Where an unknown field belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nesting {
    /// In which direction.
    pub place: NestingPlace,
    /// Name of the field whose value it belongs into; empty for the object itself.
    pub field: &'static str,
    /// Whether it belongs into an item of that field.
    pub item: bool,
}

/// The direction of a better place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NestingPlace {
    /// This many levels of mappings up.
    Up(usize),
    /// Into a field beside it.
    Down,
}

/// The place near by that a field fits into, when it is the only one and has no such field yet.
pub(super) fn nesting(frame: &Frame<'_, '_>, entry: Entry<'_>) -> Option<Nesting> {
    let name = entry.key.text();
    up(frame, name, entry.value).or_else(|| down(frame, name, entry.value))
}

fn up(frame: &Frame<'_, '_>, name: &str, value: NodeRef<'_>) -> Option<Nesting> {
    let mut levels = 0;
    let mut at = frame;
    // Between two objects stands the frame of the field.
    while let Some(object) = at.parent.and_then(|field| field.parent) {
        levels += 1;
        if let Some(field) = object.schema.field(name) {
            let free = fits(field.schema(), value) && object.node.get(name).is_none();
            let place = NestingPlace::Up(levels);
            return free.then_some(Nesting { place, field: object.step, item: object.item });
        }
        at = object;
    }
    None
}

fn down(frame: &Frame<'_, '_>, name: &str, value: NodeRef<'_>) -> Option<Nesting> {
    let places = frame.schema.fields().filter_map(|field| {
        let schema = field.schema();
        let item = schema.kind() == SchemaKind::Array;
        let object = if item { schema.items()? } else { schema };
        let fits = fits(object.field(name)?.schema(), value);
        let beside = frame.node.get(field.name());
        let taken = beside.is_some_and(|beside| beside.get(name).is_some());
        (fits && !taken && field.name() != "status").then_some((field.name(), item, beside.is_some()))
    });
    let found: Vec<_> = places.collect();
    let written = || found.iter().filter(|(.., written)| *written);
    let one = match &found[..] {
        [one] => one,
        _ if written().count() == 1 => written().next()?,
        _ => return None,
    };
    Some(Nesting { place: NestingPlace::Down, field: one.0, item: one.1 })
}

/// Whether the kind of node is the one that the field has.
fn fits(schema: Schema, value: NodeRef<'_>) -> bool {
    match schema.kind() {
        SchemaKind::Any => true,
        SchemaKind::Object | SchemaKind::Map => value.is_map(),
        SchemaKind::Array => value.is_seq(),
        _ => value.is_scalar() && super::scalar::problem(value, schema).is_none(),
    }
}
