//! The kubelets that kubeadm configures: one configuration for the cluster, flags for each node.

use kubevet_facts::{Component, Version};

use super::{
    super::{config_file, new_settings},
    Documents, KUBEADM, extra_arguments, text,
};
use crate::{
    kubernetes::{Object, values::net::Cidr},
    rule::Anchor,
    settings::{Carrier, Origin, Settings, Value},
    yaml::NodeRef,
};

/// One kubelet for each node document, or one for the cluster where there is none.
pub(super) fn kubelets(documents: &Documents<'_>, version: Version) -> Vec<Settings> {
    let nodes =
        documents.nodes.iter().map(|node| Some(*node)).chain(documents.nodes.is_empty().then_some(None));
    nodes.map(|node| kubelet(documents, node, version)).collect()
}

fn kubelet(documents: &Documents<'_>, node: Option<Object<'_>>, version: Version) -> Settings {
    let object = documents.kubelet.or(node).or(documents.cluster).expect("one of them is there");
    let kind = object.node().get("kind").map_or_else(|| object.site(), |kind| kind.site());
    let mut settings = new_settings(Component::Kubelet, version, Carrier::Kubeadm, kind);
    settings.has_config_file = true;
    // A joining node takes the configuration that the cluster stores.
    let joins = node.is_some_and(|node| node.kind() == "JoinConfiguration");
    settings.config_missing = joins && documents.kubelet.is_none() && documents.cluster.is_none();
    // The flags of a node that no document describes are not known.
    settings.complete = node.is_some();
    let field =
        |path: &[&str]| documents.cluster.and_then(|cluster| cluster.node().at(path)).map(NodeRef::text);
    let certificates =
        field(&["certificatesDir"]).filter(|text| !text.is_empty()).unwrap_or("/etc/kubernetes/pki");
    let domain =
        field(&["networking", "dnsDomain"]).filter(|text| !text.is_empty()).unwrap_or("cluster.local");
    let client_ca = format!("{certificates}/ca.crt");
    // The tenth address of the first service subnet (constants.GetDNSIP).
    let subnet = documents.cluster.and_then(|cluster| cluster.node().at(&["networking", "serviceSubnet"]));
    let subnet = subnet.filter(|node| !node.text().is_empty());
    let first = subnet.map_or("10.96.0.0/12", NodeRef::text).split(',').next().unwrap_or_default();
    let dns = Cidr::parse(first.trim()).ok().and_then(|subnet| subnet.nth(10));
    let injected = [
        ("staticPodPath", "/etc/kubernetes/manifests"),
        ("clusterDomain", domain),
        ("authentication.x509.clientCAFile", &client_ca),
        ("authentication.anonymous.enabled", "false"),
        ("authentication.webhook.enabled", "true"),
        ("authorization.mode", "Webhook"),
        ("healthzBindAddress", "127.0.0.1"),
        ("healthzPort", "10248"),
        ("cgroupDriver", "systemd"),
        ("rotateCertificates", "true"),
    ];
    if !settings.config_missing {
        for (name, value) in injected {
            settings.push(name, text(value), Origin::Injected(KUBEADM, settings.site.clone()));
        }
        let site = subnet.map_or_else(|| settings.site.clone(), |node| node.site());
        let dns = match dns {
            Some(address) => Value::List(vec![address.to_string()]),
            None => Value::Unknown(first.to_owned()),
        };
        settings.push("clusterDNS", dns, Origin::Injected(KUBEADM, site));
    }
    if let Some(object) = documents.kubelet {
        config_file::apply(&mut settings, object);
        // kubeadm sets it whatever the file says.
        settings.push("rotateCertificates", text("true"), Origin::Injected(KUBEADM, settings.site.clone()));
    }
    let registration = node.and_then(|node| node.node().get("nodeRegistration"));
    if let Some(socket) = registration
        .and_then(|registration| registration.get("criSocket"))
        .filter(|node| !node.text().is_empty())
    {
        settings.push(
            "container-runtime-endpoint",
            text(socket.text()),
            Origin::Injected(KUBEADM, socket.site()),
        );
    }
    settings
        .apply(extra_arguments(registration.and_then(|registration| registration.get("kubeletExtraArgs"))));
    settings
}
