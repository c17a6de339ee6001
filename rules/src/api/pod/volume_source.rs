//! What volumes are made of.

use kubevet_core::{
    declare_rule,
    kubernetes::{PodSpec, values::names},
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::{
    check::{Who, absent, format, given, one_of, required, shown, within},
    projected::{check_files, check_projected},
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

fn check_iscsi(source: NodeRef<'_>, volume: NodeRef<'_>, cx: &mut Context<'_>) {
    let who = Who::Volume(volume);
    for field in ["iqn", "initiatorName"] {
        if let Some(name) = source.get(field).filter(|name| field != "iqn" || !name.text().is_empty()) {
            format(cx, name, format_args!("`{field}` of {who}"), iscsi_name);
        }
    }
    if let Some(lun) = given(source, "lun") {
        within(cx, lun, format_args!("`lun` of {who}"), 0..=255);
    }
    let length = |holder: NodeRef<'_>, field| holder.get(field).map_or(0, |node| node.text().len());
    if let Some(portal) = source.get("targetPortal").filter(|_| given(source, "initiatorName").is_some())
        && length(volume, "name") + 1 + length(source, "targetPortal") > 64
    {
        let message =
            format!("{who} and its `targetPortal` are longer than 64 characters: the API server refuses it");
        cx.report(portal, message).help("shorten the name of the volume, or remove `initiatorName`");
    }
    let chap = ["chapAuthDiscovery", "chapAuthSession"];
    let chap = chap.iter().find_map(|field| source.get(field).filter(|chap| chap.as_bool() == Some(true)));
    if let Some(chap) = chap
        && given(source, "secretRef").is_none()
    {
        cx.report(Key(chap), format!("CHAP of {who} has no `secretRef`: the API server refuses it"))
            .help("name the secret with the credentials")
            .absence();
    }
}

/// `iscsiInitiatorIqnRegex` and its siblings.
fn iscsi_name(text: &str) -> Result<(), &'static str> {
    let id = |id: &str, length| id.len() == length && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let valid = match text.split_once('.') {
        Some(("iqn", rest)) => is_iqn(rest),
        Some(("eui", rest)) => id(rest, 16),
        Some(("naa", rest)) => id(rest, 32),
        _ => false,
    };
    if valid { Ok(()) } else { Err("must be like `iqn.2001-04.org.example:storage`, `eui.` or `naa.`") }
}

/// `\d{4}-\d{2}\.([[:alnum:]-.]+)(:[^,;*&$|\s]+)$` behind `iqn.`.
fn is_iqn(rest: &str) -> bool {
    let (date, rest) = rest.split_at_checked(8).unwrap_or_default();
    let date = date.bytes().enumerate().all(|(at, byte)| match at {
        4 => byte == b'-',
        7 => byte == b'.',
        _ => byte.is_ascii_digit(),
    });
    let (host, name) = rest.split_once(':').unwrap_or_default();
    let host_ok = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    date && !host.is_empty()
        && host.chars().all(host_ok)
        && !name.is_empty()
        && !name.contains(|c: char| ",;*&$|".contains(c) || c.is_ascii_whitespace())
}

fn check_flocker(source: NodeRef<'_>, who: Who<'_>, cx: &mut Context<'_>) {
    let part = |field| source.get(field).filter(|part| !part.text().is_empty());
    match (part("datasetName"), part("datasetUUID")) {
        (None, None) => {
            absent(cx, source, format!("{who} names no dataset: the API server refuses it"))
                .help("give `datasetName` or `datasetUUID`");
        }
        (Some(name), Some(id)) => {
            cx.report(id, format!("{who} has `datasetName` and `datasetUUID`: the API server refuses it"))
                .label(name, "the name")
                .help("keep one of them");
        }
        (Some(name), None) if name.text().contains('/') => {
            cx.report(name, format!("`datasetName` of {who} contains a `/`: the API server refuses it"))
                .help("name the dataset without `/`");
        }
        _ => {}
    }
}

fn check_fc(source: NodeRef<'_>, who: Who<'_>, cx: &mut Context<'_>) {
    let list = |field| source.get(field).filter(|list| !list.is_empty());
    match (list("targetWWNs"), list("wwids")) {
        (None, None) => {
            absent(
                cx,
                source,
                format!("{who} has no `targetWWNs` and no `wwids`: the API server refuses it"),
            )
            .help("give one of them");
        }
        (Some(names), Some(ids)) => {
            cx.report(Key(ids), format!("{who} has `targetWWNs` and `wwids`: the API server refuses it"))
                .label(Key(names), "the other one")
                .help("keep one of them");
        }
        (Some(_), None) => match given(source, "lun") {
            Some(lun) => {
                within(cx, lun, format_args!("`lun` of {who}"), 0..=255);
            }
            None => {
                absent(
                    cx,
                    source,
                    format!("{who} has `targetWWNs` without `lun`: the API server refuses it"),
                )
                .help("set `lun`");
            }
        },
        (None, Some(_)) => {}
    }
}

fn check_quobyte(source: NodeRef<'_>, who: Who<'_>, cx: &mut Context<'_>) {
    if let Some(registry) = source.get("registry").filter(|registry| !registry.text().is_empty()) {
        format(cx, registry, format_args!("`registry` of {who}"), |text| {
            let pair = |pair: &str| {
                pair.rsplit_once(':').is_some_and(|(host, _)| !host.contains(':') || host.ends_with(']'))
            };
            if text.split(',').all(pair) {
                Ok(())
            } else {
                Err("must be `host:port` pairs with commas between them")
            }
        });
    }
    if let Some(tenant) = source.get("tenant").filter(|tenant| tenant.text().len() >= 65) {
        cx.report(
            tenant,
            format!("`tenant` of {who} is longer than 64 characters: the API server refuses it"),
        )
        .help("give its UUID");
    }
}

fn check_flex(source: NodeRef<'_>, who: Who<'_>, cx: &mut Context<'_>) {
    for option in source.get("options").into_iter().flat_map(NodeRef::entries) {
        let namespace = option.key.text().split('/').next().unwrap_or_default().to_ascii_lowercase();
        let within = |domain: &str| {
            namespace.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        if within("kubernetes.io") || within("k8s.io") {
            let key = shown(option.key.text());
            cx.report(
                option.key,
                format!("option `{key}` of {who} has a reserved name: the API server refuses it"),
            )
            .help("`kubernetes.io` and `k8s.io` belong to Kubernetes");
        }
    }
}

fn check_azure(source: NodeRef<'_>, who: Who<'_>, cx: &mut Context<'_>) {
    if let Some(mode) = given(source, "cachingMode") {
        one_of(cx, mode, "`cachingMode`", &["None", "ReadOnly", "ReadWrite"]);
    }
    let kind = given(source, "kind");
    if let Some(kind) = kind {
        one_of(cx, kind, "`kind`", &["Shared", "Dedicated", "Managed"]);
    }
    let managed = kind.and_then(NodeRef::as_str) == Some("Managed");
    let start = if managed { "/subscriptions/" } else { "https://" };
    let kind = kind.and_then(NodeRef::as_str).filter(|kind| !kind.is_empty()).unwrap_or("Shared");
    if let Some(uri) = source.get("diskURI").filter(|uri| !uri.text().is_empty()) {
        format(cx, uri, format_args!("`diskURI` of a disk of kind `{kind}` of {who}"), |text| {
            let problem =
                if managed { "must begin with `/subscriptions/`" } else { "must begin with `https://`" };
            if text.starts_with(start) { Ok(()) } else { Err(problem) }
        });
    }
}

/// Only labels and annotations of the template become part of the claim. Its specification is a matter of claims.
fn check_template(source: NodeRef<'_>, who: Who<'_>, cx: &mut Context<'_>) {
    let metadata = source.at(&["volumeClaimTemplate", "metadata"]);
    for entry in metadata.into_iter().flat_map(NodeRef::entries) {
        let known = matches!(entry.key.text(), "labels" | "annotations");
        let empty = entry.value.is_null() || entry.value.as_str() == Some("");
        if !known && !empty {
            let message =
                format!("`{}` in the claim template of {who}: the API server refuses it", entry.key.text());
            cx.report(entry.key, message).help("only `labels` and `annotations` may be set there");
        }
    }
}
