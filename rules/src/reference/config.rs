//! Configuration and Secrets that are missing, or lack a key.

use std::collections::HashSet;

use kubevet_core::{
    declare_rule,
    index::{Absent, ResourceSet},
    kubernetes::{Object, is_placeholder},
    rule::Context,
    suggest::closest,
    yaml::NodeRef,
};

use super::names::{Kind, Reference, all, is_made};

declare_rule! {
    /// A pod refers to a ConfigMap that does not exist.
    ///
    /// ## Why
    /// The kubelet does not start a container with `CreateContainerConfigError`, and does not mount the volume, until
    /// the ConfigMap is there.
    ///
    /// ## Fix
    /// Correct the name, add the ConfigMap, or mark the reference `optional: true`. ConfigMaps that kustomize
    /// generates and those that the cluster makes itself are known.
    ///
    /// ## References
    /// Kubernetes documentation, "ConfigMaps".
    ///
    /// ## Examples
    /// ```yaml bad closed
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: web:1
    ///     envFrom: [{configMapRef: {name: web-conf}}]
    /// ```
    /// ```yaml with config.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: web-config}
    /// ```
    /// ```yaml good closed
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: web:1
    ///     envFrom: [{configMapRef: {name: tuning, optional: true}}]
    ///   volumes:
    ///   - name: ca
    ///     configMap: {name: kube-root-ca.crt}
    /// ```
    /// ```yaml good closed web.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: web:1
    ///     envFrom: [{configMapRef: {name: web-config}}]
    /// ```
    /// ```yaml with kustomization.yaml
    /// resources: [web.yaml]
    /// configMapGenerator:
    /// - name: web-config
    ///   literals: [a=b]
    /// ```
    pub CONFIG_MAP_MISSING {
        id: "reference/config-map-missing",
        class: Consistency,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: ["kube-linter:env-value-from", "kubevious:container-env-secret-ref", "kubevious:container-env-from-secret-ref", "kubevious:container-env-from-config-map-ref", "kubevious:container-env-config-map-ref", "kubevious:pod-spec-volume-config-map-ref", "kubevious:pod-spec-volume-secret-ref", "kubevious:pod-spec-volume-pvc-ref", "kubevious:container-volume-mount-ref", "popeye:POP-407", "monokle:LNK001", "monokle:LNK002"],
        absence: true,
        check: Set(config_map_missing),
    }
}

fn config_map_missing(set: &ResourceSet, cx: &mut Context<'_>) {
    missing(set, Kind::ConfigMap, cx);
}

declare_rule! {
    /// Something refers to a Secret that does not exist.
    ///
    /// ## Why
    /// A container does not start, a volume is not mounted, an image is pulled without credentials, or an Ingress is
    /// served with the controller's own certificate.
    ///
    /// ## Fix
    /// Correct the name, add what makes the Secret, or mark the reference `optional: true`. Secrets that kustomize,
    /// cert-manager, Sealed Secrets or External Secrets make are known. Since Secrets are often made by hand, only
    /// names that are nearly right are reported, unless the set is said to be closed.
    ///
    /// ## References
    /// Kubernetes documentation, "Secrets".
    ///
    /// ## Examples
    /// ```yaml bad closed
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers: [{name: web, image: web:1}]
    ///   volumes:
    ///   - name: tls
    ///     secret: {secretName: web-tls}
    /// ```
    /// ```yaml good closed
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers: [{name: web, image: web:1}]
    ///   volumes:
    ///   - name: tls
    ///     secret: {secretName: web-tls}
    /// ```
    /// ```yaml with certificate.yaml
    /// apiVersion: cert-manager.io/v1
    /// kind: Certificate
    /// metadata: {name: web}
    /// spec: {secretName: web-tls, issuerRef: {name: ca}}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers: [{name: web, image: web:1}]
    ///   imagePullSecrets: [{name: registry}]
    /// ```
    pub SECRET_MISSING {
        id: "reference/secret-missing",
        class: Consistency,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: ["kube-linter:env-value-from", "kubevious:container-env-secret-ref", "kubevious:container-env-from-secret-ref", "kubevious:container-env-from-config-map-ref", "kubevious:container-env-config-map-ref", "kubevious:pod-spec-volume-config-map-ref", "kubevious:pod-spec-volume-secret-ref", "kubevious:pod-spec-volume-pvc-ref", "kubevious:container-volume-mount-ref"],
        absence: true,
        check: Set(secret_missing),
    }
}

fn secret_missing(set: &ResourceSet, cx: &mut Context<'_>) {
    missing(set, Kind::Secret, cx);
}

