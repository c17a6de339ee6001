//! Tags that move.

use kubevet_core::{
    declare_rule,
    finding::Site,
    index::ResourceSet,
    kubernetes::values::image::ImageReference,
    rule::{Anchor, Context},
    yaml::NodeRef,
};

use super::reference::images_of;

declare_rule! {
    /// An image is named without tag and digest.
    ///
    /// ## Why
    /// Without a tag `latest` is pulled: what runs depends on the day, nodes differ, and nobody can go back.
    ///
    /// ## Fix
    /// Name a version, best with its digest.
    ///
    /// ## References
    /// Kubernetes documentation, "Images".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org:5000/team/web
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   volumes:
    ///     - name: model
    ///       image: {reference: registry.example.org/model}
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
    ///       image: nginx:1.27.3
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx@sha256:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: "{{ .Values.image }}"
    /// ```
    /// ```yaml good web.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: web
    /// ```
    /// ```yaml with kustomization.yaml
    /// resources: [web.yaml]
    /// images:
    ///   - {name: web, newName: registry.example.org/web, newTag: 1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: ko://example.org/cmd/web
    /// ```
    pub TAG_MISSING {
        id: "image/tag-missing",
        class: Hygiene,
        severity: Warning,
        profiles: [recommended, production, hardened],
        nsa: "pod-security",
        versions: "all",
        peers: ["kube-linter:latest-tag", "kube-score:container-image-tag", "polaris:tagNotSpecified", "checkov:CKV_K8S_14", "trivy-checks:KSV-0013", "kics:invalid_image", "datree:CONTAINERS_MISSING_IMAGE_VALUE_VERSION", "popeye:POP-100", "popeye:POP-101", "monokle:KBP001", "monokle:KBP116", "kubevious:container-latest-image", "kubeaudit:ImageTagIncorrect", "kubeaudit:ImageTagMissing", "kyverno-policies:best-practices/disallow-latest-tag"],
        absence: true,
        check: Set(tag_missing),
    }
}

fn tag_missing(set: &ResourceSet, cx: &mut Context<'_>) {
    for (node, owner) in images_of(set) {
        let Ok(image) = ImageReference::parse(node.text()) else { continue };
        let bare = image.tag().is_none() && image.digest().is_none();
        if bare && !set.replaces_image(node, node.text()) {
            let text = node.text();
            cx.report(
                node,
                format!("image `{text}` of {owner} has no tag: whatever is `latest` at the time runs"),
            )
            .help("name a version, best with its digest");
        }
    }
}

declare_rule! {
    /// An image has the tag `latest`.
    ///
    /// ## Why
    /// The tag moves: what runs depends on the day, nodes differ, and nobody can go back.
    ///
    /// ## Fix
    /// Name a version, best with its digest.
    ///
    /// ## References
    /// Kubernetes documentation, "Images".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:latest
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:stable
    /// ```
    /// ```toml with
    /// floating-tags = ["stable"]
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.27.3
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:latest@sha256:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:stable
    /// ```
    pub TAG_LATEST {
        id: "image/tag-latest",
        class: Hygiene,
        severity: Warning,
        profiles: [recommended, production, hardened],
        nsa: "pod-security",
        versions: "all",
        peers: ["kube-linter:latest-tag", "kube-score:container-image-tag", "polaris:tagNotSpecified", "checkov:CKV_K8S_14", "trivy-checks:KSV-0013", "kics:invalid_image", "datree:CONTAINERS_MISSING_IMAGE_VALUE_VERSION", "popeye:POP-100", "popeye:POP-101", "monokle:KBP001", "monokle:KBP116", "kubevious:container-latest-image", "kubeaudit:ImageTagIncorrect", "kubeaudit:ImageTagMissing", "kyverno-policies:best-practices/disallow-latest-tag"],
        options: ["floating-tags": TextList = "tags that are reported like `latest`"],
        check: Set(tag_latest),
    }
}

fn tag_latest(set: &ResourceSet, cx: &mut Context<'_>) {
    for (node, owner) in images_of(set) {
        let Ok(image) = ImageReference::parse(node.text()) else { continue };
        let Some((tag, range)) = image.tag().zip(image.tag_range()) else { continue };
        let floats = tag == "latest" || cx.options().texts("floating-tags").iter().any(|one| one == tag);
        let text = node.text();
        let name = &text[..range.start - 1];
        if floats && image.digest().is_none() && !set.replaces_image(node, name) {
            cx.report(
                part(node, range),
                format!("image `{text}` of {owner} moves with its tag: nodes may run different versions"),
            )
            .help("name a version, best with its digest");
        }
    }
}

/// The place of a part of a scalar's text; of all of it where escapes hide the part.
fn part(node: NodeRef<'_>, range: std::ops::Range<usize>) -> Site {
    let mut site = node.site();
    if let Some(span) = node.text_span(range) {
        site.place.span = span;
    }
    site
}
