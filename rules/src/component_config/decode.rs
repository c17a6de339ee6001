//! Configuration files as the components decode them: which fields are there, and of which types.

use kubevet_core::{
    facts::{ConfigKind, Field, FieldKind, config_kind, is_config_group},
    kubernetes::{
        Object, is_placeholder,
        values::{duration, quantity::Quantity},
    },
    settings::Version,
    yaml::{NodeRef, Scalar},
};

/// What is wrong with a file.
pub enum Problem<'t> {
    /// A key that is no field.
    Unknown(Unknown<'t>),
    /// A value that is not of its field's type.
    WrongType {
        node: NodeRef<'t>,
        /// The path of the field.
        path: String,
        wanted: FieldKind,
    },
}

/// A key that is no field.
pub struct Unknown<'t> {
    pub key: NodeRef<'t>,
    /// The path of the structure, then the key; items of lists and keys of maps are left out.
    pub path: String,
    /// The fields that the structure has.
    pub siblings: Vec<&'static str>,
    /// The object whose kind the path is of: the file, or what a file embeds.
    pub kind: ConfigKind,
}

/// The kind of a configuration file, where the version reads it.
fn kind_of(node: NodeRef<'_>, version: Version) -> Option<ConfigKind> {
    let text = |key| node.get(key).map(NodeRef::text);
    config_kind(text("apiVersion")?, text("kind")?, version)
}

/// Everything that is wrong with a configuration file; nothing where the facts do not cover the version, or it does not read
/// the file at all.
pub fn problems(object: Object<'_>, version: Version) -> Vec<Problem<'_>> {
    let mut found = Vec::new();
    // Other configurations share names with those of Kubernetes; this one is only ever written by programs.
    let group = is_config_group(object.group()) && object.group() != "client.authentication.k8s.io";
    let own = group || object.is("", "EncryptionConfig");
    if version.is_supported() && own {
        top(object.node(), version, &mut found);
    }
    found
}

fn top<'t>(node: NodeRef<'t>, version: Version, found: &mut Vec<Problem<'t>>) {
    let Some(kind) = kind_of(node, version) else { return };
    let fields: Vec<Field> = kind.fields().collect();
    Walk { kind, version, found }.object(node, &fields, "");
}

struct Walk<'f, 't> {
    kind: ConfigKind,
    version: Version,
    found: &'f mut Vec<Problem<'t>>,
}

impl<'t> Walk<'_, 't> {
    fn object(&mut self, node: NodeRef<'t>, fields: &[Field], path: &str) {
        for entry in node.entries() {
            let key = entry.key.text();
            if is_placeholder(key) || path.is_empty() && matches!(key, "apiVersion" | "kind") {
                continue;
            }
            let inside = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
            match fields.iter().find(|field| field.name == key) {
                Some(field) if field.name == "args" && field.kind == FieldKind::Any => {
                    self.plugin(node.get("name"), entry.value);
                }
                Some(field) => self.value(entry.value, *field, &inside),
                None => self.found.push(Problem::Unknown(Unknown {
                    key: entry.key,
                    path: inside,
                    siblings: fields.iter().map(|field| field.name).collect(),
                    kind: self.kind,
                })),
            }
        }
    }

    /// The arguments of a scheduler's plugin: their kind is named after it, and need not be said.
    fn plugin(&mut self, name: Option<NodeRef<'t>>, node: NodeRef<'t>) {
        let kind = format!("{}Args", name.map_or("", NodeRef::text));
        match config_kind(self.kind.api_version, &kind, self.version) {
            Some(kind) if node.is_map() && node.get("kind").is_none() => {
                let fields: Vec<Field> = kind.fields().collect();
                Walk { kind, version: self.version, found: self.found }.object(node, &fields, "");
            }
            _ => top(node, self.version, self.found),
        }
    }

    fn value(&mut self, node: NodeRef<'t>, field: Field, path: &str) {
        if node.is_null() || node.is_scalar() && is_placeholder(node.text()) {
            return;
        }
        let inner = |walk: &mut Self, node: NodeRef<'t>| {
            let kind = field.items.unwrap_or(FieldKind::Any);
            if node.is_null() || node.is_scalar() && is_placeholder(node.text()) {
                return;
            }
            if !fits(node, kind) {
                walk.wrong(node, path, kind);
            } else if kind == FieldKind::Object {
                let fields: Vec<Field> = field.fields().collect();
                walk.object(node, &fields, path);
            }
        };
        match field.kind {
            kind if !fits(node, kind) => self.wrong(node, path, kind),
            FieldKind::Object => {
                let fields: Vec<Field> = field.fields().collect();
                self.object(node, &fields, path);
            }
            FieldKind::Array => node.items().for_each(|item| inner(self, item)),
            FieldKind::Map => node.entries().for_each(|entry| inner(self, entry.value)),
            // A plugin's own configuration.
            FieldKind::Any if node.is_map() => top(node, self.version, self.found),
            _ => {}
        }
    }

    fn wrong(&mut self, node: NodeRef<'t>, path: &str, wanted: FieldKind) {
        self.found.push(Problem::WrongType { node, path: path.to_owned(), wanted });
    }
}

