//! What runs in the namespace `default`.

use kubevet_core::{declare_rule, index::ResourceSet, kubernetes::PodSpec, rule::Context};

declare_rule! {
    /// A workload runs in the namespace `default`.
    ///
    /// ## Why
    /// Quotas, policies, accounts and roles hold per namespace: in `default` everybody's things meet.
    ///
    /// ## Fix
    /// Give the workload a namespace of its own.
    ///
    /// ## References
    /// Kubernetes documentation, "Namespaces". A workload that says no namespace is reported where most workloads of its file
    /// say one: it was probably forgotten.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web, namespace: default}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector:
    ///     matchLabels: {app: web}
    ///   template:
    ///     metadata:
    ///       labels: {app: web}
    ///     spec:
    ///       containers:
    ///         - name: web
    ///           image: registry.example.org/web:1.2.0
    /// ---
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: worker, namespace: shop}
    /// spec:
    ///   selector:
    ///     matchLabels: {app: web}
    ///   template:
    ///     metadata:
    ///       labels: {app: web}
    ///     spec:
    ///       containers:
    ///         - name: web
    ///           image: registry.example.org/web:1.2.0
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    pub DEFAULT_NAMESPACE {
        id: "namespace/default-namespace",
        class: Hygiene,
        severity: Info,
        profiles: [],
        cis: ["5.6.4", "5.6.1"],
        versions: "all",
        peers: ["kube-linter:use-namespace", "checkov:CKV_K8S_21", "trivy-checks:KSV-0110", "kubescape:C-0212", "kubescape:C-0061", "kics:using_unrecommended_namespace", "kube-bench:cis-1.12:5.6.4", "datree:WORKLOAD_INCORRECT_NAMESPACE_VALUE_DEFAULT", "kyverno-policies:best-practices/disallow-default-namespace", "kubescape:C-0209", "kics:ensure_administrative_boundaries_between_resources", "kube-bench:cis-1.12:5.6.1"],
        check: Set(default_namespace),
    }
}

fn default_namespace(set: &ResourceSet, cx: &mut Context<'_>) {
    for file in set.files() {
        let workloads: Vec<_> = file.objects().filter(|object| PodSpec::of(*object).is_some()).collect();
        let named = workloads.iter().filter(|object| object.namespace().is_some()).count();
        for object in &workloads {
            if set.namespace(*object).name() != Some("default") {
                continue;
            }
            let name = object.name().unwrap_or_default();
            let message =
                format!("workload `{name}` runs in `default`, where no quota, policy or role is its own");
            let help = "give it a namespace of its own";
            match object.metadata().and_then(|metadata| metadata.get("namespace")) {
                Some(node) if node.text() == "default" => {
                    cx.report(node, message).help(help);
                }
                None if named * 2 > workloads.len() => {
                    cx.report(object, message).help(help).absence();
                }
                _ => {}
            }
        }
    }
}
