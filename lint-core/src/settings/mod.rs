//! Effective configuration: what a component would really run with, whatever file form says it.
//!
//! Layers, weakest first: default of the version and carrier, injected by the installer, configuration file, flag.
//! A setting's canonical name is the component's own flag (`authorization-mode` of kube-apiserver) or, where the
//! component has a configuration file, the field's path (`authentication.anonymous.enabled` of the kubelet).
//! Either spelling may be asked for: [`Settings::get`] knows the equivalent one.

mod arguments;
mod assemble;
mod carriers;
mod program;
pub mod upgrade;
mod value;
mod variables;
pub mod view;
mod words;

#[cfg(test)]
mod tests;

pub use arguments::{Argument, Form};
pub(crate) use assemble::{assemble, cluster_name, may_carry, said_version};
pub use kubevet_facts::{Component, Version};
pub use value::{Origin, Setting, State, Value};

use std::collections::BTreeMap;

use crate::{
    finding::Site,
    index::{ResourceSet, SourceFile},
    rule::Anchor,
};

/// File form that carries settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Carrier {
    /// A Pod manifest whose container runs a component.
    StaticPod,
    /// Another workload whose container runs a component.
    Workload,
    /// kubeadm Init-, Cluster- and JoinConfiguration.
    Kubeadm,
    /// A configuration file of the component itself.
    ComponentConfig,
    /// A systemd unit with its drop-ins and environment files.
    Systemd,
    /// An environment file that no unit of the set reads.
    EnvironmentFile,
}

impl Carrier {
    /// In words: "static pod".
    pub const fn name(self) -> &'static str {
        match self {
            Carrier::StaticPod => "static pod",
            Carrier::Workload => "workload",
            Carrier::Kubeadm => "kubeadm configuration",
            Carrier::ComponentConfig => "configuration file",
            Carrier::Systemd => "systemd unit",
            Carrier::EnvironmentFile => "environment file",
        }
    }
}

/// The effective configuration of one component.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which component.
    pub component: Component,
    /// Version it runs, as its carrier or the target version says.
    pub version: Version,
    /// The file form that names the component.
    pub carrier: Carrier,
    /// Where the component was found: what a finding about something absent points at.
    pub site: Site,
    /// Whether everything that the component is told is known. If not, what is absent is unknown.
    pub complete: bool,
    /// Whether the component reads a configuration file: decides which defaults hold.
    pub has_config_file: bool,
    /// Whether that file is not among the files: what it may say is unknown.
    pub config_missing: bool,
    /// What was said, by canonical name, weakest layer first.
    pub(crate) layers: BTreeMap<String, Vec<(Value, Origin)>>,
    /// Flags that are given more than once with different values, though only the last one counts.
    pub(crate) repeated: Vec<(String, Vec<Site>)>,
    /// Flags as they are written, in their order.
    pub(crate) given: Vec<Argument>,
}

/// Settings whose default the component chooses when it runs: that of `evictionHard` depends on the operating system
/// (cmd/kubelet/app/server.go).
const DECIDED_LATER: &[(Component, &str)] = &[(Component::Kubelet, "evictionHard")];

