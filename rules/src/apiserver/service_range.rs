//! The range of Service addresses.

use kubevet_core::{
    declare_rule,
    kubernetes::values::net::Cidr,
    rule::Context,
    settings::{Component, Settings},
};
use kubevet_facts::gate;

use crate::effective::{report, set};

/// Largest number of host bits that the API server's own allocators take: `maxCIDRBits` of `cmd/kube-apiserver/app/options`.
const MAX_HOST_BITS: u8 = 20;

declare_rule! {
    /// The range of Service addresses is left to the default of the API server.
    ///
    /// ## Why
    /// The default is `10.0.0.0/24`: 254 Services, in a range that many company networks use too. Changing it later means recreating
    /// Services.
    ///
    /// ## Fix
    /// Choose a range that nothing else uses.
    ///
    /// ## References
    /// `DefaultServiceIPCIDR` in `pkg/kubeapiserver/options`.
    ///
    /// ## Examples
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --etcd-servers=http://127.0.0.1:2379
    /// ```
    /// ```ini good kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --service-cluster-ip-range=10.32.0.0/24
    /// ```
    pub SERVICE_CIDR_MISSING {
        id: "apiserver/service-cidr-missing",
        class: Consistency,
        severity: Info,
        profiles: [production, hardened],
        versions: "all",
        check: Settings(Component::KubeApiserver, service_cidr_missing),
    }
}

fn service_cidr_missing(settings: &Settings, cx: &mut Context<'_>) {
    let setting = settings.get("service-cluster-ip-range");
    if setting.is_empty() {
        report(cx, &setting, "`service-cluster-ip-range` is not set: Services share the default `10.0.0.0/24`, 254 addresses that other networks often use")
            .help(set(&setting, "10.96.0.0/16"));
    }
}

declare_rule! {
    /// The range of Service addresses is larger than the API server's allocator takes.
    ///
    /// ## Why
    /// kube-apiserver exits at start: the allocator that it still feeds keeps a bitmap of the whole range.
    ///
    /// ## Fix
    /// Use at most 20 host bits: a /12 of IPv4, a /108 of IPv6.
    ///
    /// ## References
    /// `validateMaxCIDRRange` in `cmd/kube-apiserver/app/options`; the limit falls with the gates `MultiCIDRServiceAllocator` and
    /// `DisableAllocatorDualWrite`.
    ///
    /// ## Examples
    /// ```yaml bad manifests/kube-apiserver.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kube-apiserver
    ///   namespace: kube-system
    /// spec:
    ///   containers:
    ///     - name: kube-apiserver
    ///       image: registry.k8s.io/kube-apiserver:v1.32.4
    ///       command: [kube-apiserver, "--service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/64"]
    /// ```
    /// ```yaml good manifests/kube-apiserver.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kube-apiserver
    ///   namespace: kube-system
    /// spec:
    ///   containers:
    ///     - name: kube-apiserver
    ///       image: registry.k8s.io/kube-apiserver:v1.32.4
    ///       command: [kube-apiserver, "--service-cluster-ip-range=10.96.0.0/12,fd00:10:96::/112"]
    /// ```
    pub SERVICE_CIDR_TOO_LARGE {
        id: "apiserver/service-cidr-too-large",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "until both gates are on by default",
        check: Settings(Component::KubeApiserver, service_cidr_too_large),
    }
}

fn service_cidr_too_large(settings: &Settings, cx: &mut Context<'_>) {
    if ["MultiCIDRServiceAllocator", "DisableAllocatorDualWrite"].iter().all(|name| may_be_on(settings, name))
    {
        return;
    }
    let setting = settings.get("service-cluster-ip-range");
    for text in setting.list().unwrap_or_default() {
        if let Ok(range) = Cidr::parse(text)
            && range.host_bits() > MAX_HOST_BITS
        {
            let longest = range.prefix() + range.host_bits() - MAX_HOST_BITS;
            cx.report(
                &setting,
                format!(
                    "`{text}` has {} host bits, more than {MAX_HOST_BITS}: kube-apiserver exits at start",
                    range.host_bits()
                ),
            )
            .help(format!("use a prefix of /{longest} or longer"));
        }
    }
}

/// Whether a gate is on, or nobody can tell.
fn may_be_on(settings: &Settings, name: &str) -> bool {
    let setting = settings.get(&format!("featureGates.{name}"));
    if setting.is_explicit() {
        return setting.as_bool() != Some(false);
    }
    let unknown = settings.get("feature-gates").is_unknown();
    unknown || gate(settings.component, name, settings.version).is_some_and(|gate| gate.default)
}
