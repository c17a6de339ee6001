//! etcd.

mod clients;
mod members;

use kubevet_core::{
    rule::Rule,
    settings::{Carrier, Settings},
};

use crate::effective::said;

/// The rules of the group.
pub const RULES: &[&Rule] = &[
    &clients::AUTO_TLS,
    &clients::CLIENT_CERT_AUTH_OFF,
    &clients::CLIENT_TLS_MISSING,
    &members::EVEN_MEMBERS,
    &members::PEER_TLS_MISSING,
];

/// Whether these are the flags of a member that holds the cluster's state. An etcd in a workload, or in a pod that is not the
/// system's, is an application's own; with `--config-file` etcd ignores all flags; gateways and proxies have endpoints.
fn is_member(settings: &Settings) -> bool {
    let system = || {
        let namespace = settings.site.object.as_ref().and_then(|object| object.namespace.as_deref());
        namespace == Some("kube-system") || settings.site.place.path.contains("etc/kubernetes/manifests/")
    };
    let own = match settings.carrier {
        Carrier::Workload => false,
        Carrier::StaticPod => system(),
        _ => true,
    };
    own && ["config-file", "endpoints"].iter().all(|name| said(settings, name).is_none())
}
