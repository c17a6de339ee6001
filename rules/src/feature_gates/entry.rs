//! Gates as they are set, wherever that is.

use std::fmt;

use kubevet_core::{
    facts::{Gate, gate, gate_names, gate_versions, kubeadm_gate, kubeadm_gate_names, kubeadm_gate_versions},
    finding::Site,
    kubernetes::is_placeholder,
    rule::Anchor,
    settings::{Argument, Carrier, Cluster, Component, Origin, Settings, Value, Version},
    source::Span,
    yaml::NodeRef,
};

/// Who has the gates.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A component.
    Component(Component),
    /// kubeadm itself.
    Kubeadm,
}

impl Owner {
    pub fn gate(self, name: &str, version: Version) -> Option<Gate> {
        match self {
            Owner::Component(component) => gate(component, name, version),
            Owner::Kubeadm => kubeadm_gate(name, version),
        }
    }

    /// The versions that have a gate, oldest first.
    pub fn versions(self, name: &str) -> Vec<Version> {
        match self {
            Owner::Component(component) => gate_versions(component, name),
            Owner::Kubeadm => kubeadm_gate_versions(name),
        }
    }

    pub fn names(self, version: Version) -> Vec<&'static str> {
        match self {
            Owner::Component(component) => gate_names(component, version).collect(),
            Owner::Kubeadm => kubeadm_gate_names(version).collect(),
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Owner::Component(component) => component.fmt(f),
            Owner::Kubeadm => f.write_str("kubeadm"),
        }
    }
}

/// One gate that is set somewhere.
pub struct Entry {
    pub owner: Owner,
    pub version: Version,
    /// Its name.
    pub name: String,
    /// What it is set to, where that is a boolean.
    pub value: Option<bool>,
    /// Where its name is.
    pub site: Site,
    /// Whether a name that Kubernetes has no gate of: `AllAlpha`, `AllBeta`.
    pub all: bool,
}

impl Entry {
    fn new(owner: Owner, version: Version, name: &str, value: Option<bool>, site: Site) -> Self {
        let all = owner != Owner::Kubeadm && matches!(name, "AllAlpha" | "AllBeta");
        Entry { owner, version, name: name.to_owned(), value, site, all }
    }

    /// The gate, where the version has it.
    pub fn gate(&self) -> Option<Gate> {
        self.owner.gate(&self.name, self.version)
    }
}

/// Every gate that is set for the components of a cluster and for kubeadm, where the facts cover the version.
pub fn entries(cluster: &Cluster<'_>) -> Vec<Entry> {
    let mut found = Vec::new();
    for settings in cluster.settings.components.iter().filter(|settings| settings.version.is_supported()) {
        // etcd has gates of its own kind.
        if settings.component == Component::Etcd {
            continue;
        }
        for item in items(settings) {
            let value = item.value.as_deref().and_then(as_bool);
            let owner = Owner::Component(settings.component);
            found.push(Entry::new(owner, settings.version, &item.name, value, item.site));
        }
        in_file(cluster, settings, &mut found);
    }
    kubeadm(cluster, &mut found);
    found.retain(|entry| !is_placeholder(&entry.name));
    found
}

/// One item of a `--feature-gates` flag.
pub struct Item {
    pub name: String,
    /// `None` without a `=`.
    pub value: Option<String>,
    /// Where its name is.
    pub site: Site,
    /// Where all of it is.
    pub whole: Site,
}

/// The items of the `--feature-gates` flags of a component.
pub fn items(settings: &Settings) -> Vec<Item> {
    let flags = settings.given().iter().filter(|argument| argument.name.replace('_', "-") == "feature-gates");
    flags.flat_map(items_of).collect()
}

fn items_of(argument: &Argument) -> Vec<Item> {
    let Value::Text(text) = &argument.value else { return Vec::new() };
    let mut start = 0;
    let mut found = Vec::new();
    for item in text.split(',') {
        let at = start;
        start += item.len() + 1;
        if item.is_empty() || is_placeholder(item) {
            continue;
        }
        // Since 1.31 a component's name may stand before the gate: `kube:NodeSwap=true`. Others have gates of their own.
        let (prefix, body) = item.split_once(':').map_or(("", item), |(prefix, body)| (prefix, body));
        if !matches!(prefix.trim(), "" | "kube") {
            continue;
        }
        let (name, value) = body.split_once('=').map_or((body, None), |(name, value)| (name, Some(value)));
        let offset = at + item.len() - body.len();
        let blanks = name.len() - name.trim_start().len();
        let name = name.trim();
        found.push(Item {
            name: name.to_owned(),
            value: value.map(|value| value.trim().to_owned()),
            site: part(&argument.site, text, offset + blanks..offset + blanks + name.len()),
            whole: part(&argument.site, text, at..at + item.len()),
        });
    }
    found
}

/// The place of a part of a text, where the text stands in the file as it is.
fn part(site: &Site, text: &str, range: std::ops::Range<usize>) -> Site {
    let mut site = site.clone();
    let span = site.place.span;
    let written = (span.end - span.start) as usize;
    // In YAML, quotes may stand around it.
    let quotes = (written.saturating_sub(text.len())) as u32;
    if matches!(quotes, 0 | 2) && written >= text.len() {
        let start = span.start + quotes / 2;
        site.place.span = Span { start: start + range.start as u32, end: start + range.end as u32 };
    }
    site
}

fn as_bool(text: &str) -> Option<bool> {
    crate::flags::parse::is_bool(text).then(|| matches!(text, "1") || text.starts_with(['t', 'T']))
}

/// The gates of a configuration file.
fn in_file(cluster: &Cluster<'_>, settings: &Settings, found: &mut Vec<Entry>) {
    for setting in settings.said().filter(|setting| setting.name().starts_with("featureGates.")) {
        let name = &setting.name()["featureGates.".len()..];
        for (value, origin) in settings.layers(setting.name()) {
            let (Origin::File(site), Value::Text(text)) = (origin, value) else { continue };
            let key = cluster.set.file_at(&site.place.path).and_then(|file| {
                let roots = file.tree()?.documents().filter_map(|document| document.root());
                let mut gates = roots.filter_map(|root| root.get("featureGates")).flat_map(NodeRef::entries);
                gates.find(|entry| entry.value.span() == site.place.span).map(|entry| entry.key.site())
            });
            let site = key.unwrap_or_else(|| site.clone());
            let owner = Owner::Component(settings.component);
            found.push(Entry::new(owner, settings.version, name, as_bool(text), site));
        }
    }
}

/// kubeadm's own gates.
fn kubeadm(cluster: &Cluster<'_>, found: &mut Vec<Entry>) {
    for object in cluster.documents("kubeadm.k8s.io", "ClusterConfiguration") {
        let path = object.tree().path();
        let mut of_file = cluster.settings.components.iter().filter(|settings| {
            settings.carrier == Carrier::Kubeadm
                && settings.component != Component::Etcd
                && settings.site.place.path == *path
        });
        let Some(version) = of_file.next().map(|settings| settings.version) else { continue };
        if !version.is_supported() {
            continue;
        }
        for entry in object.node().get("featureGates").into_iter().flat_map(NodeRef::entries) {
            let (name, value) = (entry.key.text(), entry.value.as_bool());
            found.push(Entry::new(Owner::Kubeadm, version, name, value, entry.key.site()));
        }
    }
}
