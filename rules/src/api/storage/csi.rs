//! Drivers of volumes, the nodes they run on, and what they attach.

use std::collections::HashMap;

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, values::names},
    rule::{Context, Key, Kinds},
    yaml::NodeRef,
};

use super::{
    super::check::{Fields, form, missing, not_empty, refuse, repeated, shown, within},
    driver_name,
};

declare_rule! {
    /// A CSIDriver, CSINode or VolumeAttachment has values that the API server does not take.
    ///
    /// ## Why
    /// The API server refuses the object.
    ///
    /// ## Fix
    /// Correct the value.
    ///
    /// ## References
    /// `validateCSIDriverSpec`, `validateVolumeAttachmentSpec` in `k8s.io/kubernetes/pkg/apis/storage/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: storage.k8s.io/v1
    /// kind: CSIDriver
    /// metadata: {name: disk.csi.example.org}
    /// spec:
    ///   volumeLifecycleModes: [Permanent]
    /// ```
    /// ```yaml bad
    /// apiVersion: storage.k8s.io/v1
    /// kind: CSIDriver
    /// metadata: {name: disk.csi.example.org}
    /// spec:
    ///   tokenRequests: [{audience: vault, expirationSeconds: 60}]
    /// ```
    /// ```yaml bad
    /// apiVersion: storage.k8s.io/v1
    /// kind: VolumeAttachment
    /// metadata: {name: data}
    /// spec: {attacher: disk.csi.example.org, nodeName: node-1, source: {}}
    /// ```
    /// ```yaml bad
    /// apiVersion: storage.k8s.io/v1
    /// kind: CSINode
    /// metadata: {name: node-1}
    /// spec:
    ///   drivers: [{name: disk.csi.example.org, nodeID: ""}]
    /// ```
    /// ```yaml good
    /// apiVersion: storage.k8s.io/v1
    /// kind: CSIDriver
    /// metadata: {name: disk.csi.example.org}
    /// spec:
    ///   attachRequired: false
    ///   volumeLifecycleModes: [Persistent, Ephemeral]
    ///   tokenRequests: [{audience: "", expirationSeconds: 3600}]
    /// ```
    pub CSI_INVALID {
        id: "api/csi-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "storage.k8s.io/v1",
        check: Object(Kinds::Of(&[("storage.k8s.io", "CSIDriver"), ("storage.k8s.io", "CSINode"), ("storage.k8s.io", "VolumeAttachment")]), csi_invalid),
    }
}

fn csi_invalid(object: Object<'_>, cx: &mut Context<'_>) {
    let Some(spec) = object.field("spec") else { return };
    match object.kind() {
        "CSIDriver" => driver(spec, cx),
        "CSINode" => node(spec, cx),
        _ => attachment(spec, cx),
    }
}

fn driver(spec: NodeRef<'_>, cx: &mut Context<'_>) {
    not_empty(cx, spec, &["fsGroupPolicy"]);
    for mode in spec.each("volumeLifecycleModes") {
        if mode.as_str().is_some() && !matches!(mode.text(), "Persistent" | "Ephemeral") {
            refuse(cx, mode, format!("`{}` is no way that volumes live", shown(mode.text())))
                .help("use `Persistent` or `Ephemeral`");
        }
    }
    let mut audiences: HashMap<&str, NodeRef<'_>> = HashMap::new();
    for request in spec.each("tokenRequests").filter(|request| request.is_map()) {
        let audience = request.field("audience").unwrap_or(request);
        if let Some(first) = audiences.insert(request.said("audience"), audience) {
            repeated(
                cx,
                audience,
                first,
                format!("a token for `{}` is asked for twice", shown(request.said("audience"))),
            );
        }
        within(cx, request, &["expirationSeconds"], &(600..=1 << 32));
    }
    let in_secrets = spec.field("serviceAccountTokenInSecrets");
    if let Some(node) = in_secrets.filter(|_| !spec.has("tokenRequests")) {
        refuse(cx, Key(node), "`serviceAccountTokenInSecrets` does nothing without `tokenRequests`")
            .help("list `tokenRequests`, or delete it");
    }
    within(cx, spec, &["nodeAllocatableUpdatePeriodSeconds"], &(10..=i64::MAX));
}

fn node(spec: NodeRef<'_>, cx: &mut Context<'_>) {
    let mut names: HashMap<&str, NodeRef<'_>> = HashMap::new();
    for driver in spec.each("drivers").filter(|driver| driver.is_map()) {
        if let Some(name) = driver.word("name") {
            form(cx, Some(name), "name of a CSI driver", driver_name);
            if let Some(first) = names.insert(name.text(), name) {
                repeated(cx, name, first, format!("driver `{}` is listed twice", shown(name.text())));
            }
        } else {
            missing(cx, driver, "the driver has no name", "set `name`");
        }
        let id = driver.field("nodeID").filter(|id| !id.text().is_empty());
        match id {
            None => {
                missing(cx, driver, "the driver says no ID of the node", "set `nodeID`");
            }
            Some(id) if id.text().len() > 192 => {
                refuse(cx, id, "the ID of a node has at most 192 characters").help("shorten it");
            }
            Some(_) => {}
        }
        within(cx, driver, &["allocatable.count"], &(0..=i64::MAX));
        let mut keys: HashMap<&str, NodeRef<'_>> = HashMap::new();
        for key in driver.each("topologyKeys").filter(|key| key.as_str().is_some()) {
            form(cx, Some(key), "key of a label", names::qualified_name);
            if let Some(first) = keys.insert(key.text(), key) {
                repeated(cx, key, first, format!("`{}` is listed twice", shown(key.text())));
            }
        }
    }
}

fn attachment(spec: NodeRef<'_>, cx: &mut Context<'_>) {
    form(cx, spec.word("attacher"), "name of a CSI driver", driver_name);
    form(cx, spec.field("nodeName"), "name of a node", names::dns_subdomain);
    let Some(source) = spec.field("source") else { return };
    let (name, inline) = (source.field("persistentVolumeName"), source.field("inlineVolumeSpec"));
    match (name, inline) {
        (None, None) => {
            missing(cx, source, "the source names no volume", "set `persistentVolumeName`");
        }
        (Some(name), Some(inline)) => {
            refuse(cx, Key(inline), "the source is a volume by name or inline, not both")
                .label(Key(name), "the name")
                .help("keep one of them");
        }
        (Some(name), None) => form(cx, Some(name), "name of a PersistentVolume", names::dns_subdomain),
        (None, Some(_)) => {}
    }
}
