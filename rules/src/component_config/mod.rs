//! Configuration files of the components, and what several components have in common.

mod api_version;
mod decode;
mod fields;
mod files;
mod leader_election;
mod mounts;
mod observe;
mod serving;
mod tls;
mod type_meta;
mod types;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[
    &serving::BIND_ADDRESS_EXPOSED,
    &serving::CLIENT_CONNECTION_INVALID,
    &serving::DELEGATED_AUTH_MISSING,
    &serving::METRICS_OPEN,
    &serving::PROFILING_ENABLED,
    &mounts::FILE_NOT_MOUNTED,
    &mounts::CREDENTIAL_FILE_WRITABLE,
    &files::CONFIG_FILE_MISSING,
    &fields::UNKNOWN_FIELD,
    &fields::FIELD_NOT_YET_AVAILABLE,
    &fields::REMOVED_FIELD,
    &types::WRONG_TYPE,
    &api_version::REMOVED_API_VERSION,
    &api_version::API_VERSION_TOO_NEW,
    &api_version::DEPRECATED_API_VERSION,
    &api_version::DUPLICATE_DOCUMENT,
    &observe::LOGGING_INVALID,
    &observe::TRACING_INVALID,
    &observe::TRACING_PLAIN,
    &observe::SHOW_HIDDEN_METRICS,
    &observe::CONTENTION_PROFILING,
    &leader_election::LEADER_ELECTION_TIMING,
    &leader_election::LEADER_ELECTION_LOCK,
    &leader_election::LEADER_ELECTION_OFF,
    &tls::CIPHER_UNKNOWN,
    &tls::CIPHER_WEAK,
    &tls::CIPHER_LIST_MISSING,
    &tls::CIPHER_IGNORED,
    &tls::TLS_MIN_VERSION,
    &tls::TLS_VERSION_UNKNOWN,
    &type_meta::MISSING_TYPE_META,
    &type_meta::UNKNOWN_API_VERSION,
];
