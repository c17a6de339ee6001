//! Reads the dumps.

use std::{collections::BTreeMap, fs, path::Path};

use kubevet_facts::{
    Component, Version,
    data::{KUBEADM, Mask},
};
use serde_json::Value;

use super::{descriptions::Descriptions, etcd, fields::FieldTrees, schemas::Schemas};

/// A flag as a dump says it.
#[derive(Default)]
pub struct FlagDump {
    pub name: String,
    pub kind: String,
    pub shorthand: String,
    pub default: String,
    pub no_value: Option<String>,
    pub deprecated: Option<String>,
    pub hidden: bool,
}

/// Life of a kind in one group and version.
#[derive(Default)]
pub struct ApiDump {
    pub introduced: u8,
    pub deprecated: Option<u8>,
    pub removed: Option<u8>,
    pub replacement: Option<String>,
    pub resource: Option<String>,
    pub namespaced: Option<bool>,
}

/// A bootstrap role or binding.
pub struct RoleDump {
    pub kind: &'static str,
    pub namespace: String,
    pub name: String,
    pub json: String,
}

/// Everything that is packed, by version.
#[derive(Default)]
pub struct Dumps {
    components: Vec<(Mask, u8, Value)>,
    flags: Vec<(Mask, u8, Vec<FlagDump>)>,
    pub defaults: Vec<(Mask, u8, String, String)>,
    pub config_kinds: Vec<(Mask, String, String)>,
    pub apis: BTreeMap<(String, String), ApiDump>,
    pub plugins: Vec<(Mask, String, bool)>,
    pub authorization_modes: Vec<String>,
    pub roles: Vec<(Mask, RoleDump)>,
    pub kubeadm: Vec<(u8, String, String)>,
    pub gates: Vec<(Mask, u8, Value)>,
    pub fields: FieldTrees,
    pub schemas: Schemas,
    pub descriptions: Descriptions,
}

const FILES: [(&str, Component); 5] = [
    ("apiserver", Component::KubeApiserver),
    ("kcm", Component::KubeControllerManager),
    ("scheduler", Component::KubeScheduler),
    ("kubelet", Component::Kubelet),
    ("proxy", Component::KubeProxy),
];

/// The kind of configuration file whose defaults are the component's.
const CONFIGURATION: [(Component, &str, &str); 3] = [
    (Component::Kubelet, "kubelet.config.k8s.io/v1beta1", "KubeletConfiguration"),
    (Component::KubeProxy, "kubeproxy.config.k8s.io/v1alpha1", "KubeProxyConfiguration"),
    (Component::KubeScheduler, "kubescheduler.config.k8s.io/v1", "KubeSchedulerConfiguration"),
];

/// Code of a component in the data, by its name.
pub fn component_code(name: &str) -> Option<u8> {
    Component::ALL.into_iter().find(|component| component.name() == name).map(|component| component as u8)
}

pub fn json(path: &Path) -> Result<Value, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

impl Dumps {
    /// Reads the dumps of a folder, and `etcd_flags`, the table of what they lack of etcd's flags.
    pub fn read(folder: &Path, etcd_flags: &str) -> Result<Self, String> {
        let mut dumps = Dumps::default();
        for (index, minor) in Version::SUPPORTED.enumerate() {
            let (bit, version) = (1 << index, folder.join(format!("1.{minor}")));
            let enums = json(&version.join("enums.json"))?;
            for (file, component) in FILES {
                let dump = json(&version.join(format!("{file}.json")))?;
                let mut flags = flags_of(&dump["flags"]);
                add_json_logging(&mut flags);
                dumps.flags.push((bit, component as u8, flags));
                dumps.descriptions.add_flags(component as u8, &dump["flags"]);
                dumps.read_config(bit, component, &dump);
                dumps.fields.add(bit, &dump["configKinds"], &enums);
                dumps.gates.push((bit, component as u8, dump["featureGates"].clone()));
                dumps.components.push((bit, component as u8, dump));
            }
            let kubeadm = json(&version.join("kubeadm.json"))?;
            dumps.read_config_kinds(bit, &kubeadm);
            dumps.fields.add(bit, &kubeadm["configKinds"], &enums);
            dumps.gates.push((bit, KUBEADM, kubeadm["featureGates"].clone()));
            for name in
                ["etcdVersion", "coreDNSVersion", "pauseVersion", "minimumControlPlane", "minimumKubelet"]
            {
                dumps.kubeadm.push((minor, name.to_owned(), text(&kubeadm["constants"], name)));
            }
            let etcd_version = text(&kubeadm["constants"], "etcdVersion");
            dumps.descriptions.add_flags(Component::Etcd as u8, &etcd::dump(folder, &etcd_version)?["flags"]);
            let flags = etcd::flags(folder, &etcd_version, etcd_flags)?;
            dumps.flags.push((bit, Component::Etcd as u8, flags));
            dumps.read_apiserver(bit);
            let open_api = json(&version.join("swagger.json"))?;
            dumps.read_paths(&open_api);
            dumps.schemas.add(bit, &open_api);
            dumps.descriptions.add_definitions(&open_api);
        }
        dumps.read_life_cycles();
        Ok(dumps)
    }

