//! Classes of storage.

use std::collections::HashMap;

use kubevet_core::{
    declare_rule,
    kubernetes::{
        Object,
        values::{names, quantity::Quantity},
    },
    rule::{Context, Key, Kinds},
    yaml::NodeRef,
};

use super::super::check::{Fields, form, missing, not_empty, refuse, repeated, shown};

declare_rule! {
    /// A StorageClass or VolumeAttributesClass has a driver, parameters or topologies that the API server does not take.
    ///
    /// ## Why
    /// The API server refuses the class.
    ///
    /// ## Fix
    /// Correct the value. A provisioner is a name with or without a DNS domain and `/` before it.
    ///
    /// ## References
    /// `ValidateStorageClass` in `k8s.io/kubernetes/pkg/apis/storage/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: storage.k8s.io/v1
    /// kind: StorageClass
    /// metadata: {name: fast}
    /// provisioner: example.org/disks/fast
    /// ```
    /// ```yaml bad
    /// apiVersion: storage.k8s.io/v1
    /// kind: StorageClass
    /// metadata: {name: fast}
    /// provisioner: disk.csi.example.org
    /// allowedTopologies:
    ///   - matchLabelExpressions:
    ///       - {key: topology.kubernetes.io/zone, values: [a, b, a]}
    /// ```
    /// ```yaml bad
    /// apiVersion: storage.k8s.io/v1
    /// kind: VolumeAttributesClass
    /// metadata: {name: fast}
    /// driverName: disk.csi.example.org
    /// parameters: {}
    /// ```
    /// ```yaml good
    /// apiVersion: storage.k8s.io/v1
    /// kind: StorageClass
    /// metadata: {name: fast}
    /// provisioner: Disk.csi.example.org
    /// parameters: {type: ssd, empty: ""}
    /// allowedTopologies:
    ///   - matchLabelExpressions:
    ///       - {key: topology.kubernetes.io/zone, values: [a, b]}
    /// ```
    pub STORAGE_CLASS_INVALID {
        id: "api/storage-class-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "storage.k8s.io/v1",
        check: Object(Kinds::Of(&[("storage.k8s.io", "StorageClass"), ("storage.k8s.io", "VolumeAttributesClass"), ("storage.k8s.io", "CSIStorageCapacity")]), storage_class_invalid),
    }
}

fn storage_class_invalid(class: Object<'_>, cx: &mut Context<'_>) {
    if class.kind() == "CSIStorageCapacity" {
        let name = class.field("storageClassName");
        form(cx, name, "name of a StorageClass", names::dns_subdomain);
        if name.is_none() {
            missing(cx, class.node(), "the capacity names no StorageClass", "set `storageClassName`");
        }
        if let Some(node) = class
            .field("capacity")
            .filter(|node| Quantity::parse(node.text()).is_ok_and(Quantity::is_negative))
        {
            refuse(cx, node, "the capacity is negative").help("give an amount of zero or more");
        }
        return;
    }
    let (driver, what) = match class.kind() {
        "StorageClass" => ("provisioner", "provisioner"),
        _ => ("driverName", "driver"),
    };
    form(cx, class.word(driver), &format!("name of a {what}"), |text| {
        names::qualified_name(&text.to_lowercase())
    });
    not_empty(cx, class, &["volumeBindingMode"]);
    parameters(class, cx);
    for term in class.each("allowedTopologies") {
        if !term.has("matchLabelExpressions") && term.is_map() {
            missing(cx, term, "the topology says nothing", "list `matchLabelExpressions`");
        }
        let mut keys: HashMap<&str, NodeRef<'_>> = HashMap::new();
        for requirement in term.each("matchLabelExpressions").filter(|one| one.is_map()) {
            topology(requirement, &mut keys, cx);
        }
    }
}

fn parameters(class: Object<'_>, cx: &mut Context<'_>) {
    let parameters = class.field("parameters");
    if class.kind() != "StorageClass" && !class.has("parameters") {
        match parameters {
            Some(node) => refuse(cx, Key(node), "there are no parameters")
                .help("list what the driver shall do")
                .absence(),
            None => missing(cx, class.node(), "there are no parameters", "list what the driver shall do"),
        };
    }
    let Some(parameters) = parameters else { return };
    let mut size = 0;
    for entry in parameters.entries() {
        size += entry.key.text().len() + entry.value.text().len();
        if entry.key.text().is_empty() {
            refuse(cx, entry.key, "the name of a parameter is empty")
                .help("name the parameter, or delete it");
        }
    }
    if parameters.len() > 512 || size > 256 * 1024 {
        refuse(cx, Key(parameters), "there are more than 512 parameters, or more than 256 KiB of them")
            .help("list fewer");
    }
}

fn topology<'t>(requirement: NodeRef<'t>, keys: &mut HashMap<&'t str, NodeRef<'t>>, cx: &mut Context<'_>) {
    if let Some(key) = requirement.word("key") {
        form(cx, Some(key), "key of a label", names::qualified_name);
        if let Some(first) = keys.insert(key.text(), key) {
            repeated(cx, key, first, format!("`{}` is listed twice", shown(key.text())));
        }
    }
    let mut seen: HashMap<&str, NodeRef<'_>> = HashMap::new();
    for value in requirement.each("values").filter(|value| value.is_scalar()) {
        if let Some(first) = seen.insert(value.text(), value) {
            repeated(cx, value, first, format!("`{}` is listed twice", shown(value.text())));
        }
    }
}
