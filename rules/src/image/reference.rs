//! Image references of containers and image volumes.

use kubevet_core::{
    declare_rule,
    index::ResourceSet,
    kubernetes::{
        Container, PodSpec, is_placeholder,
        values::image::{ImageError, ImageReference},
    },
    rule::Context,
    yaml::NodeRef,
};

declare_rule! {
    /// An image reference cannot be parsed.
    ///
    /// ## Why
    /// The kubelet refuses it (`InvalidImageName`): the container never starts.
    ///
    /// ## Fix
    /// Correct the reference: `registry/repository:tag@digest`, repositories in lower case.
    ///
    /// ## References
    /// `github.com/distribution/reference`, which the kubelet uses.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/Web:1.2.0
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: "registry.example.org/web: 1.2.0"
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org//web:1.2.0
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: web@sha256:1234
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
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: localhost:5000/team/web
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: ${IMAGE}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: ko://example.org/cmd/Web
    /// ```
    pub MALFORMED {
        id: "image/malformed",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Pod(malformed),
    }
}

fn malformed(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    for (node, owner) in images(pod) {
        let Err(problem) = ImageReference::parse(node.text()) else { continue };
        let text = node.text();
        let draft = cx.report(
            node,
            format!("image `{text}` of {owner} is no image reference, so it never starts: {problem}"),
        );
        let lower = text.to_ascii_lowercase();
        if problem == ImageError::UpperCase && ImageReference::parse(&lower).is_ok() {
            draft.help(format!("write `{lower}`"));
        } else {
            draft.help(
                "write `registry/repository:tag`, with `@sha256:` and 64 hexadecimal digits for a digest",
            );
        }
    }
}

/// Images of everything that is in the set.
pub fn images_of(set: &ResourceSet) -> impl Iterator<Item = (NodeRef<'_>, String)> {
    set.objects().filter_map(PodSpec::of).flat_map(images)
}

/// Images of a pod that are written out, each with what uses it. References of `ko` are filled in by that tool.
fn images<'t>(pod: PodSpec<'t>) -> impl Iterator<Item = (NodeRef<'t>, String)> {
    let of_containers =
        pod.containers().filter_map(|container: Container<'t>| Some((container.image()?, container.title())));
    let of_volumes = pod.volumes().filter_map(|volume: NodeRef<'t>| {
        let name = volume.get("name").map_or("", NodeRef::text);
        Some((volume.at(&["image", "reference"])?, format!("volume `{name}`")))
    });
    of_containers.chain(of_volumes).filter(|(node, _)| {
        node.as_str()
            .is_some_and(|text| !(text.is_empty() || is_placeholder(text) || text.starts_with("ko://")))
    })
}
