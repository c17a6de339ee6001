//! Generated facts about Kubernetes, one set per minor version, with typed look-ups.
//!
//! The data come from dumps of the real Go modules (`cargo xtask facts` packs them) and are embedded compressed, in parts
//! by use. A part is inflated and decoded when it is first asked for: a run that lints workloads never pays for flags.
//! Everything is borrowed from the inflated part; nothing is copied per look-up.

mod api;
mod component;
mod config;
mod control;
#[doc(hidden)]
pub mod data;
mod flag;
mod gate;
mod version;

pub use api::{Api, api, apis_of_kind, is_group};
pub use component::Component;
pub use config::{config_default, config_defaults, config_kind_versions, field_of_flag, flag_of_field};
pub use control::{
    AdmissionPlugin, BootstrapRole, admission_plugins, authorization_modes, bootstrap_binding_names,
    bootstrap_role, kubeadm_constant,
};
pub use flag::{Flag, FlagKind, flag, flags};
pub use gate::{Gate, Stage, gate};
pub use version::{ParseVersionError, Version};
