//! Kinds that nobody knows.

use kubevet_core::{
    declare_rule,
    kubernetes::Object,
    rule::{Context, Kinds},
    schema::Problem,
    suggest::closest,
};
use kubevet_facts::{Api, Version, apis_of_group, apis_of_kind, is_group};

declare_rule! {
    /// The API group is one of Kubernetes' own, and no version of Kubernetes has this kind or version in it.
    ///
    /// ## Why
    /// The API server answers "no matches for kind": nothing of the object exists.
    ///
    /// Kinds that Kubernetes no longer has are left to `api-version/removed`, and those that are newer than the target version
    /// to `api-version/not-yet-available`. What is no resource (options of requests, kubeconfig files) is not reported, nor are
    /// the kinds that OpenShift once had under `v1`.
    ///
    /// ## Fix
    /// Correct the kind, or give it the group and version that it has.
    ///
    /// ## References
    /// The discovery documents of the supported versions of Kubernetes.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: Deploymnet
    /// metadata: {name: web}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// ```
    /// ```yaml bad
    /// apiVersion: networking.k8s.io/v2
    /// kind: Ingress
    /// metadata: {name: web}
    /// ```
    /// ```yaml good
    /// apiVersion: extensions/v1beta1
    /// kind: Ingress
    /// metadata: {name: removed-which-is-another-matter}
    /// ---
    /// apiVersion: example.org/v1
    /// kind: Deploymnet
    /// metadata: {name: of-somebody-else}
    /// ---
    /// apiVersion: v1
    /// kind: Config
    /// clusters: []
    /// ```
    pub UNKNOWN_KIND {
        id: "schema/unknown-kind",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(Kinds::Any, unknown_kind),
    }
}

fn unknown_kind(object: Object<'_>, cx: &mut Context<'_>) {
    let (group, api_version, kind) = (object.group(), object.api_version(), object.kind());
    let unknown = |text: &str| kubevet_core::kubernetes::is_placeholder(text);
    let core = group.is_empty();
    if !is_group(group)
        || core && (api_version != "v1" || OPENSHIFT.contains(&kind))
        || is_no_resource(kind)
        || unknown(kind)
        || unknown(api_version)
    {
        return;
    }
    let known: Vec<Api> = apis_of_kind(kind).collect();
    if known.iter().any(|api| api.api_version == api_version) {
        return;
    }
    let at = |key: &str| object.node().get(key).unwrap_or(object.node());
    let here = known.iter().any(|api| group_of(api) == group);
    let of = if core { "the core group".to_owned() } else { format!("the API group `{group}`") };
    if here {
        cx.report(at("apiVersion"), unserved(object)).help(versions(&known, Some(group)));
    } else if known.is_empty() {
        let message = format!("{of} has no kind `{kind}`: the API server refuses the object");
        let mut kinds: Vec<&str> = apis_of_group(group).map(|api| api.kind).collect();
        kinds.retain(|kind| !kind.ends_with("List"));
        kinds.dedup();
        let help = match closest(kind, kinds) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "correct `kind` or `apiVersion`".to_owned(),
        };
        cx.report(at("kind"), message).help(help);
    } else {
        cx.report(at("apiVersion"), unserved(object)).help(versions(&known, None));
    }
}

fn unserved(object: Object<'_>) -> String {
    let (api_version, kind, oldest) = (object.api_version(), object.kind(), Version::oldest());
    format!("no Kubernetes since {oldest} serves `{api_version}` {kind}: the API server refuses the object")
}

fn group_of(api: &Api) -> &'static str {
    api.api_version.split_once('/').map_or("", |(group, _)| group)
}

/// Names the versions that are served, the most stable first.
fn versions(known: &[Api], group: Option<&str>) -> String {
    let wanted = |api: &&Api| group.is_none_or(|group| group_of(api) == group);
    let mut shown: Vec<&Api> = known.iter().filter(wanted).filter(|api| api.removed.is_none()).collect();
    if shown.is_empty() {
        return "Kubernetes no longer has the kind".to_owned();
    }
    // `v1` before `v1beta1`.
    shown.sort_by_key(|api| {
        (api.api_version.contains("alpha"), api.api_version.contains("beta"), api.api_version)
    });
    shown.truncate(3);
    let names: Vec<String> = shown.iter().map(|api| format!("`{}`", api.api_version)).collect();
    format!("use {}", names.join(" or "))
}

