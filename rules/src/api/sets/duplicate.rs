//! Objects that are there twice.

use kubevet_core::{declare_rule, index::ResourceSet, rule::Context};

declare_rule! {
    /// Two objects of one kind have the same name and namespace, and are applied together.
    ///
    /// ## Why
    /// The one that is applied last replaces the other; `kustomize` refuses to build them at all. Files that merely lie in one
    /// folder are not compared: they may be alternatives or stages.
    ///
    /// ## Fix
    /// Delete one of them, or rename it.
    ///
    /// ## References
    /// Kubernetes documentation, "Object Names and IDs".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: settings}
    /// data: {mode: fast}
    /// ---
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: settings, namespace: default}
    /// data: {mode: slow}
    /// ```
    /// ```yaml bad kustomization.yaml
    /// apiVersion: kustomize.config.k8s.io/v1beta1
    /// kind: Kustomization
    /// resources: [web.yaml, shop.yaml]
    /// ```
    /// ```yaml with web.yaml
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata: {name: web}
    /// ```
    /// ```yaml with shop.yaml
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata: {name: web}
    /// ```
    /// ```yaml good a.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: settings, namespace: shop}
    /// ---
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: settings, namespace: web}
    /// ---
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: settings, namespace: web}
    /// ```
    /// ```yaml with b.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: settings, namespace: web}
    /// ```
    /// ```yaml good overlays/test/kustomization.yaml
    /// apiVersion: kustomize.config.k8s.io/v1beta1
    /// kind: Kustomization
    /// resources: [../../base]
    /// patches: [{path: settings.yaml}]
    /// ```
    /// ```yaml with overlays/test/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: settings}
    /// data: {mode: slow}
    /// ```
    /// ```yaml with base/kustomization.yaml
    /// apiVersion: kustomize.config.k8s.io/v1beta1
    /// kind: Kustomization
    /// resources: [settings.yaml]
    /// ```
    /// ```yaml with base/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: settings}
    /// data: {mode: fast}
    /// ```
    pub DUPLICATE_OBJECT {
        id: "api/duplicate-object",
        class: Consistency,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Set(duplicate_object),
    }
}

fn duplicate_object(set: &ResourceSet, cx: &mut Context<'_>) {
    for (first, again) in set.duplicates() {
        cx.report(
            again,
            format!("{} is defined twice: the one that is applied last replaces the other", again.title()),
        )
        .label(first, "the first one")
        .help("delete one of them, or rename it");
    }
}
