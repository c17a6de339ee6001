//! The life of API versions of custom resources.

use std::collections::HashMap;

use kubevet_core::{
    declare_rule,
    facts::{custom_api, is_group},
    finding::{Applicability, Edit, Fix},
    index::ResourceSet,
    kubernetes::Object,
    rule::Context,
    yaml::NodeRef,
};

declare_rule! {
    /// The API version of a custom object is deprecated, or newer releases of its project do not serve it.
    ///
    /// ## Why
    /// After an upgrade of the project the API server answers "no matches for kind", and whatever applies the object
    /// fails. Where the files hold the CustomResourceDefinition, it decides; else what well-known projects (cert-manager,
    /// Cluster API, Flux, Gateway API, Istio, Karpenter, KEDA, Traefik and others) ship.
    ///
    /// ## Fix
    /// Use the API version that the project names. Fields may have moved.
    ///
    /// ## References
    /// The CustomResourceDefinitions that the projects release: `deprecated` and `served` of each version.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: cert-manager.io/v1alpha2
    /// kind: Issuer
    /// metadata: {name: internal}
    /// spec: {selfSigned: {}}
    /// ```
    /// ```yaml bad
    /// apiVersion: traefik.containo.us/v1alpha1
    /// kind: IngressRoute
    /// metadata: {name: web}
    /// spec: {routes: []}
    /// ```
    /// ```yaml bad
    /// apiVersion: example.org/v1beta1
    /// kind: Backup
    /// metadata: {name: nightly}
    /// ```
    /// ```yaml with crd.yaml
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata: {name: backups.example.org}
    /// spec:
    ///   group: example.org
    ///   names: {kind: Backup, plural: backups}
    ///   scope: Namespaced
    ///   versions:
    ///     - {name: v1beta1, served: true, storage: false, deprecated: true, deprecationWarning: use v1}
    ///     - {name: v1, served: true, storage: true}
    /// ```
    /// ```yaml good
    /// apiVersion: cert-manager.io/v1
    /// kind: Issuer
    /// metadata: {name: internal}
    /// spec: {selfSigned: {}}
    /// ```
    /// ```yaml good
    /// apiVersion: example.org/v1beta1
    /// kind: Backup
    /// metadata: {name: of-a-project-that-nobody-knows}
    /// ```
    pub CUSTOM_DEPRECATED {
        id: "api-version/custom-deprecated",
        class: Upgrade,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "releases of each project",
        peers: ["pluto:removed", "pluto:deprecated"],
        fix: Unsafe,
        check: Set(custom_deprecated),
    }
}

fn custom_deprecated(set: &ResourceSet, cx: &mut Context<'_>) {
    let definitions: HashMap<_, _> = set
        .of_kind("apiextensions.k8s.io", "CustomResourceDefinition")
        .filter_map(|definition| {
            let spec = definition.spec()?;
            Some(((spec.get("group")?.text(), spec.at(&["names", "kind"])?.text()), spec))
        })
        .collect();
    for object in set.objects().filter(|object| !is_group(object.group())) {
        let Some(node) = object.node().get("apiVersion") else { continue };
        match definitions.get(&(object.group(), object.kind())) {
            Some(spec) => by_definition(object, node, *spec, cx),
            None => by_releases(object, node, cx),
        }
    }
}

/// Asks the definition that the files hold.
fn by_definition(object: Object<'_>, node: NodeRef<'_>, spec: NodeRef<'_>, cx: &mut Context<'_>) {
    let versions = || spec.get("versions").into_iter().flat_map(NodeRef::items);
    let is = |version: NodeRef<'_>, field: &str| version.get(field).and_then(NodeRef::as_bool) == Some(true);
    let mut own =
        versions().filter(|version| version.get("name").is_some_and(|name| name.text() == object.version()));
    let Some(version) = own.find(|version| is(*version, "deprecated") && is(*version, "served")) else {
        return;
    };
    let message = format!("`{}` {} is deprecated by its definition", object.api_version(), object.kind());
    let place = version.get("deprecated").unwrap_or(version);
    let draft = cx.report(node, message).label(place, "the definition says so");
    // Definitions list their versions by age more often than not.
    let better = versions().filter(|version| is(*version, "served") && !is(*version, "deprecated"));
    let better = better.filter_map(|version| version.get("name")).map(NodeRef::text).last();
    match (version.get("deprecationWarning"), better) {
        (Some(words), _) if !words.text().is_empty() => {
            draft.help(format!("the definition says: {}", words.text()))
        }
        (_, Some(name)) => draft.help(format!("write `apiVersion: {}/{name}`", object.group())),
        _ => draft,
    };
}

/// Asks what well-known projects release.
fn by_releases(object: Object<'_>, node: NodeRef<'_>, cx: &mut Context<'_>) {
    let Some(api) = custom_api(object.api_version(), object.kind()) else { return };
    let what = format!("`{}` {}", object.api_version(), object.kind());
    let message = match (api.removed, api.deprecated) {
        (Some(release), _) => format!("{what} is not served by {} {release} and later", api.project),
        (None, Some(release)) => format!("{what} is deprecated since {} {release}", api.project),
        (None, None) => return,
    };
    let draft = cx.report(node, message);
    match api.replacement {
        None => draft.help(format!("nothing replaces it: see the release notes of {}", api.project)),
        Some(new) => draft.help(format!("write `apiVersion: {new}` and move what changed")).fix(Fix {
            title: format!("write `{new}`"),
            applicability: Applicability::Unsafe,
            edits: vec![Edit { span: node.span(), text: new.to_owned() }],
        }),
    };
}
