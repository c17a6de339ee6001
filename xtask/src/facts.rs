//! `cargo xtask facts`: packs dumps of the Kubernetes Go modules into the embedded data.

mod control;
mod custom;
mod descriptions;
mod etcd;
mod fields;
mod read;
mod refusals;
mod schemas;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use kubevet_facts::data::{ApiRecord, ConfigPart, DefaultRecord, FlagRecord, GateRecord, KindRecord, Mask};
use serde::Serialize;

use crate::{Result, root, run};
use read::Dumps;

/// `facts [--check] [FROM]`: packs the dumps of a folder (`1.28/kubelet.json`, …, `etcd/etcd-3.6.json`) or of an archive, by
/// default the one beside the checkout. With `--check` it writes nothing and says whether the embedded data are what would
/// be written.
pub fn run_pack(arguments: &[String]) -> Result {
    let (options, folders): (Vec<_>, Vec<_>) = arguments.iter().partition(|one| one.starts_with('-'));
    if let Some(unknown) = options.iter().find(|option| **option != "--check") {
        return Err(format!("there is no option `{unknown}`"));
    }
    let from = folders.first().map_or_else(dumps_beside, PathBuf::from);
    let folder = if from.is_dir() { from } else { unpacked(&from)? };
    let mut total = 0;
    for (name, raw, packed) in parts(&folder)? {
        let path = root().join("facts/data").join(name);
        if options.is_empty() {
            fs::write(&path, &packed).map_err(|error| format!("{}: {error}", path.display()))?;
        } else if fs::read(&path).ok().as_ref() != Some(&packed) {
            return Err(format!(
                "facts/data/{name} is not what the dumps say: run `cargo xtask facts` and commit"
            ));
        }
        println!("{name}: {raw} bytes, {} packed", packed.len());
        total += packed.len();
    }
    println!("{total} bytes in all");
    Ok(())
}

/// Checks the embedded data when there are dumps beside the checkout.
pub fn run_check() -> Result {
    if dumps_beside().is_file() {
        run_pack(&["--check".to_owned()])
    } else {
        eprintln!("xtask: no dumps beside the checkout, the embedded facts are not checked against them");
        Ok(())
    }
}

/// Names of the embedded data that are not what the dumps of a folder say, after a line about each.
pub fn differing(folder: &Path) -> std::result::Result<Vec<&'static str>, String> {
    let mut differing = Vec::new();
    for (name, _, packed) in parts(folder)? {
        let same = fs::read(root().join("facts/data").join(name)).ok().as_ref() == Some(&packed);
        println!("facts/data/{name}: {}", if same { "byte-equal" } else { "not the same" });
        if !same {
            differing.push(name);
        }
    }
    Ok(differing)
}

/// The folder of the dumps beside the checkout, when there are any.
pub fn unpacked_beside() -> std::result::Result<Option<PathBuf>, String> {
    let archive = dumps_beside();
    if archive.is_file() { unpacked(&archive).map(Some) } else { Ok(None) }
}

fn dumps_beside() -> PathBuf {
    root().join("../shared/facts/facts.tar.xz")
}

/// File name, length and compressed bytes of each part.
type Part = (&'static str, usize, Vec<u8>);

fn parts(folder: &Path) -> std::result::Result<Vec<Part>, String> {
    let table = |name: &str| {
        let path = root().join("facts/data").join(name);
        fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let mut dumps = Dumps::read(folder, &table("etcd-flags.tsv")?)?;
    dumps.add_life_cycles(&table("life-cycles.tsv")?)?;
    let (equivalence, kubeadm_apis) = (table("equivalence.tsv")?, table("kubeadm-api.tsv")?);
    let schemas = dumps.schemas.part(&table("refusals.tsv")?)?;
    Ok(vec![
        pack("flags.bin", &flags(&dumps))?,
        pack("gates.bin", &gates(&dumps))?,
        pack("config.bin", &config(&dumps, &equivalence))?,
        pack("apis.bin", &apis(&dumps))?,
        pack("custom.bin", &custom::apis(&table("custom-apis.tsv")?)?)?,
        pack("control.bin", &control::control(&dumps, &kubeadm_apis, &table("flag-values.tsv")?)?)?,
        pack("roles.bin", &control::roles(&dumps))?,
        pack("fields.bin", &dumps.fields.part())?,
        pack("schemas.bin", &schemas.borrowed())?,
        pack("descriptions.bin", &dumps.descriptions.part(&schemas))?,
    ])
}

fn pack(name: &'static str, part: &impl Serialize) -> std::result::Result<Part, String> {
    let raw = postcard::to_stdvec(part).map_err(|error| error.to_string())?;
    Ok((name, raw.len(), miniz_oxide::deflate::compress_to_vec(&raw, 10)))
}

fn unpacked(archive: &Path) -> std::result::Result<PathBuf, String> {
    if !archive.is_file() {
        return Err(format!("{} is neither a folder nor an archive of dumps", archive.display()));
    }
    let folder = root().join("target/facts");
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    run("tar", &["xf", &archive.to_string_lossy(), "-C", &folder.to_string_lossy()])?;
    Ok(folder)
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
    for (bit, component, list) in &dumps.gates {
        for gate in list.as_array().into_iter().flatten() {
            // kubeadm says it without a history.
            let now = if gate["now"].is_object() { &gate["now"] } else { gate };
            let stage = match now["stage"].as_str().unwrap_or_default() {
                "ALPHA" => 0,
                "BETA" => 1,
                "GA" => 2,
                _ => 3,
            };
            let depends_on = gate["dependsOn"].as_array().into_iter().flatten();
            let record = GateRecord {
                component: *component,
                name: gate["name"].as_str().unwrap_or_default(),
                versions: 0,
                stage,
                default: now["default"].as_bool().unwrap_or_default(),
                locked: now["lockToDefault"].as_bool().unwrap_or_default(),
                depends_on: depends_on.filter_map(|name| name.as_str()).collect(),
            };
            merged.add(record, *bit);
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
