//! OpenShift's own objects in forms of the past.

use kubevet_core::{
    declare_rule,
    finding::{Applicability, Edit, Fix},
    kubernetes::Object,
    rule::{Context, Key, Kinds},
};

declare_rule! {
    /// An OpenShift object is of a deprecated kind, uses a deprecated build strategy, or names no API group.
    ///
    /// ## Why
    /// `DeploymentConfig` is deprecated since OpenShift 4.14, and only receives fixes. The pipeline build strategy gave way to
    /// OpenShift Pipelines. Kinds of OpenShift without a group (`apiVersion: v1`) are the form of OpenShift 3: an API server
    /// takes `v1` for the core group of Kubernetes, which has no such kinds.
    ///
    /// ## Fix
    /// Use a Deployment, or OpenShift Pipelines; write the group of the kind.
    ///
    /// ## References
    /// `github.com/openshift/api`: life cycle marks of `apps/v1`, deprecations of `build/v1`, kinds of the `legacy.go` files.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: apps.openshift.io/v1
    /// kind: DeploymentConfig
    /// metadata: {name: web}
    /// spec: {replicas: 2}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ImageStream
    /// metadata: {name: web}
    /// ```
    /// ```yaml bad
    /// apiVersion: build.openshift.io/v1
    /// kind: BuildConfig
    /// metadata: {name: web}
    /// spec:
    ///   strategy:
    ///     type: JenkinsPipeline
    ///     jenkinsPipelineStrategy: {jenkinsfilePath: Jenkinsfile}
    /// ```
    /// ```yaml good
    /// apiVersion: image.openshift.io/v1
    /// kind: ImageStream
    /// metadata: {name: web}
    /// ```
    /// ```yaml good
    /// apiVersion: build.openshift.io/v1
    /// kind: BuildConfig
    /// metadata: {name: web}
    /// spec:
    ///   strategy: {type: Docker, dockerStrategy: {}}
    /// ```
    pub OPENSHIFT_LEGACY {
        id: "api-version/openshift-legacy",
        class: Upgrade,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "releases of OpenShift",
        peers: [
            "kyverno-policies:openshift/disallow-deprecated-apis",
            "kyverno-policies:openshift/disallow-jenkins-pipeline-strategy",
        ],
        fix: Safe,
        check: Object(
            Kinds::Groups(&["", "apps.openshift.io", "build.openshift.io"]),
            openshift_legacy
        ),
    }
}

/// Kinds that OpenShift 3 served without a group and people write into files, with their groups; but for those that
/// Kubernetes has in a group of its own.
const GROUPLESS: &[(&str, &str)] = &[
    ("BuildConfig", "build"),
    ("ClusterNetwork", "network"),
    ("ClusterResourceQuota", "quota"),
    ("DeploymentConfig", "apps"),
    ("EgressNetworkPolicy", "network"),
    ("Group", "user"),
    ("HostSubnet", "network"),
    ("Identity", "user"),
    ("Image", "image"),
    ("ImageStream", "image"),
    ("ImageStreamImport", "image"),
    ("ImageStreamMapping", "image"),
    ("ImageStreamTag", "image"),
    ("NetNamespace", "network"),
    ("OAuthClient", "oauth"),
    ("OAuthClientAuthorization", "oauth"),
    ("Project", "project"),
    ("ProjectRequest", "project"),
    ("RoleBindingRestriction", "authorization"),
    ("Route", "route"),
    ("SecurityContextConstraints", "security"),
    ("Template", "template"),
    ("User", "user"),
    ("UserIdentityMapping", "user"),
];

fn openshift_legacy(object: Object<'_>, cx: &mut Context<'_>) {
    let Some(version) = object.node().get("apiVersion") else { return };
    match (object.group(), object.kind()) {
        ("", kind) if object.version() == "v1" => {
            let Some((_, group)) = GROUPLESS.iter().find(|(groupless, _)| *groupless == kind) else { return };
            let new = format!("{group}.openshift.io/v1");
            let message = format!("`v1` has no {kind}: since OpenShift 4 the kind belongs to a group");
            cx.report(version, message).help(format!("write `apiVersion: {new}`")).fix(Fix {
                title: format!("write `{new}`"),
                applicability: Applicability::Safe,
                edits: vec![Edit { span: version.span(), text: new }],
            });
        }
        ("apps.openshift.io", "DeploymentConfig") => {
            cx.report(version, "`DeploymentConfig` is deprecated since OpenShift 4.14")
                .help("use an `apps/v1` Deployment");
        }
        ("build.openshift.io", "BuildConfig") => {
            let strategy = object.node().at(&["spec", "strategy"]);
            let Some(strategy) = strategy.and_then(|strategy| strategy.get("jenkinsPipelineStrategy")) else {
                return;
            };
            let message = "the pipeline build strategy is deprecated: OpenShift Pipelines took its place";
            cx.report(Key(strategy), message).help("write the steps as Pipelines of Tekton");
        }
        _ => {}
    }
}
