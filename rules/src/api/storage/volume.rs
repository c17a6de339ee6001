//! Persistent volumes.

use kubevet_core::{
    declare_rule,
    facts::Version,
    kubernetes::{Object, is_placeholder, values::names},
    rule::{Context, Key, Kinds},
    yaml::NodeRef,
};

use super::{
    super::{
        check::{Fields, form, has_feature, missing, not_empty, refuse, shown},
        pod::affinity::check_term,
    },
    access_modes, driver_name, more_than_zero,
};

declare_rule! {
    /// A PersistentVolume has no source, several, or values that the API server does not take.
    ///
    /// ## Why
    /// The API server refuses the volume. A local volume must say on which nodes it is.
    ///
    /// ## Fix
    /// Give exactly one source, `capacity.storage`, and for local volumes `nodeAffinity`.
    ///
    /// ## References
    /// `ValidatePersistentVolumeSpec` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: PersistentVolume
    /// metadata: {name: data}
    /// spec:
    ///   accessModes: [ReadWriteOnce]
    ///   capacity: {storage: 1Gi}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: PersistentVolume
    /// metadata: {name: data}
    /// spec:
    ///   accessModes: [ReadWriteOnce]
    ///   capacity: {storage: 1Gi}
    ///   local: {path: /srv/data}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: PersistentVolume
    /// metadata: {name: data}
    /// spec:
    ///   accessModes: [ReadWriteOnce]
    ///   capacity: {storage: 1Gi}
    ///   nfs: {server: nfs.example.org, path: /data}
    ///   hostPath: {path: /srv/data}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: PersistentVolume
    /// metadata: {name: data}
    /// spec:
    ///   accessModes: [ReadWriteOnce]
    ///   capacity: {storage: 1Gi}
    ///   persistentVolumeReclaimPolicy: Recycle
    ///   hostPath: {path: /}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: PersistentVolume
    /// metadata: {name: data}
    /// spec:
    ///   accessModes: [ReadWriteOnce]
    ///   capacity: {storage: 1Gi}
    ///   local: {path: /srv/data}
    ///   nodeAffinity:
    ///     required:
    ///       nodeSelectorTerms:
    ///         - matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [node-1]}]
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: PersistentVolume
    /// metadata: {name: data}
    /// spec:
    ///   accessModes: [ReadWriteOnce]
    ///   capacity: {storage: 1Gi}
    ///   csi: {driver: ebs.csi.aws.com, volumeHandle: vol-1}
    /// ```
    pub PERSISTENT_VOLUME_INVALID {
        id: "api/persistent-volume-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(Kinds::Of(&[("", "PersistentVolume")]), persistent_volume_invalid),
    }
}

/// Fields of `PersistentVolumeSource`.
const SOURCES: &[&str] = &[
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "flocker",
    "nfs",
    "rbd",
    "quobyte",
    "cephfs",
    "iscsi",
    "cinder",
    "fc",
    "flexVolume",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "scaleIO",
    "local",
    "storageos",
    "csi",
];

fn persistent_volume_invalid(volume: Object<'_>, cx: &mut Context<'_>) {
    let Some(spec) = volume.field("spec").filter(|spec| spec.is_map()) else { return };
    access_modes(spec, cx);
    not_empty(cx, spec, &["volumeMode"]);
    for term in spec.each("nodeAffinity.required.nodeSelectorTerms").filter(|term| term.is_map()) {
        check_term(term, cx.version() >= Version::new(32), cx);
    }
    capacity(spec, cx);
    let mut sources = SOURCES.iter().filter_map(|name| spec.field(name));
    match sources.next() {
        None => {
            missing(cx, spec, "the volume has no source", "say what it is, such as `csi`, `nfs` or `local`");
        }
        Some(first) => {
            for other in sources {
                refuse(cx, Key(other), "a volume has one source")
                    .label(Key(first), "the first one")
                    .help("keep one of them");
            }
        }
    }
    if let (Some(local), None) = (spec.field("local"), spec.field("nodeAffinity")) {
        refuse(cx, Key(local), "a local volume does not say on which nodes it is")
            .help("set `nodeAffinity`")
            .absence();
    }
    for path in ["local.path", "hostPath.path"] {
        let node = spec.word(path).filter(|node| node.text().split('/').any(|part| part == ".."));
        if let Some(node) = node {
            refuse(cx, node, "the path leads upwards with `..`").help("write the path without `..`");
        }
    }
    let root = spec.field("hostPath.path").filter(|path| {
        path.text().starts_with('/') && path.text().split('/').all(|part| matches!(part, "" | "."))
    });
    if let Some(policy) =
        spec.field("persistentVolumeReclaimPolicy").filter(|node| root.is_some() && node.text() == "Recycle")
    {
        refuse(cx, policy, "`Recycle` would delete everything on the node").help("use `Retain`");
    }
    form(cx, spec.word("storageClassName"), "name of a StorageClass", names::dns_subdomain);
    attributes(spec, cx);
    if let Some(csi) = spec.field("csi") {
        form(cx, csi.word("driver"), "name of a CSI driver", driver_name);
        for secret in [
            "controllerPublishSecretRef",
            "controllerExpandSecretRef",
            "nodePublishSecretRef",
            "nodeExpandSecretRef",
        ] {
            let Some(secret) = csi.field(secret) else { continue };
            for (field, check) in
                [("name", names::dns_subdomain as fn(&str) -> _), ("namespace", names::dns_label)]
            {
                match secret.field(field).filter(|node| !node.text().is_empty()) {
                    Some(node) => form(cx, Some(node), field, check),
                    None => {
                        missing(
                            cx,
                            secret,
                            format!("the Secret has no `{field}`"),
                            &format!("set `{field}`"),
                        );
                    }
                }
            }
        }
    }
}

fn capacity(spec: NodeRef<'_>, cx: &mut Context<'_>) {
    let Some(capacity) = spec.field("capacity").filter(|node| node.is_map()) else { return };
    let Some(storage) = capacity.get("storage") else {
        missing(cx, capacity, "the capacity says no storage", "set `storage`");
        return;
    };
    more_than_zero(cx, storage);
    for entry in
        capacity.entries().filter(|entry| entry.key.text() != "storage" && !is_placeholder(entry.key.text()))
    {
        refuse(cx, entry.key, format!("a volume has no capacity of `{}`", shown(entry.key.text())))
            .help("keep `storage` alone");
    }
}

fn attributes(spec: NodeRef<'_>, cx: &mut Context<'_>) {
    let Some(class) =
        spec.field("volumeAttributesClassName").filter(|_| has_feature(cx, "VolumeAttributesClass"))
    else {
        return;
    };
    form(cx, Some(class), "name of a VolumeAttributesClass", names::dns_subdomain);
    if spec.field("csi").is_none() {
        refuse(cx, Key(class), "a class of attributes goes with the source `csi` only")
            .help("delete `volumeAttributesClassName`");
    }
}
