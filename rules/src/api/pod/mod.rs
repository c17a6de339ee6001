//! Pods and the templates of pods.

pub(super) mod affinity;
mod check;
mod container_restart;
mod containers;
mod dns;
mod env;
mod env_source;
mod fields;
mod lifecycle;
mod mounts;
mod paths;
mod pod_level;
mod port_duplicate;
mod ports;
mod probes;
mod profiles;
mod projected;
mod propagation;
mod quantities;
mod references;
mod resources;
mod restart;
mod security;
mod spread;
mod sysctls;
mod tolerations;
mod volume_drivers;
mod volume_source;
mod volumes;
mod windows;

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
    &container_restart::CONTAINER_RESTART_POLICY,
    &dns::DNS_CONFIG_INVALID,
    &env::ENV_DUPLICATE,
    &env::ENV_NAME_INVALID,
    &env_source::ENV_SOURCE_INVALID,
    &fields::GATE_INVALID,
    &fields::HOST_ALIAS_INVALID,
    &fields::IMAGE_PULL_SECRET_INVALID,
    &fields::POD_FIELD_INVALID,
    &lifecycle::PRE_STOP_SLEEP,
    &lifecycle::PROBE_ON_INIT_CONTAINER,
    &lifecycle::PROBE_VALUE,
    &mounts::VOLUME_DEVICE_INVALID,
    &mounts::VOLUME_MOUNT_INVALID,
    &paths::VOLUME_PATH_INVALID,
    &pod_level::POD_LEVEL_RESOURCES,
    &pod_level::RESOURCE_CLAIM_INVALID,
    &ports::CONTAINER_PORT_INVALID,
    &ports::HOST_NETWORK_PORT_MISMATCH,
    &ports::HOST_PORT_CONFLICT,
    &port_duplicate::PORT_DUPLICATE,
    &probes::PROBE_HANDLER,
    &propagation::MOUNT_PROPAGATION,
    &quantities::QUANTITY_INVALID,
    &quantities::REQUEST_EXCEEDS_LIMIT,
    &resources::EXTENDED_RESOURCE_MISMATCH,
    &resources::FRACTIONAL_BYTES,
    &resources::RESOURCE_NAME_INVALID,
    &restart::ACTIVE_DEADLINE_IN_CONTROLLER,
    &restart::EPHEMERAL_CONTAINER_ON_CREATE,
    &restart::RESTART_POLICY,
    &security::SECURITY_CONTEXT_CONFLICT,
    &security::SECURITY_CONTEXT_INVALID,
    &spread::NULL_LABEL_SELECTOR,
    &spread::TOPOLOGY_SPREAD_INVALID,
    &sysctls::SYSCTL_INVALID,
    &tolerations::TOLERATION_INVALID,
    &volumes::EPHEMERAL_VOLUME_CLASH,
    &volumes::VOLUME_MODE_INVALID,
    &volumes::VOLUME_NAME_INVALID,
    &volume_source::VOLUME_SOURCE_INVALID,
    &windows::HOST_NAMESPACE_CONFLICT,
    &windows::OS_FIELD_CONFLICT,
    &windows::WINDOWS_HOST_PROCESS,
];
