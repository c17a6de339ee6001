//! The names that pods, service accounts and Ingresses say of configuration and Secrets.

use kubevet_core::{
    index::ResourceSet,
    kubernetes::{Object, PodSpec},
    yaml::NodeRef,
};

/// Kind of object that a reference names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    ConfigMap,
    Secret,
}

impl Kind {
    /// `ConfigMap` or `Secret`.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::ConfigMap => "ConfigMap",
            Kind::Secret => "Secret",
        }
    }
}

/// One name in one place.
#[derive(Clone, Copy)]
pub struct Reference<'t> {
    pub kind: Kind,
    pub name: NodeRef<'t>,
    /// A key that must be in it.
    pub key: Option<NodeRef<'t>>,
    /// What happens without it.
    pub effect: Effect,
}

/// What happens when the object of a reference is missing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    ContainerWaits,
    PodWaits,
    PullsWithoutCredentials,
    ServesAnotherCertificate,
}

impl Effect {
    /// In words.
    pub const fn name(self) -> &'static str {
        match self {
            Effect::ContainerWaits => "the container does not start",
            Effect::PodWaits => "the pod does not start",
            Effect::PullsWithoutCredentials => "images are pulled without credentials",
            Effect::ServesAnotherCertificate => "the controller serves its own certificate",
        }
    }

    /// Whether such a reference has a field `optional`.
    pub const fn is_optional(self) -> bool {
        matches!(self, Effect::ContainerWaits | Effect::PodWaits)
    }
}

/// References of a pod that are not optional: environment, volumes, credentials for images.
pub fn of_pod(pod: PodSpec<'_>) -> Vec<Reference<'_>> {
    let mut found = Vec::new();
    for container in pod.containers() {
        let items = |list| container.get(list).into_iter().flat_map(NodeRef::items);
        for variable in items("env").filter_map(|variable| variable.get("valueFrom")) {
            for (field, kind) in [("configMapKeyRef", Kind::ConfigMap), ("secretKeyRef", Kind::Secret)] {
                let node = variable.get(field);
                push(
                    &mut found,
                    kind,
                    node,
                    "name",
                    node.and_then(|node| node.get("key")),
                    Effect::ContainerWaits,
                );
            }
        }
        for source in items("envFrom") {
            push(
                &mut found,
                Kind::ConfigMap,
                source.get("configMapRef"),
                "name",
                None,
                Effect::ContainerWaits,
            );
            push(&mut found, Kind::Secret, source.get("secretRef"), "name", None, Effect::ContainerWaits);
        }
    }
    for volume in pod.volumes() {
        source(&mut found, Kind::ConfigMap, volume.get("configMap"), "name");
        source(&mut found, Kind::Secret, volume.get("secret"), "secretName");
        for projected in volume.at(&["projected", "sources"]).into_iter().flat_map(NodeRef::items) {
            source(&mut found, Kind::ConfigMap, projected.get("configMap"), "name");
            source(&mut found, Kind::Secret, projected.get("secret"), "name");
        }
    }
    pull_secrets(&mut found, pod.get("imagePullSecrets"));
    found
}

/// Credentials for images that a service account adds to its pods.
pub fn of_account(account: Object<'_>) -> Vec<Reference<'_>> {
    let mut found = Vec::new();
    pull_secrets(&mut found, account.node().get("imagePullSecrets"));
    found
}

/// Certificates of an Ingress.
pub fn of_ingress(ingress: Object<'_>) -> Vec<Reference<'_>> {
    let mut found = Vec::new();
    let tls = ingress.spec().and_then(|spec| spec.get("tls")).into_iter().flat_map(NodeRef::items);
    for entry in tls {
        push(&mut found, Kind::Secret, Some(entry), "secretName", None, Effect::ServesAnotherCertificate);
    }
    found
}

fn pull_secrets<'t>(found: &mut Vec<Reference<'t>>, list: Option<NodeRef<'t>>) {
    for secret in list.into_iter().flat_map(NodeRef::items) {
        push(found, Kind::Secret, Some(secret), "name", None, Effect::PullsWithoutCredentials);
    }
}

/// A volume, once for itself and once for each key that it picks.
fn source<'t>(found: &mut Vec<Reference<'t>>, kind: Kind, node: Option<NodeRef<'t>>, field: &str) {
    push(found, kind, node, field, None, Effect::PodWaits);
    for item in node.and_then(|node| node.get("items")).into_iter().flat_map(NodeRef::items) {
        push(found, kind, node, field, item.get("key"), Effect::PodWaits);
    }
}

fn push<'t>(
    found: &mut Vec<Reference<'t>>,
    kind: Kind,
    node: Option<NodeRef<'t>>,
    field: &str,
    key: Option<NodeRef<'t>>,
    effect: Effect,
) {
    let Some(node) = node else { return };
    let optional = node.get("optional").is_some_and(|optional| optional.as_bool() != Some(false));
    let name = node.get(field).filter(|name| name.as_str().is_some_and(|text| !text.is_empty()));
    if let Some(name) = name.filter(|_| !optional) {
        found.push(Reference { kind, name, key, effect });
    }
}

