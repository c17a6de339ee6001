//! What is known of a kind of object or of one of its fields.

use kubevet_core::{
    facts::{Api, Schema, SchemaField, SchemaKind, Version, apis, group_version_on, schema, served},
    suggest::closest,
};

use super::{paragraphs, row, span};
use crate::{
    outcome::Outcome,
    problem::Problem,
    terminal::{BOLD, DIM, Stream},
};

/// The page of a kind, or of a field below it.
pub fn explain(path: &str, api_version: Option<&str>, version: Version, stream: Stream) -> Outcome<String> {
    let mut steps = path.split('.');
    let kind = steps.next().unwrap_or_default();
    let api = find(kind, api_version, version)?;
    let mut at = schema(api.api_version, api.kind, version).expect("it is served");
    let (mut title, mut field, mut parent) = (api.kind.to_owned(), None, at);
    for step in steps.map(|step| step.trim_end_matches("[]")) {
        // Items and values have no names.
        parent = inner(at);
        let Some(found) = parent.field(step) else { return Err(no_field(&title, step, parent).into()) };
        title = format!("{title}.{step}");
        at = found.schema();
        field = Some(found);
    }
    let mut out = format!("{} ({}, Kubernetes {version})\n", stream.paint(BOLD, &title), api.api_version);
    let mut line = |name: &str, value: &str| out.push_str(&row(name, value, stream));
    line("type", &type_of(at));
    let values: Vec<&str> = inner(at).enumeration().collect();
    if !values.is_empty() {
        line("values", &values.join(", "));
    }
    if let Some(field) = field {
        if field.enforced() {
            line("required", "yes");
        }
        if let Some((first, last)) = parent.field_versions(field.name()) {
            line("Kubernetes", &span(first, last));
        }
    } else if let Some(since) = api.deprecated {
        line("deprecated", &format!("since 1.{since}"));
    }
    let text = match field {
        Some(field) => parent.description_of(field.name()),
        None => at.description(),
    };
    out.push_str(&paragraphs(text.unwrap_or_default(), stream));
    out.push_str(&fields(inner(at), stream));
    Ok(out)
}

/// The API of a kind by its name or that of its resource, in any letter case: a stable one before others.
fn find(name: &str, api_version: Option<&str>, version: Version) -> Outcome<Api> {
    let wanted = name.to_lowercase();
    let named = |api: &Api| api.kind.to_lowercase() == wanted || api.resource == Some(&*wanted);
    let is_served = |api: &Api| served(api.api_version, api.kind, version);
    let of_version = |api: &Api| api_version.is_none_or(|wanted| api.api_version == wanted);
    let rank = |api: &Api| {
        let off = group_version_on(api.api_version, version) == Some(false);
        let stage = api.api_version.contains("alpha") || api.api_version.contains("beta");
        // `v1` before `events.k8s.io/v1`, `autoscaling/v2` before `autoscaling/v1`.
        (off, stage, api.api_version.contains('/'), std::cmp::Reverse(api.api_version))
    };
    let found = apis().filter(|api| named(api) && is_served(api) && of_version(api)).min_by_key(rank);
    found.ok_or_else(|| {
        let of = api_version.map_or_else(String::new, |version| format!(" in `{version}`"));
        let kinds: Vec<&str> = apis().filter(is_served).map(|api| api.kind).collect();
        let lower: Vec<String> = kinds.iter().map(|kind| kind.to_lowercase()).collect();
        let meant = closest(&wanted, lower.iter().map(String::as_str)).filter(|meant| *meant != wanted);
        let meant = meant.and_then(|meant| kinds.iter().find(|kind| kind.to_lowercase() == meant));
        let meant = meant.map_or_else(String::new, |kind| format!(": did you mean `{kind}`?"));
        Problem::new(format!("Kubernetes {version} has no kind `{name}`{of}{meant}")).into()
    })
}

fn no_field(title: &str, step: &str, parent: Schema) -> Problem {
    let names: Vec<&str> = parent.fields().map(SchemaField::name).collect();
    let meant = match closest(step, names.iter().copied()) {
        Some(name) => format!(": did you mean `{name}`?"),
        None if names.is_empty() => ": it has no fields".to_owned(),
        None => format!(": it has {}", names.join(", ")),
    };
    Problem::new(format!("`{title}` has no field `{step}`{meant}"))
}

/// What the items or values of lists and maps are.
fn inner(mut schema: Schema) -> Schema {
    while let Some(inside) = schema.items().or_else(|| schema.values()) {
        schema = inside;
    }
    schema
}

fn type_of(schema: Schema) -> String {
    if let Some(items) = schema.items() {
        return format!("list of {}", type_of(items));
    }
    if let Some(values) = schema.values() {
        return format!("map of {}", type_of(values));
    }
    let name = match schema.kind() {
        SchemaKind::Any => "anything",
        SchemaKind::Object => "object",
        SchemaKind::Map => "map",
        SchemaKind::Array => "list",
        SchemaKind::String => "string",
        SchemaKind::Int32 | SchemaKind::Int64 => "integer",
        SchemaKind::IntOrString => "integer or string",
        SchemaKind::Quantity => "quantity",
        SchemaKind::Bool => "boolean",
        SchemaKind::Number => "number",
        SchemaKind::Bytes => "base64",
        SchemaKind::Time | SchemaKind::MicroTime => "time",
    };
    name.to_owned()
}

/// The fields of an object with their types.
fn fields(schema: Schema, stream: Stream) -> String {
    let all: Vec<SchemaField> = schema.fields().collect();
    let width = all.iter().map(|field| field.name().len()).max().unwrap_or_default();
    let mut out =
        if all.is_empty() { String::new() } else { format!("\n{}\n", stream.paint(BOLD, "Fields")) };
    for field in all {
        let required = if field.enforced() { ", required" } else { "" };
        let what = stream.paint(DIM, &format!("{}{required}", type_of(field.schema())));
        out.push_str(&format!("  {:width$}  {what}\n", field.name()));
    }
    out
}
