//! What another version of Kubernetes changes in effective settings, although nobody changes a file.

use std::collections::BTreeMap;

use kubevet_facts::{Component, Version};
use serde::Serialize;
use serde_json::Value;

use super::view::{ComponentView, FileView, OriginKind, PlaceView, SettingView, ValueView, json_text};
use crate::kubernetes::values::duration;

/// A setting that another version changes by itself: a default, or what an installer injects.
#[derive(Debug, Serialize)]
pub struct ChangeView {
    /// `kubelet`.
    pub component: &'static str,
    /// Where the component was found.
    pub place: PlaceView,
    /// Version it has now.
    pub from: String,
    /// Version it would have.
    pub to: String,
    /// Canonical name of the setting.
    pub name: String,
    /// Its value now.
    pub old: ValueView,
    /// Its value then.
    pub new: ValueView,
}

/// The settings that have other values in the second list of components, which was made from the same files for another
/// version. In the order of the components, then by name; values that nobody knows are left out.
pub fn changes(before: &[ComponentView], after: &[ComponentView]) -> Vec<ChangeView> {
    let key = |view: &ComponentView| {
        let PlaceView { path, line, column } = &view.place;
        (view.component, path.clone(), *line, *column)
    };
    let after: BTreeMap<_, _> = after.iter().map(|view| (key(view), view)).collect();
    let mut found = Vec::new();
    for old in before {
        // etcd counts its versions by itself.
        let compared =
            |new: &&&ComponentView| new.version != old.version && old.component != Component::Etcd.name();
        let Some(new) = after.get(&key(old)).filter(compared) else { continue };
        let then: BTreeMap<&str, &SettingView> =
            new.settings.iter().map(|setting| (&*setting.name, setting)).collect();
        for setting in &old.settings {
            let Some(changed) = then.get(&*setting.name).copied() else { continue };
            let by_itself = matches!(changed.origin.kind, OriginKind::Default | OriginKind::Injected);
            let (Some(was), Some(is)) = (&setting.value, &changed.value) else { continue };
            if !by_itself || same(was, is) {
                continue;
            }
            for (name, was, is) in parts(&setting.name, was, is) {
                found.push(ChangeView {
                    component: old.component,
                    place: old.place.clone(),
                    from: old.version.clone(),
                    to: new.version.clone(),
                    name,
                    old: was,
                    new: is,
                });
            }
        }
        found.extend(gates(old, new));
    }
    found
}

/// Name of the change that lists the feature gates that the version turns on.
pub const GATES_ON: &str = "feature gates that turn on";
/// Name of the change that lists the feature gates that the version turns off.
pub const GATES_OFF: &str = "feature gates that turn off";

/// The feature gates that nobody sets and whose default is another one, as one change for each direction.
fn gates(old: &ComponentView, new: &ComponentView) -> Vec<ChangeView> {
    let versions = (old.version.parse::<Version>(), new.version.parse::<Version>());
    let (Some(component), (Ok(from), Ok(to))) = (Component::from_binary(old.component), versions) else {
        return Vec::new();
    };
    let says = |name: &str| {
        let said = |setting: &SettingView| setting.name.strip_prefix("featureGates.") == Some(name);
        old.settings.iter().any(said)
    };
    let known = old.complete && old.configuration_file != FileView::Missing;
    if !known || says("AllAlpha") || says("AllBeta") {
        return Vec::new();
    }
    let turned = |on: bool| -> Vec<String> {
        let default =
            |name: &str, version| kubevet_facts::gate(component, name, version).map(|gate| gate.default);
        let turns = |name: &&str| default(name, from) == Some(!on) && default(name, to) == Some(on);
        let all = kubevet_facts::gate_names(component, from).filter(turns);
        all.filter(|name| !says(name)).map(str::to_owned).collect()
    };
    let lists = [(GATES_ON, turned(true)), (GATES_OFF, turned(false))].into_iter();
    let changes = lists.filter(|(_, names)| !names.is_empty()).map(|(name, names)| ChangeView {
        component: old.component,
        place: old.place.clone(),
        from: old.version.clone(),
        to: new.version.clone(),
        name: name.to_owned(),
        old: ValueView::List(Vec::new()),
        new: ValueView::List(names),
    });
    changes.collect()
}

/// A name with its two values.
type Part = (String, ValueView, ValueView);

/// What differs inside of two values that are structures, such as the scheduler's profiles; else the values themselves.
fn parts(name: &str, was: &ValueView, is: &ValueView) -> Vec<Part> {
    let (ValueView::List(was_items), ValueView::List(is_items)) = (was, is) else {
        return vec![(name.to_owned(), was.clone(), is.clone())];
    };
    let read = |items: &[String]| -> Option<Value> {
        let items: Option<Vec<Value>> = items.iter().map(|item| serde_json::from_str(item).ok()).collect();
        items.filter(|items| items.iter().all(Value::is_object)).map(Value::Array)
    };
    let mut found = Vec::new();
    match (read(was_items), read(is_items)) {
        (Some(was), Some(is)) => differences(name, &was, &is, &mut found),
        _ => found.push((name.to_owned(), was.clone(), is.clone())),
    }
    found
}

fn differences(name: &str, was: &Value, is: &Value, found: &mut Vec<Part>) {
    let keys = |value: &Value| -> Option<Vec<(String, Value)>> {
        match value {
            Value::Object(fields) => {
                Some(fields.iter().map(|(key, value)| (format!(".{key}"), value.clone())).collect())
            }
            Value::Array(items) => {
                let named = |item: &Value| {
                    let key = item.get("name").or_else(|| item.get("schedulerName"))?.as_str()?;
                    Some((format!("[{key}]"), item.clone()))
                };
                items.iter().map(named).collect()
            }
            _ => None,
        }
    };
    let nothing = |value: &Value| value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty);
    if was == is || nothing(was) && nothing(is) {
        return;
    }
    let (Some(was_keys), Some(is_keys)) = (keys(was), keys(is)) else {
        let text =
            |value: &Value| ValueView::Text(if value.is_null() { String::new() } else { json_text(value) });
        found.push((name.to_owned(), text(was), text(is)));
        return;
    };
    let of = |keys: &[(String, Value)], key: &str| {
        keys.iter().find(|(other, _)| other == key).map_or(Value::Null, |(_, value)| value.clone())
    };
    let new = is_keys.iter().filter(|(key, _)| !was_keys.iter().any(|(other, _)| other == key));
    for (key, _) in was_keys.iter().chain(new) {
        differences(&format!("{name}{key}"), &of(&was_keys, key), &of(&is_keys, key), found);
    }
}

/// Whether two values are one: durations have several spellings.
fn same(one: &ValueView, other: &ValueView) -> bool {
    let duration = |value: &ValueView| match value {
        ValueView::Text(text) => duration::parse(text),
        ValueView::List(_) => None,
    };
    one == other || duration(one).is_some_and(|nanoseconds| duration(other) == Some(nanoseconds))
}
