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
    /// Whether unknown fields are dropped without a word.
    pub loose: bool,
    pub schema: Schema,
    pub node: NodeRef<'t>,
}

/// Where an unknown field belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nesting {
    /// In which direction.
    pub place: NestingPlace,
    /// Fields on the way to the better object, from the object that [`NestingPlace`] names; empty for the root.
    pub steps: Vec<NestingStep>,
}

/// A field whose value, or an item of it, is the next object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NestingStep {
    /// Its name.
    pub field: &'static str,
    /// Whether an item of it is meant.
    pub item: bool,
}

/// The direction of a better place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NestingPlace {
    /// This many levels of mappings up, in the object that the one step names.
    Up(usize),
    /// Below the mapping that has the field.
    Down,
    /// Below the mapping that holds that mapping.
    Aside,
}

/// The place near by that a field fits into, when it is the only one and has no such field yet.
pub(super) fn nesting(frame: &Frame<'_, '_>, entry: Entry<'_>) -> Option<Nesting> {
    let name = entry.key.text();
    up(frame, name, entry.value)
        .or_else(|| down(frame, name, entry.value))
        .or_else(|| aside(frame, name, entry.value))
}

fn up(frame: &Frame<'_, '_>, name: &str, value: NodeRef<'_>) -> Option<Nesting> {
    let mut levels = 0;
    let mut at = frame;
    // Between two objects stands the frame of the field.
    while let Some(object) = at.parent.and_then(|field| field.parent) {
        levels += 1;
        if let Some(field) = object.schema.field(name) {
            let free = fits(field.schema(), value) && object.node.get(name).is_none();
            let step = NestingStep { field: object.step, item: object.item };
            let steps = Some(step).filter(|step| !step.field.is_empty()).into_iter().collect();
            return free.then_some(Nesting { place: NestingPlace::Up(levels), steps });
        }
        at = object;
    }
    None
}

fn down(frame: &Frame<'_, '_>, name: &str, value: NodeRef<'_>) -> Option<Nesting> {
    let near = children(frame.schema);
    let one = only(near.clone().into_iter().map(|child| (vec![child.0], child.1)), frame.node, name, value);
    let far = || {
        let below = near.into_iter().flat_map(|(step, schema)| {
            children(schema).into_iter().map(move |(next, schema)| (vec![step, next], schema))
        });
        only(below.filter(|(steps, _)| !steps[0].item), frame.node, name, value)
    };
    let steps = one.or_else(far).or_else(|| into_map(frame, value))?;
    Some(Nesting { place: NestingPlace::Down, steps })
}

/// Labels that stand in a selector belong into its `matchLabels`: the one map of an object takes any name.
fn into_map(frame: &Frame<'_, '_>, value: NodeRef<'_>) -> Option<Vec<NestingStep>> {
    let mut maps = frame.schema.fields().filter(|field| field.schema().kind() == SchemaKind::Map);
    let (field, none) = (maps.next()?, maps.next().is_none());
    // Types of many fields have a map of something else, such as `nodeSelector` of pods.
    let small = frame.schema.fields().count() <= 2;
    let step = NestingStep { field: field.name(), item: false };
    (none && small && fits(field.schema().values()?, value)).then(|| vec![step])
}

/// `capabilities` of a pod's `securityContext` belongs into the one of a container.
fn aside(frame: &Frame<'_, '_>, name: &str, value: NodeRef<'_>) -> Option<Nesting> {
    let object = frame.parent?.parent?;
    let twins = children(object.schema).into_iter().filter_map(|(step, schema)| {
        let (next, schema) = children(schema).into_iter().find(|(next, _)| next.field == frame.step)?;
        object.node.get(step.field)?;
        Some((vec![step, next], schema))
    });
    Some(Nesting { place: NestingPlace::Aside, steps: only(twins, object.node, name, value)? })
}

/// Objects right below one.
fn children(schema: Schema) -> Vec<(NestingStep, Schema)> {
    let children = schema.fields().filter(|field| field.name() != "status").filter_map(|field| {
        let schema = field.schema();
        let item = schema.kind() == SchemaKind::Array;
        let object = if item { schema.items()? } else { schema };
        (object.kind() == SchemaKind::Object).then_some((NestingStep { field: field.name(), item }, object))
    });
    children.collect()
}

/// The one way that leads to an object with such a field; of several the one that is written.
fn only(
    ways: impl Iterator<Item = (Vec<NestingStep>, Schema)>,
    from: NodeRef<'_>,
    name: &str,
    value: NodeRef<'_>,
) -> Option<Vec<NestingStep>> {
    let fitting =
        ways.filter(|(_, schema)| schema.field(name).is_some_and(|field| fits(field.schema(), value)));
    let mut found: Vec<_> = fitting
        .filter_map(|(steps, _)| {
            // Of a list, any item may be meant.
            let end = steps.iter().position(|step| step.item).map_or(steps.len(), |list| list + 1);
            let at = steps[..end].iter().try_fold(from, |node, step| node.get(step.field));
            // Where no list is, nobody wanted an item of it.
            let unlikely = at.is_none() && steps.iter().any(|step| step.item);
            let free = at.is_none_or(|node| node.get(name).is_none());
            (free && !unlikely).then(|| (steps, at.is_some()))
        })
        .collect();
    if found.len() > 1 {
        found.retain(|(_, written)| *written);
    }
    if found.len() == 1 { found.pop().map(|(steps, _)| steps) } else { None }
}

/// Whether the kind of node is the one that the field has.
fn fits(schema: Schema, value: NodeRef<'_>) -> bool {
    match schema.kind() {
        SchemaKind::Any => true,
        SchemaKind::Object | SchemaKind::Map => value.is_map(),
        SchemaKind::Array => value.is_seq(),
        _ => value.is_scalar() && super::scalar::problem(value, value.value(), schema).is_none(),
    }
}
