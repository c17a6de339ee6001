//! Containers, their names and images.

use kubevet_core::{
    declare_rule,
    kubernetes::{Container, ContainerKind, PodSpec, values::names},
    rule::{Context, Key},
};

use super::check::{Seen, Who, format, given, is_complete, is_missing_said, objects, required};

declare_rule! {
    /// A pod has no containers.
    ///
    /// ## Why
    /// The API server refuses the object. A field `containers` that is missing altogether is left to `schema/missing-required`.
    ///
    /// ## Fix
    /// Give the pod at least one container; init containers do not count.
    ///
    /// ## References
    /// `validateContainers` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers: []
    /// ```
    /// ```yaml bad
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {name: migrate}
    /// spec:
    ///   template:
    ///     spec:
    ///       restartPolicy: Never
    ///       initContainers:
    ///         - {name: migrate, image: registry.example.org/migrate:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub CONTAINERS_MISSING {
        id: "api/containers-missing",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        absence: true,
        check: Pod(containers_missing),
    }
}

fn containers_missing(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let node = given(pod.node(), "containers");
    // What is no list has another type than the field.
    if node.is_some_and(|node| !node.is_seq() || !node.is_empty()) {
        return;
    }
    let said = node.is_none() && is_missing_said(cx, pod.node(), "containers");
    if said || !is_complete(pod.object()) {
        return;
    }
    let draft = match node {
        Some(node) => cx.report(Key(node), "the pod has no containers: the API server refuses it"),
        None => cx.report(pod, "the pod has no containers: the API server refuses it"),
    };
    draft.help("give it at least one container in `containers`");
}

declare_rule! {
    /// A container has no name, or one that is no DNS label.
    ///
    /// ## Why
    /// The API server refuses the object: names are at most 63 lower case letters, digits and `-`. A field `name` that is missing altogether
    /// is left to `schema/missing-required`.
    ///
    /// ## Fix
    /// Write it in lower case, and `-` for `_`, `.` and spaces.
    ///
    /// ## References
    /// `validateContainerCommon` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - {name: Web_Server, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    ///     - {name: "", image: registry.example.org/log:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - {name: 2nd-web-server, image: registry.example.org/web:1.2.0}
    ///     - {name: "${SIDECAR}", image: registry.example.org/log:1.2.0}
    /// ```
    /// ```yaml good
    /// # Knative gives the only container a name.
    /// apiVersion: serving.knative.dev/v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   template:
    ///     spec:
    ///       containers:
    ///         - {image: registry.example.org/web:1.2.0}
    /// ```
    pub CONTAINER_NAME_INVALID {
        id: "api/container-name-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Container(container_name_invalid),
    }
}

fn container_name_invalid(container: Container<'_>, cx: &mut Context<'_>) {
    let Some(name) = given(container.node(), "name").filter(|name| name.as_str() != Some("")) else {
        required(cx, container.node(), "name", "a container");
        return;
    };
    format(cx, name, "container name", names::dns_label);
}

declare_rule! {
    /// Two containers of a pod have one name.
    ///
    /// ## Why
    /// Names are unique over `containers`, `initContainers` and `ephemeralContainers`: the API server refuses the object.
    ///
    /// ## Fix
    /// Rename one of them.
    ///
    /// ## References
    /// `validateContainers` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   initContainers:
    ///     - {name: web, image: registry.example.org/migrate:1.2.0}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   initContainers:
    ///     - {name: migrate, image: registry.example.org/migrate:1.2.0}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub CONTAINER_NAME_DUPLICATE {
        id: "api/container-name-duplicate",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(container_name_duplicate),
    }
}

fn container_name_duplicate(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let mut seen = Seen::new();
    // In the order of the API server: it refuses the later one.
    let lists = ["containers", "initContainers", "ephemeralContainers"];
    for name in lists.into_iter().flat_map(|list| objects(pod.node(), list)).filter_map(|one| one.get("name"))
    {
        if name.text().is_empty() {
            continue;
        }
        if let Some(first) = seen.insert(name) {
            let message = format!(
                "container name `{}` is used twice in this pod: the API server refuses the object",
                name.text()
            );
            cx.report(name, message).label(first, "first used here").help("rename one of them");
        }
    }
}

declare_rule! {
    /// A container has no image, or white space around its image in a bare Pod.
    ///
    /// ## Why
    /// The API server refuses the object. A field `image` that is missing altogether is left to `schema/missing-required`, and white space to
    /// `image/malformed`.
    ///
    /// ## Fix
    /// Name the image.
    ///
    /// ## References
    /// `validateContainerCommon` and `validateContainerOnlyForPod` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - {name: web, image: ""}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - {name: web, image: "registry.example.org/web:1.2.0 "}
    /// ```
    /// ```yaml good
    /// # Some controllers replace an image of one space.
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec:
    ///       containers:
    ///         - {name: web, image: " "}
    ///         - {name: log, image: registry.example.org/log:1.2.0}
    /// ```
    pub CONTAINER_IMAGE_MISSING {
        id: "api/container-image-missing",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Container(container_image_missing),
    }
}

fn container_image_missing(container: Container<'_>, cx: &mut Context<'_>) {
    let Some(image) = container.image() else {
        required(cx, container.node(), "image", Who::Container(container));
        return;
    };
    let of_pod = container.pod().object().is("", "Pod") || container.kind() == ContainerKind::Ephemeral;
    let padded = image.text().trim().len() < image.text().len();
    if of_pod && padded && cx.left_to("image/malformed").is_none() {
        cx.report(
            image,
            format!(
                "the image of {} has white space around it: the API server refuses it",
                container.title()
            ),
        )
        .help("remove the white space");
    }
}
