//! What volumes are made of.

use kubevet_core::{
    declare_rule,
    kubernetes::{PodSpec, values::names},
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::{
    check::{Who, format, given, has_feature, required, within},
    projected::{check_files, check_projected},
    volume_drivers::{
        check_azure, check_fc, check_flex, check_flocker, check_iscsi, check_quobyte, check_template,
    },
};

/// Sources of volumes in the order in which the API server looks, with the fields that must not be empty.
const SOURCES: &[(&str, &[&str])] = &[
    ("emptyDir", &[]),
    ("hostPath", &["path"]),
    ("gitRepo", &["repository"]),
    ("gcePersistentDisk", &["pdName"]),
    ("awsElasticBlockStore", &["volumeID"]),
    ("secret", &["secretName"]),
    ("nfs", &["server", "path"]),
    ("iscsi", &["targetPortal", "iqn"]),
    ("glusterfs", &["endpoints", "path"]),
    ("flocker", &[]),
    ("persistentVolumeClaim", &["claimName"]),
    ("rbd", &["monitors", "image"]),
    ("cinder", &["volumeID"]),
    ("cephfs", &["monitors"]),
    ("quobyte", &["registry", "volume"]),
    ("downwardAPI", &[]),
    ("fc", &[]),
    ("flexVolume", &["driver"]),
    ("configMap", &["name"]),
    ("azureFile", &["secretName", "shareName"]),
    ("vsphereVolume", &["volumePath"]),
    ("photonPersistentDisk", &["pdID"]),
    ("portworxVolume", &["volumeID"]),
    ("azureDisk", &["diskName", "diskURI"]),
    ("storageos", &["volumeName"]),
    ("projected", &[]),
    ("scaleIO", &["gateway", "system", "volumeName"]),
    ("csi", &["driver"]),
    ("ephemeral", &["volumeClaimTemplate"]),
    ("image", &["reference"]),
];

/// The sources of a volume with the fields that each must have. A volume without any becomes an `emptyDir`.
pub(super) fn sources(
    volume: NodeRef<'_>,
) -> impl Iterator<Item = (&'static str, (NodeRef<'_>, &'static [&'static str]))> {
    volume.entries().filter_map(|entry| {
        let key = entry.key.text();
        let (name, fields) = SOURCES.iter().find(|(name, _)| *name == key)?;
        (!entry.value.is_null()).then_some((*name, (entry.value, *fields)))
    })
}

declare_rule! {
    /// A volume has more than one source, or one that lacks what it needs.
    ///
    /// ## Why
    /// The API server refuses the object. A volume without any source is an `emptyDir`. Fields that are missing altogether are left to
    /// `schema/missing-required`, paths and modes to `api/volume-path-invalid` and `api/volume-mode-invalid`.
    ///
    /// ## Fix
    /// Keep one source, and give it its fields.
    ///
    /// ## References
    /// `validateVolumeSource` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    ///   volumes:
    ///     - name: data
    ///       emptyDir: {}
    ///       persistentVolumeClaim: {claimName: data}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    ///   volumes:
    ///     - {name: keys, secret: {secretName: ""}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    ///   volumes:
    ///     - name: token
    ///       projected:
    ///         sources:
    ///           - serviceAccountToken: {path: token, expirationSeconds: 60}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    ///   volumes:
    ///     - name: info
    ///       downwardAPI:
    ///         items: [{path: labels}]
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    ///   volumes:
    ///     - {name: data, emptyDir: , persistentVolumeClaim: {claimName: data}}
    ///     - {name: work}
    ///     - name: info
    ///       projected:
    ///         sources:
    ///           - serviceAccountToken: {path: token}
    ///           - configMap: {name: web}
    ///           - downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}
    /// ```
    pub VOLUME_SOURCE_INVALID {
        id: "api/volume-source-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(volume_source_invalid),
    }
}

fn volume_source_invalid(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    for volume in pod.volumes() {
        let mut first = None;
        for (name, (source, fields)) in sources(volume) {
            // Without the feature, such volumes are dropped before anybody looks.
            if name == "image" && !has_feature(cx, "ImageVolume") {
                continue;
            }
            if let Some(first) = first {
                let who = Who::Volume(volume);
                cx.report(Key(source), format!("{who} has more than one source: the API server refuses it"))
                    .label(Key(first), "the first one")
                    .help("keep one of them");
                continue;
            }
            first = Some(source);
            if source.is_map() {
                for field in fields {
                    required(cx, source, field, format_args!("`{name}` of {}", Who::Volume(volume)));
                }
                check_source(name, source, volume, cx);
            }
        }
    }
}

fn check_source(name: &str, source: NodeRef<'_>, volume: NodeRef<'_>, cx: &mut Context<'_>) {
    let who = Who::Volume(volume);
    match name {
        "secret" | "configMap" | "downwardAPI" => check_files(name, source, who, cx),
        "projected" => check_projected(source, who, cx),
        "gcePersistentDisk" | "awsElasticBlockStore" => {
            if let Some(partition) = given(source, "partition") {
                within(cx, partition, format_args!("`partition` of {who}"), 0..=255);
            }
        }
        "iscsi" => check_iscsi(source, volume, cx),
        "flocker" => check_flocker(source, who, cx),
        "fc" => check_fc(source, who, cx),
        "quobyte" => check_quobyte(source, who, cx),
        "flexVolume" => check_flex(source, who, cx),
        "azureDisk" => check_azure(source, who, cx),
        "csi" => {
            if let Some(driver) = source.get("driver").filter(|driver| driver.as_str() != Some("")) {
                format(cx, driver, format_args!("`driver` of {who}"), csi_driver);
            }
        }
        "storageos" => {
            for field in ["volumeName", "volumeNamespace"] {
                if let Some(name) = source.get(field).filter(|name| !name.text().is_empty()) {
                    format(cx, name, format_args!("`{field}` of {who}"), names::dns_label);
                }
            }
        }
        "ephemeral" => check_template(source, who, cx),
        _ => {}
    }
    let secret = match name {
        "csi" => "nodePublishSecretRef",
        "cinder" | "storageos" => "secretRef",
        _ => return,
    };
    if let Some(secret) = source.get(secret).filter(|secret| secret.is_map())
        && required(cx, secret, "name", format_args!("a secret of {who}"))
        && name == "csi"
        && let Some(name) = secret.get("name")
    {
        format(cx, name, format_args!("the secret of {who}"), names::dns_subdomain);
    }
}

/// `ValidateCSIDriverName`.
fn csi_driver(text: &str) -> Result<(), &'static str> {
    if text.len() > 63 {
        return Err("must be no more than 63 characters");
    }
    names::dns_subdomain(&text.to_ascii_lowercase())
}
