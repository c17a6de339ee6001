//! Quantities of resources.

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, PodSpec, is_placeholder, values::quantity::Quantity},
    rule::{Context, Key, Kinds},
    schema::{Malformed, Problem},
    yaml::{NodeRef, Scalar},
};

use super::{
    check::Who,
    resources::{amount, amounts, is_divisible},
};

declare_rule! {
    /// A quantity cannot be parsed, or is negative.
    ///
    /// ## Why
    /// The API server refuses the object. Units are `k M G T P E` and `Ki Mi Gi Ti Pi Ei`, and `m` for thousandths: `MB`, `gb` and `Mib` are none.
    ///
    /// ## Fix
    /// Write `256Mi` for mebibytes, `256M` for megabytes, `500m` for half a CPU.
    ///
    /// ## References
    /// `ParseQuantity` in `k8s.io/apimachinery/pkg/api/resource`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources:
    ///         limits: {memory: 256MB}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: PersistentVolumeClaim
    /// metadata: {name: data}
    /// spec:
    ///   accessModes: [ReadWriteOnce]
    ///   resources:
    ///     requests: {storage: 10 Gi}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources:
    ///         requests: {cpu: 0.5, memory: 1e9}
    ///         limits: {cpu: 1500m, memory: 2Gi}
    /// ```
    pub QUANTITY_INVALID {
        id: "api/quantity-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(Kinds::Any, quantity_invalid),
    }
}

/// Groups of the kinds that [`quantities`] knows.
const WITH_QUANTITIES: &[&str] = &["", "apps", "batch"];

fn quantity_invalid(object: Object<'_>, cx: &mut Context<'_>) {
    let mut nodes = if WITH_QUANTITIES.contains(&object.group()) { quantities(object) } else { Vec::new() };
    // Everywhere else, the schema knows what must be a quantity.
    let violations = cx.violations(object);
    let malformed =
        violations.iter().filter(|one| matches!(one.problem, Problem::Malformed(Malformed::Quantity)));
    nodes.extend(
        malformed
            .map(|one| object.tree().node(one.node))
            .filter(|node| !nodes.contains(node))
            .collect::<Vec<_>>(),
    );
    for node in nodes {
        // A number is a quantity; what is neither number nor string is the schema's business. White space around it is cut off.
        let text = node.text().trim();
        if !node.is_scalar() || matches!(node.value(), Scalar::Null | Scalar::Bool(_)) || is_placeholder(text)
        {
            continue;
        }
        match Quantity::parse(text) {
            // A LimitRange compares its amounts, and asks no more of them.
            Ok(quantity) if quantity.is_negative() && object.kind() != "LimitRange" => {
                cx.report(node, format!("quantity `{text}` is negative: the API server refuses it"))
                    .help("give an amount of zero or more");
            }
            Ok(_) => {}
            Err(error) => {
                let draft = cx.report(node, format!("`{text}` is no quantity: {error}"));
                draft.help("write `256Mi` for mebibytes, `256M` for megabytes, `500m` for thousandths");
            }
        }
    }
}