    /// Dumps of components other than etcd, by version.
    pub fn components(&self) -> impl Iterator<Item = (Mask, u8, &Value)> {
        self.components.iter().map(|(bit, component, dump)| (*bit, *component, dump))
    }

    /// Flags by version and component.
    pub fn flags(&self) -> impl Iterator<Item = (Mask, u8, &[FlagDump])> {
        self.flags.iter().map(|(bit, component, list)| (*bit, *component, list.as_slice()))
    }

    fn read_config(&mut self, bit: Mask, component: Component, dump: &Value) {
        self.read_config_kinds(bit, dump);
        let Some((_, api_version, kind)) = CONFIGURATION.iter().find(|(of, _, _)| *of == component) else {
            return;
        };
        for one in dump["configKinds"]["kinds"].as_array().into_iter().flatten() {
            if one["apiVersion"] == *api_version && one["kind"] == *kind {
                let mut keep = |field: &str, json: String| {
                    self.defaults.push((bit, component as u8, field.to_owned(), json));
                };
                flatten(&one["default"], "", &mut keep);
                empty(&dump["configKinds"]["types"], &one["type"], &one["default"], "", &mut keep);
            }
        }
    }

    fn read_config_kinds(&mut self, bit: Mask, dump: &Value) {
        for one in dump["configKinds"]["kinds"].as_array().into_iter().flatten() {
            self.config_kinds.push((bit, text(one, "apiVersion"), text(one, "kind")));
        }
    }

    fn read_apiserver(&mut self, bit: Mask) {
        let apiserver = Component::KubeApiserver as u8;
        let Some((_, _, dump)) =
            self.components.iter().rev().find(|(of, code, _)| *of == bit && *code == apiserver)
        else {
            return;
        };
        for plugin in dump["admissionPlugins"].as_array().into_iter().flatten() {
            self.plugins.push((bit, text(plugin, "name"), plugin["defaultOn"].as_bool().unwrap_or_default()));
        }
        let modes = dump["authorizationModes"].as_array().into_iter().flatten();
        self.authorization_modes = modes.filter_map(Value::as_str).map(str::to_owned).collect();
        let rbac = &dump["rbac"];
        let lists = [
            ("ClusterRole", &rbac["clusterRoles"]),
            ("ClusterRole", &rbac["controllerRoles"]),
            ("ClusterRoleBinding", &rbac["clusterRoleBindings"]),
            ("ClusterRoleBinding", &rbac["controllerRoleBindings"]),
        ];
        let cluster = lists
            .into_iter()
            .flat_map(|(kind, list)| list.as_array().into_iter().flatten().map(move |role| (kind, role)));
        let spaces = [("Role", &rbac["namespaceRoles"]), ("RoleBinding", &rbac["namespaceRoleBindings"])];
        let namespaced = spaces.into_iter().flat_map(|(kind, map)| {
            let lists = map.as_object().into_iter().flat_map(|map| map.values());
            lists.filter_map(Value::as_array).flatten().map(move |role| (kind, role))
        });
        for (kind, role) in cluster.chain(namespaced) {
            let metadata = &role["metadata"];
            let dump = RoleDump {
                kind,
                namespace: text(metadata, "namespace"),
                name: text(metadata, "name"),
                json: role.to_string(),
            };
            self.roles.push((bit, dump));
        }
    }

    /// Plural names and scopes, from the paths of the `OpenAPI` document of this version.
    fn read_paths(&mut self, document: &Value) {
        for (path, operations) in document["paths"].as_object().into_iter().flatten() {
            let path = path.strip_suffix("/{name}").unwrap_or(path);
            let Some(resource) =
                path.rsplit('/').next().filter(|segment| !segment.is_empty() && !segment.starts_with('{'))
            else {
                continue;
            };
            // What follows a name is a subresource.
            if path.contains("/{name}/") || path.contains("/watch/") {
                continue;
            }
            for operation in
                ["get", "post"].map(|method| &operations[method]["x-kubernetes-group-version-kind"])
            {
                let (group, version, kind) =
                    (text(operation, "group"), text(operation, "version"), text(operation, "kind"));
                if kind.is_empty() {
                    continue;
                }
                let api_version = if group.is_empty() { version } else { format!("{group}/{version}") };
                let api = self.apis.entry((kind, api_version)).or_default();
                api.resource = Some(resource.to_owned());
                // Lists over all namespaces stand beside those of one namespace.
                api.namespaced =
                    Some(api.namespaced == Some(true) || path.contains("/namespaces/{namespace}/"));
            }
        }
    }

