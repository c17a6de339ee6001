//! The life of API versions: introduced, off by default, deprecated, removed.

use kubevet_core::{
    declare_rule,
    facts::{Api, Component, Version, api, apis_of_kind, group_version_on},
    finding::{Applicability, Edit, Fix},
    index::ResourceSet,
    kubernetes::Object,
    rule::{Context, Draft, Key, Kinds},
    settings::Setting,
    yaml::NodeRef,
};

use super::moves::{Moves, moves};

declare_rule! {
    /// The target version no longer serves the object's API version.
    ///
    /// ## Why
    /// The API server answers "no matches for kind": the object cannot be created or changed, and an upgrade to this
    /// version breaks whatever applies it.
    ///
    /// ## Fix
    /// Use the API version that replaced it. The finding marks the fields that are called otherwise or end.
    ///
    /// ## References
    /// Kubernetes documentation, "Deprecated API Migration Guide".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: batch/v1beta1
    /// kind: CronJob
    /// metadata: {name: report}
    /// spec: {schedule: "0 3 * * *"}
    /// ```
    /// ```yaml bad
    /// apiVersion: policy/v1beta1
    /// kind: PodSecurityPolicy
    /// metadata: {name: restricted}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: List
    /// items:
    ///   - apiVersion: extensions/v1beta1
    ///     kind: Ingress
    ///     metadata: {name: web}
    /// ```
    /// ```yaml good
    /// apiVersion: batch/v1
    /// kind: CronJob
    /// metadata: {name: report}
    /// spec: {schedule: "0 3 * * *"}
    /// ```
    /// ```yaml good
    /// apiVersion: example.org/v1beta1
    /// kind: Ingress
    /// metadata: {name: of-somebody-else}
    /// ```
    pub REMOVED {
        id: "api-version/removed",
        class: Upgrade,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "target version",
        peers: [
            "checkov:CKV_K8S_1",
            "checkov:CKV_K8S_2",
            "checkov:CKV_K8S_24",
            "checkov:CKV_K8S_3",
            "checkov:CKV_K8S_32",
            "checkov:CKV_K8S_4",
            "checkov:CKV_K8S_5",
            "checkov:CKV_K8S_6",
            "checkov:CKV_K8S_7",
            "datree:K8S_REMOVED_APIVERSION_1.22",
            "datree:K8S_REMOVED_APIVERSION_1.23",
            "datree:K8S_REMOVED_APIVERSION_1.24",
            "datree:K8S_REMOVED_APIVERSION_1.25",
            "datree:K8S_REMOVED_APIVERSION_1.26",
            "datree:K8S_REMOVED_APIVERSION_1.27",
            "kics:net_raw_capabilities_disabled_for_psp",
            "kics:psp_allows_privilege_escalation",
            "kics:psp_set_to_privileged",
            "kubent:deprecated-1-16",
            "kubent:deprecated-1-22",
            "kubent:deprecated-1-25",
            "kubent:deprecated-1-26",
            "kubent:deprecated-1-27",
            "kubent:deprecated-1-29",
            "kubent:deprecated-1-32",
            "kubescape:C-0213",
            "kubescape:C-0214",
            "kubescape:C-0215",
            "kubescape:C-0216",
            "kubescape:C-0217",
            "kubescape:C-0218",
            "kubescape:C-0219",
            "kubescape:C-0220",
            "monokle:K8S003",
            "pluto:removed",
        ],
        fix: Safe,
        check: Object(Kinds::Any, removed),
    }
}

fn removed(object: Object<'_>, cx: &mut Context<'_>) {
    let version = cx.version();
    let Some((api, node)) = known(object) else { return };
    let Some(since) = api.removed.filter(|since| *since <= version.minor) else { return };
    let (api_version, kind) = (api.api_version, api.kind);
    let message = format!("`{api_version}` {kind} is not served since 1.{since}: the API server refuses it");
    suggest(cx.report(node, message), object, api, node, version);
}