/// Every quantity of an object, where the built-in types have one.
fn quantities(object: Object<'_>) -> Vec<NodeRef<'_>> {
    let mut found = Vec::new();
    let mut lists = |node: Option<NodeRef<'_>>| {
        for list in ["requests", "limits"] {
            let entries = node.and_then(|node| node.get(list)).into_iter().flat_map(NodeRef::entries);
            found.extend(entries.map(|entry| entry.value.id()));
        }
    };
    let mut overhead = None;
    if let Some(pod) = PodSpec::of(object) {
        lists(pod.get("resources"));
        overhead = pod.get("overhead");
        pod.containers().for_each(|container| lists(container.get("resources")));
        let claims = pod
            .volumes()
            .filter_map(|volume| volume.at(&["ephemeral", "volumeClaimTemplate", "spec", "resources"]));
        claims.for_each(|claim| lists(Some(claim)));
    }
    let spec = object.spec();
    let claims = spec.and_then(|spec| spec.get("volumeClaimTemplates")).into_iter().flat_map(NodeRef::items);
    claims.for_each(|claim| lists(claim.at(&["spec", "resources"])));
    match object.kind() {
        "PersistentVolumeClaim" => lists(spec.and_then(|spec| spec.get("resources"))),
        "LimitRange" => {
            let items = spec.and_then(|spec| spec.get("limits")).into_iter().flat_map(NodeRef::items);
            let fields = items.flat_map(NodeRef::entries).filter(|entry| entry.value.is_map());
            found.extend(fields.flat_map(|entry| entry.value.entries()).map(|entry| entry.value.id()));
        }
        "ResourceQuota" => found.extend(
            spec.and_then(|spec| spec.get("hard"))
                .into_iter()
                .flat_map(NodeRef::entries)
                .map(|entry| entry.value.id()),
        ),
        "PersistentVolume" => found.extend(
            spec.and_then(|spec| spec.get("capacity"))
                .into_iter()
                .flat_map(NodeRef::entries)
                .map(|entry| entry.value.id()),
        ),
        _ => {}
    }
    found.extend(overhead.into_iter().flat_map(NodeRef::entries).map(|entry| entry.value.id()));
    let volumes = PodSpec::of(object).into_iter().flat_map(PodSpec::volumes);
    found.extend(volumes.filter_map(|volume| volume.at(&["emptyDir", "sizeLimit"])).map(NodeRef::id));
    found.into_iter().map(|id| object.tree().node(id)).collect()
}

declare_rule! {
    /// A container requests more of a resource than its limit allows.
    ///
    /// ## Why
    /// The API server refuses the object.
    ///
    /// ## Fix
    /// Raise the limit or lower the request.
    ///
    /// ## References
    /// `ValidateResourceRequirements` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources:
    ///         requests: {memory: 1Gi}
    ///         limits: {memory: 512Mi}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources:
    ///         requests: {cpu: "1", memory: 512Mi}
    ///         limits: {cpu: 1000m, memory: 1Gi}
    /// ```
    pub REQUEST_EXCEEDS_LIMIT {
        id: "api/request-exceeds-limit",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: ["kubevious:container-resource-request-limit-check"],
        check: Pod(request_exceeds_limit),
    }
}

fn request_exceeds_limit(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let containers =
        pod.containers().map(|container| (Who::Container(container), container.get("resources")));
    for (who, resources) in containers.chain([(Who::Pod, pod.get("resources"))]) {
        let Some((resources, limits)) = resources.and_then(|one| Some((one, one.get("limits")?))) else {
            continue;
        };
        for request in amounts(resources, "requests") {
            let name = request.key.text();
            // What is not shared must be equal, which is a rule of its own.
            let Some(limit) = limits.get(name).filter(|_| is_divisible(name)) else { continue };
            // In a map, nothing is read as zero.
            let allowed = if limit.is_null() { Some(Quantity::ZERO) } else { amount(limit) };
            let (Some(asked), Some(allowed)) = (amount(request.value), allowed) else { continue };
            // Defaults round up to thousandths.
            if asked.milli() > allowed.milli() {
                let (asked, allowed) = (request.value.text(), limit.text());
                if limit.is_null() {
                    let message = format!(
                        "{who} requests `{asked}` of {name}, and its limit is empty, which is read as 0"
                    );
                    cx.report(request.value, message)
                        .label(Key(limit), "the limit")
                        .help("remove the limit, or write an amount")
                        .absence();
                    continue;
                }
                let message = format!(
                    "{who} requests `{asked}` of {name}, more than its limit `{allowed}`: the API server refuses it"
                );
                cx.report(request.value, message)
                    .label(limit, "the limit")
                    .help("raise the limit or lower the request");
            }
        }
    }
}
