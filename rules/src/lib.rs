//! Every rule of kubevet: one folder a group, one file a subject, one explicit list.
//!
//! `linkme` and `inventory` do not work on wasm32, so the list is written out; a test compares it with the files.

mod admission;
mod admission_policy;
mod api;
mod api_version;
mod apiserver;
mod audit;
mod authn;
mod authz;
mod autoscaling;
mod component_config;
mod consistency;
mod controller_manager;
mod crd;
mod effective;
mod encryption;
mod etcd;
mod feature_gates;
mod flags;
mod ha;
mod image;
mod ingress;
mod kubeadm;
mod kubeconfig;
mod kubelet;
mod namespace;
mod network_policy;
mod pdb;
mod pki;
mod pod_security;
mod probes;
mod rbac;
mod reference;
mod resources;
mod scheduling;
mod schema;
mod secrets;
mod service;
mod service_account;
mod static_pods;
mod webhook;
mod workload;
mod yaml;

use kubevet_core::rule::Rule;

/// Every rule, sorted by id.
pub fn all() -> Vec<&'static Rule> {
    let mut rules: Vec<&'static Rule> = GROUPS.iter().flat_map(|group| group.iter().copied()).collect();
    rules.sort_by_key(|rule| rule.id);
    rules
}

/// Rules about what could not be judged: off where nobody asks for them, errors with `--strict`.
pub const STRICT: &[&str] = &[schema::UNKNOWN_CUSTOM_KIND.id];

/// The groups in the order of the catalogue; each folder lists its own rules.
static GROUPS: &[&[&Rule]] = &[
    flags::RULES,
    feature_gates::RULES,
    component_config::RULES,
    apiserver::RULES,
    authn::RULES,
    authz::RULES,
    admission::RULES,
    audit::RULES,
    encryption::RULES,
    controller_manager::RULES,
    kubelet::RULES,
    etcd::RULES,
    kubeadm::RULES,
    pki::RULES,
    kubeconfig::RULES,
    ha::RULES,
    consistency::RULES,
    yaml::RULES,
    schema::RULES,
    crd::RULES,
    api::RULES,
    api::pod::RULES,
    api_version::RULES,
    pod_security::RULES,
    image::RULES,
    resources::RULES,
    probes::RULES,
    workload::RULES,
    scheduling::RULES,
    pdb::RULES,
    autoscaling::RULES,
    service::RULES,
    ingress::RULES,
    network_policy::RULES,
    secrets::RULES,
    service_account::RULES,
    reference::RULES,
    namespace::RULES,
    rbac::RULES,
    webhook::RULES,
    admission_policy::RULES,
];
