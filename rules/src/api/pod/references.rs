//! Fields of the pod and of its containers that environment variables and files take their values from.

use std::fmt::Display;

use kubevet_core::{
    kubernetes::{
        is_placeholder,
        values::{names, quantity::Quantity},
    },
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::check::{absent, format, given, has_feature, is_missing_said, one_of, required, shown};

/// What environment variables may hold (`validEnvDownwardAPIFieldPathExpressions`).
const FOR_VARIABLES: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];
/// What files may hold (`validVolumeDownwardAPIFieldPathExpressions`).
const FOR_FILES: &[&str] =
    &["metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations", "metadata.uid"];
/// `validContainerResourceFieldPathExpressions`; huge pages besides.
const RESOURCES: &[&str] = &[
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
];

/// `validateObjectFieldSelector`.
pub(super) fn check_field(node: NodeRef<'_>, of_file: bool, who: impl Display, cx: &mut Context<'_>) {
    if let Some(version) = given(node, "apiVersion").filter(|version| version.as_str() != Some("")) {
        one_of(cx, version, "`apiVersion`", &["v1"]);
    }
    if !required(cx, node, "fieldPath", format_args!("`fieldRef` of {who}")) {
        return;
    }
    let Some((path, text)) = node.get("fieldPath").and_then(|path| Some((path, path.as_str()?))) else {
        return;
    };
    let subscript = text.strip_suffix("']").and_then(|text| text.split_once("['"));
    match subscript.filter(|(path, _)| !path.is_empty()) {
        Some(("metadata.labels", key)) => {
            format(cx, path, "the key in `fieldPath`", |_| names::qualified_name(key));
        }
        Some(("metadata.annotations", key)) => {
            let key = key.to_ascii_lowercase();
            format(cx, path, "the key in `fieldPath`", |_| names::qualified_name(&key));
        }
        Some(_) if is_placeholder(text) => {}
        Some(_) => {
            cx.report(path, format!("`fieldPath` `{}` has no keys: the API server refuses it", shown(text)))
                .help("only `metadata.labels` and `metadata.annotations` have keys");
        }
        // An old name.
        None if text == "spec.host" && !of_file => {}
        None if of_file => {
            one_of(cx, path, "`fieldPath` of a file", FOR_FILES);
        }
        None if text == "status.hostIPs" && !has_feature(cx, "PodHostIPs") => {
            cx.report(path, "`status.hostIPs` comes with Kubernetes 1.29: the API server refuses it")
                .help("use `status.hostIP`");
        }
        None => {
            one_of(cx, path, "`fieldPath` of a variable", FOR_VARIABLES);
        }
    }
}

/// `validateContainerResourceFieldSelector`.
pub(super) fn check_resource(node: NodeRef<'_>, of_file: bool, who: impl Display, cx: &mut Context<'_>) {
    if of_file && !required(cx, node, "containerName", format_args!("`resourceFieldRef` of {who}")) {
        return;
    }
    if !required(cx, node, "resource", format_args!("`resourceFieldRef` of {who}")) {
        return;
    }
    let Some((resource, name)) = node.get("resource").and_then(|node| Some((node, node.as_str()?))) else {
        return;
    };
    let pages = name.starts_with("limits.hugepages-") || name.starts_with("requests.hugepages-");
    if !pages {
        one_of(cx, resource, "`resource`", RESOURCES);
    }
    let Some(divisor) = given(node, "divisor").filter(|divisor| divisor.is_scalar()) else { return };
    let wrong = (pages || RESOURCES.contains(&name)) && is_refused(name.ends_with(".cpu"), divisor.text());
    if wrong && !is_placeholder(divisor.text()) {
        let known = if name.ends_with(".cpu") {
            "it is `1` or `1m` for CPUs"
        } else {
            "it is 1 with one of the units `k` to `E`, `Ki` to `Ei`, or none"
        };
        cx.report(
            divisor,
            format!("`divisor` `{}` is none of `{name}`: the API server refuses it", divisor.text()),
        )
        .help(known);
    }
}

/// `validateContainerResourceDivisor`: a divisor is compared in its shortest form.
fn is_refused(cpu: bool, text: &str) -> bool {
    let Ok(divisor) = Quantity::parse(text.trim()) else { return false };
    let exponent = text.split_once(['e', 'E']).is_some_and(|(_, rest)| !matches!(rest, "" | "i"));
    // Zero stands for no divisor. An exponent stays one, but for 1.
    if divisor.is_zero() || exponent {
        return !divisor.is_zero() && Ok(divisor) != Quantity::parse("1");
    }
    if cpu {
        let allowed = ["1", "1m"].map(Quantity::parse);
        return !allowed.contains(&Ok(divisor));
    }
    let base: i128 = if text.ends_with('i') { 1024 } else { 1000 };
    !divisor.is_whole() || !(0..=6).any(|power| divisor.units() == base.pow(power))
}

/// A key of a ConfigMap or Secret, with the name of the object: `validateConfigMapKeySelector`.
pub(super) fn check_key(node: NodeRef<'_>, what: &str, who: impl Display, cx: &mut Context<'_>) {
    if required(cx, node, "name", format_args!("`{what}` of {who}"))
        && let Some(name) = node.get("name")
    {
        format(cx, name, format_args!("`name` in `{what}`"), names::dns_subdomain);
    }
    if required(cx, node, "key", format_args!("`{what}` of {who}"))
        && let Some(key) = node.get("key")
    {
        format(cx, key, format_args!("`key` in `{what}`"), names::config_map_key);
    }
}

/// Reports a mapping that has none of some fields, or more than one of them; the one that it has.
pub(super) fn exactly_one<'t>(
    node: NodeRef<'t>,
    fields: &[&str],
    what: impl Display,
    cx: &mut Context<'_>,
) -> Option<NodeRef<'t>> {
    let mut there = fields.iter().filter_map(|field| given(node, field));
    let listed = || fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ");
    let Some(first) = there.next() else {
        let said = fields.iter().any(|field| is_missing_said(cx, node, field));
        if !said {
            absent(cx, node, format!("{what} has no source: the API server refuses it"))
                .help(format!("give one of {}", listed()));
        }
        return None;
    };
    for other in there {
        cx.report(Key(other), format!("{what} has more than one source: the API server refuses it"))
            .label(Key(first), "the first one")
            .help("keep one of them");
    }
    Some(first)
}
