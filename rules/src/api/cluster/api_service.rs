//! APIs that other servers serve.

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, is_placeholder, values::names},
    rule::{Context, Key, Kinds},
};

use super::super::check::{Fields, form, refuse, shown, within};

declare_rule! {
    /// An APIService has a name, priorities or a backend that the API server does not take.
    ///
    /// ## Why
    /// The API server refuses the APIService. It is called `<version>.<group>`, and either trusts a CA or checks nothing.
    ///
    /// ## Fix
    /// Correct the value.
    ///
    /// ## References
    /// `ValidateAPIService` in `k8s.io/kube-aggregator/pkg/apis/apiregistration/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: apiregistration.k8s.io/v1
    /// kind: APIService
    /// metadata: {name: metrics.k8s.io}
    /// spec: {group: metrics.k8s.io, version: v1beta1, groupPriorityMinimum: 100, versionPriority: 100, service: {name: metrics, namespace: kube-system}, insecureSkipTLSVerify: true}
    /// ```
    /// ```yaml bad
    /// apiVersion: apiregistration.k8s.io/v1
    /// kind: APIService
    /// metadata: {name: v1beta1.metrics.k8s.io}
    /// spec: {group: metrics.k8s.io, version: v1beta1, groupPriorityMinimum: 100, versionPriority: 2000, service: {name: metrics, namespace: kube-system}}
    /// ```
    /// ```yaml bad
    /// apiVersion: apiregistration.k8s.io/v1
    /// kind: APIService
    /// metadata: {name: v1beta1.metrics.k8s.io}
    /// spec: {group: metrics.k8s.io, version: v1beta1, groupPriorityMinimum: 100, versionPriority: 100, caBundle: aGVsbG8=, insecureSkipTLSVerify: true, service: {name: metrics, namespace: kube-system}}
    /// ```
    /// ```yaml good
    /// apiVersion: apiregistration.k8s.io/v1
    /// kind: APIService
    /// metadata: {name: v1beta1.metrics.k8s.io}
    /// spec: {group: metrics.k8s.io, version: v1beta1, groupPriorityMinimum: 100, versionPriority: 100, service: {name: metrics, namespace: kube-system, port: 443}}
    /// ```
    pub API_SERVICE_INVALID {
        id: "api/api-service-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "apiregistration/v1",
        check: Object(Kinds::Of(&[("apiregistration.k8s.io", "APIService")]), api_service_invalid),
    }
}

fn api_service_invalid(service: Object<'_>, cx: &mut Context<'_>) {
    let Some(spec) = service.field("spec") else { return };
    let (group, version) = (spec.said("group"), spec.said("version"));
    let wanted = format!("{version}.{group}");
    if let Some(name) = service.word("metadata.name").filter(|name| name.text() != wanted)
        && !version.is_empty()
        && !is_placeholder(&wanted)
        && !(group.is_empty() && version != "v1")
    {
        refuse(
            cx,
            name,
            format!("the APIService of `{group}/{version}` cannot be called `{}`", shown(name.text())),
        )
        .help(format!("call it `{wanted}`"));
    }
    form(cx, spec.word("group"), "API group", names::dns_subdomain);
    form(cx, spec.word("version"), "version", names::dns_1035_label);
    within(cx, spec, &["groupPriorityMinimum"], &(1..=20_000));
    within(cx, spec, &["versionPriority"], &(1..=1000));
    let trusts = spec.field("caBundle").filter(|bundle| !bundle.text().is_empty());
    let blind = spec.field("insecureSkipTLSVerify").filter(|node| node.as_bool() == Some(true));
    if spec.field("service").is_none() {
        for node in trusts.into_iter().chain(blind) {
            refuse(cx, Key(node), "an API of the API server itself has no certificate to check")
                .help("name a `service`, or delete it");
        }
        return;
    }
    within(cx, spec, &["service.port"], &(1..=65535));
    if let (Some(bundle), Some(blind)) = (trusts, blind) {
        refuse(cx, Key(blind), "a certificate cannot be checked and not be checked")
            .label(Key(bundle), "the CA")
            .help("delete `insecureSkipTLSVerify`");
    }
}
