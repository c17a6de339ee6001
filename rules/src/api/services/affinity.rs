//! Where Services send a client.

use kubevet_core::{declare_rule, kubernetes::Object, rule::Context};

use super::{
    super::check::{Fields, has_feature, not_empty, refuse, shown, within},
    SERVICE,
};

declare_rule! {
    /// The session affinity or traffic distribution of a Service is none that the API server takes.
    ///
    /// ## Why
    /// The API server refuses the Service. A session lasts from one second to a day.
    ///
    /// ## Fix
    /// Correct the value.
    ///
    /// ## References
    /// `validateClientIPAffinityConfig`, `validateServiceTrafficDistribution` in
    /// `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   sessionAffinity: ClientIP
    ///   sessionAffinityConfig: {clientIP: {timeoutSeconds: 604800}}
    ///   ports: [{port: 80}]
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec: {trafficDistribution: SameZone, ports: [{port: 80}]}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   sessionAffinity: ClientIP
    ///   sessionAffinityConfig: {clientIP: {timeoutSeconds: 86400}}
    ///   trafficDistribution: PreferClose
    ///   ports: [{port: 80}]
    /// ```
    pub SERVICE_AFFINITY_INVALID {
        id: "api/service-affinity-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(SERVICE, service_affinity_invalid),
    }
}

fn service_affinity_invalid(service: Object<'_>, cx: &mut Context<'_>) {
    let spec = service.field("spec");
    not_empty(cx, spec, &["internalTrafficPolicy", "ipFamilyPolicy", "trafficDistribution"]);
    if spec.said("sessionAffinity") == "ClientIP" {
        within(cx, spec, &["sessionAffinityConfig.clientIP.timeoutSeconds"], &(1..=86_400));
    }
    if !has_feature(cx, "ServiceTrafficDistribution") {
        return;
    }
    let finer = has_feature(cx, "PreferSameTrafficDistribution");
    let values: &[&str] =
        if finer { &["PreferSameZone", "PreferSameNode", "PreferClose"] } else { &["PreferClose"] };
    if let Some(node) = spec.word("trafficDistribution").filter(|node| !values.contains(&node.text())) {
        refuse(cx, node, format!("`{}` is no value of `trafficDistribution`", shown(node.text())))
            .help(format!("the values are `{}`", values.join("`, `")));
    }
}
