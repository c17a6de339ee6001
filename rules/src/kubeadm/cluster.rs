//! What a ClusterConfiguration says about the cluster as a whole.

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, is_placeholder, values::net::Cidr},
    rule::{Context, Kinds},
};

use super::GROUP;

const CLUSTER: Kinds = Kinds::Of(&[(GROUP, "ClusterConfiguration")]);

declare_rule! {
    /// `podSubnet` or `serviceSubnet` is no range, more than two, or two of one family.
    ///
    /// ## Why
    /// kubeadm refuses the file.
    ///
    /// ## Fix
    /// Give one range in CIDR form, or one of IPv4 and one of IPv6 separated by a comma.
    ///
    /// ## References
    /// `ValidateIPNetFromString` in `cmd/kubeadm/app/apis/kubeadm/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// networking:
    ///   podSubnet: 10.244.0.0
    /// ```
    /// ```yaml bad
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// networking:
    ///   serviceSubnet: 10.96.0.0/16,10.97.0.0/16
    /// ```
    /// ```yaml good
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// networking:
    ///   podSubnet: 10.244.0.0/16,fd00:10:244::/56
    ///   serviceSubnet: ${SERVICE_SUBNET}
    /// ```
    pub SUBNET_INVALID {
        id: "kubeadm/subnet-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(CLUSTER, subnet_invalid),
    }
}

fn subnet_invalid(object: Object<'_>, cx: &mut Context<'_>) {
    for field in ["podSubnet", "serviceSubnet"] {
        let Some(node) = object.node().at(&["networking", field]) else { continue };
        let text = node.text();
        if text.is_empty() || is_placeholder(text) {
            continue;
        }
        let parsed: Result<Vec<_>, _> = text.split(',').map(Cidr::parse).collect();
        let problem = match parsed.as_deref() {
            Err(_) => Some("is not a range in CIDR form".to_owned()),
            Ok([_]) => None,
            Ok([one, other]) if one.is_ipv4() != other.is_ipv4() => None,
            Ok([_, _]) => Some(
                "has two ranges of one family: a dual-stack cluster needs one of IPv4 and one of IPv6"
                    .to_owned(),
            ),
            Ok(many) => Some(format!("has {} ranges: two are the most", many.len())),
        };
        if let Some(problem) = problem {
            cx.report(node, format!("`{field}` {problem}"))
                .help("give one range such as `10.244.0.0/16`, or one of each family");
        }
    }
}

declare_rule! {
    /// `kubernetesVersion` is a label that moves, not a version.
    ///
    /// ## Why
    /// kubeadm asks the network which version the label means today: the same file makes another cluster tomorrow, and none without network.
    ///
    /// ## Fix
    /// Write the version.
    ///
    /// ## References
    /// Kubernetes documentation, "kubeadm Configuration (v1beta4)", `kubernetesVersion`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: stable-1.34
    /// ```
    /// ```yaml good
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// ```
    /// ```yaml good
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: "{{ kube_version }}"
    /// ```
    pub VERSION_NOT_PINNED {
        id: "kubeadm/version-not-pinned",
        class: Hygiene,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "default stable-1",
        check: Object(CLUSTER, version_not_pinned),
    }
}

fn version_not_pinned(object: Object<'_>, cx: &mut Context<'_>) {
    let Some(node) = object.node().get("kubernetesVersion") else { return };
    // `kubeReleaseLabelRegex` and `kubeBucketPrefixes` of kubeadm's util/version.go.
    let text = node.text();
    let label = ["stable", "latest", "ci/", "release/"].iter().any(|prefix| text.starts_with(prefix));
    if label && !is_placeholder(text) {
        cx.report(
            node,
            format!(
                "`{text}` means another version every few weeks, and kubeadm needs the network to ask which"
            ),
        )
        .help("write the version, such as `v1.34.2`");
    }
}
