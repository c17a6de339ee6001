//! Flags of etcd.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;

use super::read::{FlagDump, flags_of, json};

/// The flags of the etcd that kubeadm installs: `version` is `3.6.5-0`. etcd 3.5 gives its flags only as help text; `table`
/// (`etcd-flags.tsv`) has the type of each flag, and those that neither dump nor help shows.
pub fn flags(folder: &Path, version: &str, table: &str) -> Result<Vec<FlagDump>, String> {
    let dump = dump(folder, version)?;
    let minor = minor(version);
    let mut list = flags_of(&dump["flags"]);
    for (flag, usage) in list.iter_mut().zip(dump["flags"].as_array().into_iter().flatten()) {
        flag.deprecated = deprecation(usage["usage"].as_str().unwrap_or_default());
    }
    let path = folder.join(format!("etcd/etcd-{minor}.help"));
    let help = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut help = flags_of_help(&help);
    if list.is_empty() {
        list = help.into_values().collect();
        help = BTreeMap::new();
    }
    let rows =
        table.lines().filter_map(|line| line.strip_prefix(&*minor)?.strip_prefix('\t')?.split_once('\t'));
    for (name, kind) in rows {
        let at = list.iter().position(|flag| flag.name == name).unwrap_or_else(|| {
            let hidden = FlagDump { name: name.to_owned(), hidden: true, ..FlagDump::default() };
            list.push(help.remove(name).unwrap_or(hidden));
            list.len() - 1
        });
        kind.clone_into(&mut list[at].kind);
        list[at].no_value = kind.contains("bool").then(|| "true".to_owned());
    }
    match list.iter().find(|flag| flag.kind.is_empty()) {
        Some(flag) => Err(format!("etcd-flags.tsv lacks --{} of etcd {minor}", flag.name)),
        None => Ok(list),
    }
}

/// The dump of the etcd of a version such as `3.6.5-0`.
pub fn dump(folder: &Path, version: &str) -> Result<Value, String> {
    json(&folder.join(format!("etcd/etcd-{}.json", minor(version))))
}

fn minor(version: &str) -> String {
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}

/// Flags of a help text: lines `  --name 'default'`, each with its usage in the next.
fn flags_of_help(help: &str) -> BTreeMap<String, FlagDump> {
    let mut found: BTreeMap<String, FlagDump> = BTreeMap::new();
    let mut lines = help.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(rest) = line.strip_prefix("  --") else { continue };
        let (name, default) = rest.split_once(' ').unwrap_or((rest, ""));
        let flag = FlagDump {
            name: name.to_owned(),
            default: default.trim().trim_matches('\'').to_owned(),
            deprecated: lines.peek().and_then(|usage| deprecation(usage)),
            ..FlagDump::default()
        };
        found.entry(name.to_owned()).or_insert(flag);
    }
    found
}

/// What a usage says of the end of its flag: etcd has no other place for that.
fn deprecation(usage: &str) -> Option<String> {
    let starts = ["Deprecated in ", "Deprecated and ", "It's deprecated"];
    let start = starts.iter().filter_map(|start| usage.find(start)).min()?;
    Some(usage[start..].trim().to_owned())
}
