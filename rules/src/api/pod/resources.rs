//! Names and amounts of resources.

use kubevet_core::{
    declare_rule,
    kubernetes::{
        PodSpec, is_placeholder,
        values::{names, quantity::Quantity},
    },
    rule::Context,
    suggest::closest,
    yaml::{Entry, NodeRef},
};

use super::check::{Who, given, is_complete, shown};

/// The resources of the containers of a pod, each with its container.
fn of_containers(pod: PodSpec<'_>) -> impl Iterator<Item = (Who<'_>, NodeRef<'_>)> {
    pod.containers().filter_map(|container| Some((Who::Container(container), container.get("resources")?)))
}

/// Entries of a list of resources.
pub(super) fn amounts<'t>(resources: NodeRef<'t>, list: &str) -> impl Iterator<Item = Entry<'t>> {
    resources.get(list).into_iter().flat_map(NodeRef::entries)
}

/// An amount as the API server reads it: a text that is a quantity.
pub(super) fn amount(node: NodeRef<'_>) -> Option<Quantity> {
    Quantity::parse(node.text().trim()).ok().filter(|_| node.is_scalar() && !node.is_null())
}

/// Whether more of it may be requested than there is (`IsOvercommitAllowed`): all but extended resources and huge pages.
pub(super) fn is_divisible(name: &str) -> bool {
    (!name.contains('/') || name.contains("kubernetes.io/")) && !name.starts_with(PAGES)
}

/// What begins the names of huge pages.
pub(super) const PAGES: &str = "hugepages-";
const STANDARD: &[&str] = &["cpu", "memory", "ephemeral-storage"];

declare_rule! {
    /// A container requests a resource of a name that the API server does not take.
    ///
    /// ## Why
    /// The API server refuses the object: containers have `cpu`, `memory`, `ephemeral-storage` and `hugepages-…`, and extended resources
    /// whose names begin with a domain.
    ///
    /// ## Fix
    /// Correct the name; a device of a plugin is called `example.org/gpu`.
    ///
    /// ## References
    /// `ValidateContainerResourceName` in `k8s.io/kubernetes/pkg/apis/core/validation`.
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
    ///       resources: {requests: {mem: 64Mi}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources: {limits: {storage: 1Gi}}
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
    ///         requests: {cpu: 100m, memory: 64Mi, ephemeral-storage: 1Gi}
    ///         limits: {hugepages-2Mi: 4Mi, example.org/gpu: 1}
    /// ```
    pub RESOURCE_NAME_INVALID {
        id: "api/resource-name-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(resource_name_invalid),
    }
}

fn resource_name_invalid(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    for (who, resources) in of_containers(pod) {
        for list in ["requests", "limits"] {
            for entry in amounts(resources, list) {
                check_name(entry.key, who, cx);
            }
        }
    }
    for entry in amounts(pod.node(), "overhead") {
        check_name(entry.key, Who::Pod, cx);
    }
}

fn check_name(key: NodeRef<'_>, who: Who<'_>, cx: &mut Context<'_>) {
    let name = key.text();
    if STANDARD.contains(&name) {
        return;
    }
    let help = if let Err(problem) = names::qualified_name(name) {
        format!("it {problem}")
    } else if !name.contains('/') {
        if name.starts_with(PAGES) {
            return;
        }
        match closest(name, STANDARD.iter().copied()).or((name == "mem").then_some("memory")) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                "use `cpu`, `memory`, `ephemeral-storage`, or a name with a domain before a `/`".to_owned()
            }
        }
    } else if name.contains("kubernetes.io/") {
        return;
    } else if name.starts_with("requests.") {
        "write it without `requests.`, which quotas use".to_owned()
    } else if let Err(problem) = names::qualified_name(&format!("requests.{name}")) {
        format!("it {problem}")
    } else {
        return;
    };
    if !is_placeholder(name) {
        cx.report(key, format!("{who} has no resource `{}`: the API server refuses it", shown(name)))
            .help(help);
    }
}

declare_rule! {
    /// A container requests an extended resource or huge pages without an equal limit, or an amount that cannot be given.
    ///
    /// ## Why
    /// The API server refuses the object: such resources are not shared, so limit and request are one whole number. Huge pages come in multiples
    /// of their size, and with CPU or memory beside them.
    ///
    /// ## Fix
    /// Set the limit alone, to the amount that is needed.
    ///
    /// ## References
    /// `validateResourceRequirements` in `k8s.io/kubernetes/pkg/apis/core/validation`.
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
    ///       resources: {requests: {example.org/gpu: 1}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources: {limits: {example.org/gpu: 500m}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources: {limits: {hugepages-2Mi: 3Mi, memory: 1Gi}}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       resources: {limits: {hugepages-2Mi: 4Mi}}
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
    ///         requests: {example.org/gpu: 1, cpu: 100m}
    ///         limits: {example.org/gpu: "1", hugepages-2Mi: 4Mi}
    /// ```
    pub EXTENDED_RESOURCE_MISMATCH {
        id: "api/extended-resource-mismatch",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(extended_resource_mismatch),
    }
}

