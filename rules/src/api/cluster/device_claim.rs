//! Claims of devices.

use std::collections::HashMap;

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, is_placeholder, values::names},
    rule::{Context, Key, Kinds},
    yaml::NodeRef,
};

use super::super::check::{Fields, form, is_served, missing, refuse, repeated, shown, within};

declare_rule! {
    /// A ResourceClaim asks for devices in a way that the API server does not take.
    ///
    /// ## Why
    /// The API server refuses the claim. Each request has a name of its own and asks either exactly for devices of a class, or for
    /// the first of several that is available.
    ///
    /// ## Fix
    /// Correct the request.
    ///
    /// ## References
    /// `validateDeviceClaim` in `k8s.io/kubernetes/pkg/apis/resource/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: resource.k8s.io/v1
    /// kind: ResourceClaim
    /// metadata: {name: gpu}
    /// spec: {devices: {requests: [{name: gpu}]}}
    /// ```
    /// ```yaml bad
    /// apiVersion: resource.k8s.io/v1
    /// kind: ResourceClaimTemplate
    /// metadata: {name: gpu}
    /// spec:
    ///   spec:
    ///     devices:
    ///       requests: [{name: GPU, exactly: {deviceClassName: gpu.example.org}}]
    /// ```
    /// ```yaml bad
    /// apiVersion: resource.k8s.io/v1
    /// kind: ResourceClaim
    /// metadata: {name: gpu}
    /// spec:
    ///   devices:
    ///     requests: [{name: gpu, exactly: {deviceClassName: gpu.example.org, allocationMode: All, count: 2}}]
    /// ```
    /// ```yaml bad
    /// apiVersion: resource.k8s.io/v1
    /// kind: ResourceClaim
    /// metadata: {name: gpu}
    /// spec:
    ///   devices:
    ///     requests: [{name: gpu, exactly: {deviceClassName: gpu.example.org}}]
    ///     constraints: [{requests: [nic], matchAttribute: example.org/numa}]
    /// ```
    /// ```yaml good
    /// apiVersion: resource.k8s.io/v1
    /// kind: ResourceClaim
    /// metadata: {name: gpu}
    /// spec:
    ///   devices:
    ///     requests:
    ///       - {name: gpu, exactly: {deviceClassName: gpu.example.org, count: 2}}
    ///       - name: nic
    ///         firstAvailable: [{name: fast, deviceClassName: nic.example.org}, {name: any, deviceClassName: any.example.org}]
    ///     constraints: [{requests: [gpu, nic/fast], matchAttribute: example.org/numa}]
    /// ```
    pub DEVICE_CLAIM_INVALID {
        id: "api/device-claim-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "resource/v1",
        check: Object(Kinds::Of(&[("resource.k8s.io", "ResourceClaim"), ("resource.k8s.io", "ResourceClaimTemplate")]), device_claim_invalid),
    }
}

fn device_claim_invalid(claim: Object<'_>, cx: &mut Context<'_>) {
    // The first beta version has a request without `exactly`.
    if !is_served(claim, cx) || claim.version() == "v1beta1" {
        return;
    }
    let path = if claim.kind() == "ResourceClaim" { "spec.devices" } else { "spec.spec.devices" };
    let Some(devices) = claim.field(path) else { return };
    let mut seen: HashMap<&str, NodeRef<'_>> = HashMap::new();
    let mut known: Vec<String> = Vec::new();
    for request in devices.each("requests").filter(|request| request.is_map()) {
        name(request, &mut seen, cx);
        let own = request.said("name");
        known.push(own.to_owned());
        let alternatives = request.field("firstAvailable").filter(|list| !list.is_empty());
        match (request.field("exactly"), alternatives) {
            (Some(exactly), Some(first)) => {
                refuse(cx, Key(first), "a request is exact or takes what is available, not both")
                    .label(Key(exactly), "the exact request")
                    .help("delete one of them");
            }
            (Some(exactly), None) => device(exactly, cx),
            (None, None) => {
                missing(cx, request, "the request says no device", "set `exactly` or `firstAvailable`");
            }
            (None, Some(alternatives)) => {
                let mut inner: HashMap<&str, NodeRef<'_>> = HashMap::new();
                for one in alternatives.items().filter(|one| one.is_map()) {
                    name(one, &mut inner, cx);
                    known.push(format!("{own}/{}", one.said("name")));
                    device(one, cx);
                }
            }
        }
    }
    for list in ["constraints", "config"] {
        for reference in devices.each(list).flat_map(|one| one.each("requests").collect::<Vec<_>>()) {
            let text = reference.text();
            if reference.as_str().is_some() && !is_placeholder(text) && !known.iter().any(|name| name == text)
            {
                refuse(cx, reference, format!("the claim has no request `{}`", shown(text)))
                    .help("name a request of the claim");
            }
        }
    }
}

fn name<'t>(request: NodeRef<'t>, seen: &mut HashMap<&'t str, NodeRef<'t>>, cx: &mut Context<'_>) {
    let Some(name) = request.field("name").filter(|name| !name.text().is_empty()) else {
        missing(cx, request, "the request has no name", "set `name`");
        return;
    };
    form(cx, Some(name), "name of a request", names::dns_label);
    if let Some(first) = seen.insert(name.text(), name) {
        repeated(cx, name, first, format!("two requests are called `{}`", shown(name.text())));
    }
}

fn device(request: NodeRef<'_>, cx: &mut Context<'_>) {
    if !request.is_map() {
        return;
    }
    match request.field("deviceClassName").filter(|class| !class.text().is_empty()) {
        Some(class) => form(cx, Some(class), "name of a DeviceClass", names::dns_subdomain),
        None => {
            missing(cx, request, "the request names no class of devices", "set `deviceClassName`");
        }
    }
    let count = request.number("count");
    match request.said("allocationMode") {
        "All" => {
            if let Some((node, _)) = count.filter(|(_, count)| *count != 0) {
                refuse(cx, Key(node), "`count` does not go with `allocationMode: All`")
                    .help("delete `count`");
            }
        }
        "" | "ExactCount" => within(cx, request, &["count"], &(0..=i64::MAX)),
        other if is_placeholder(other) => {}
        other => {
            let Some(node) = request.field("allocationMode") else { return };
            refuse(cx, node, format!("`{}` is no way to allocate devices", shown(other)))
                .help("use `ExactCount` or `All`");
        }
    }
}
