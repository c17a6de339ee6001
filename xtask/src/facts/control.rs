//! The control plane: plugins, controllers, cipher suites, bootstrap roles.

use kubevet_facts::{
    Component, Version,
    data::{ControlPart, Mask, PluginRecord, RoleRecord, SuiteRecord},
};
use serde_json::Value;

use super::{Merged, read::Dumps};

/// Everything but the roles.
pub fn control<'a>(
    dumps: &'a Dumps,
    kubeadm_apis: &'a str,
    flag_values: &'a str,
) -> Result<ControlPart<'a>, String> {
    let (mut plugins, mut controllers, mut group_versions) = (Merged::new(), Merged::new(), Merged::new());
    let (mut aliases, mut scheduler, mut suites) = (Merged::new(), Merged::new(), Merged::new());
    for (bit, name, default_on) in &dumps.plugins {
        plugins.add((name.as_str(), *default_on), *bit);
    }
    for (bit, component, dump) in dumps.components() {
        for (name, on) in dump["apis"]["groupVersionsOn"].as_object().into_iter().flatten() {
            group_versions.add((name.as_str(), on == true), bit);
        }
        let off: Vec<_> = texts(&dump["controllers"]["disabledByDefault"]).collect();
        for name in texts(&dump["controllers"]["known"]) {
            controllers.add((name, !off.contains(&name)), bit);
        }
        for (alias, name) in dump["controllers"]["aliases"].as_object().into_iter().flatten() {
            aliases.add((alias.as_str(), name.as_str().unwrap_or_default()), bit);
        }
        if component == Component::KubeScheduler as u8 {
            texts(&dump["plugins"]).for_each(|name| scheduler.add(name, bit));
        }
        let tls = |list: &str, name| texts(&dump["tls"][list]).any(|one| one == name);
        for name in texts(&dump["tls"]["allCipherSuites"]) {
            suites.add((name, tls("insecureCipherSuites", name), tls("preferredCipherSuites", name)), bit);
        }
    }
    let mut apis = Merged::new();
    for line in kubeadm_apis.lines().filter(|line| !line.starts_with('#')) {
        if let [minor, api, state, with] = line.split('\t').collect::<Vec<_>>()[..] {
            let minor: u8 = minor.parse().unwrap_or_else(|_| panic!("kubeadm-api.tsv: `{line}`"));
            apis.add((api, state, with), 1 << (minor - Version::SUPPORTED.start()));
        }
    }
    let suites = suites.0.into_iter();
    let suites = suites.map(|((name, insecure, preferred), versions)| SuiteRecord {
        name,
        versions,
        insecure,
        preferred,
    });
    Ok(ControlPart {
        flag_values: values(flag_values)?,
        plugins: switches(plugins),
        controllers: switches(controllers),
        controller_aliases: aliases.0.into_keys().collect(),
        scheduler_plugins: scheduler.0.into_iter().collect(),
        group_versions: switches(group_versions),
        suites: suites.collect(),
        authorization_modes: dumps.authorization_modes.iter().map(String::as_str).collect(),
        kubeadm_apis: apis
            .0
            .into_iter()
            .map(|((api, state, with), versions)| (api, state, with, versions))
            .collect(),
        kubeadm: dumps
            .kubeadm
            .iter()
            .map(|(minor, name, value)| (*minor, name.as_str(), value.as_str()))
            .collect(),
    })
}

/// Component, flag, its values.
type Values<'a> = (u8, &'a str, Vec<&'a str>);

/// The rows of `flag-values.tsv`.
fn values(table: &str) -> Result<Vec<Values<'_>>, String> {
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    let rows = rows.map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        match (Component::from_binary(cells[0]), &cells[1..]) {
            (Some(component), &[flag, values]) => Ok((component as u8, flag, values.split(',').collect())),
            _ => Err(format!("flag-values.tsv: `{line}` is no component, flag and values")),
        }
    });
    rows.collect()
}

/// Bootstrap roles and bindings.
pub fn roles(dumps: &Dumps) -> Vec<RoleRecord<'_>> {
    let mut roles = Merged::new();
    for (bit, role) in &dumps.roles {
        roles.add((role.kind, role.namespace.as_str(), role.name.as_str(), role.json.as_str()), *bit);
    }
    let roles = roles.0.into_iter();
    let roles = roles.map(|((kind, namespace, name, json), versions)| RoleRecord {
        kind,
        namespace,
        name,
        versions,
        json,
    });
    roles.collect()
}

fn switches(merged: Merged<(&str, bool)>) -> Vec<PluginRecord<'_>> {
    let records = merged.0.into_iter();
    records
        .map(|((name, default_on), versions): (_, Mask)| PluginRecord { name, versions, default_on })
        .collect()
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}
