//! How pods resolve names.

use kubevet_core::{
    declare_rule,
    kubernetes::{
        PodSpec,
        values::{names, net},
    },
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::check::{format, given, has_feature, objects, required};

declare_rule! {
    /// The DNS settings of a pod are incomplete or beyond a limit.
    ///
    /// ## Why
    /// The API server refuses the object: `dnsPolicy: None` needs a name server, there are at most 3 name servers, 32 search domains and
    /// 2048 characters of them, and options have names. Policies that do not exist are left to `schema/invalid-enum`.
    ///
    /// ## Fix
    /// Give `dnsConfig.nameservers` addresses, and shorten the lists.
    ///
    /// ## References
    /// `validatePodDNSConfig` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   dnsPolicy: None
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   dnsConfig:
    ///     nameservers: [10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4]
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   dnsConfig:
    ///     nameservers: [dns.example.org]
    ///     options: [{value: "2"}]
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   dnsPolicy: None
    ///   dnsConfig:
    ///     nameservers: [10.0.0.10, "fd00::10"]
    ///     searches: [web.svc.cluster.local, example.org., .]
    ///     options: [{name: ndots, value: "2"}, {name: edns0}]
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub DNS_CONFIG_INVALID {
        id: "api/dns-config-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(dns_config_invalid),
    }
}

/// `MaxDNSNameservers`.
const SERVERS: usize = 3;
/// `MaxDNSSearchPaths`.
const SEARCHES: usize = 32;
/// `MaxDNSSearchListChars`.
const CHARACTERS: usize = 2048;

fn dns_config_invalid(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let config = given(pod.node(), "dnsConfig");
    let servers = config.and_then(|config| config.get("nameservers")).filter(|servers| !servers.is_empty());
    if let Some(policy) = pod.get("dnsPolicy").filter(|policy| policy.as_str() == Some("None"))
        && servers.is_none()
    {
        cx.report(policy, "`dnsPolicy: None` is without name servers: the API server refuses the pod")
            .help("list addresses in `dnsConfig.nameservers`")
            .absence();
        return;
    }
    let Some(config) = config else { return };
    if let Some(servers) = servers {
        if servers.len() > SERVERS {
            cx.report(
                Key(servers),
                format!("{} name servers: the API server takes no more than {SERVERS}", servers.len()),
            )
            .help("keep three of them");
        }
        for server in servers.items() {
            check_address(server, "a name server", cx);
        }
    }
    if let Some(searches) = given(config, "searches") {
        check_searches(searches, cx);
    }
    for option in objects(config, "options") {
        required(cx, option, "name", "an option of `dnsConfig`");
    }
}

fn check_searches(searches: NodeRef<'_>, cx: &mut Context<'_>) {
    if searches.len() > SEARCHES {
        cx.report(
            Key(searches),
            format!("{} search domains: the API server takes no more than {SEARCHES}", searches.len()),
        )
        .help("shorten the list");
    }
    let length = searches.items().map(|domain| domain.text().len() + 1).sum::<usize>().saturating_sub(1);
    if length > CHARACTERS {
        cx.report(
            Key(searches),
            format!("search domains of {length} characters: the API server takes no more than {CHARACTERS}"),
        )
        .help("shorten the list");
    }
    for domain in searches.items() {
        let strict = |text: &str| names::dns_subdomain(text.strip_suffix('.').unwrap_or(text));
        // What the strict form takes the relaxed one takes too.
        if strict(domain.text()).is_ok() {
            continue;
        }
        if has_feature(cx, "RelaxedDNSSearchValidation") {
            format(cx, domain, "a search domain", |text| match text {
                "." => Ok(()),
                _ => names::dns_subdomain_with_underscore(text.strip_suffix('.').unwrap_or(text)),
            });
        } else {
            format(cx, domain, "a search domain", strict);
        }
    }
}

/// `IsValidIPForLegacyField`: leading zeros and IPv4 in IPv6 were allowed once.
pub(super) fn check_address(node: NodeRef<'_>, what: &str, cx: &mut Context<'_>) {
    let strict = has_feature(cx, "StrictIPCIDRValidation");
    format(cx, node, what, |text| match net::parse_ip(text) {
        None => Err("must be an IP address"),
        Some(_) if strict && !net::is_canonical_ip(text) => {
            Err("must have no leading zeros, and not be an IPv4 address in IPv6")
        }
        Some(_) => Ok(()),
    });
}
