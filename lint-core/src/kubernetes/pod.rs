//! Pod specifications and containers, wherever an object holds them.

use super::{Object, string_map};
use crate::yaml::NodeRef;

/// Where objects hold a pod template, by API group and kind.
///
/// Built-in kinds are those with a `PodTemplateSpec` in `k8s.io/api`; the custom ones say `PodTemplateSpec`
/// (or Knative's subset of it) in their own API types: Argo Rollouts, Knative Serving, OpenKruise.
const TEMPLATES: &[(&str, &str, &[&str])] = &[
    ("", "Pod", &[]),
    ("", "PodTemplate", &["template"]),
    ("", "ReplicationController", &["spec", "template"]),
    ("apps", "Deployment", &["spec", "template"]),
    ("apps", "StatefulSet", &["spec", "template"]),
    ("apps", "DaemonSet", &["spec", "template"]),
    ("apps", "ReplicaSet", &["spec", "template"]),
    ("extensions", "Deployment", &["spec", "template"]),
    ("extensions", "DaemonSet", &["spec", "template"]),
    ("extensions", "ReplicaSet", &["spec", "template"]),
    ("batch", "Job", &["spec", "template"]),
    ("batch", "CronJob", &["spec", "jobTemplate", "spec", "template"]),
    ("argoproj.io", "Rollout", &["spec", "template"]),
    ("serving.knative.dev", "Service", &["spec", "template"]),
    ("serving.knative.dev", "Configuration", &["spec", "template"]),
    ("serving.knative.dev", "Revision", &[]),
    ("apps.kruise.io", "CloneSet", &["spec", "template"]),
    ("apps.kruise.io", "StatefulSet", &["spec", "template"]),
    ("apps.kruise.io", "DaemonSet", &["spec", "template"]),
];

/// A pod specification with the template (or Pod) that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PodSpec<'t> {
    object: Object<'t>,
    template: NodeRef<'t>,
    node: NodeRef<'t>,
}

impl<'t> PodSpec<'t> {
    /// The pod specification of an object, when its kind has one and it is written.
    pub fn of(object: Object<'t>) -> Option<Self> {
        let template = PodSpec::template_of(object)?;
        let node = template.get("spec").filter(|node| node.is_map())?;
        Some(PodSpec { object, template, node })
    }

    /// The mapping with `metadata` and `spec` of the pods that an object makes or is, whatever is written of it.
    pub(crate) fn template_of(object: Object<'t>) -> Option<NodeRef<'t>> {
        let (_, _, path) = TEMPLATES.iter().find(|(group, kind, _)| object.is(group, kind))?;
        object.node().at(path)
    }

    /// The object that holds it.
    pub fn object(self) -> Object<'t> {
        self.object
    }

    /// The mapping with `metadata` and `spec`: the pod template, or the Pod itself.
    pub fn template(self) -> NodeRef<'t> {
        self.template
    }

    /// The pod's `spec`.
    pub fn node(self) -> NodeRef<'t> {
        self.node
    }

    /// A field of the pod's `spec`.
    pub fn get(self, field: &str) -> Option<NodeRef<'t>> {
        self.node.get(field)
    }

    /// Labels that the pods will carry.
    pub fn labels(self) -> impl Iterator<Item = (&'t str, &'t str)> {
        string_map(self.template.at(&["metadata", "labels"]))
    }

    /// Annotations that the pods will carry.
    pub fn annotations(self) -> impl Iterator<Item = (&'t str, &'t str)> {
        string_map(self.template.at(&["metadata", "annotations"]))
    }

    /// One annotation of the pods.
    pub fn annotation(self, name: &str) -> Option<&'t str> {
        self.template.at(&["metadata", "annotations", name])?.as_str()
    }

    /// Every container: init (sidecars among them), regular, ephemeral, in the order of the API's validation.
    pub fn containers(self) -> impl Iterator<Item = Container<'t>> {
        const LISTS: [(&str, ContainerKind); 3] = [
            ("initContainers", ContainerKind::Init),
            ("containers", ContainerKind::Regular),
            ("ephemeralContainers", ContainerKind::Ephemeral),
        ];
        LISTS.into_iter().flat_map(move |(list, kind)| {
            let items = self.node.get(list).into_iter().flat_map(NodeRef::items);
            items.filter(|node| node.is_map()).map(move |node| Container::new(self, kind, node))
        })
    }

    /// Containers that run for the life of the pod: regular ones and sidecars.
    pub fn long_running(self) -> impl Iterator<Item = Container<'t>> {
        self.containers().filter(|container| container.is_long_running())
    }

    /// `spec.volumes`.
    pub fn volumes(self) -> impl Iterator<Item = NodeRef<'t>> {
        self.node.get("volumes").into_iter().flat_map(NodeRef::items)
    }

    /// Whether the pod runs on Windows: `spec.os.name`, or a node selector that says so.
    pub fn is_windows(self) -> bool {
        let says = |path: &[&str]| self.node.at(path).and_then(NodeRef::as_str) == Some("windows");
        says(&["os", "name"])
            || says(&["nodeSelector", "kubernetes.io/os"])
            || says(&["nodeSelector", "beta.kubernetes.io/os"])
    }

    /// Whether the pod has its own user namespace (`hostUsers: false`).
    pub fn has_user_namespace(self) -> bool {
        self.flag("hostUsers") == Some(false)
    }

    /// A boolean of the pod's `spec`.
    pub fn flag(self, field: &str) -> Option<bool> {
        self.node.get(field)?.as_bool()
    }

    /// `serviceAccountName`, else the deprecated alias `serviceAccount`, else `default`.
    pub fn service_account(self) -> &'t str {
        let text = |field| self.node.get(field)?.as_str().filter(|name| !name.is_empty());
        text("serviceAccountName").or_else(|| text("serviceAccount")).unwrap_or("default")
    }

    /// The pod's `securityContext`.
    pub fn security_context(self) -> Option<NodeRef<'t>> {
        self.node.get("securityContext")
    }
}

