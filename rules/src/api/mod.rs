//! One object as the API server sees it.

pub(crate) mod check;
mod cluster;
mod config;
mod metadata;
mod net;
mod networking;
pub mod pod;
mod policy;
mod services;
mod sets;
mod storage;
mod workloads;

use kubevet_core::rule::Rule;

/// The rules of the group, but those of [`pod`].
pub const RULES: &[&Rule] = &[
    &cluster::api_service::API_SERVICE_INVALID,
    &cluster::csr::CSR_INVALID,
    &cluster::device_claim::DEVICE_CLAIM_INVALID,
    &cluster::flow::FLOW_CONTROL_INVALID,
    &cluster::lease::LEASE_INVALID,
    &cluster::node::NODE_INVALID,
    &config::data::CONFIG_DATA_INVALID,
    &config::secret_type::SECRET_TYPE_DATA,
    &metadata::annotations::ANNOTATION_INVALID,
    &metadata::exported::SERVER_FIELDS_SET,
    &metadata::exported::SIZE_LIMIT,
    &metadata::exported::STATUS_SET,
    &metadata::label_selectors::LABEL_SELECTOR_INVALID,
    &metadata::labels::LABEL_INVALID,
    &metadata::name::NAME_MISSING,
    &metadata::name_form::NAME_INVALID,
    &metadata::name_form::NAMESPACE_INVALID,
    &metadata::namespace::NAMESPACE_CONFLICT,
    &metadata::owners::METADATA_INVALID,
    &networking::ingress::INGRESS_INVALID,
    &networking::ingress_class::INGRESS_CLASS_INVALID,
    &networking::network_policy::NETWORK_POLICY_INVALID,
    &policy::classes::PRIORITY_CLASS_INVALID,
    &policy::classes::RUNTIME_CLASS_INVALID,
    &policy::hpa::HPA_INVALID,
    &policy::limit_range::LIMIT_RANGE_INVALID,
    &policy::pdb::PDB_INVALID,
    &policy::quota::QUOTA_INVALID,
    &services::address::SERVICE_ADDRESS_INVALID,
    &services::affinity::SERVICE_AFFINITY_INVALID,
    &services::endpoints::ENDPOINTS_INVALID,
    &services::ignored::SERVICE_IGNORED_FIELD,
    &services::kind::SERVICE_TYPE_CONFLICT,
    &services::ports::SERVICE_PORT_INVALID,
    &sets::duplicate::DUPLICATE_OBJECT,
    &sets::generated_name::GENERATE_NAME_WITH_APPLY,
    &sets::immutable::IMMUTABLE_FIELD,
    &storage::claim::PERSISTENT_VOLUME_CLAIM_INVALID,
    &storage::class::STORAGE_CLASS_INVALID,
    &storage::csi::CSI_INVALID,
    &storage::volume::PERSISTENT_VOLUME_INVALID,
    &workloads::cron_job::CRON_JOB_INVALID,
    &workloads::daemon_set::DAEMON_SET_UPDATE,
    &workloads::failure_policy::POD_FAILURE_POLICY_INVALID,
    &workloads::job::JOB_INVALID,
    &workloads::job::JOB_NAME_TOO_LONG,
    &workloads::numbers::CONTROLLER_VALUE_NEGATIVE,
    &workloads::schedule::CRON_SCHEDULE,
    &workloads::selector::SELECTOR_MISMATCH,
    &workloads::selector_missing::JOB_SELECTOR,
    &workloads::selector_missing::SELECTOR_MISSING,
    &workloads::stateful_set::STATEFUL_SET_INVALID,
    &workloads::strategy::PROGRESS_DEADLINE,
    &workloads::strategy::STRATEGY_INVALID,
];
