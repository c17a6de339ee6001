//! Volumes of single storage systems.

use kubevet_core::{
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::check::{Who, absent, format, given, one_of, shown, within};

pub(super) fn check_iscsi(source: NodeRef<'_>, volume: NodeRef<'_>, cx: &mut Context<'_>) {
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

pub(super) fn check_flocker(source: NodeRef<'_>, who: Who<'_>, cx: &mut Context<'_>) {
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

pub(super) fn check_fc(source: NodeRef<'_>, who: Who<'_>, cx: &mut Context<'_>) {
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

pub(super) fn check_quobyte(source: NodeRef<'_>, who: Who<'_>, cx: &mut Context<'_>) {
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

pub(super) fn check_flex(source: NodeRef<'_>, who: Who<'_>, cx: &mut Context<'_>) {
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

pub(super) fn check_azure(source: NodeRef<'_>, who: Who<'_>, cx: &mut Context<'_>) {
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
pub(super) fn check_template(source: NodeRef<'_>, who: Who<'_>, cx: &mut Context<'_>) {
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