declare_rule! {
    /// The target version serves the object's API version for the time being.
    ///
    /// ## Why
    /// The API server answers with a warning, and a later version will not serve it any more.
    ///
    /// ## Fix
    /// Use the API version that replaces it.
    ///
    /// ## References
    /// Kubernetes documentation, "Kubernetes Deprecation Policy" and "Deprecated API Migration Guide".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Endpoints
    /// metadata: {name: database}
    /// ```
    /// ```yaml good
    /// apiVersion: discovery.k8s.io/v1
    /// kind: EndpointSlice
    /// metadata: {name: database-1}
    /// addressType: IPv4
    /// endpoints: []
    /// ```
    /// ```yaml good
    /// apiVersion: flowcontrol.apiserver.k8s.io/v1beta3
    /// kind: FlowSchema
    /// metadata: {name: removed-is-worse}
    /// ```
    pub DEPRECATED {
        id: "api-version/deprecated",
        class: Upgrade,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "target version",
        peers: [
            "datree:K8S_DEPRECATED_APIVERSION_1.16",
            "datree:K8S_DEPRECATED_APIVERSION_1.17",
            "datree:K8S_DEPRECATED_APIVERSION_1.19",
            "datree:K8S_DEPRECATED_APIVERSION_1.21",
            "datree:K8S_DEPRECATED_APIVERSION_1.22",
            "datree:K8S_DEPRECATED_APIVERSION_1.23",
            "datree:K8S_DEPRECATED_APIVERSION_1.24",
            "kics:object_is_using_a_deprecated_api_version",
            "kube-linter:no-extensions-v1beta",
            "kube-score:stable-version",
            "kubeaudit:DeprecatedAPIUsed",
            "kubent:deprecated-future",
            "kyverno-policies:best-practices/check-deprecated-apis",
            "monokle:K8S002",
            "pluto:deprecated",
            "popeye:POP-403",
            "trivy-checks:KSV-0107",
        ],
        fix: Safe,
        check: Object(Kinds::Any, deprecated),
    }
}

fn deprecated(object: Object<'_>, cx: &mut Context<'_>) {
    let version = cx.version();
    let Some((api, node)) = known(object) else { return };
    let Some(since) = api.deprecated.filter(|since| *since <= version.minor) else { return };
    if api.removed.is_some_and(|removed| removed <= version.minor) || is_off(api, version) {
        return;
    }
    let (api_version, kind) = (api.api_version, api.kind);
    let end = api.removed.map_or_else(String::new, |removed| format!(" and ends with 1.{removed}"));
    let message = format!("`{api_version}` {kind} is deprecated since 1.{since}{end}");
    suggest(cx.report(node, message), object, api, node, version);
}

declare_rule! {
    /// The object's API version is newer than the target version.
    ///
    /// ## Why
    /// The API server answers "no matches for kind".
    ///
    /// ## Fix
    /// Use an API version that the cluster serves, or upgrade it first.
    ///
    /// ## References
    /// The API types of each Kubernetes version, `k8s.io/api`.
    ///
    /// ## Examples
    /// ```yaml bad cluster.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.33.2
    /// ---
    /// apiVersion: resource.k8s.io/v1
    /// kind: ResourceClaim
    /// metadata: {name: gpu}
    /// ```
    /// ```yaml good cluster.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.1
    /// ---
    /// apiVersion: resource.k8s.io/v1
    /// kind: ResourceClaim
    /// metadata: {name: gpu}
    /// ```
    pub NOT_YET_AVAILABLE {
        id: "api-version/not-yet-available",
        class: Upgrade,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "target version",
        check: Object(Kinds::Any, not_yet_available),
    }
}

fn not_yet_available(object: Object<'_>, cx: &mut Context<'_>) {
    let version = cx.version();
    let Some((api, node)) = known(object) else { return };
    if api.introduced > version.minor {
        let (api_version, kind, first) = (api.api_version, api.kind, api.introduced);
        let message = format!("`{api_version}` {kind} comes with 1.{first}: {version} does not serve it");
        suggest(cx.report(node, message), object, api, node, version);
    }
}

declare_rule! {
    /// The target version serves the object's API version only when it is told to.
    ///
    /// ## Why
    /// Alpha versions, and beta versions since 1.24, are off: the API server answers "no matches for kind" unless its
    /// `--runtime-config` turns the version on. Where the files hold an API server that does, nothing is reported.
    ///
    /// ## Fix
    /// Use the stable version where there is one; else set `--runtime-config`, and plan for its end.
    ///
    /// ## References
    /// Kubernetes documentation, "The Kubernetes API", API groups and versioning; KEP-3136.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: resource.k8s.io/v1beta2
    /// kind: ResourceClaim
    /// metadata: {name: gpu}
    /// ```
    /// ```yaml good
    /// apiVersion: resource.k8s.io/v1
    /// kind: ResourceClaim
    /// metadata: {name: gpu}
    /// ```
    /// ```yaml good
    /// apiVersion: resource.k8s.io/v1beta2
    /// kind: ResourceClaim
    /// metadata: {name: gpu}
    /// ```
    /// ```yaml with kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     - {name: runtime-config, value: "resource.k8s.io/v1beta2=true"}
    /// ```
    pub NOT_SERVED_BY_DEFAULT {
        id: "api-version/not-served-by-default",
        class: Upgrade,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "target version",
        check: Set(not_served_by_default),
    }
}