/// Every object of the set that holds references, with its namespace and its references.
pub fn all(set: &ResourceSet) -> impl Iterator<Item = (Object<'_>, &str, Vec<Reference<'_>>)> {
    set.objects().filter_map(|object| {
        let references = match (object.group(), object.kind()) {
            ("", "ServiceAccount") => of_account(object),
            ("networking.k8s.io" | "extensions", "Ingress") => of_ingress(object),
            _ => of_pod(PodSpec::of(object)?),
        };
        Some((object, set.namespace(object).name()?, references))
    })
}

/// What the controller manager of the cluster, or of an `OpenShift` cluster, puts into every namespace.
const EVERYWHERE: &[&str] = &["kube-root-ca.crt", "openshift-service-ca.crt"];

/// Whether something that is no object of that name makes it: the cluster, kustomize, an operator.
pub fn is_made(set: &ResourceSet, reference: Reference<'_>, namespace: &str) -> bool {
    let name = reference.name.text();
    set.generates(reference.kind.name(), namespace, name)
        || match reference.kind {
            Kind::ConfigMap => EVERYWHERE.contains(&name),
            Kind::Secret => makes_secret(set, namespace, name),
        }
}

/// cert-manager, Sealed Secrets, External Secrets, and the certificates that cert-manager makes for an Ingress.
fn makes_secret(set: &ResourceSet, namespace: &str, name: &str) -> bool {
    let at =
        |object: &Object<'_>, path: &[&str]| object.node().at(path).and_then(NodeRef::as_str) == Some(name);
    let own = |object: &Object<'_>| object.name() == Some(name);
    set.in_namespace("cert-manager.io", "Certificate", namespace).any(|one| at(&one, &["spec", "secretName"]))
        || set
            .in_namespace("bitnami.com", "SealedSecret", namespace)
            .any(|one| own(&one) || at(&one, &["spec", "template", "metadata", "name"]))
        || set.in_namespace("external-secrets.io", "ExternalSecret", namespace).any(|one| {
            at(&one, &["spec", "target", "name"])
                || one.node().at(&["spec", "target", "name"]).is_none() && own(&one)
        })
        || set.of_kind("external-secrets.io", "ClusterExternalSecret").next().is_some()
        || set.in_namespace("networking.k8s.io", "Ingress", namespace).any(|ingress| {
            let annotated = ingress.annotations().any(|(key, _)| {
                key.starts_with("cert-manager.io/") || key.starts_with("kubernetes.io/tls-acme")
            });
            annotated && of_ingress(ingress).iter().any(|reference| reference.name.text() == name)
        })
        || ["Issuer", "ClusterIssuer"]
            .into_iter()
            .flat_map(|kind| set.of_kind("cert-manager.io", kind))
            .any(|one| at(&one, &["spec", "acme", "privateKeySecretRef", "name"]))
}
