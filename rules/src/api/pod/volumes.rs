//! Volumes: their names and the modes of their files.

use std::collections::HashMap;

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, PodSpec, values::names},
    rule::{Context, Kinds},
    yaml::NodeRef,
};

use super::check::{Seen, Who, format, given, objects, required, string};

/// Sources whose files have modes and paths.
const FILES: [&str; 3] = ["configMap", "secret", "downwardAPI"];

/// ConfigMaps, Secrets and downward API of a volume: its own, and those that it projects.
pub(super) fn file_sources(volume: NodeRef<'_>) -> impl Iterator<Item = NodeRef<'_>> {
    let projected = volume.at(&["projected", "sources"]).into_iter().flat_map(NodeRef::items);
    let all = std::iter::once(volume).chain(projected);
    all.flat_map(|holder| FILES.into_iter().filter_map(move |source| holder.get(source)))
}

declare_rule! {
    /// A volume has no name, one that is no DNS label, or the name of another volume.
    ///
    /// ## Why
    /// The API server refuses the object. A field `name` that is missing altogether is left to `schema/missing-required`.
    ///
    /// ## Fix
    /// Give each volume a name of its own, of at most 63 lower case letters, digits and `-`.
    ///
    /// ## References
    /// `ValidateVolumes` in `k8s.io/kubernetes/pkg/apis/core/validation`.
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
    ///     - {name: web.data, emptyDir: {}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    ///   volumes:
    ///     - {name: data, emptyDir: {}}
    ///     - {name: data, configMap: {name: web}}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    ///   volumes:
    ///     - {name: web-data, emptyDir: {}}
    ///     - {name: 2nd}
    /// ```
    pub VOLUME_NAME_INVALID {
        id: "api/volume-name-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(volume_name_invalid),
    }
}

fn volume_name_invalid(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let mut seen = Seen::new();
    for volume in pod.volumes().filter(|volume| volume.is_map()) {
        let Some(name) = given(volume, "name").filter(|name| name.as_str() != Some("")) else {
            required(cx, volume, "name", "a volume of the pod");
            continue;
        };
        format(cx, name, "volume name", names::dns_label);
        if let Some(first) = seen.insert(name) {
            let message =
                format!("two volumes are named `{}`: the API server refuses the object", name.text());
            cx.report(name, message).label(first, "first used here").help("rename or remove one of them");
        }
    }
}

declare_rule! {
    /// The mode of a file in a volume is outside of 0 to 0777.
    ///
    /// ## Why
    /// The API server refuses the object. Modes are octal in most minds and decimal in JSON: `777` is 01411, and `"0644"` is a string.
    ///
    /// ## Fix
    /// Write modes with a leading zero in YAML (`0644`), in decimal in JSON (`420`).
    ///
    /// ## References
    /// `validateConfigMapVolumeSource` and its siblings in `k8s.io/kubernetes/pkg/apis/core/validation`.
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
    ///     - {name: config, configMap: {name: web, defaultMode: 777}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    ///   volumes:
    ///     - name: config
    ///       projected:
    ///         sources:
    ///           - secret: {name: web, items: [{key: run, path: run, mode: 01755}]}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    ///   volumes:
    ///     - {name: config, configMap: {name: web, defaultMode: 0755}}
    ///     - {name: keys, secret: {secretName: web, defaultMode: 256}}
    /// ```
    pub VOLUME_MODE_INVALID {
        id: "api/volume-mode-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(volume_mode_invalid),
    }
}

fn volume_mode_invalid(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    for volume in pod.volumes() {
        for source in file_sources(volume).chain(volume.get("projected")) {
            check_mode(source, "defaultMode", volume, cx);
            for item in objects(source, "items") {
                check_mode(item, "mode", volume, cx);
            }
        }
    }
}

fn check_mode(holder: NodeRef<'_>, field: &str, volume: NodeRef<'_>, cx: &mut Context<'_>) {
    let Some(node) = holder.get(field) else { return };
    let Some(mode) = node.as_i64().filter(|mode| !(0..=0o777).contains(mode)) else { return };
    let octal = if mode > 0 { format!(", 0{mode:o} in octal") } else { String::new() };
    let message = format!("`{field}` of {} is {mode}{octal}: the API server refuses it", Who::Volume(volume));
    let digits = node.text();
    let meant = i64::from_str_radix(digits, 8).ok().filter(|meant| (0..=0o777).contains(meant));
    cx.report(node, message).help(match meant {
        Some(meant) => format!("write `0{digits}` in YAML, or `{meant}`"),
        None => "it must be between 0 and 0777 (511)".to_owned(),
    });
}

declare_rule! {
    /// A claim volume names the claim that another volume of the same pod creates.
    ///
    /// ## Why
    /// The API server refuses the pod: the claim of an ephemeral volume is called after pod and volume, and belongs to that volume.
    ///
    /// ## Fix
    /// Mount the ephemeral volume itself, or name another claim.
    ///
    /// ## References
    /// `ValidateVolumes` in `k8s.io/kubernetes/pkg/apis/core/validation`.
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
    ///     - name: scratch
    ///       ephemeral:
    ///         volumeClaimTemplate:
    ///           spec:
    ///             accessModes: [ReadWriteOnce]
    ///             resources: {requests: {storage: 1Gi}}
    ///     - name: data
    ///       persistentVolumeClaim: {claimName: web-scratch}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    ///   volumes:
    ///     - name: scratch
    ///       ephemeral:
    ///         volumeClaimTemplate:
    ///           spec:
    ///             accessModes: [ReadWriteOnce]
    ///             resources: {requests: {storage: 1Gi}}
    ///     - name: data
    ///       persistentVolumeClaim: {claimName: web-data}
    /// ```
    pub EPHEMERAL_VOLUME_CLASH {
        id: "api/ephemeral-volume-clash",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(Kinds::Of(&[("", "Pod")]), ephemeral_volume_clash),
    }
}

fn ephemeral_volume_clash(object: Object<'_>, cx: &mut Context<'_>) {
    let (Some(name), Some(pod)) = (object.name(), PodSpec::of(object)) else { return };
    // Looked for only where a claim begins like the pod.
    let mut ephemeral: Option<HashMap<&str, NodeRef<'_>>> = None;
    for volume in pod.volumes() {
        let Some(claim) = volume.at(&["persistentVolumeClaim", "claimName"]) else { continue };
        let rest = claim.text().strip_prefix(name).and_then(|rest| rest.strip_prefix('-'));
        let Some(rest) = rest.filter(|_| !name.is_empty()) else { continue };
        let known = ephemeral.get_or_insert_with(|| {
            let all = pod.volumes().filter(|volume| given(*volume, "ephemeral").is_some());
            all.filter_map(|volume| Some((string(volume, "name")?, volume))).collect()
        });
        if let Some(ephemeral) = known.get(rest) {
            let message = format!(
                "claim `{}` is the one of ephemeral volume `{rest}`: the API server refuses the pod",
                claim.text()
            );
            cx.report(claim, message)
                .label(ephemeral, "the volume that creates it")
                .help("mount that volume, or name another claim");
        }
    }
}
