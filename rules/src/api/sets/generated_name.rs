//! Names that the server makes.

use kubevet_core::{declare_rule, index::ResourceSet, rule::Context};

use super::super::check::Fields;

declare_rule! {
    /// An object with `generateName` and without a name is part of a kustomization.
    ///
    /// ## Why
    /// `kubectl apply` refuses objects without a name: it could not find them again. Only `kubectl create` makes them, a new one
    /// each time.
    ///
    /// ## Fix
    /// Give it a name, or create it with `kubectl create`. Hooks of Argo CD and Helm are created by these, and may stay.
    ///
    /// ## References
    /// Kubernetes documentation, "Object Names and IDs"; `k8s.io/kubectl/pkg/cmd/apply`.
    ///
    /// ## Examples
    /// ```yaml bad kustomization.yaml
    /// apiVersion: kustomize.config.k8s.io/v1beta1
    /// kind: Kustomization
    /// resources: [import.yaml]
    /// ```
    /// ```yaml with import.yaml
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {generateName: import-}
    /// ```
    /// ```yaml good
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {generateName: import-}
    /// ```
    /// ```yaml good kustomization.yaml
    /// apiVersion: kustomize.config.k8s.io/v1beta1
    /// kind: Kustomization
    /// resources: [import.yaml]
    /// ```
    /// ```yaml with import.yaml
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {generateName: import-, annotations: {argocd.argoproj.io/hook: PostSync}}
    /// ```
    pub GENERATE_NAME_WITH_APPLY {
        id: "api/generate-name-with-apply",
        class: Correctness,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Set(generate_name_with_apply),
    }
}

const HOOKS: &[&str] = &["argocd.argoproj.io/hook", "helm.sh/hook"];

fn generate_name_with_apply(set: &ResourceSet, cx: &mut Context<'_>) {
    for object in set.objects() {
        let Some(node) = object.word("metadata.generateName") else { continue };
        let named = object.name().is_some_and(|name| !name.is_empty());
        let hook = HOOKS.iter().any(|hook| object.annotation(hook).is_some());
        if !named && !hook && set.is_kustomized(object) {
            cx.report(
                node,
                format!("this {} has no name of its own: `kubectl apply` refuses it", object.kind()),
            )
            .help("give it a name, or create it with `kubectl create`");
        }
    }
}
