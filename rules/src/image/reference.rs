//! Image references of containers and image volumes.

use kubevet_core::{
    declare_rule,
    finding::{Applicability, Edit, Fix, Site},
    index::ResourceSet,
    kubernetes::{
        Container, PodSpec, is_placeholder,
        values::image::{ImageError, ImageReference},
    },
    rule::{Anchor, Context},
    yaml::NodeRef,
};

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

/// Images of everything that is in the set.
fn images_of(set: &ResourceSet) -> impl Iterator<Item = (NodeRef<'_>, String)> {
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

declare_rule! {
    /// A container does not ask the registry for its image at every start.
    ///
    /// ## Why
    /// With an image that is on the node already, a pod starts without the right to pull it, and a tag that has moved is not
    /// seen. No profile asks for it: the price is that nothing starts while the registry is away.
    ///
    /// ## Fix
    /// Set `imagePullPolicy: Always`, or enable the admission plugin `AlwaysPullImages`.
    ///
    /// ## References
    /// Kubernetes documentation, "Images": without the field, `latest` and images without tag are always pulled, others are
    /// not.
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
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       imagePullPolicy: IfNotPresent
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       imagePullPolicy: Always
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:latest
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx
    /// ```
    pub PULL_POLICY_ALWAYS {
        id: "image/pull-policy-always",
        class: Hygiene,
        severity: Info,
        profiles: [],
        versions: "all",
        peers: ["kube-score:container-image-pull-policy", "polaris:pullPolicyNotAlways", "checkov:CKV_K8S_15", "kics:image_pull_policy_of_container_is_not_always"],
        fix: Unsafe,
        check: Container(pull_policy_always),
    }
}

fn pull_policy_always(container: Container<'_>, cx: &mut Context<'_>) {
    let name = container.title();
    let message = format!("{name} starts from an image of the node without asking the registry");
    let help = "set `imagePullPolicy: Always`";
    match container.get("imagePullPolicy").filter(|policy| !policy.is_null() && !policy.text().is_empty()) {
        Some(policy) if policy.text() != "Always" && !is_placeholder(policy.text()) => {
            cx.report(policy, message).help(help).fix(Fix {
                title: "write `Always`".into(),
                applicability: Applicability::Unsafe,
                edits: vec![Edit { span: policy.span(), text: "Always".into() }],
            });
        }
        None if !is_pulled(container) => {
            cx.report(container, message).help(help).absence();
        }
        _ => {}
    }
}

/// Whether `Always` is the default (`SetDefaults_Container`): the tag is `latest`, by word or for want of another.
fn is_pulled(container: Container<'_>) -> bool {
    let Some(node) = container.image() else { return true };
    // What cannot be parsed is not known: a variable, or the matter of `image/malformed`.
    let image = ImageReference::parse(node.text()).ok();
    image.is_none_or(|image| image.tag().map_or(image.digest().is_none(), |tag| tag == "latest"))
}
