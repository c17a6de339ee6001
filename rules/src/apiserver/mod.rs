//! kube-apiserver settings that belong to no narrower group.

mod anonymous;
mod certificates;
mod etcd;
mod service_range;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[
    &anonymous::ANONYMOUS_AUTH,
    &certificates::CLIENT_CA_MISSING,
    &certificates::KUBELET_CLIENT_CERT_MISSING,
    &certificates::SERVING_CERT_MISSING,
    &etcd::ETCD_CA_MISSING,
    &etcd::ETCD_CLIENT_CERT_MISSING,
    &etcd::ETCD_PLAIN_HTTP,
    &service_range::SERVICE_CIDR_MISSING,
    &service_range::SERVICE_CIDR_TOO_LARGE,
];
