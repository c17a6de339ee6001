//! kubeconfig files.

mod cluster;
mod user;

use kubevet_core::{
    kubernetes::Object,
    rule::{Kinds, Rule},
    yaml::NodeRef,
};

/// The rules of the group.
pub const RULES: &[&Rule] =
    &[&cluster::INSECURE_SKIP_TLS_VERIFY, &cluster::PLAIN_HTTP_SERVER, &user::CREDENTIAL_COMMITTED];

/// `kind: Config` also means other things (skaffold, gatekeeper): those are of other groups.
const CONFIG: Kinds = Kinds::Of(&[("", "Config")]);

/// Named entries of a list, each with the mapping inside: `clusters[].cluster`, `users[].user`.
fn named<'t>(object: Object<'t>, list: &str, inner: &'t str) -> impl Iterator<Item = (&'t str, NodeRef<'t>)> {
    let items = object.node().get(list).into_iter().flat_map(NodeRef::items);
    items.filter_map(move |item| Some((item.get("name").map_or("", NodeRef::text), item.get(inner)?)))
}
