//! Ingresses, their classes, and network policies.

pub(super) mod ingress;
pub(super) mod ingress_class;
pub(super) mod network_policy;

use kubevet_core::{kubernetes::values::names::Problem, rule::Context, yaml::NodeRef};

use super::check::{Fields, form, missing};

/// A kind or name in a reference (`content.IsPathSegmentName`).
pub(super) fn path_segment(text: &str) -> Result<(), Problem> {
    match text {
        "." | ".." => Err("must not be `.` or `..`"),
        _ if text.contains(['/', '%']) => Err("must not contain `/` or `%`"),
        _ => Ok(()),
    }
}

/// `IsDomainPrefixedPath`: `example.org/name`.
pub(super) fn domain_prefixed_path(text: &str) -> Result<(), Problem> {
    let (domain, path) = text
        .split_once('/')
        .filter(|(domain, path)| !domain.is_empty() && !path.is_empty())
        .ok_or("must be a domain, `/` and a path, such as `example.org/name`")?;
    kubevet_core::kubernetes::values::names::dns_subdomain(domain)?;
    // RFC 3986: characters of a path, with percent encoding left to its writer.
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~%!$&'()*+,;=:".contains(&byte);
    if path.bytes().all(allowed) { Ok(()) } else { Err("must have only characters of a URL in its path") }
}

/// Reports group, kind and name of a reference (`validateIngressTypedLocalObjectReference`).
fn reference(reference: NodeRef<'_>, cx: &mut Context<'_>) {
    let group = reference.field("apiGroup");
    form(cx, group, "API group", |text| match text.rsplit_once('/') {
        Some(_) => Err("must be the group alone, without a version"),
        None => kubevet_core::kubernetes::values::names::dns_subdomain(text),
    });
    if reference.is_map() && reference.field("kind").is_none_or(|kind| kind.as_str() == Some("")) {
        missing(cx, reference, "the reference says no kind", "set `kind`");
    }
    form(cx, reference.word("kind"), "kind", path_segment);
    form(cx, reference.word("name"), "name of an object", path_segment);
}
