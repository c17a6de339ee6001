//! Patches that kubeadm applies to static pods and to the kubelet's configuration (`patches.directory`).
//!
//! Source: `cmd/kubeadm/app/util/patches/patches.go` of Kubernetes 1.34. The name of a file says what it is for:
//! `kube-apiserver0+strategic.yaml`.

use kubevet_facts::Component;

use super::config_file::flatten;
use crate::{
    index::SourceFile,
    rule::Anchor,
    settings::{Settings, arguments, words::Word},
    yaml::NodeRef,
};

/// One patch.
#[derive(Clone, Copy)]
pub(in crate::settings) struct Patch<'t> {
    /// What it is for.
    pub component: Component,
    /// A list of operations (RFC 6902); otherwise a part of the whole.
    json: bool,
    root: NodeRef<'t>,
}

impl<'t> Patch<'t> {
    /// The patch of a file, if its name is one of kubeadm's.
    pub fn of_file(file: &'t SourceFile) -> Option<Self> {
        let name = file.source().path().rsplit('/').next()?;
        let stem = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".json"))?;
        let component = match stem {
            _ if stem.starts_with("kubeletconfiguration") => Component::Kubelet,
            _ => [
                Component::KubeApiserver,
                Component::KubeControllerManager,
                Component::KubeScheduler,
                Component::Etcd,
            ]
            .into_iter()
            .find(|component| stem.starts_with(component.name()))?,
        };
        let json = stem.split_once('+').is_some_and(|(_, kind)| kind.starts_with("json"));
        let root = file.tree()?.documents().next()?.root()?;
        Some(Patch { component, json, root })
    }

    /// Applies it.
    pub fn apply(self, settings: &mut Settings) {
        match (self.component, self.json) {
            (Component::Kubelet, false) => settings.put_below_flags(|below| {
                let own = |key: &str| matches!(key, "apiVersion" | "kind" | "metadata");
                for entry in self.root.entries().filter(|entry| !own(entry.key.text())) {
                    flatten(below, entry.key.text(), entry.value);
                }
            }),
            (Component::Kubelet, true) => settings.put_below_flags(|below| {
                for (_, path, value) in operations(self.root) {
                    if let Some(value) = value {
                        flatten(below, &path.trim_start_matches('/').replace('/', "."), value);
                    }
                }
            }),
            (_, false) => merge(self.root, settings),
            (_, true) => operations(self.root).for_each(|operation| operate(operation, settings)),
        }
    }
}

/// A part of a pod: a list of words takes the place of the one before.
fn merge(root: NodeRef<'_>, settings: &mut Settings) {
    let containers = root.at(&["spec", "containers"]).into_iter().flat_map(NodeRef::items);
    let name = settings.component.name();
    let own = |container: &NodeRef<'_>| container.get("name").is_some_and(|node| node.text() == name);
    for container in containers.filter(own) {
        if let Some(command) = container.get("command") {
            replace(command, settings);
        }
        // kubeadm writes no `args`: these come behind its command.
        if let Some(args) = container.get("args") {
            add(&args.items().collect::<Vec<_>>(), settings);
        }
    }
}

fn replace(command: NodeRef<'_>, settings: &mut Settings) {
    settings.layers.clear();
    settings.repeated.clear();
    settings.given.clear();
    let words: Vec<NodeRef<'_>> = command.items().collect();
    add(words.get(1..).unwrap_or_default(), settings);
}

fn add(words: &[NodeRef<'_>], settings: &mut Settings) {
    let words: Vec<Word> = words.iter().map(|word| Word::of_node(*word, word.site())).collect();
    settings.read_command_line(arguments::parse(settings.component, settings.version, &words));
}

/// Name, path and value of each operation of a JSON patch.
fn operations(root: NodeRef<'_>) -> impl Iterator<Item = (&str, &str, Option<NodeRef<'_>>)> {
    root.items()
        .filter_map(|item| Some((item.get("op")?.text(), item.get("path")?.text(), item.get("value"))))
}

/// One operation on a pod whose only container is the component.
fn operate((name, path, value): (&str, &str, Option<NodeRef<'_>>), settings: &mut Settings) {
    let Some(place) = path.strip_prefix("/spec/containers/0/command") else { return };
    match (name, place, value) {
        ("test", ..) => {}
        ("add" | "replace", "", Some(command)) => replace(command, settings),
        ("add", _, Some(word)) => add(&[word], settings),
        // Which word stood there depends on what kubeadm wrote.
        (_, _, word) => {
            settings.complete = false;
            if let Some(word) = word {
                add(&[word], settings);
            }
        }
    }
}
