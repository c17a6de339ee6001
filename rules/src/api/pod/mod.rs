//! Pods and the templates of pods.

mod affinity;
mod check;
mod containers;
mod dns;
mod env;
mod env_source;
mod fields;
mod mounts;
mod paths;
mod ports;
mod probes;
mod projected;
mod quantities;
mod references;
mod spread;
mod tolerations;
mod volume_source;
mod volumes;

use kubevet_core::rule::Rule;

pub(crate) use env::hides_earlier;

/// The rules about pods.
pub const RULES: &[&Rule] = &[
    &affinity::NODE_AFFINITY_INVALID,
    &affinity::POD_AFFINITY_INVALID,
    &containers::CONTAINERS_MISSING,
    &containers::CONTAINER_IMAGE_MISSING,
    &containers::CONTAINER_NAME_DUPLICATE,
    &containers::CONTAINER_NAME_INVALID,
    &dns::DNS_CONFIG_INVALID,
    &env::ENV_DUPLICATE,
    &env::ENV_NAME_INVALID,
    &env_source::ENV_SOURCE_INVALID,
    &ports::CONTAINER_PORT_INVALID,
    &ports::HOST_NETWORK_PORT_MISMATCH,
    &ports::HOST_PORT_CONFLICT,
    &ports::PORT_DUPLICATE,
    &probes::PROBE_HANDLER,
    &quantities::QUANTITY_INVALID,
    &quantities::REQUEST_EXCEEDS_LIMIT,
    &fields::GATE_INVALID,
    &fields::HOST_ALIAS_INVALID,
    &fields::IMAGE_PULL_SECRET_INVALID,
    &fields::POD_FIELD_INVALID,
    &mounts::MOUNT_PROPAGATION,
    &mounts::VOLUME_DEVICE_INVALID,
    &mounts::VOLUME_MOUNT_INVALID,
    &paths::VOLUME_PATH_INVALID,
    &spread::NULL_LABEL_SELECTOR,
    &spread::TOPOLOGY_SPREAD_INVALID,
    &tolerations::TOLERATION_INVALID,
    &volume_source::VOLUME_SOURCE_INVALID,
    &volumes::EPHEMERAL_VOLUME_CLASH,
    &volumes::VOLUME_MODE_INVALID,
    &volumes::VOLUME_NAME_INVALID,
];