fn not_served_by_default(set: &ResourceSet, cx: &mut Context<'_>) {
    let version = cx.version();
    let servers = set.clusters().iter().flat_map(|cluster| &cluster.components);
    let servers = servers.filter(|settings| settings.component == Component::KubeApiserver);
    let configured: Vec<_> = servers.map(|settings| settings.get("runtime-config")).collect();
    if configured.iter().any(Setting::is_unknown) {
        return;
    }
    let told: Vec<&str> = configured.iter().filter_map(Setting::list).flatten().collect();
    for object in set.objects() {
        let Some((api, node)) = known(object) else { continue };
        let stable = api.removed.is_none_or(|removed| removed > version.minor);
        if !is_off(api, version) || !stable || told.iter().any(|one| turns_on(one, api)) {
            continue;
        }
        let (api_version, kind) = (api.api_version, api.kind);
        let message = format!(
            "`{api_version}` {kind} is off by default in {version}: the API server refuses it unless `--runtime-config` turns it on"
        );
        suggest(cx.report(node, message), object, api, node, version);
    }
}

/// Whether an entry of `--runtime-config` turns an API version on: by itself, by its resource, or with all others.
fn turns_on(entry: &str, api: Api) -> bool {
    let (name, value) = entry.split_once('=').unwrap_or((entry, "true"));
    let resource = || api.resource.is_some_and(|resource| name == format!("{}/{resource}", api.api_version));
    let stage = if api.api_version.contains("alpha") { "api/alpha" } else { "api/beta" };
    value == "true" && (name == api.api_version || name == "api/all" || name == stage || resource())
}

/// The life of an object's API version, with the node that says it. A review in a file is what a webhook gets or
/// answers: no API server serves it there.
fn known(object: Object<'_>) -> Option<(Api, NodeRef<'_>)> {
    if object.kind().ends_with("Review") {
        return None;
    }
    Some((api(object.api_version(), object.kind())?, object.node().get("apiVersion")?))
}

fn is_off(api: Api, version: Version) -> bool {
    group_version_on(api.api_version, version) == Some(false) && api.introduced <= version.minor
}

/// Fields that one finding marks: more make it longer, not clearer.
const MARKED: usize = 12;

/// Adds what to use instead, and what else changes then.
fn suggest(draft: Draft<'_>, object: Object<'_>, api: Api, node: NodeRef<'_>, version: Version) {
    let Some(new) = replacement(api, version) else {
        draft.help(match api.kind {
            "PodSecurityPolicy" => {
                "use Pod Security admission: labels `pod-security.kubernetes.io/enforce` of namespaces"
            }
            _ => "nothing replaces it",
        });
        return;
    };
    if new.kind != api.kind {
        draft.help(format!("use `{}` {}", new.api_version, new.kind));
        return;
    }
    let stable = !new.api_version.contains("alpha") && !new.api_version.contains("beta");
    let moves = if stable { moves(object) } else { Moves::default() };
    let same = moves.known && moves.fields.is_empty() && moves.missing.is_empty();
    let mut help = format!("write `apiVersion: {}`", new.api_version);
    help.push_str(match () {
        () if same => ", nothing else changes",
        () if !moves.known => " and move what changed",
        () if moves.fields.is_empty() => "",
        () => " and change what is marked",
    });
    if moves.fields.len() > MARKED {
        help.push_str(&format!(", and {} more of the same", moves.fields.len() - MARKED));
    }
    for missing in &moves.missing {
        help.push_str(&format!("; {missing}"));
    }
    let fix = Fix {
        title: format!("write `{}`", new.api_version),
        applicability: if same { Applicability::Safe } else { Applicability::Unsafe },
        edits: vec![Edit { span: node.span(), text: new.api_version.to_owned() }],
    };
    let draft = draft.help(help).fix(fix);
    let marked = moves.fields.into_iter().take(MARKED);
    marked.fold(draft, |draft, (field, words)| draft.label(Key(field), words));
}

/// The API version to use in its place: the newest stable one of the kind that is served, else what the lifecycle of
/// the types names (`k8s.io/api`, `APILifecycleReplacement`).
fn replacement(old: Api, version: Version) -> Option<Api> {
    let served = |api: &Api| {
        let minor = version.minor;
        api.introduced <= minor
            && api.resource.is_some()
            && api.removed.is_none_or(|removed| removed > minor)
            && api.deprecated.is_none_or(|deprecated| deprecated > minor)
            && group_version_on(api.api_version, version) != Some(false)
    };
    let newest = apis_of_kind(old.kind).filter(served).max_by_key(|api| api.introduced);
    newest.or_else(|| {
        let (api_version, kind) = old.replacement?.split_once(' ')?;
        api(api_version, kind).filter(served)
    })
}
