//! Paths in volumes.

use std::fmt::Display;

use kubevet_core::{
    declare_rule,
    kubernetes::{PodSpec, is_placeholder},
    rule::Context,
    yaml::NodeRef,
};

use super::{
    check::{Who, given, has_feature, objects, shown},
    volumes::file_sources,
};

declare_rule! {
    /// A path in a volume leads out of it: it is absolute, or has `..` in it.
    ///
    /// ## Why
    /// The API server refuses the object. Files of ConfigMaps, Secrets and the downward API, `subPath` and `subPathExpr` are relative to their volume;
    /// paths of the node may not go back with `..`; the path of an NFS volume is absolute.
    ///
    /// ## Fix
    /// Write the path as it is below the volume: `conf.d/web.conf`.
    ///
    /// ## References
    /// `ValidateLocalNonReservedPath`, `validateLocalDescendingPath` and `validatePathNoBacksteps` in
    /// `k8s.io/kubernetes/pkg/apis/core/validation`.
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
    ///     - name: config
    ///       configMap:
    ///         name: web
    ///         items: [{key: web.conf, path: /etc/web.conf}]
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       volumeMounts:
    ///         - {name: data, mountPath: /data, subPath: ../other}
    ///   volumes:
    ///     - {name: data, emptyDir: {}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    ///   volumes:
    ///     - {name: data, nfs: {server: nfs.example.org, path: srv/data}}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       volumeMounts:
    ///         - {name: data, mountPath: /data, subPath: ..web/data}
    ///         - {name: config, mountPath: /config, subPathExpr: $(POD_NAME)}
    ///   volumes:
    ///     - {name: data, hostPath: {path: relative/..data}}
    ///     - {name: config, secret: {secretName: web, items: [{key: web.conf, path: conf.d/web.conf}]}}
    /// ```
    pub VOLUME_PATH_INVALID {
        id: "api/volume-path-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(volume_path_invalid),
    }
}

fn volume_path_invalid(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    for volume in pod.volumes().filter(|volume| volume.is_map()) {
        let who = Who::Volume(volume);
        for path in file_sources(volume).flat_map(|source| objects(source, "items")) {
            if let Some(path) = path.get("path") {
                check_file(path, format_args!("`path` of a file of {who}"), cx);
            }
        }
        for source in volume.at(&["projected", "sources"]).into_iter().flat_map(NodeRef::items) {
            check_projected(source, who, cx);
        }
        if let Some(path) = volume.at(&["hostPath", "path"]) {
            check_backsteps(path, format_args!("`path` of {who}"), cx);
        }
        if let Some(path) = volume.at(&["gitRepo", "directory"]) {
            check_relative(path, format_args!("`directory` of {who}"), cx);
        }
        if let Some(path) = volume.at(&["nfs", "path"]).filter(|path| !path.text().starts_with('/'))
            && path.as_str().is_some_and(|text| !text.is_empty() && !is_placeholder(text))
        {
            cx.report(
                path,
                format!(
                    "`path` of {who} `{}` is not absolute: the API server refuses it",
                    shown(path.text())
                ),
            )
            .help("begin it with `/`");
        }
    }
    for container in pod.containers() {
        for mount in objects(container.node(), "volumeMounts") {
            let who = Who::Container(container);
            let path = given(mount, "subPath").filter(|path| !path.text().is_empty());
            let expression = given(mount, "subPathExpr").filter(|path| !path.text().is_empty());
            if let Some(path) = path {
                check_relative(path, format_args!("`subPath` of {who}"), cx);
            }
            let Some(expression) = expression else { continue };
            check_relative(expression, format_args!("`subPathExpr` of {who}"), cx);
            if let Some(path) = path {
                let message =
                    format!("a mount of {who} has `subPath` and `subPathExpr`: the API server refuses it");
                cx.report(expression, message).label(path, "the other one").help("keep one of them");
            }
        }
    }
}

fn check_projected(source: NodeRef<'_>, who: Who<'_>, cx: &mut Context<'_>) {
    if let Some(path) = source.at(&["serviceAccountToken", "path"])
        && cx.version().minor >= 30
    {
        check_file(path, format_args!("`path` of the token of {who}"), cx);
    }
    if let Some(path) = source.at(&["clusterTrustBundle", "path"])
        && has_feature(cx, "ClusterTrustBundleProjection")
    {
        check_file(path, format_args!("`path` of the trust bundle of {who}"), cx);
    }
    let Some(certificate) = source.get("podCertificate") else { return };
    if !has_feature(cx, "PodCertificateRequest") {
        return;
    }
    for field in ["credentialBundlePath", "keyPath", "certificateChainPath"] {
        if let Some(path) = certificate.get(field) {
            check_file(path, format_args!("`{field}` of {who}"), cx);
        }
    }
}

/// `ValidateLocalNonReservedPath`: the name of a file that the kubelet writes.
fn check_file(path: NodeRef<'_>, what: impl Display, cx: &mut Context<'_>) {
    let reserved = |text: &str| text.starts_with("..") && !text.starts_with("../") && text != "..";
    if path.as_str().is_some_and(|text| reserved(text) && !is_placeholder(text)) {
        let message = format!(
            "{what} `{}` begins with `..`, which the kubelet keeps for itself: the API server refuses it",
            shown(path.text())
        );
        cx.report(path, message).help("choose another name");
    }
    check_relative(path, what, cx);
}

/// `validateLocalDescendingPath`.
pub(super) fn check_relative(path: NodeRef<'_>, what: impl Display, cx: &mut Context<'_>) {
    if path.as_str().is_some_and(|text| text.starts_with('/')) {
        let message = format!("{what} `{}` is absolute: the API server refuses it", shown(path.text()));
        cx.report(path, message).help("write it relative to the volume, without the `/` at its start");
    }
    check_backsteps(path, what, cx);
}

/// `validatePathNoBacksteps`.
pub(super) fn check_backsteps(path: NodeRef<'_>, what: impl Display, cx: &mut Context<'_>) {
    if path.as_str().is_some_and(|text| text.contains("..") && text.split('/').any(|part| part == "..")) {
        let message =
            format!("{what} `{}` goes back with `..`: the API server refuses it", shown(path.text()));
        cx.report(path, message).help("write the path without `..`");
    }
}