fn missing(set: &ResourceSet, kind: Kind, cx: &mut Context<'_>) {
    let mut found = HashSet::new();
    let mut missing: Vec<(Reference<'_>, &str, Absent<'_>)> = Vec::new();
    for (object, namespace, references) in all(set) {
        let mut seen = HashSet::new();
        for reference in references.into_iter().filter(|reference| reference.kind == kind) {
            let name = reference.name.text();
            // A name that one object says twice is one mistake.
            if !seen.insert(name) {
                continue;
            }
            match set.absent(object, "", kind.name(), Some(namespace), name) {
                Some(absent) if !is_made(set, reference, namespace) => {
                    missing.push((reference, namespace, absent));
                }
                _ => {
                    found.insert((namespace, name));
                }
            }
        }
    }
    if set.may_guess() {
        // Where most names are missing, the objects are elsewhere. Secrets often are: only what is nearly there counts.
        let names: HashSet<_> =
            missing.iter().map(|(reference, namespace, _)| (*namespace, reference.name.text())).collect();
        let elsewhere = kind == Kind::Secret || set.is_elsewhere(names.len(), found.len());
        missing.retain(|(_, _, absent)| !elsewhere || absent.near.is_some());
    }
    for (reference, namespace, absent) in missing {
        report_missing(reference, namespace, absent, cx);
    }
}

fn report_missing(reference: Reference<'_>, namespace: &str, absent: Absent<'_>, cx: &mut Context<'_>) {
    let (kind, name, effect) = (reference.kind.name(), reference.name.text(), reference.effect.name());
    let or = if reference.effect.is_optional() { ", or mark the reference `optional: true`" } else { "" };
    let draft = cx
        .report(reference.name, format!("there is no {kind} `{name}` in namespace `{namespace}`: {effect}"))
        .help(format!("correct the name or add the {kind}{or}"));
    if let Some((near, _)) = absent.near {
        draft.label(near, absent.describe());
    }
}

declare_rule! {
    /// A pod asks a ConfigMap or Secret for a key that it does not have.
    ///
    /// ## Why
    /// The kubelet does not start the container with `CreateContainerConfigError`, and does not mount the volume.
    ///
    /// ## Fix
    /// Correct the key, add it, or mark the reference `optional: true`.
    ///
    /// ## References
    /// Kubernetes documentation, "Configure a Pod to Use a ConfigMap".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: web:1
    ///     env:
    ///     - name: PASSWORD
    ///       valueFrom: {secretKeyRef: {name: database, key: pasword}}
    /// ---
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: database}
    /// stringData: {password: from-vault}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: web:1
    ///     env:
    ///     - name: PASSWORD
    ///       valueFrom: {secretKeyRef: {name: database, key: password}}
    ///     - name: LEVEL
    ///       valueFrom: {configMapKeyRef: {name: tuning, key: level, optional: true}}
    /// ---
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: database}
    /// stringData: {password: from-vault}
    /// ---
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: tuning}
    /// data: {size: "5"}
    /// ```
    pub KEY_MISSING {
        id: "reference/key-missing",
        class: Consistency,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: ["kube-linter:env-value-from", "kubevious:container-env-secret-ref", "kubevious:container-env-from-secret-ref", "kubevious:container-env-from-config-map-ref", "kubevious:container-env-config-map-ref", "kubevious:pod-spec-volume-config-map-ref", "kubevious:pod-spec-volume-secret-ref", "kubevious:pod-spec-volume-pvc-ref", "kubevious:container-volume-mount-ref", "popeye:POP-304", "popeye:POP-305"],
        absence: true,
        check: Set(key_missing),
    }
}

fn key_missing(set: &ResourceSet, cx: &mut Context<'_>) {
    for (_, namespace, references) in all(set) {
        for reference in references {
            let Some(key) =
                reference.key.filter(|key| key.as_str().is_some_and(|text| !is_placeholder(text)))
            else {
                continue;
            };
            let Some(holder) = holder(set, reference, namespace) else { continue };
            let keys = keys(holder);
            // Without any, somebody else fills it: a controller, an injected certificate bundle.
            let known = |own: &NodeRef<'_>| own.text() == key.text() || is_placeholder(own.text());
            if keys.is_empty() || keys.iter().any(known) || is_made(set, reference, namespace) {
                continue;
            }
            let (kind, name) = (holder.kind(), holder.name().unwrap_or_default());
            let (text, effect) = (key.text(), reference.effect.name());
            let draft = cx
                .report(key, format!("the {kind} `{name}` has no key `{text}`: {effect}"))
                .help("correct the key, add it, or mark the reference `optional: true`");
            let near = closest(text, keys.iter().map(|key| key.text()));
            match keys.iter().find(|key| near == Some(key.text())) {
                Some(own) => draft.label(*own, format!("there is `{}`", own.text())),
                None => draft.label(holder, format!("{kind} `{name}`")),
            };
        }
    }
}

/// The only object that a reference can mean, when its keys are all in the files.
fn holder<'a>(set: &'a ResourceSet, reference: Reference<'_>, namespace: &str) -> Option<Object<'a>> {
    let name = reference.name.text();
    let mut found =
        set.named("", reference.kind.name(), name).filter(|one| set.namespace(*one).may_be(namespace));
    let only = found.next().filter(|one| found.next().is_none() && set.is_whole(*one))?;
    // The token controller fills in what it signs.
    let token = only.node().get("type").map(NodeRef::text) == Some("kubernetes.io/service-account-token");
    (!token).then_some(only)
}

/// Keys of either kind.
fn keys(holder: Object<'_>) -> Vec<NodeRef<'_>> {
    let lists = ["data", "stringData", "binaryData"].into_iter().filter_map(|list| holder.node().get(list));
    lists.flat_map(NodeRef::entries).map(|entry| entry.key).collect()
}