impl Settings {
    /// Asks for a setting by its flag or field name; always answers, also with a default or with "unknown".
    pub fn get(&self, name: &str) -> Setting<'_> {
        let name = self.canonical(name);
        if let Some((value, origin)) = self.layers.get(name).and_then(|layers| layers.last()) {
            return Setting::said(self, name, value, origin);
        }
        let in_file = self.has_config_file && self.is_field(name);
        let known = if in_file { !self.config_missing } else { self.complete };
        if known && !DECIDED_LATER.contains(&(self.component, name)) {
            Setting::default(self, name)
        } else {
            Setting::unknown(self, name)
        }
    }

    /// Whether a feature gate is on: what is said of it, else its default in this version. `None` when that is unknown
    /// or the component has no such gate.
    pub fn gate(&self, gate: &str) -> Option<bool> {
        let said = self.get(&format!("featureGates.{gate}"));
        if said.is_explicit() {
            return said.as_bool();
        }
        let known = if self.has_config_file { !self.config_missing } else { self.complete };
        kubevet_facts::gate(self.component, gate, self.version).filter(|_| known).map(|gate| gate.default)
    }

    /// Flags that are given more than once with different values, though only the last one counts: name and places.
    pub fn repeated(&self) -> &[(String, Vec<Site>)] {
        &self.repeated
    }

    /// The flags that are given, as they are written: unknown ones and those that a configuration file makes idle too.
    pub fn given(&self) -> &[Argument] {
        &self.given
    }

    /// Whether the component's configuration file has a field of this name.
    fn is_field(&self, name: &str) -> bool {
        kubevet_facts::flag_of_field(self.component, name).is_some()
            || kubevet_facts::config_default(self.component, name, self.version).is_some()
            || name.starts_with("featureGates.")
    }

    /// Reads a command line: which configuration file it names, then its flags.
    fn read_command_line(&mut self, arguments: arguments::Arguments) {
        let names_config = |argument: &Argument| argument.name == "config";
        let file =
            matches!(self.component, Component::Kubelet | Component::KubeProxy | Component::KubeScheduler);
        if file && arguments.list.iter().any(names_config) {
            self.has_config_file = true;
            self.config_missing = true;
        }
        self.apply(arguments);
    }

    /// Everything that was said, by canonical name, in effect.
    pub fn said(&self) -> impl Iterator<Item = Setting<'_>> {
        self.layers.keys().map(|name| self.get(name))
    }

    /// Values of a setting from the weakest layer to the strongest.
    pub fn layers(&self, name: &str) -> &[(Value, Origin)] {
        self.layers.get(self.canonical(name)).map_or(&[], Vec::as_slice)
    }

    /// Adds a value of a stronger layer than all before.
    pub(crate) fn push(&mut self, name: &str, value: Value, origin: Origin) {
        let name = self.canonical(name).to_owned();
        self.layers.entry(name).or_default().push((value, origin));
    }

    /// The configuration field where the component has an equivalent one, else the name itself.
    fn canonical<'n>(&self, name: &'n str) -> &'n str {
        kubevet_facts::field_of_flag(self.component, name).unwrap_or(name)
    }
}

impl Anchor for Settings {
    fn site(&self) -> Site {
        self.site.clone()
    }
}

/// Components whose settings belong to one cluster.
#[derive(Clone, Debug, Default)]
pub struct ClusterSettings {
    /// What the cluster is called: the path of the file or folder that defines it.
    pub name: String,
    /// Its components, in the order of their files.
    pub components: Vec<Settings>,
    /// Indexes into [`ResourceSet::files`] of every file that belongs to it.
    pub files: Vec<usize>,
}

/// One cluster as its rules see it.
#[derive(Clone, Copy, Debug)]
pub struct Cluster<'a> {
    /// Its components.
    pub settings: &'a ClusterSettings,
    /// All objects that belong together, the cluster's own documents among them.
    pub set: &'a ResourceSet,
}

impl<'a> Cluster<'a> {
    /// The effective configurations of one component, one per place where it is defined.
    pub fn component(self, component: Component) -> impl Iterator<Item = &'a Settings> {
        self.settings.components.iter().filter(move |settings| settings.component == component)
    }

    /// The files that define the cluster.
    pub fn files(self) -> impl Iterator<Item = &'a SourceFile> {
        self.settings.files.iter().map(|index| self.set.file(*index))
    }

    /// The cluster's own documents of a group and kind: kubeadm and component configurations.
    pub fn documents(
        self,
        group: &'a str,
        kind: &'a str,
    ) -> impl Iterator<Item = crate::kubernetes::Object<'a>> {
        self.files().flat_map(SourceFile::objects).filter(move |object| object.is(group, kind))
    }
}
