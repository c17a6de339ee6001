//! Generated facts about Kubernetes, one set per minor version, with typed look-ups.
//!
//! The data come from dumps of the real Go modules (`cargo xtask facts` packs them) and are embedded compressed, in parts
//! by use. A part is inflated and decoded when it is first asked for: a run that lints workloads never pays for flags.
//! Everything is borrowed from the inflated part; nothing is copied per look-up.
//!
//! All ten versions are 82 kB packed and 550 kB inflated, of which 20 kB and 48 kB are the schemas of every served kind. The
//! first look-up into a part costs 0.05 ms (control plane) to 0.4 ms (gates), all eight parts together 1.7 ms; later look-ups
//! 0.3 µs at most (`examples/decode.rs`, one core of a small virtual machine). Of the schemas, a type is decoded when a field
//! of it is first asked for.
//!
//! Four things are in no dump, and are packed with the rest from tables of their own: which flag sets which field of a
//! configuration file (`generator/equivalence.sh` asks the real components), what kubeadm says of the versions of its API
//! (`generator/kubeadm-api.sh` reads it from the source), etcd's hidden flags (`generator/etcd-flags.sh`, likewise), and what
//! the API server refuses beyond the types (`generator/refusals.py` asks its validation).

mod api;
mod component;
mod config;
mod control;
mod custom;
#[doc(hidden)]
pub mod data;
#[cfg(feature = "descriptions")]
mod describe;
mod field;
mod flag;
mod gate;
mod kubeadm;
mod schema;
mod version;

pub use api::{Api, api, apis, apis_of_group, apis_of_kind, is_group};
pub use component::Component;
pub use config::{
    config_api_versions, config_default, config_defaults, config_kind_versions, field_of_flag,
    flag_beats_file, flag_of_field, is_config_group,
};
pub use control::{
    AdmissionPlugin, BootstrapRole, CipherSuite, Controller, admission_plugins, authorization_modes,
    bootstrap_binding_names, bootstrap_role, cipher_suites, controller, controllers, group_version_on,
    scheduler_plugins,
};
pub use custom::{CustomApi, custom_api};
#[cfg(feature = "descriptions")]
pub use describe::flag_description;
pub use field::{ConfigKind, Field, FieldKind, config_kind};
pub use flag::{Flag, FlagKind, flag, flag_values, flag_versions, flags};
pub use gate::{
    Gate, Stage, feature_is_on, gate, gate_names, gate_versions, kubeadm_gate, kubeadm_gate_names,
    kubeadm_gate_versions,
};
pub use kubeadm::{KubeadmApi, kubeadm_api, kubeadm_constant};
pub use schema::{Schema, SchemaField, SchemaKind, schema, served};
pub use version::{ParseVersionError, Version, VersionRange, VersionRangeError};
