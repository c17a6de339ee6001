//! `cargo xtask facts`: packs dumps of the Kubernetes Go modules into the embedded data.

mod read;

use std::{collections::BTreeMap, fs, path::PathBuf};

use kubevet_facts::data::{
    ApiRecord, ConfigPart, ControlPart, DefaultRecord, FlagRecord, GateRecord, KindRecord, Mask,
    PluginRecord, RoleRecord,
};
use serde::Serialize;

use crate::{Result, root, run};
use read::Dumps;

/// Packs the dumps of a folder (`1.28/kubelet.json`, …, `etcd/etcd-3.6.json`), or of the packed ones beside the checkout.
pub fn run_pack(folder: Option<&String>) -> Result {
    let folder = match folder {
        Some(folder) => PathBuf::from(folder),
        None => unpacked()?,
    };
    let dumps = Dumps::read(&folder)?;
    let equivalence = root().join("facts/data/equivalence.tsv");
    let equivalence =
        fs::read_to_string(&equivalence).map_err(|error| format!("{}: {error}", equivalence.display()))?;
    let mut total = 0;
    total += write("flags.bin", &flags(&dumps))?;
    total += write("gates.bin", &gates(&dumps))?;
    total += write("config.bin", &config(&dumps, &equivalence))?;
    total += write("apis.bin", &apis(&dumps))?;
    total += write("control.bin", &control(&dumps))?;
    println!("{total} bytes in all");
    Ok(())
}

fn unpacked() -> std::result::Result<PathBuf, String> {
    let (packed, folder) = (root().join("../shared/facts/facts.tar.xz"), root().join("target/facts"));
    if !packed.is_file() {
        return Err("name a folder of dumps: there are none beside the checkout".into());
    }
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let text = |path: &PathBuf| path.to_string_lossy().into_owned();
    run("tar", &["xf", &text(&packed), "-C", &text(&folder)])?;
    Ok(folder)
}

/// Compresses a part and writes it where the facts crate embeds it.
fn write(name: &str, part: &impl Serialize) -> std::result::Result<usize, String> {
    let raw = postcard::to_stdvec(part).map_err(|error| error.to_string())?;
    let packed = miniz_oxide::deflate::compress_to_vec(&raw, 10);
    let path = root().join("facts/data").join(name);
    fs::write(&path, &packed).map_err(|error| format!("{}: {error}", path.display()))?;
    println!("{name}: {} bytes, {} packed", raw.len(), packed.len());
    Ok(packed.len())
}

/// Collects records of single versions into records with a mask.
struct Merged<K>(BTreeMap<K, Mask>);

impl<K: Ord> Merged<K> {
    fn new() -> Self {
        Merged(BTreeMap::new())
    }

    fn add(&mut self, key: K, bit: Mask) {
        *self.0.entry(key).or_default() |= bit;
    }
}

fn flags(dumps: &Dumps) -> Vec<FlagRecord<'_>> {
    let mut merged = Merged::new();
    for (bit, component, list) in dumps.flags() {
        for flag in list {
            let record = FlagRecord {
                component,
                name: &flag.name,
                versions: 0,
                kind: &flag.kind,
                shorthand: &flag.shorthand,
                default: &flag.default,
                no_value: flag.no_value.as_deref(),
                deprecated: flag.deprecated.as_deref(),
                hidden: flag.hidden,
            };
            merged.add(record, bit);
        }
    }
    let mut records: Vec<_> =
        merged.0.into_iter().map(|(record, versions)| FlagRecord { versions, ..record }).collect();
    records.sort();
    records
}

fn gates(dumps: &Dumps) -> Vec<GateRecord<'_>> {
    let mut merged = Merged::new();
    for (bit, component, dump) in dumps.components() {
        for gate in dump["featureGates"].as_array().into_iter().flatten() {
            let now = &gate["now"];
            let stage = match now["stage"].as_str().unwrap_or_default() {
                "ALPHA" => 0,
                "BETA" => 1,
                "GA" => 2,
                _ => 3,
            };
            let record = GateRecord {
                component,
                name: gate["name"].as_str().unwrap_or_default(),
                versions: 0,
                stage,
                default: now["default"].as_bool().unwrap_or_default(),
                locked: now["lockToDefault"].as_bool().unwrap_or_default(),
            };
            merged.add(record, bit);
        }
    }
    let mut records: Vec<_> =
        merged.0.into_iter().map(|(record, versions)| GateRecord { versions, ..record }).collect();
    records.sort();
    records
}

fn config<'a>(dumps: &'a Dumps, equivalence: &'a str) -> ConfigPart<'a> {
    let mut defaults = Merged::new();
    let mut kinds = Merged::new();
    for (bit, component, field, json) in &dumps.defaults {
        defaults.add((*component, field.as_str(), json.as_str()), *bit);
    }
    for (bit, api_version, kind) in &dumps.config_kinds {
        kinds.add((api_version.as_str(), kind.as_str()), *bit);
    }
    let mut defaults: Vec<_> = defaults
        .0
        .into_iter()
        .map(|((component, field, json), versions)| DefaultRecord { component, field, versions, json })
        .collect();
    defaults.sort();
    let kinds =
        kinds.0.into_iter().map(|((api_version, kind), versions)| KindRecord { api_version, kind, versions });
    let rows = equivalence.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut cells = line.split('\t');
        Some((read::component_code(cells.next()?)?, cells.next()?, cells.next()?))
    });
    ConfigPart { defaults, kinds: kinds.collect(), equivalence: rows.collect() }
}

fn apis(dumps: &Dumps) -> Vec<ApiRecord<'_>> {
    let mut records: Vec<_> = dumps
        .apis
        .iter()
        .map(|((kind, api_version), api)| ApiRecord {
            api_version,
            kind,
            introduced: api.introduced,
            deprecated: api.deprecated,
            removed: api.removed,
            replacement: api.replacement.as_deref(),
            resource: api.resource.as_deref(),
            namespaced: api.namespaced,
        })
        .collect();
    records.sort_by_key(|record| (record.kind, record.api_version));
    records
}

fn control(dumps: &Dumps) -> ControlPart<'_> {
    let mut plugins = Merged::new();
    let mut roles = Merged::new();
    for (bit, name, default_on) in &dumps.plugins {
        plugins.add((name.as_str(), *default_on), *bit);
    }
    for (bit, role) in &dumps.roles {
        roles.add((role.kind, role.namespace.as_str(), role.name.as_str(), role.json.as_str()), *bit);
    }
    let plugins = plugins.0.into_iter().map(|((name, default_on), versions)| PluginRecord {
        name,
        versions,
        default_on,
    });
    let roles = roles.0.into_iter();
    let roles = roles.map(|((kind, namespace, name, json), versions)| RoleRecord {
        kind,
        namespace,
        name,
        versions,
        json,
    });
    let constants = dumps.kubeadm.iter().map(|(minor, name, value)| (*minor, name.as_str(), value.as_str()));
    ControlPart {
        plugins: plugins.collect(),
        authorization_modes: dumps.authorization_modes.iter().map(String::as_str).collect(),
        roles: roles.collect(),
        kubeadm: constants.collect(),
    }
}
