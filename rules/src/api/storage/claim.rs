//! Claims, also those that StatefulSets and pods make.

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, PodSpec, values::names},
    rule::{Context, Key, Kinds},
    yaml::NodeRef,
};

use super::{
    super::check::{Fields, form, has_feature, missing, not_empty, refuse},
    access_modes, more_than_zero,
};

declare_rule! {
    /// A claim has access modes, an amount or a data source that the API server does not take.
    ///
    /// ## Why
    /// The API server refuses the claim, or the StatefulSet or pod with its template.
    ///
    /// ## Fix
    /// Correct the value. A claim has at least one access mode, and asks for more than no storage.
    ///
    /// ## References
    /// `ValidatePersistentVolumeClaimSpec` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: PersistentVolumeClaim
    /// metadata: {name: data}
    /// spec:
    ///   accessModes: [ReadWrite]
    ///   resources: {requests: {storage: 1Gi}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: PersistentVolumeClaim
    /// metadata: {name: data}
    /// spec:
    ///   accessModes: [ReadWriteOncePod, ReadOnlyMany]
    ///   resources: {requests: {storage: 1Gi}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: PersistentVolumeClaim
    /// metadata: {name: data}
    /// spec:
    ///   accessModes: [ReadWriteOnce]
    ///   resources: {requests: {memory: 1Gi}}
    /// ```
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: StatefulSet
    /// metadata: {name: db}
    /// spec:
    ///   volumeClaimTemplates:
    ///     - metadata: {name: data}
    ///       spec:
    ///         accessModes: [ReadWriteOnce]
    ///         resources: {requests: {storage: 0}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: PersistentVolumeClaim
    /// metadata: {name: data}
    /// spec:
    ///   accessModes: [ReadWriteOnce]
    ///   resources: {requests: {storage: 1Gi}}
    ///   dataSourceRef: {kind: VolumeSnapshot, name: yesterday}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: PersistentVolumeClaim
    /// metadata: {name: data}
    /// spec:
    ///   accessModes: [ReadWriteOnce, ReadOnlyMany]
    ///   storageClassName: ""
    ///   resources: {requests: {storage: 1Gi}}
    ///   dataSource: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: yesterday}
    /// ```
    pub PERSISTENT_VOLUME_CLAIM_INVALID {
        id: "api/persistent-volume-claim-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(Kinds::Any, persistent_volume_claim_invalid),
    }
}

fn persistent_volume_claim_invalid(object: Object<'_>, cx: &mut Context<'_>) {
    if object.is("", "PersistentVolumeClaim") {
        object.field("spec").into_iter().for_each(|spec| claim(spec, cx));
    }
    if object.is("apps", "StatefulSet") {
        let templates = object.each("spec.volumeClaimTemplates");
        templates.filter_map(|template| template.field("spec")).for_each(|spec| claim(spec, cx));
    }
    if let Some(pod) = PodSpec::of(object) {
        let templates = pod.volumes().filter_map(|volume| volume.field("ephemeral.volumeClaimTemplate.spec"));
        templates.for_each(|spec| claim(spec, cx));
    }
}

fn claim(spec: NodeRef<'_>, cx: &mut Context<'_>) {
    if !spec.is_map() {
        return;
    }
    access_modes(spec, cx);
    not_empty(cx, spec, &["volumeMode"]);
    if let Some(requests) = spec.field("resources.requests").filter(|requests| requests.is_map()) {
        match requests.get("storage") {
            Some(storage) => more_than_zero(cx, storage),
            None => {
                missing(cx, requests, "the claim asks for no storage", "set `storage`");
            }
        }
    }
    let class = spec.field("storageClassName").filter(|node| !node.text().is_empty());
    form(cx, class, "name of a StorageClass", names::dns_subdomain);
    if has_feature(cx, "VolumeAttributesClass") {
        let class = spec.field("volumeAttributesClassName").filter(|node| !node.text().is_empty());
        form(cx, class, "name of a VolumeAttributesClass", names::dns_subdomain);
    }
    // Other kinds than these two are dropped without a word (`dropDisabledFields`).
    let kept = |source: &NodeRef<'_>| {
        matches!(
            (source.said("apiGroup"), source.said("kind")),
            ("", "PersistentVolumeClaim") | ("snapshot.storage.k8s.io", "VolumeSnapshot")
        )
    };
    // One of another namespace is dropped where the feature is off.
    let elsewhere = has_feature(cx, "CrossNamespaceVolumeDataSource");
    let reference = spec.field("dataSourceRef").filter(|node| elsewhere || node.said("namespace").is_empty());
    let source = spec.field("dataSource").filter(kept);
    if let Some(reference) = reference {
        data_source(reference, cx);
    }
    if let (Some(source), Some(reference)) = (source, reference) {
        let same = |field| source.said(field) == reference.said(field);
        let elsewhere = !reference.said("namespace").is_empty();
        if elsewhere || !(same("apiGroup") && same("kind") && same("name")) {
            refuse(cx, Key(source), "`dataSource` and `dataSourceRef` differ")
                .label(Key(reference), "`dataSourceRef`")
                .help("delete `dataSource`");
        }
    }
}

fn data_source(source: NodeRef<'_>, cx: &mut Context<'_>) {
    let group = source.said("apiGroup");
    if let Some(kind) =
        source.word("kind").filter(|kind| group.is_empty() && kind.text() != "PersistentVolumeClaim")
    {
        refuse(cx, kind, format!("`{}` is no kind of the core group that data can come from", kind.text()))
            .help("set `apiGroup`, such as `snapshot.storage.k8s.io`");
    }
    if source.said("kind").is_empty() && source.word("kind").is_none() {
        missing(cx, source, "the data source has no `kind`", "set `kind`");
    }
    form(cx, source.word("apiGroup"), "API group", names::dns_subdomain);
    form(cx, source.word("namespace"), "name of a namespace", names::dns_label);
}
