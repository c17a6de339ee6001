//! Services and their endpoints.

pub(super) mod address;
pub(super) mod affinity;
pub(super) mod endpoints;
pub(super) mod ignored;
pub(super) mod kind;
pub(super) mod ports;

use kubevet_core::{
    kubernetes::{Object, is_placeholder},
    rule::{Context, Kinds},
    yaml::NodeRef,
};

use super::check::{Fields, within};

const SERVICE: Kinds = Kinds::Of(&[("", "Service")]);

/// What a Service is: `ClusterIP` where it does not say. `None` where it is filled in later.
fn type_of(service: Object<'_>) -> Option<&str> {
    let text = service.said("spec.type");
    (!is_placeholder(text)).then_some(if text.is_empty() { "ClusterIP" } else { text })
}

/// Whether a Service asks for no address.
fn is_headless(service: Object<'_>) -> bool {
    let mut addresses = service.each("spec.clusterIPs");
    service.said("spec.clusterIP") == "None" || addresses.next().is_some_and(|first| first.text() == "None")
}

/// Reports a port number out of range.
fn port_number(cx: &mut Context<'_>, holder: NodeRef<'_>, field: &str) {
    within(cx, holder, &[field], &(1..=65535));
}
