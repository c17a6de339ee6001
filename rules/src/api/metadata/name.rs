//! Metadata that every object needs.

use kubevet_core::{
    declare_rule,
    facts::api,
    kubernetes::Object,
    rule::{Context, Key, Kinds},
};

/// Kinds that are questions to the API server, not objects that it stores (`rest.Storage` without a name in the URL).
const UNNAMED: &[&str] = &[
    "Binding",
    "Eviction",
    "LocalSubjectAccessReview",
    "SelfSubjectAccessReview",
    "SelfSubjectReview",
    "SelfSubjectRulesReview",
    "SubjectAccessReview",
    "TokenRequest",
    "TokenReview",
];

declare_rule! {
    /// An object has neither `metadata.name` nor `metadata.generateName`.
    ///
    /// ## Why
    /// The API server refuses it: "name or generateName is required".
    ///
    /// ## Fix
    /// Give it a name.
    ///
    /// ## References
    /// `ValidateObjectMeta` in `k8s.io/apimachinery/pkg/api/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   labels: {app: web}
    /// data: {mode: fast}
    /// ```
    /// ```yaml good
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {generateName: import-}
    /// ```
    /// ```yaml good
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// ```
    pub NAME_MISSING {
        id: "api/name-missing",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: ["datree:RESOURCE_MISSING_NAME", "kubectl-validate:metadata"],
        absence: true,
        check: Object(Kinds::Any, name_missing),
    }
}

fn name_missing(object: Object<'_>, cx: &mut Context<'_>) {
    // Only what the built-in API stores: other documents with a kind are configuration of some program.
    if UNNAMED.contains(&object.kind())
        || api(object.api_version(), object.kind()).is_none_or(|api| api.resource.is_none())
    {
        return;
    }
    let metadata = object.metadata();
    let said = |field| {
        metadata
            .and_then(|metadata| metadata.get(field))
            .is_some_and(|node| !node.is_null() && !node.text().is_empty())
    };
    if said("name") || said("generateName") {
        return;
    }
    let message = format!("this {} has no name: the API server refuses it", object.kind());
    let empty = metadata.and_then(|metadata| metadata.get("name"));
    let draft = match empty.or(metadata) {
        Some(node) => cx.report(Key(node), message),
        None => cx.report(object, message),
    };
    draft.help("set `metadata.name`");
}
