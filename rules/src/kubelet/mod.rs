//! The kubelet.

mod access;
mod certificates;
mod node;
mod runtime;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[
    &access::ALWAYS_ALLOW,
    &access::ANONYMOUS_AUTH,
    &access::READ_ONLY_PORT,
    &certificates::CLIENT_CA_MISSING,
    &certificates::ROTATE_CERTIFICATES_OFF,
    &node::PROTECT_KERNEL_DEFAULTS_OFF,
    &node::RESOLV_CONF_STUB,
    &runtime::CGROUP_DRIVER_MISMATCH,
];
