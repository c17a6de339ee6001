//! StatefulSets.

use kubevet_core::{
    declare_rule,
    facts::Version,
    kubernetes::{Object, values::names},
    rule::{Context, Key, Kinds},
};

use super::super::check::{Amount, Fields, amount, form, has_feature, missing, not_negative, refuse, shown};

declare_rule! {
    /// A StatefulSet has an unknown policy or strategy, or values that the API server does not take.
    ///
    /// ## Why
    /// The API server refuses the StatefulSet.
    ///
    /// ## Fix
    /// Correct the value. `rollingUpdate` goes with the type `RollingUpdate` only.
    ///
    /// ## References
    /// `ValidateStatefulSetSpec` in `k8s.io/kubernetes/pkg/apis/apps/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: StatefulSet
    /// metadata: {name: db}
    /// spec: {podManagementPolicy: parallel}
    /// ```
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: StatefulSet
    /// metadata: {name: db}
    /// spec:
    ///   updateStrategy:
    ///     type: OnDelete
    ///     rollingUpdate: {partition: 1}
    /// ```
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: StatefulSet
    /// metadata: {name: db}
    /// spec:
    ///   persistentVolumeClaimRetentionPolicy: {whenDeleted: Keep}
    /// ```
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: StatefulSet
    /// metadata: {name: db}
    /// spec: {serviceName: db.shop}
    /// ```
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: StatefulSet
    /// metadata: {name: db}
    /// spec:
    ///   volumeClaimTemplates:
    ///     - spec:
    ///         accessModes: [ReadWriteOnce]
    ///         resources: {requests: {storage: 1Gi}}
    /// ```
    /// ```yaml good
    /// apiVersion: apps/v1
    /// kind: StatefulSet
    /// metadata: {name: db}
    /// spec:
    ///   serviceName: db
    ///   podManagementPolicy: Parallel
    ///   updateStrategy: {rollingUpdate: {partition: 2}}
    ///   ordinals: {start: 1}
    ///   persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete}
    ///   volumeClaimTemplates:
    ///     - metadata: {name: data}
    ///       spec:
    ///         accessModes: [ReadWriteOnce]
    ///         resources: {requests: {storage: 1Gi}}
    /// ```
    pub STATEFUL_SET_INVALID {
        id: "api/stateful-set-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(Kinds::Of(&[("apps", "StatefulSet")]), stateful_set_invalid),
    }
}

fn stateful_set_invalid(object: Object<'_>, cx: &mut Context<'_>) {
    let Some(spec) = object.field("spec") else { return };
    for (field, values) in [
        ("podManagementPolicy", ["OrderedReady", "Parallel"]),
        ("persistentVolumeClaimRetentionPolicy.whenDeleted", ["Retain", "Delete"]),
        ("persistentVolumeClaimRetentionPolicy.whenScaled", ["Retain", "Delete"]),
    ] {
        if let Some(node) = spec.word(field).filter(|node| !values.contains(&node.text())) {
            let name = field.rsplit('.').next().unwrap_or_default();
            refuse(cx, node, format!("`{}` is no value of `{name}`", shown(node.text())))
                .help(format!("use `{}` or `{}`", values[0], values[1]));
        }
    }
    update_strategy(object, cx);
    not_negative(cx, spec, &["ordinals.start"]);
    // Later versions refuse what could never be the name of a Service.
    if cx.version() >= Version::new(33) {
        form(cx, spec.word("serviceName"), "name of a Service", names::dns_label);
    }
    for claim in spec.each("volumeClaimTemplates") {
        let name = claim.field("metadata.name");
        form(cx, name, "name of a volume", names::dns_label);
        if name.is_none() {
            let holder = claim.field("metadata").unwrap_or(claim);
            missing(
                cx,
                holder,
                "a claim template has no name",
                "set its `metadata.name`: volume mounts name it",
            );
        }
    }
}

fn update_strategy(object: Object<'_>, cx: &mut Context<'_>) {
    let strategy = object.field("spec.updateStrategy");
    let update = strategy.field("rollingUpdate");
    if let Some(kind) = strategy.word("type") {
        match (kind.text(), update) {
            ("RollingUpdate", _) => {}
            ("OnDelete", None) => return,
            ("OnDelete", Some(update)) => {
                refuse(cx, Key(update), "`rollingUpdate` does not go with the type `OnDelete`")
                    .label(kind, "the type")
                    .help("delete `rollingUpdate`");
                return;
            }
            ("Recreate", _) if has_feature(cx, "StatefulSetRecreateStrategy") => return,
            (other, _) => {
                refuse(cx, kind, format!("`{}` is no update strategy of a StatefulSet", shown(other)))
                    .help("use `RollingUpdate` or `OnDelete`");
                return;
            }
        }
    }
    not_negative(cx, update, &["partition"]);
    // Without the feature the field is dropped.
    if has_feature(cx, "MaxUnavailableStatefulSet") {
        let node = update.field("maxUnavailable");
        if let (Some(node), true) = (node, amount(cx, node, true).is_some_and(Amount::is_zero)) {
            refuse(cx, node, "`maxUnavailable` is 0: no pod could ever be replaced")
                .help("give at least 1, or delete it");
        }
    }
}
