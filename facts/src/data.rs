//! The shapes of the embedded data, shared with `cargo xtask facts`, which writes them.
//!
//! Versions repeat each other, so a record carries a mask of the minors it holds for (bit 0 is the oldest covered one).

#![allow(missing_docs, reason = "named like the look-ups that read them")]

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// Bits of minor versions.
pub type Mask = u16;

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FlagRecord<'a> {
    pub component: u8,
    pub name: &'a str,
    pub versions: Mask,
    pub kind: &'a str,
    pub shorthand: &'a str,
    pub default: &'a str,
    pub no_value: Option<&'a str>,
    pub deprecated: Option<&'a str>,
    pub hidden: bool,
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GateRecord<'a> {
    pub component: u8,
    pub name: &'a str,
    pub versions: Mask,
    pub stage: u8,
    pub default: bool,
    pub locked: bool,
    #[serde(borrow)]
    pub depends_on: Vec<&'a str>,
}

/// The component of kubeadm's gates, which have no flags beside them.
pub const KUBEADM: u8 = u8::MAX;

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DefaultRecord<'a> {
    pub component: u8,
    pub field: &'a str,
    pub versions: Mask,
    pub json: &'a str,
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KindRecord<'a> {
    pub api_version: &'a str,
    pub kind: &'a str,
    pub versions: Mask,
}

#[derive(Serialize, Deserialize, Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfigPart<'a> {
    #[serde(borrow)]
    pub defaults: Vec<DefaultRecord<'a>>,
    #[serde(borrow)]
    pub kinds: Vec<KindRecord<'a>>,
    #[serde(borrow)]
    pub equivalence: Vec<(u8, &'a str, &'a str)>,
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApiRecord<'a> {
    pub api_version: &'a str,
    pub kind: &'a str,
    pub introduced: u8,
    pub deprecated: Option<u8>,
    pub removed: Option<u8>,
    pub replacement: Option<&'a str>,
    pub resource: Option<&'a str>,
    pub namespaced: Option<bool>,
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CustomRecord<'a> {
    pub kind: &'a str,
    pub api_version: &'a str,
    pub project: &'a str,
    pub deprecated: Option<&'a str>,
    pub removed: Option<&'a str>,
    pub replacement: Option<&'a str>,
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PluginRecord<'a> {
    // Also of controllers and group versions: what has a name and is on or off by default.
    pub name: &'a str,
    pub versions: Mask,
    pub default_on: bool,
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoleRecord<'a> {
    pub kind: &'a str,
    pub namespace: &'a str,
    pub name: &'a str,
    pub versions: Mask,
    pub json: &'a str,
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SuiteRecord<'a> {
    pub name: &'a str,
    pub versions: Mask,
    pub insecure: bool,
    pub preferred: bool,
}

#[derive(Serialize, Deserialize, Debug, Clone, Default, PartialEq, Eq)]
pub struct ControlPart<'a> {
    #[serde(borrow)]
    pub plugins: Vec<PluginRecord<'a>>,
    #[serde(borrow)]
    pub controllers: Vec<PluginRecord<'a>>,
    #[serde(borrow)]
    pub controller_aliases: Vec<(&'a str, &'a str)>,
    #[serde(borrow)]
    pub scheduler_plugins: Vec<(&'a str, Mask)>,
    #[serde(borrow)]
    pub group_versions: Vec<PluginRecord<'a>>,
    #[serde(borrow)]
    pub suites: Vec<SuiteRecord<'a>>,
    #[serde(borrow)]
    pub authorization_modes: Vec<&'a str>,
    #[serde(borrow)]
    pub kubeadm: Vec<(u8, &'a str, &'a str)>,
    /// API version, what kubeadm says of it, the kubeadm that migrates it, minors.
    #[serde(borrow)]
    pub kubeadm_apis: Vec<(&'a str, &'a str, &'a str, Mask)>,
    /// Component, flag, every value that it takes.
    #[serde(borrow)]
    pub flag_values: Vec<(u8, &'a str, Vec<&'a str>)>,
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldRecord<'a> {
    /// Index of the type that has the field.
    pub of: u16,
    pub name: &'a str,
    pub versions: Mask,
    pub kind: u8,
    pub items: Option<u8>,
    pub optional: bool,
    /// Index of the type of the value, or of its items.
    pub reference: Option<u16>,
    #[serde(borrow)]
    pub values: Vec<&'a str>,
}

#[derive(Serialize, Deserialize, Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldsPart<'a> {
    /// API version, kind, index of its type.
    #[serde(borrow)]
    pub kinds: Vec<(&'a str, &'a str, u16)>,
    /// By type, then by name.
    #[serde(borrow)]
    pub fields: Vec<FieldRecord<'a>>,
}