/// Whether Go's JSON decoder puts a value into a field of this kind.
fn fits(node: NodeRef<'_>, kind: FieldKind) -> bool {
    let text = node.is_scalar().then(|| node.as_str()).flatten();
    match kind {
        FieldKind::Any => true,
        FieldKind::Object | FieldKind::Map => node.is_map(),
        FieldKind::Array => node.is_seq(),
        FieldKind::String | FieldKind::Bytes | FieldKind::Time => text.is_some(),
        FieldKind::Bool => node.as_bool().is_some(),
        FieldKind::Integer => node.is_scalar() && whole(node.value()),
        FieldKind::Number => node.as_f64().is_some(),
        FieldKind::Duration => text.is_some_and(|text| duration::parse(text).is_some()),
        FieldKind::Quantity => match text {
            Some(text) => Quantity::parse(text).is_ok(),
            None => node.as_f64().is_some(),
        },
    }
}

fn whole(value: Scalar<'_>) -> bool {
    match value {
        Scalar::Int(_) | Scalar::UInt(_) => true,
        Scalar::Float(number) => number.fract() == 0.0,
        _ => false,
    }
}

/// What a field of a kind wants, in words.
pub fn in_words(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::String => "a text",
        FieldKind::Bool => "`true` or `false`",
        FieldKind::Integer => "a whole number",
        FieldKind::Number => "a number",
        FieldKind::Duration => "a duration with its units such as `1m30s`",
        FieldKind::Time => "a point in time",
        FieldKind::Quantity => "a quantity such as `10Mi`",
        FieldKind::Bytes => "a text in base64",
        FieldKind::Object => "a structure with fields of its own",
        FieldKind::Array => "a list",
        FieldKind::Map => "a map",
        FieldKind::Any => "anything",
    }
}

/// What comes of a key that is no field. The kubelet, kube-proxy, the audit policy and kubeadm fall back to decoding without
/// the check, and log it; the other readers were made strict one by one until 1.34.
pub fn fate(object: Object<'_>, version: Version) -> &'static str {
    let since = match (object.group(), object.kind()) {
        ("kubeadm.k8s.io" | "audit.k8s.io" | "kubeproxy.config.k8s.io", _) | (_, "KubeletConfiguration") => {
            None
        }
        ("kubescheduler.config.k8s.io" | "pod-security.admission.config.k8s.io", _) => Some(0),
        (_, "AuthenticationConfiguration" | "AuthorizationConfiguration" | "EncryptionConfiguration") => {
            Some(31)
        }
        _ => Some(34),
    };
    if since.is_some_and(|since| version.minor >= since) {
        "the component refuses the file"
    } else {
        "it is ignored, and nothing but a line in a log says so"
    }
}
