//! kubeadm configuration.

mod api_version;
mod cluster;
mod control_plane;
mod defaults;
mod extra_args;
mod secrets;

use kubevet_core::{
    kubernetes::Object,
    rule::{Kinds, Rule},
    yaml::NodeRef,
};

/// The rules of the group.
pub const RULES: &[&Rule] = &[
    &api_version::DEPRECATED_API_VERSION,
    &api_version::REMOVED_API_VERSION,
    &cluster::SUBNET_INVALID,
    &cluster::VERSION_NOT_PINNED,
    &control_plane::CONTROL_PLANE_ENDPOINT_MISSING,
    &control_plane::CONTROL_PLANE_UNTAINTED,
    &defaults::DEFAULT_OVERRIDDEN,
    &extra_args::EXTRA_ARGS_FORM,
    &secrets::CERTIFICATE_KEY_COMMITTED,
    &secrets::DISCOVERY_UNVERIFIED,
    &secrets::TOKEN_COMMITTED,
    &secrets::TOKEN_FORMAT,
    &secrets::TOKEN_NEVER_EXPIRES,
];

/// API group of kubeadm's own documents.
const GROUP: &str = "kubeadm.k8s.io";

/// Every kubeadm document.
const DOCUMENTS: Kinds = Kinds::Groups(&[GROUP]);

/// Bootstrap tokens of Init- and JoinConfiguration, wherever they stand.
fn tokens(object: Object<'_>) -> impl Iterator<Item = NodeRef<'_>> {
    let listed = object.node().get("bootstrapTokens").into_iter().flat_map(NodeRef::items);
    let listed = listed.filter_map(|item| item.get("token"));
    let discovery = object.node().at(&["discovery", "bootstrapToken", "token"]);
    let tls = object.node().at(&["discovery", "tlsBootstrapToken"]);
    listed.chain(discovery).chain(tls)
}
