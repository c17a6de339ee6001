//! Command lines of components.

mod config_file;
mod form;
mod life;
mod names;
pub mod parse;
mod repeated;
mod values;

use kubevet_core::{
    facts::{Flag, flag, flag_versions, kubeadm_constant},
    kubernetes::is_placeholder,
    rule::Rule,
    settings::{Argument, Cluster, Component, Form, Settings, Version},
};

/// The rules of the group.
pub const RULES: &[&Rule] = &[
    &names::UNKNOWN,
    &life::REMOVED,
    &life::NOT_YET_AVAILABLE,
    &life::DEPRECATED,
    &life::MOVE_TO_CONFIG_FILE,
    &config_file::CONFLICTS_WITH_CONFIG_FILE,
    &config_file::IGNORED_WITH_CONFIG_FILE,
    &values::INVALID_VALUE,
    &repeated::REPEATED,
    &form::SINGLE_DASH,
    &form::UNDERSCORE,
    &form::VALUE_IN_SEPARATE_TOKEN,
];

/// The flags of a cluster's components that can be judged: their names are known, and the facts cover their versions.
fn given<'c>(cluster: &Cluster<'c>) -> impl Iterator<Item = (&'c Settings, &'c Argument)> {
    let covered = cluster.settings.components.iter().filter(|settings| settings.version.is_supported());
    let given =
        covered.flat_map(|settings| settings.given().iter().map(move |argument| (settings, argument)));
    given.filter(|(_, argument)| !is_placeholder(&argument.name))
}

/// The flag that is meant, where the component has it.
fn known(settings: &Settings, argument: &Argument) -> Option<Flag> {
    flag(settings.component, &argument.name, settings.version)
}

/// The name of a flag in the spelling of the facts.
fn normal(component: Component, name: &str) -> String {
    if component == Component::Etcd { name.to_owned() } else { name.replace('_', "-") }
}

/// Versions that have a flag of this name, where the one in use has none; empty where none has, or where the way it is
/// written says more.
fn elsewhere(settings: &Settings, argument: &Argument) -> Vec<Version> {
    if known(settings, argument).is_some() || misspelt(settings, argument) {
        return Vec::new();
    }
    flag_versions(settings.component, &argument.name)
}

/// Whether the way a flag is written is wrong, so that its name says nothing: `-name`, `--name value` in one word, dashes
/// before a name that kubeadm puts its own before.
fn misspelt(settings: &Settings, argument: &Argument) -> bool {
    let dashes = match argument.form {
        Form::Dashes(1) => settings.component != Component::Etcd,
        Form::Dashes(count) => count > 2 || settings.carrier == kubevet_core::settings::Carrier::Kubeadm,
        Form::Name | Form::Variable => false,
    };
    dashes || argument.name.contains(char::is_whitespace)
}

/// The program and its version in words: "kube-apiserver 1.34", "etcd 3.6".
fn release(component: Component, version: Version) -> String {
    let etcd = || kubeadm_constant("etcdVersion", version)?.parse::<Version>().ok();
    match etcd().filter(|_| component == Component::Etcd) {
        Some(etcd) => format!("etcd {etcd}"),
        None => format!("{component} {version}"),
    }
}
