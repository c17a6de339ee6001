//! `apiVersion` and `kind` of configuration files.

use kubevet_core::{
    declare_rule,
    finding::{Applicability, Edit, Fix},
    index::SourceFile,
    kubernetes::{Object, is_placeholder},
    rule::{Context, Kinds},
    settings::Version,
    yaml::NodeRef,
};
use kubevet_facts::{config_api_versions, config_kind_versions, is_config_group};

/// Kinds with names that other APIs use too.
const COMMON_NAMES: &[&str] =
    &["Config", "Configuration", "Event", "EventList", "ExecCredential", "Policy", "PolicyList"];

declare_rule! {
    /// A configuration file has an API version that no version of Kubernetes knows for its kind.
    ///
    /// ## Why
    /// The component refuses the file and does not start.
    ///
    /// ## Fix
    /// Use the version that is known. Old ones end: `audit.k8s.io/v1beta1` did with Kubernetes 1.24.
    ///
    /// ## References
    /// The schemes of the components' configuration APIs, Kubernetes 1.28 and newer.
    ///
    /// ## Examples
    /// ```yaml bad kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1
    /// kind: KubeletConfiguration
    /// ```
    /// ```yaml bad policy.yaml
    /// apiVersion: audit.k8s.io/v1beta1
    /// kind: Policy
    /// rules:
    ///   - level: Metadata
    /// ```
    /// ```yaml bad encryption.yaml
    /// apiVersion: v1
    /// kind: EncryptionConfiguration
    /// resources: []
    /// ```
    /// ```yaml good kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// ```
    /// ```yaml good policy.yaml
    /// apiVersion: kyverno.io/v1
    /// kind: Policy
    /// metadata:
    ///   name: require-labels
    /// ```
    pub UNKNOWN_API_VERSION {
        id: "component-config/unknown-api-version",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        fix: Safe,
        check: Object(Kinds::Any, unknown_api_version),
    }
}

fn unknown_api_version(object: Object<'_>, cx: &mut Context<'_>) {
    let (written, kind) = (object.api_version(), object.kind());
    let known = config_api_versions(kind);
    // kubeadm migrates its own files: `kubeadm/removed-api-version`.
    let kubeadm = known.iter().any(|version| version.starts_with("kubeadm.k8s.io/"));
    if known.is_empty() || kubeadm || known.contains(&written) || is_placeholder(written) {
        return;
    }
    let group = object.group();
    let same_group = known.iter().any(|version| version.split_once('/').is_some_and(|(one, _)| one == group));
    let meant = !COMMON_NAMES.contains(&kind) && (!group.contains('.') || group.ends_with(".k8s.io"));
    let Some(node) = object.node().get("apiVersion").filter(|_| same_group || meant) else { return };
    let (oldest, version) = (Version::oldest(), cx.version());
    let draft = cx.report(
        node,
        format!(
            "no Kubernetes since {oldest} knows a `{kind}` of `{written}`: the component refuses the file"
        ),
    );
    let draft = draft.help(format!("use `{}`", best(&known, kind, version)));
    if let ([only], Some(span)) = (&*known, node.text_span(0..written.len())) {
        draft.fix(Fix {
            title: format!("use `{only}`"),
            applicability: Applicability::Safe,
            edits: vec![Edit { span, text: (*only).to_owned() }],
        });
    }
}

/// The API version to use: the most stable one that this version of Kubernetes reads.
pub fn best(known: &[&'static str], kind: &str, version: Version) -> &'static str {
    let version = version.nearest_supported();
    let rank = |api_version: &&&str| {
        let name = api_version.rsplit('/').next().unwrap_or_default();
        let stage = if name.contains("alpha") { 0 } else { u8::from(!name.contains("beta")) + 1 };
        (config_kind_versions(api_version, kind).contains(&version), stage, name.to_owned())
    };
    known.iter().max_by_key(rank).expect("at least one is known")
}

declare_rule! {
    /// A configuration file says its `kind` without an `apiVersion`, or the other way round.
    ///
    /// ## Why
    /// The component cannot tell what the file is, and does not start.
    ///
    /// ## Fix
    /// Write both.
    ///
    /// ## References
    /// `k8s.io/apimachinery/pkg/runtime/serializer`: "Object 'Kind' is missing", "Object 'apiVersion' is missing".
    ///
    /// ## Examples
    /// ```yaml bad kubelet.yaml
    /// kind: KubeletConfiguration
    /// cgroupDriver: systemd
    /// ```
    /// ```yaml bad encryption.yaml
    /// apiVersion: apiserver.config.k8s.io/v1
    /// resources:
    ///   - resources: [secrets]
    ///     providers:
    ///       - secretbox: {keys: []}
    /// ```
    /// ```yaml good kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// cgroupDriver: systemd
    /// ```
    /// ```yaml good patches/kubeletconfiguration0+merge.yaml
    /// kind: KubeletConfiguration
    /// cgroupDriver: systemd
    /// ```
    /// ```yaml good values.yaml
    /// kind: Policy
    /// rules: []
    /// ```
    pub MISSING_TYPE_META {
        id: "component-config/missing-type-meta",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Text(missing_type_meta),
    }
}

fn missing_type_meta(file: &SourceFile, cx: &mut Context<'_>) {
    // Patches of kubeadm are named after what they change: `kubeletconfiguration0+merge.yaml`.
    let patch = file.source().path().rsplit('/').next().is_some_and(|name| name.contains('+'));
    let Some(tree) = file.tree().filter(|_| !patch) else { return };
    for root in tree.documents().filter_map(|document| document.root()).filter(|root| root.is_map()) {
        let said = |key| root.get(key).filter(|node| !node.is_null() && !node.text().is_empty());
        match (said("apiVersion"), said("kind")) {
            (None, Some(kind)) if !COMMON_NAMES.contains(&kind.text()) => {
                report_missing_version(kind, cx);
            }
            (Some(api_version), None) if is_config_group(group(api_version)) => {
                let message =
                    format!("`{}` without a `kind`: the component refuses the file", api_version.text());
                cx.report(api_version, message).help("write the `kind`");
            }
            _ => {}
        }
    }
}

fn report_missing_version(kind: NodeRef<'_>, cx: &mut Context<'_>) {
    let known = config_api_versions(kind.text());
    if !known.is_empty() {
        let help = format!("write `apiVersion: {}`", best(&known, kind.text(), cx.version()));
        let message = format!("`{}` without an `apiVersion`: the component refuses the file", kind.text());
        cx.report(kind, message).help(help);
    }
}

/// API group of the value of an `apiVersion`.
fn group(api_version: NodeRef<'_>) -> &str {
    api_version.text().split_once('/').map_or("", |(group, _)| group)
}
