//! What another version of Kubernetes changes in effective settings, although nobody changes a file.

use std::collections::BTreeMap;

use kubevet_facts::Component;
use serde::Serialize;

use super::view::{ComponentView, OriginKind, PlaceView, SettingView, ValueView};
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
            if by_itself && !same(was, is) {
                found.push(ChangeView {
                    component: old.component,
                    place: old.place.clone(),
                    from: old.version.clone(),
                    to: new.version.clone(),
                    name: setting.name.clone(),
                    old: was.clone(),
                    new: is.clone(),
                });
            }
        }
    }
    found
}

/// Whether two values are one: durations have several spellings.
fn same(one: &ValueView, other: &ValueView) -> bool {
    let duration = |value: &ValueView| match value {
        ValueView::Text(text) => duration::parse(text),
        ValueView::List(_) => None,
    };
    one == other || duration(one).is_some_and(|nanoseconds| duration(other) == Some(nanoseconds))
}
