//! When the registry is asked for an image.

use kubevet_core::{
    declare_rule,
    finding::{Applicability, Edit, Fix},
    kubernetes::{Container, is_placeholder, values::image::ImageReference},
    rule::Context,
};

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
