//! One object as the API server sees it.

mod containers;
mod metadata;
mod probes;
mod quantities;
mod schedule;
mod selector;
mod volumes;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[
    &containers::CONTAINER_NAME_DUPLICATE,
    &containers::PORT_DUPLICATE,
    &metadata::NAME_MISSING,
    &probes::PROBE_HANDLER,
    &quantities::QUANTITY_INVALID,
    &quantities::REQUEST_EXCEEDS_LIMIT,
    &schedule::CRON_SCHEDULE,
    &selector::SELECTOR_MISMATCH,
    &volumes::VOLUME_MOUNT_INVALID,
];