fn extended_resource_mismatch(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    for (who, resources) in of_containers(pod).filter(|(_, resources)| !resources.is_empty()) {
        check_extended(pod, who, resources, cx);
    }
}

/// What [`EXTENDED_RESOURCE_MISMATCH`] asks of the resources of a container or pod.
pub(super) fn check_extended(pod: PodSpec<'_>, who: Who<'_>, resources: NodeRef<'_>, cx: &mut Context<'_>) {
    let mut pages = None;
    let mut plain = false;
    for list in ["limits", "requests"] {
        for Entry { key, value } in amounts(resources, list) {
            let name = key.text();
            plain |= matches!(name, "cpu" | "memory");
            if is_divisible(name) {
                continue;
            }
            if name.starts_with(PAGES) {
                pages = pages.or(Some(key));
            }
            let Some(quantity) = amount(value) else { continue };
            if !check_amount(who, key, value, quantity, cx) || list == "limits" {
                continue;
            }
            let limit = resources.get("limits").and_then(|limits| given(limits, name));
            let Some(limit) = limit else {
                // Those of the containers become that of a Pod.
                let bare = matches!(who, Who::Pod) && pod.object().is("", "Pod");
                if bare && pod.containers().any(|container| container.resource("limits", name).is_some()) {
                    continue;
                }
                cx.report(key, format!("{who} requests `{name}` without a limit: the API server refuses it"))
                    .help("set an equal limit")
                    .absence();
                continue;
            };
            if amount(limit).is_some_and(|limit| limit != quantity) {
                let message = format!(
                    "{who} requests `{}` of `{name}`, and its limit is `{}`: the API server refuses it",
                    value.text(),
                    limit.text()
                );
                cx.report(value, message).label(limit, "the limit").help("make both equal");
            }
        }
    }
    if let Some(pages) = pages.filter(|_| !plain && is_complete(pod.object())) {
        cx.report(pages, format!("{who} has huge pages without CPU or memory: the API server refuses it"))
            .help("add a request or limit of `cpu` or `memory`")
            .absence();
    }
}

fn check_amount(
    who: Who<'_>,
    key: NodeRef<'_>,
    value: NodeRef<'_>,
    quantity: Quantity,
    cx: &mut Context<'_>,
) -> bool {
    let name = key.text();
    if let Some(size) = name.strip_prefix(PAGES) {
        let size = Quantity::parse(size).ok().filter(|size| size.is_whole() && size.units() > 0);
        if names::qualified_name(name).is_err() || quantity.is_negative() {
            return false;
        }
        let Some(size) = size else {
            cx.report(key, format!("`{name}` names no size of pages: the API server refuses it"))
                .help("write the size behind the dash: `hugepages-2Mi`");
            return false;
        };
        if quantity.units() % size.units() == 0 {
            return true;
        }
        cx.report(
            value,
            format!(
                "`{}` of `{name}` of {who} is no multiple of its size: the API server refuses it",
                value.text()
            ),
        )
        .help("give a multiple of the size of a page");
        return false;
    }
    if quantity.milli() % 1000 != 0 {
        cx.report(
            value,
            format!("`{}` of `{name}` of {who} is no whole number: the API server refuses it", value.text()),
        )
        .help("give a whole number");
        return false;
    }
    true
}

declare_rule! {
    /// An amount of memory or ephemeral storage is no whole number of bytes.
    ///
    /// ## Why
    /// The API server accepts it with a warning. The unit `m` means thousandths: `128m` of memory are 0.128 bytes, and no program runs in so
    /// little.
    ///
    /// ## Fix
    /// Write `128Mi` for mebibytes, or `128M` for megabytes.
    ///
    /// ## References
    /// `warningsForPodSpecAndMeta` in `k8s.io/kubernetes/pkg/api/pod`.
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
    ///       resources: {limits: {memory: 128m}}
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
    ///         requests: {memory: 0.5Gi, cpu: 128m}
    ///         limits: {memory: 1000000000m}
    /// ```
    pub FRACTIONAL_BYTES {
        id: "api/fractional-bytes",
        class: Correctness,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(fractional_bytes),
    }
}

fn fractional_bytes(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let lists = of_containers(pod).flat_map(|(who, resources)| {
        ["requests", "limits"].into_iter().filter_map(move |list| Some((who, resources.get(list)?)))
    });
    for (who, list) in lists.chain(pod.get("overhead").map(|list| (Who::Pod, list))) {
        for name in ["memory", "ephemeral-storage"] {
            let Some(node) = list.get(name) else { continue };
            if amount(node).is_none_or(|quantity| quantity.milli() % 1000 == 0) {
                continue;
            }
            let text = node.text().trim();
            let (message, help) = match text.strip_suffix('m') {
                Some(number) => (
                    format!("{name} of `{text}` in {who} means {number} thousandths of a byte"),
                    format!("write `{number}Mi` for mebibytes"),
                ),
                None => (
                    format!("{name} of `{text}` in {who} is no whole number of bytes"),
                    "round it, or write it in a smaller unit".to_owned(),
                ),
            };
            cx.report(node, message).help(help);
        }
    }
}