/// The list a container stands in, and what that means for its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContainerKind {
    /// Runs to completion before the regular ones start.
    Init,
    /// An init container with `restartPolicy: Always`: lives as long as the pod.
    Sidecar,
    /// `containers`.
    Regular,
    /// Added to a running pod for debugging.
    Ephemeral,
}

/// One container of a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Container<'t> {
    pod: PodSpec<'t>,
    kind: ContainerKind,
    node: NodeRef<'t>,
}

/// Fields that a container takes from the pod's `securityContext` when it does not set them
/// (`k8s.io/kubernetes/pkg/securitycontext.DetermineEffectiveSecurityContext`).
const INHERITED: &[&str] = &[
    "appArmorProfile",
    "runAsGroup",
    "runAsNonRoot",
    "runAsUser",
    "seLinuxOptions",
    "seccompProfile",
    "windowsOptions",
];

impl<'t> Container<'t> {
    fn new(pod: PodSpec<'t>, kind: ContainerKind, node: NodeRef<'t>) -> Self {
        let restarts = || node.get("restartPolicy").and_then(NodeRef::as_str) == Some("Always");
        let kind = if kind == ContainerKind::Init && restarts() { ContainerKind::Sidecar } else { kind };
        Container { pod, kind, node }
    }

    /// The pod it belongs to.
    pub fn pod(self) -> PodSpec<'t> {
        self.pod
    }

    /// Which list it stands in.
    pub fn kind(self) -> ContainerKind {
        self.kind
    }

    /// The mapping.
    pub fn node(self) -> NodeRef<'t> {
        self.node
    }

    /// A field of the container.
    pub fn get(self, field: &str) -> Option<NodeRef<'t>> {
        self.node.get(field)
    }

    /// Its name, `""` when it has none.
    pub fn name(self) -> &'t str {
        self.node.get("name").and_then(NodeRef::as_str).unwrap_or_default()
    }

    /// What messages call it: "container `web`"; "an unnamed container".
    pub fn title(self) -> String {
        match self.name() {
            "" => "an unnamed container".to_owned(),
            name => format!("container `{name}`"),
        }
    }

    /// `image`, when it is a non-empty string.
    pub fn image(self) -> Option<NodeRef<'t>> {
        self.node.get("image").filter(|image| image.as_str().is_some_and(|text| !text.is_empty()))
    }

    /// Whether it lives as long as the pod.
    pub fn is_long_running(self) -> bool {
        matches!(self.kind, ContainerKind::Regular | ContainerKind::Sidecar)
    }

    /// The container's own `securityContext`.
    pub fn security_context(self) -> Option<NodeRef<'t>> {
        self.node.get("securityContext")
    }

    /// A field of the container's own `securityContext`.
    pub fn own(self, field: &str) -> Option<NodeRef<'t>> {
        self.security_context()?.get(field).filter(|value| !value.is_null())
    }

    /// A field of `securityContext` as the container runtime sees it: the container's own value, else
    /// the pod's where the field is one that containers inherit.
    pub fn effective(self, field: &str) -> Option<NodeRef<'t>> {
        self.own(field).or_else(|| {
            let inherited = INHERITED.contains(&field);
            let pod = inherited.then(|| self.pod.security_context())??;
            pod.get(field).filter(|value| !value.is_null())
        })
    }

    /// Entries of `resources.requests` or `resources.limits`: name and quantity.
    pub fn resources(self, list: &str) -> impl Iterator<Item = (&'t str, NodeRef<'t>)> {
        let entries = self.node.at(&["resources", list]).into_iter().flat_map(NodeRef::entries);
        entries.map(|entry| (entry.key.text(), entry.value))
    }

    /// One entry of `resources.requests` or `resources.limits`.
    pub fn resource(self, list: &str, name: &str) -> Option<NodeRef<'t>> {
        self.node.at(&["resources", list, name]).filter(|value| !value.is_null())
    }

    /// `ports`.
    pub fn ports(self) -> impl Iterator<Item = NodeRef<'t>> {
        self.node.get("ports").into_iter().flat_map(NodeRef::items)
    }
}
