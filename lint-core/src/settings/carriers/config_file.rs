//! Configuration files of the components themselves.

use kubevet_facts::{Component, Version};

use super::new_settings;
use crate::{
    kubernetes::{Object, is_placeholder},
    rule::Anchor,
    settings::{Carrier, Origin, Settings, Value},
    yaml::NodeRef,
};

/// The component that reads a kind of configuration file.
pub(in crate::settings) fn component_of(object: Object<'_>) -> Option<Component> {
    match (object.group(), object.kind()) {
        ("kubelet.config.k8s.io", "KubeletConfiguration") => Some(Component::Kubelet),
        ("kubeproxy.config.k8s.io", "KubeProxyConfiguration") => Some(Component::KubeProxy),
        ("kubescheduler.config.k8s.io", "KubeSchedulerConfiguration") => Some(Component::KubeScheduler),
        _ => None,
    }
}

/// A configuration file that no command line of the set names: its flags are not known.
pub(in crate::settings) fn read(object: Object<'_>, component: Component, version: Version) -> Settings {
    let mut settings = new_settings(component, version, Carrier::ComponentConfig, object.site());
    settings.complete = false;
    settings.has_config_file = true;
    // A file of `--config-dir` says a part; what the others say is not known.
    settings.config_missing =
        object.tree().path().rsplit('/').nth(1).is_some_and(|folder| folder.ends_with("conf.d"));
    apply(&mut settings, object);
    settings
}

/// Adds the fields of a configuration file.
pub(in crate::settings) fn apply(settings: &mut Settings, object: Object<'_>) {
    settings.has_config_file = true;
    for entry in object.node().entries() {
        if !matches!(entry.key.text(), "apiVersion" | "kind" | "metadata") {
            flatten(settings, entry.key.text(), entry.value);
        }
    }
}

/// Scalars and lists of scalars by their path; null means absent.
pub(super) fn flatten(settings: &mut Settings, path: &str, node: NodeRef<'_>) {
    let origin = || Origin::File(node.site());
    if node.is_map() {
        for entry in node.entries() {
            flatten(settings, &format!("{path}.{}", entry.key.text()), entry.value);
        }
    } else if node.is_seq() {
        if node.items().all(NodeRef::is_scalar) {
            let items = node.items().map(|item| item.text().to_owned()).collect();
            settings.push(path, Value::List(items), origin());
        }
    } else if !node.is_null() {
        let text = node.text().to_owned();
        let value = if is_placeholder(&text) { Value::Unknown(text) } else { Value::Text(canonical(node)) };
        settings.push(path, value, origin());
    }
}

/// Booleans in the spelling of flags: `yes` is `true`.
fn canonical(node: NodeRef<'_>) -> String {
    node.as_bool().map_or_else(|| node.text().to_owned(), |value| value.to_string())
}