/// What a value may be.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    Any,
    String,
    /// Indexes of the names that the API server accepts.
    Enum(Vec<u16>),
    /// Of 32 bits.
    Int32,
    Int64,
    IntOrString,
    Quantity,
    Bool,
    Number,
    Bytes,
    Time,
    MicroTime,
    /// Index of the definition.
    Object(u16),
    Map(Box<Shape>),
    List(Box<Shape>),
    Set(Box<Shape>),
    /// A list whose items are told apart by the fields of these names.
    ListMap(Box<Shape>, Vec<u16>),
    /// Anything; a mapping is read as this, by a reader that drops unknown fields.
    Loose(Box<Shape>),
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PropertyRecord {
    /// Index of its name.
    pub name: u16,
    pub versions: Mask,
    /// Required by the `OpenAPI` document (1), refused by the API server when it is absent (2).
    pub required: u8,
    pub shape: Shape,
}

#[derive(Serialize, Deserialize, Debug, Clone, Default, PartialEq, Eq)]
pub struct SchemasPart<'a> {
    /// Names of fields, and values of enumerations.
    #[serde(borrow)]
    pub names: Vec<&'a str>,
    /// API version, kind, minors that have it, its shape. By kind, then by API version.
    #[serde(borrow)]
    pub kinds: Vec<(&'a str, &'a str, Mask, Shape)>,
    /// The properties of each definition, encoded: most are never asked for.
    #[serde(borrow)]
    pub definitions: Vec<&'a [u8]>,
}

/// Words of the newest version that has any.
#[derive(Serialize, Deserialize, Debug, Clone, Default, PartialEq, Eq)]
pub struct DescriptionsPart<'a> {
    #[serde(borrow)]
    pub texts: Vec<&'a str>,
    /// By number of the definition: the name of each field ([`OF_ITSELF`] for the definition) and its text.
    pub definitions: Vec<Vec<(u16, u16)>>,
    /// Component, flag, text.
    #[serde(borrow)]
    pub flags: Vec<(u8, &'a str, u16)>,
}

/// Stands for the definition itself in place of a field's name.
pub const OF_ITSELF: u16 = u16::MAX;

/// Inflates an embedded part once, for good.
pub(crate) fn inflate(cell: &'static OnceLock<Vec<u8>>, packed: &[u8]) -> &'static [u8] {
    cell.get_or_init(|| miniz_oxide::inflate::decompress_to_vec(packed).expect("the embedded data are whole"))
}

/// Defines the look-up of one embedded part.
macro_rules! part {
    ($name:ident: $type:ty = $file:literal) => {
        pub(crate) fn $name() -> &'static $type {
            static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
            static PART: OnceLock<$type> = OnceLock::new();
            PART.get_or_init(|| {
                let bytes = inflate(&BYTES, include_bytes!(concat!("../data/", $file)));
                postcard::from_bytes(bytes).expect("the embedded data are whole")
            })
        }
    };
}

part!(flags: Vec<FlagRecord<'static>> = "flags.bin");
part!(gates: Vec<GateRecord<'static>> = "gates.bin");
part!(config: ConfigPart<'static> = "config.bin");
part!(apis: Vec<ApiRecord<'static>> = "apis.bin");
part!(custom: Vec<CustomRecord<'static>> = "custom.bin");
part!(control: ControlPart<'static> = "control.bin");
part!(roles: Vec<RoleRecord<'static>> = "roles.bin");
part!(fields: FieldsPart<'static> = "fields.bin");
part!(schemas: SchemasPart<'static> = "schemas.bin");
#[cfg(feature = "descriptions")]
part!(descriptions: DescriptionsPart<'static> = "descriptions.bin");
