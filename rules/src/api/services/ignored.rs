//! Fields of Services that do nothing.

use kubevet_core::{
    declare_rule,
    kubernetes::Object,
    rule::{Context, Key},
};

use super::{super::check::Fields, SERVICE, is_headless, type_of};

declare_rule! {
    /// A field of a Service does nothing beside its type.
    ///
    /// ## Why
    /// The API server accepts it with a warning and ignores it: what somebody wanted does not happen.
    ///
    /// ## Fix
    /// Delete the field, or change the type.
    ///
    /// ## References
    /// `GetWarningsForService` in `k8s.io/kubernetes/pkg/api/service`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec: {externalName: web.example.org, ports: [{port: 80}]}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: db}
    /// spec: {clusterIP: None, sessionAffinity: ClientIP, ports: [{port: 5432}]}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec: {type: ExternalName, externalName: web.example.org, externalIPs: [192.0.2.7]}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: db}
    /// spec: {clusterIP: None, sessionAffinity: None, externalIPs: [], ports: [{port: 5432}]}
    /// ```
    pub SERVICE_IGNORED_FIELD {
        id: "api/service-ignored-field",
        class: Correctness,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(SERVICE, service_ignored_field),
    }
}

fn service_ignored_field(service: Object<'_>, cx: &mut Context<'_>) {
    let Some(kind) = type_of(service) else { return };
    let spec = service.field("spec");
    let addresses = spec.field("externalIPs").filter(|list| !list.is_empty());
    let mut ignored = Vec::new();
    if kind != "ExternalName" {
        ignored.extend(
            spec.word("externalName").map(|node| (node, "on a Service that is not of type `ExternalName`")),
        );
    } else if let Some(addresses) = addresses {
        ignored.push((addresses, "on a Service of type `ExternalName`"));
    }
    if kind == "ClusterIP" && is_headless(service) {
        let affinity = spec.word("sessionAffinity").filter(|node| node.text() != "None");
        let fields = spec.word("loadBalancerIP").into_iter().chain(addresses).chain(affinity);
        ignored.extend(fields.map(|node| (node, "on a headless Service")));
    }
    for (node, place) in ignored {
        let name = node.key_node().map_or("", |key| key.text());
        cx.report(Key(node), format!("`{name}` is ignored {place}"))
            .help(format!("delete `{name}`, or change what the Service is"));
    }
}