    /// Life cycles: the newest dump that knows a kind is right, older ones know kinds that are gone since.
    fn read_life_cycles(&mut self) {
        let minor = |value: &Value| value.as_str()?.strip_prefix("1.")?.parse().ok();
        let apiserver = Component::KubeApiserver as u8;
        for (_, _, dump) in self.components.iter().filter(|(_, component, _)| *component == apiserver) {
            for kind in dump["apis"]["kinds"].as_array().into_iter().flatten() {
                let api = self.apis.entry((text(kind, "kind"), text(kind, "apiVersion"))).or_default();
                api.introduced = minor(&kind["introduced"]).unwrap_or_default();
                api.deprecated = minor(&kind["deprecated"]);
                api.removed = minor(&kind["removed"]);
                let replacement = kind["replacement"].as_str().and_then(|text| text.rsplit_once('/'));
                api.replacement = replacement.map(|(api_version, kind)| format!("{api_version} {kind}"));
            }
        }
    }

    /// The kinds of the API servers inside kube-apiserver, whose types the dumps leave out.
    pub fn add_life_cycles(&mut self, table: &str) -> Result<(), String> {
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let [api_version, kind, introduced, deprecated, removed, replacement] =
                line.split('\t').collect::<Vec<_>>()[..]
            else {
                return Err(format!("life-cycles.tsv: `{line}` has not six cells"));
            };
            let api = self.apis.entry((kind.to_owned(), api_version.to_owned())).or_default();
            api.introduced = introduced.parse().map_err(|_| format!("life-cycles.tsv: `{line}`"))?;
            (api.deprecated, api.removed) = (deprecated.parse().ok(), removed.parse().ok());
            api.replacement = Some(replacement.to_owned());
        }
        Ok(())
    }
}

pub fn flags_of(list: &Value) -> Vec<FlagDump> {
    let optional = |flag: &Value, key: &str| flag[key].as_str().map(str::to_owned);
    let flags = list.as_array().into_iter().flatten();
    flags
        .map(|flag| FlagDump {
            // What the binaries print: they normalise the names that packages give with `_`.
            name: text(flag, "name").replace('_', "-"),
            kind: text(flag, "type"),
            shorthand: text(flag, "shorthand"),
            default: text(flag, "default"),
            no_value: optional(flag, "noValue")
                .or_else(|| text(flag, "type").contains("bool").then(|| "true".to_owned())),
            deprecated: optional(flag, "deprecated"),
            hidden: flag["hidden"].as_bool().unwrap_or_default(),
        })
        .collect()
}

/// The `main` of every component registers the JSON log format, which brings two flags (component-base, logs/api/v1);
/// the dumps are made of the packages below `main` and lack them.
fn add_json_logging(flags: &mut Vec<FlagDump>) {
    let Some(format) = flags.iter().find(|flag| flag.name == "logging-format") else { return };
    let (deprecated, hidden) = (format.deprecated.clone(), format.hidden);
    let twins = [
        ("log-json-split-stream", "bool", "false", Some("true")),
        ("log-json-info-buffer-size", "quantity", "0", None),
    ];
    for (name, kind, default, no_value) in twins {
        if flags.iter().all(|flag| flag.name != name) {
            flags.push(FlagDump {
                name: name.to_owned(),
                kind: kind.to_owned(),
                shorthand: String::new(),
                default: default.to_owned(),
                no_value: no_value.map(str::to_owned),
                deprecated: deprecated.clone(),
                hidden,
            });
        }
    }
}

/// Scalars and lists of an object with their paths.
fn flatten(value: &Value, path: &str, found: &mut impl FnMut(&str, String)) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                flatten(value, &path, found);
            }
        }
        Value::Null | Value::Object(_) => {}
        other => found(path, other.to_string()),
    }
}

/// Scalars that the defaulted object leaves out, because they have the zero value of their type: `readOnlyPort` of the
/// kubelet is 0 in a file that does not say it, though its flag is 10255. A pointer that stays unset counts as zero too; but
/// fractions are all pointers that mean something else unset.
fn empty(types: &Value, name: &Value, object: &Value, path: &str, found: &mut impl FnMut(&str, String)) {
    for field in types[name.as_str().unwrap_or_default()].as_array().into_iter().flatten() {
        let name = field["name"].as_str().unwrap_or_default();
        if field["embedded"] == true {
            empty(types, &field["ref"], object, path, found);
            continue;
        }
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let value = &object[name];
        if value.is_object() {
            empty(types, &field["ref"], value, &path, found);
        } else if value.is_null() && !matches!(name, "apiVersion" | "kind") {
            match field["type"].as_str() {
                Some("bool") => found(&path, "false".to_owned()),
                Some("integer") => found(&path, "0".to_owned()),
                Some("string") => found(&path, "\"\"".to_owned()),
                _ => {}
            }
        }
    }
}
