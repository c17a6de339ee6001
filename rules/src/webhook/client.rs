//! How the API server reaches a webhook.

use std::collections::HashMap;

use kubevet_core::{
    kubernetes::{is_placeholder, values::names},
    rule::{Context, Key},
    yaml::NodeRef,
};

use crate::api::check::{Fields, form, missing, refuse, repeated, shown, within};

/// Reports a client configuration that is neither an URL nor a Service, or none of its form.
pub(crate) fn client(config: NodeRef<'_>, cx: &mut Context<'_>) {
    let (url, service) = (config.field("url"), config.field("service"));
    match (url, service) {
        (None, None) => {
            missing(cx, config, "the webhook has neither an URL nor a Service", "set `service` or `url`");
        }
        (Some(url), Some(service)) => {
            refuse(cx, Key(service), "a webhook has an URL or a Service, not both")
                .label(Key(url), "the URL")
                .help("keep one of them");
        }
        (Some(url), None) => check_url(url, cx),
        (None, Some(service)) => {
            within(cx, service, &["port"], &(1..=65535));
            path(service, cx);
        }
    }
}

/// `ValidateWebhookURL`.
fn check_url(url: NodeRef<'_>, cx: &mut Context<'_>) {
    let Some(text) = url.as_str().filter(|text| !is_placeholder(text)) else { return };
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let what = if !scheme.eq_ignore_ascii_case("https") {
        "does not begin with `https://`"
    } else if authority.is_empty() {
        "names no host"
    } else if authority.contains('@') {
        "has a user in it"
    } else if text.split_once('#').is_some_and(|(_, fragment)| !fragment.is_empty()) {
        "has a fragment"
    } else if text
        .split('#')
        .next()
        .and_then(|text| text.split_once('?'))
        .is_some_and(|(_, query)| !query.is_empty())
    {
        "has a query"
    } else {
        return;
    };
    refuse(cx, url, format!("the URL `{}` {what}", shown(text))).help("write it as `https://host/path`");
}

/// `ValidateWebhookService`.
fn path(service: NodeRef<'_>, cx: &mut Context<'_>) {
    let Some(node) = service.word("path").filter(|node| node.text() != "/") else { return };
    let text = node.text();
    let Some(steps) = text.strip_prefix('/') else {
        refuse(cx, node, format!("path `{}` does not begin with `/`", shown(text)))
            .help("write it as `/validate`");
        return;
    };
    let steps = steps.strip_suffix('/').unwrap_or(steps);
    if let Some(step) = steps.split('/').find(|step| names::dns_subdomain(step).is_err()) {
        refuse(cx, node, format!("path `{}` has the part `{}`", shown(text), shown(step)))
            .help("each part has lower case letters, digits, `-` and `.`");
    }
}

/// Checks the versions of reviews that a webhook reads, where it lists any.
pub(crate) fn review_versions(list: Option<NodeRef<'_>>, cx: &mut Context<'_>) {
    let Some(list) = list.filter(|list| list.is_seq() && !list.is_empty()) else { return };
    let mut seen: HashMap<&str, NodeRef<'_>> = HashMap::new();
    for node in list.items().filter(|node| node.as_str().is_some()) {
        form(cx, Some(node), "version", names::dns_1035_label);
        if let Some(first) = seen.insert(node.text(), node) {
            repeated(cx, node, first, format!("version `{}` is listed twice", shown(node.text())));
        }
    }
    if !list.items().any(|node| matches!(node.text(), "v1" | "v1beta1")) {
        refuse(cx, Key(list), "the webhook knows no version of reviews that the API server sends")
            .help("list `v1`");
    }
}
