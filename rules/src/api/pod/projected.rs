//! Files that the kubelet writes into volumes.

use kubevet_core::{
    kubernetes::values::names,
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::{
    check::{Seen, Who, absent, format, given, has_feature, objects, one_of, required, within},
    references::{check_field, check_resource},
};

/// Files of a ConfigMap, a Secret or the downward API.
pub(super) fn check_files(kind: &str, source: NodeRef<'_>, who: Who<'_>, cx: &mut Context<'_>) {
    for item in objects(source, "items") {
        required(cx, item, "path", format_args!("a file of {who}"));
        if kind != "downwardAPI" {
            required(cx, item, "key", format_args!("a file of {who}"));
            continue;
        }
        let (field, resource) = (given(item, "fieldRef"), given(item, "resourceFieldRef"));
        match (field, resource) {
            (None, None) => {
                absent(cx, item, format!("a file of {who} has no source: the API server refuses it"))
                    .help("give `fieldRef` or `resourceFieldRef`");
            }
            (Some(field), other) => {
                check_field(field, true, format_args!("a file of {who}"), cx);
                if let Some(other) = other {
                    let message =
                        format!("a file of {who} has more than one source: the API server refuses it");
                    cx.report(Key(other), message)
                        .label(Key(field), "the first one")
                        .help("keep one of them");
                }
            }
            (None, Some(resource)) => check_resource(resource, true, format_args!("a file of {who}"), cx),
        }
    }
}

const SOURCES: &[&str] =
    &["secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle", "podCertificate"];

/// `validateProjectionSources`.
pub(super) fn check_projected(projected: NodeRef<'_>, who: Who<'_>, cx: &mut Context<'_>) {
    let mut paths = Seen::new();
    for holder in objects(projected, "sources") {
        let mut first = None;
        for kind in SOURCES {
            let Some(source) = given(holder, kind).filter(|source| source.is_map()) else { continue };
            if let Some(first) = first {
                let message = format!("a source of {who} is more than one: the API server refuses it");
                cx.report(Key(source), message)
                    .label(Key(first), "the first one")
                    .help("begin an item of `sources` for each");
            }
            first = Some(source);
            check_source(kind, source, who, &mut paths, cx);
        }
    }
}

fn check_source<'t>(
    kind: &str,
    source: NodeRef<'t>,
    who: Who<'_>,
    paths: &mut Seen<'t>,
    cx: &mut Context<'_>,
) {
    match kind {
        "serviceAccountToken" => {
            required(cx, source, "path", format_args!("a token of {who}"));
            if let Some(seconds) = given(source, "expirationSeconds") {
                within(cx, seconds, format_args!("`expirationSeconds` of {who}"), 600..=1 << 32);
            }
        }
        "clusterTrustBundle" if has_feature(cx, "ClusterTrustBundleProjection") => {
            check_bundle(source, who, cx);
            check_path(source.get("path"), who, paths, cx);
        }
        "podCertificate" if has_feature(cx, "PodCertificateRequest") => {
            check_certificate(source, who, paths, cx);
        }
        "secret" | "configMap" | "downwardAPI" => {
            if kind != "downwardAPI" {
                required(cx, source, "name", format_args!("a `{kind}` of {who}"));
            }
            check_files(kind, source, who, cx);
            for item in objects(source, "items") {
                check_path(item.get("path"), who, paths, cx);
            }
        }
        _ => {}
    }
}

/// Reports a file that another source of the volume writes, too.
fn check_path<'t>(path: Option<NodeRef<'t>>, who: Who<'_>, paths: &mut Seen<'t>, cx: &mut Context<'_>) {
    let Some(path) = path.filter(|path| !path.text().is_empty()) else { return };
    if let Some(first) = paths.insert(path) {
        cx.report(path, format!("two files of {who} are `{}`: the API server refuses it", path.text()))
            .label(first, "first written here")
            .help("give each file a path of its own");
    }
}

fn check_bundle(source: NodeRef<'_>, who: Who<'_>, cx: &mut Context<'_>) {
    required(cx, source, "path", format_args!("a trust bundle of {who}"));
    match (given(source, "name"), given(source, "signerName")) {
        (None, None) => {
            absent(cx, source, format!("a trust bundle of {who} is not named: the API server refuses it"))
                .help("give `name` or `signerName`");
        }
        (Some(name), Some(signer)) => {
            let message =
                format!("a trust bundle of {who} has `name` and `signerName`: the API server refuses it");
            cx.report(Key(signer), message).label(Key(name), "the name").help("keep one of them");
        }
        (Some(name), None) => {
            // Bundles of a signer are called `<signer with colons for slashes>:<name>`.
            format(cx, name, format_args!("the trust bundle of {who}"), |text| {
                names::dns_subdomain(text.rsplit(':').next().unwrap_or_default())
            });
            if let Some(selector) = given(source, "labelSelector") {
                let message = format!(
                    "a trust bundle of {who} has `name` and `labelSelector`: the API server refuses it"
                );
                cx.report(Key(selector), message).label(name, "the name").help("keep one of them");
            }
        }
        (None, Some(signer)) => format(cx, signer, "`signerName`", names::signer_name),
    }
}

const KEY_TYPES: &[&str] = &["RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"];

fn check_certificate<'t>(source: NodeRef<'t>, who: Who<'_>, paths: &mut Seen<'t>, cx: &mut Context<'_>) {
    if required(cx, source, "signerName", format_args!("a certificate of {who}"))
        && let Some(signer) = source.get("signerName")
    {
        format(cx, signer, "`signerName`", names::signer_name);
    }
    if required(cx, source, "keyType", format_args!("a certificate of {who}"))
        && let Some(kind) = source.get("keyType")
    {
        one_of(cx, kind, "`keyType`", KEY_TYPES);
    }
    if let Some(seconds) = given(source, "maxExpirationSeconds") {
        let signer = source.get("signerName").map_or("", NodeRef::text).split('/').next().unwrap_or_default();
        let own = signer == "kubernetes.io" || signer.ends_with(".kubernetes.io");
        // A day for signers of Kubernetes, 91 days for others.
        let longest = if own { 86_400 } else { 7_862_400 };
        within(cx, seconds, format_args!("`maxExpirationSeconds` of {who}"), 3600..=longest);
    }
    let files = ["credentialBundlePath", "keyPath", "certificateChainPath"];
    let files = files.map(|field| source.get(field).filter(|path| !path.text().is_empty()));
    if files.iter().all(Option::is_none) {
        absent(cx, source, format!("a certificate of {who} has no path: the API server refuses it"))
            .help("give `credentialBundlePath`, or `keyPath` and `certificateChainPath`");
    }
    for file in files {
        check_path(file, who, paths, cx);
    }
}