/// What requests and answers are made of, and files of programs: `k8s.io/apimachinery/pkg/apis/meta/v1` and the types
/// of `k8s.io/api` that are no resources.
fn is_no_resource(kind: &str) -> bool {
    let whole = kind.strip_suffix("List").unwrap_or(kind);
    NO_RESOURCES.contains(&whole)
        || kind.ends_with("Options")
        || kind.ends_with("Review")
        || whole != kind && (whole.is_empty() || apis_of_kind(whole).next().is_some())
}

const NO_RESOURCES: &[&str] = &[
    "APIGroup",
    "APIResource",
    "APIVersions",
    "Binding",
    "Config",
    "DeploymentRollback",
    "Eviction",
    "PartialObjectMetadata",
    "PodStatusResult",
    "Policy",
    "RangeAllocation",
    "Scale",
    "SerializedReference",
    "Status",
    "Table",
    "TokenRequest",
    "WatchEvent",
];

/// Kinds of OpenShift that its first versions served under `v1`; its tools still read them.
const OPENSHIFT: &[&str] = &[
    "Build",
    "BuildConfig",
    "ClusterNetwork",
    "ClusterResourceQuota",
    "ClusterRole",
    "ClusterRoleBinding",
    "DeploymentConfig",
    "EgressNetworkPolicy",
    "Group",
    "HostSubnet",
    "Identity",
    "Image",
    "ImageStream",
    "ImageStreamImage",
    "ImageStreamImport",
    "ImageStreamMapping",
    "ImageStreamTag",
    "NetNamespace",
    "OAuthAccessToken",
    "OAuthAuthorizeToken",
    "OAuthClient",
    "OAuthClientAuthorization",
    "PolicyBinding",
    "ProcessedTemplate",
    "Project",
    "ProjectRequest",
    "Role",
    "RoleBinding",
    "RoleBindingRestriction",
    "Route",
    "SecurityContextConstraints",
    "Template",
    "TemplateConfig",
    "User",
    "UserIdentityMapping",
];

declare_rule! {
    /// An object is of a custom kind whose schema nobody gives: it was not validated.
    ///
    /// ## Why
    /// Misspelt fields and wrong types of such an object are found by the API server only. The summary of a run counts these objects;
    /// this rule names each of them. `--strict` turns it on as an error.
    ///
    /// ## Fix
    /// Give the `CustomResourceDefinition` with `--crd PATH`, JSON schemas with `--schema-location TEMPLATE`, or add the definition to the
    /// files.
    ///
    /// ## References
    /// Kubernetes documentation, "Extend the Kubernetes API with CustomResourceDefinitions".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: example.org/v1
    /// kind: Widget
    /// metadata: {name: web}
    /// ```
    /// ```yaml good
    /// apiVersion: example.org/v1
    /// kind: Widget
    /// metadata: {name: web}
    /// ```
    /// ```yaml with widgets.yaml
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata: {name: widgets.example.org}
    /// spec:
    ///   group: example.org
    ///   scope: Namespaced
    ///   names: {kind: Widget, plural: widgets}
    ///   versions:
    ///     - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
    /// ```
    pub UNKNOWN_CUSTOM_KIND {
        id: "schema/unknown-custom-kind",
        class: Hygiene,
        severity: Info,
        profiles: [],
        versions: "all",
        peers: ["kube-linter:schema-validation", "monokle:K8S001", "kubeconform:schema", "kubectl-validate:openapi"],
        check: Schema(unknown_custom_kind),
    }
}

fn unknown_custom_kind(object: Object<'_>, cx: &mut Context<'_>) {
    let violations = cx.violations(object);
    if !violations.iter().any(|violation| matches!(violation.problem, Problem::NoSchema)) {
        return;
    }
    let (api_version, kind) = (object.api_version(), object.kind());
    let at = object.node().get("kind").unwrap_or(object.node());
    cx.report(at, format!("there is no schema of `{api_version}` {kind}: the object was not validated"))
        .help("give its `CustomResourceDefinition` with `--crd`, or JSON schemas with `--schema-location`");
}
