//! What changes in an object when its API version does.
//!
//! From the "Deprecated API Migration Guide" of the Kubernetes documentation, and the conversions between the types in
//! `k8s.io/kubernetes/pkg/apis`.

use kubevet_core::{kubernetes::Object, yaml::NodeRef};

/// What the old version says in another way than the new one.
struct Move {
    kind: &'static str,
    /// The old API versions; the new one is the stable one of the kind.
    from: &'static [&'static str],
    /// The field in the old shape; `*` stands for every item or value.
    field: &'static str,
    change: Change,
}

/// What happens to a field.
#[derive(Clone, Copy)]
enum Change {
    /// It is called otherwise.
    Becomes(&'static str),
    /// It is no more; what to do.
    Ends(&'static str),
    /// Where it is not said, another default holds, or none: what to write to keep the meaning.
    Say(&'static str),
    /// This value means something else, or is refused.
    Not(Value, &'static str),
}

/// A value that changes its meaning.
#[derive(Clone, Copy)]
enum Value {
    EmptyMap,
    True,
}

use Change::{Becomes, Ends, Not, Say};

const INGRESS: &[&str] = &["extensions/v1beta1", "networking.k8s.io/v1beta1"];
const WORKLOADS: &[&str] = &["apps/v1beta1", "apps/v1beta2", "extensions/v1beta1"];
const SELECTOR: Change = Say("`spec.selector` is required, and cannot be changed later");
const WEBHOOKS: &[&str] = &["admissionregistration.k8s.io/v1beta1"];
const CRD: &[&str] = &["apiextensions.k8s.io/v1beta1"];
const UTILIZATION: Change = Becomes("target.averageUtilization` with `target.type: Utilization");
const AVERAGE: Change = Becomes("target.averageValue` with `target.type: AverageValue");

const fn of(kind: &'static str, from: &'static [&'static str], field: &'static str, change: Change) -> Move {
    Move { kind, from, field, change }
}

const MOVES: &[Move] = &[
    of("Ingress", INGRESS, "spec.backend", Becomes("spec.defaultBackend")),
    of("Ingress", INGRESS, "spec.backend.serviceName", Becomes("service.name")),
    of("Ingress", INGRESS, "spec.backend.servicePort", Becomes("service.port.number` or `service.port.name")),
    of("Ingress", INGRESS, "spec.rules.*.http.paths.*.backend.serviceName", Becomes("service.name")),
    of(
        "Ingress",
        INGRESS,
        "spec.rules.*.http.paths.*.backend.servicePort",
        Becomes("service.port.number` or `service.port.name"),
    ),
    of(
        "Ingress",
        INGRESS,
        "spec.rules.*.http.paths.*.pathType",
        Say("`pathType` is required: `Prefix`, `Exact` or, as before, `ImplementationSpecific`"),
    ),
    of("Deployment", WORKLOADS, "spec.rollbackTo", Ends("`kubectl rollout undo` does it")),
    of("Deployment", WORKLOADS, "spec.selector", SELECTOR),
    of("DaemonSet", WORKLOADS, "spec.templateGeneration", Ends("the server counts generations by itself")),
    of("DaemonSet", WORKLOADS, "spec.selector", SELECTOR),
    of("ReplicaSet", WORKLOADS, "spec.selector", SELECTOR),
    of("StatefulSet", &["apps/v1beta1", "apps/v1beta2"], "spec.selector", SELECTOR),
    of("CronJob", &["batch/v1beta1", "batch/v2alpha1"], "", Becomes("")),
    of("NetworkPolicy", &["extensions/v1beta1"], "", Becomes("")),
    of("IngressClass", &["networking.k8s.io/v1beta1"], "", Becomes("")),
    of("APIService", &["apiregistration.k8s.io/v1beta1"], "", Becomes("")),
    of("Lease", &["coordination.k8s.io/v1beta1"], "", Becomes("")),
    of("PriorityClass", &["scheduling.k8s.io/v1beta1"], "", Becomes("")),
    of("RuntimeClass", &["node.k8s.io/v1beta1"], "", Becomes("")),
    of("Role", &["rbac.authorization.k8s.io/v1beta1"], "", Becomes("")),
    of("RoleBinding", &["rbac.authorization.k8s.io/v1beta1"], "", Becomes("")),
    of("ClusterRole", &["rbac.authorization.k8s.io/v1beta1"], "", Becomes("")),
    of("ClusterRoleBinding", &["rbac.authorization.k8s.io/v1beta1"], "", Becomes("")),
    of("StorageClass", &["storage.k8s.io/v1beta1"], "", Becomes("")),
    of("CSIDriver", &["storage.k8s.io/v1beta1"], "", Becomes("")),
    of("CSINode", &["storage.k8s.io/v1beta1"], "", Becomes("")),
    of("CSIStorageCapacity", &["storage.k8s.io/v1beta1"], "", Becomes("")),
    of("VolumeAttachment", &["storage.k8s.io/v1beta1"], "", Becomes("")),
    of("HorizontalPodAutoscaler", &["autoscaling/v2beta2"], "", Becomes("")),
    of(
        "HorizontalPodAutoscaler",
        &["autoscaling/v2beta1"],
        "spec.metrics.*.*.targetAverageUtilization",
        UTILIZATION,
    ),
    of("HorizontalPodAutoscaler", &["autoscaling/v2beta1"], "spec.metrics.*.*.targetAverageValue", AVERAGE),
    of(
        "HorizontalPodAutoscaler",
        &["autoscaling/v2beta1"],
        "spec.metrics.*.*.targetValue",
        Becomes("target.value` with `target.type: Value"),
    ),
    of(
        "HorizontalPodAutoscaler",
        &["autoscaling/v2beta1"],
        "spec.metrics.*.*.metricName",
        Becomes("metric.name"),
    ),
    of(
        "HorizontalPodAutoscaler",
        &["autoscaling/v2beta1"],
        "spec.metrics.*.*.metricSelector",
        Becomes("metric.selector"),
    ),
    of(
        "HorizontalPodAutoscaler",
        &["autoscaling/v2beta1"],
        "spec.metrics.*.external.selector",
        Becomes("metric.selector"),
    ),
    of(
        "HorizontalPodAutoscaler",
        &["autoscaling/v2beta1"],
        "spec.metrics.*.object.target",
        Becomes("describedObject"),
    ),
    of(
        "PodDisruptionBudget",
        &["policy/v1beta1"],
        "spec.selector",
        Not(Value::EmptyMap, "selects every pod of the namespace; it selected none"),
    ),
    of(
        "FlowSchema",
        &[
            "flowcontrol.apiserver.k8s.io/v1beta1",
            "flowcontrol.apiserver.k8s.io/v1beta2",
            "flowcontrol.apiserver.k8s.io/v1beta3",
        ],
        "",
        Becomes(""),
    ),
    of(
        "PriorityLevelConfiguration",
        &["flowcontrol.apiserver.k8s.io/v1beta1", "flowcontrol.apiserver.k8s.io/v1beta2"],
        "spec.limited.assuredConcurrencyShares",
        Becomes("nominalConcurrencyShares"),
    ),
    of("PriorityLevelConfiguration", &["flowcontrol.apiserver.k8s.io/v1beta3"], "", Becomes("")),
    of(
        "EndpointSlice",
        &["discovery.k8s.io/v1beta1"],
        "endpoints.*.topology",
        Ends("`nodeName` and `zone` say what it said"),
    ),
    of("MutatingWebhookConfiguration", WEBHOOKS, "webhooks.*.failurePolicy", Say(FAILURE_POLICY)),
    of("ValidatingWebhookConfiguration", WEBHOOKS, "webhooks.*.failurePolicy", Say(FAILURE_POLICY)),
    of("MutatingWebhookConfiguration", WEBHOOKS, "webhooks.*.sideEffects", Say(SIDE_EFFECTS)),
    of("ValidatingWebhookConfiguration", WEBHOOKS, "webhooks.*.sideEffects", Say(SIDE_EFFECTS)),
    of("MutatingWebhookConfiguration", WEBHOOKS, "webhooks.*.admissionReviewVersions", Say(REVIEWS)),
    of("ValidatingWebhookConfiguration", WEBHOOKS, "webhooks.*.admissionReviewVersions", Say(REVIEWS)),
    of("CustomResourceDefinition", CRD, "spec.version", Becomes("spec.versions[].name")),
    of("CustomResourceDefinition", CRD, "spec.validation", Becomes("spec.versions[].schema")),
    of("CustomResourceDefinition", CRD, "spec.subresources", Becomes("spec.versions[].subresources")),
    of(
        "CustomResourceDefinition",
        CRD,
        "spec.additionalPrinterColumns",
        Becomes("spec.versions[].additionalPrinterColumns` with `jsonPath"),
    ),
    of(
        "CustomResourceDefinition",
        CRD,
        "spec.preserveUnknownFields",
        Not(Value::True, "is no more: each schema sets `x-kubernetes-preserve-unknown-fields`"),
    ),
    of(
        "CustomResourceDefinition",
        CRD,
        "spec.conversion.webhookClientConfig",
        Becomes("spec.conversion.webhook.clientConfig"),
    ),
    of(
        "CertificateSigningRequest",
        &["certificates.k8s.io/v1beta1"],
        "spec.signerName",
        Say("`spec.signerName` is required"),
    ),
    of(
        "CertificateSigningRequest",
        &["certificates.k8s.io/v1beta1"],
        "spec.usages",
        Say("`spec.usages` is required"),
    ),
];

const FAILURE_POLICY: &str = "without `failurePolicy`, `Fail` holds instead of `Ignore`";
const SIDE_EFFECTS: &str = "`sideEffects` is required: `None` or `NoneOnDryRun`";
const REVIEWS: &str = "`admissionReviewVersions` is required";

/// What an object must change beside its API version.
#[derive(Debug, Default)]
pub struct Moves<'t> {
    /// Whether it is known what changes in this kind.
    pub known: bool,
    /// Fields that are called otherwise, end, or mean something else, with words.
    pub fields: Vec<(NodeRef<'t>, String)>,
    /// What has to be added.
    pub missing: Vec<&'static str>,
}

/// What changes in an object whose API version is replaced by the stable one of its kind.
pub fn moves(object: Object<'_>) -> Moves<'_> {
    let mut moves = Moves::default();
    let (kind, version) = (object.kind(), object.api_version());
    for row in MOVES.iter().filter(|row| row.kind == kind && row.from.contains(&version)) {
        moves.known = true;
        let path: Vec<&str> = row.field.split('.').filter(|step| !step.is_empty()).collect();
        let Some((last, above)) = path.split_last() else { continue };
        let mut holders = Vec::new();
        walk(object.node(), above, &mut holders);
        for holder in holders {
            let found: Vec<NodeRef<'_>> = holder.get(last).into_iter().collect();
            match row.change {
                Becomes(name) => {
                    moves.fields.extend(found.iter().map(|node| (*node, format!("becomes `{name}`"))));
                }
                Ends(words) => {
                    moves.fields.extend(found.iter().map(|node| (*node, format!("is no more: {words}"))));
                }
                Not(value, words) => {
                    let is = |node: &NodeRef<'_>| match value {
                        Value::EmptyMap => node.is_map() && node.is_empty(),
                        Value::True => node.as_bool() == Some(true),
                    };
                    moves.fields.extend(found.into_iter().filter(is).map(|node| (node, words.to_owned())));
                }
                Say(words) if found.is_empty() && !moves.missing.contains(&words) => {
                    moves.missing.push(words);
                }
                Say(_) => {}
            }
        }
    }
    moves
}

/// The nodes at a path, through lists and values of maps at `*`.
fn walk<'t>(node: NodeRef<'t>, path: &[&str], found: &mut Vec<NodeRef<'t>>) {
    match path.split_first() {
        None => found.push(node),
        Some((&"*", rest)) => {
            node.items().for_each(|item| walk(item, rest, found));
            node.entries().for_each(|entry| walk(entry.value, rest, found));
        }
        Some((step, rest)) => node.get(step).into_iter().for_each(|node| walk(node, rest, found)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubevet_core::facts::api;

    #[test]
    fn every_row_is_about_a_version_that_ended() {
        for row in MOVES {
            let mut old = row.from.iter().filter_map(|version| api(version, row.kind)).peekable();
            assert!(old.peek().is_some(), "{} of {:?}", row.kind, row.from);
            assert!(old.all(|old| old.deprecated.is_some() || old.removed.is_some()), "{}", row.kind);
        }
    }
}
