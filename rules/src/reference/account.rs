//! Service accounts that are missing.

use kubevet_core::{declare_rule, index::ResourceSet, kubernetes::PodSpec, rule::Context, yaml::NodeRef};

declare_rule! {
    /// A pod runs as a service account that does not exist.
    ///
    /// ## Why
    /// The API server refuses the pod: a Deployment stays without replicas, and only the events of its ReplicaSet say
    /// why.
    ///
    /// ## Fix
    /// Correct the name or add the ServiceAccount. `default` exists in every namespace.
    ///
    /// ## References
    /// Kubernetes documentation, "Configure Service Accounts for Pods".
    ///
    /// ## Examples
    /// ```yaml bad closed
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   serviceAccountName: web
    ///   containers: [{name: web, image: web:1}]
    /// ---
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata: {name: web, namespace: default}
    /// ```
    /// ```yaml good closed
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   serviceAccountName: default
    ///   containers: [{name: web, image: web:1}]
    /// ```
    pub SERVICE_ACCOUNT_MISSING {
        id: "reference/service-account-missing",
        class: Consistency,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: ["kube-linter:non-existent-service-account", "kubescape:C-0307", "popeye:POP-307", "popeye:POP-507", "kubevious:pod-spec-service-account-ref"],
        absence: true,
        check: Set(service_account_missing),
    }
}

fn service_account_missing(set: &ResourceSet, cx: &mut Context<'_>) {
    for pod in set.objects().filter_map(PodSpec::of) {
        let Some(namespace) = set.namespace(pod.object()).name() else { continue };
        let name = pod.service_account();
        let node = pod.get("serviceAccountName").filter(|node| !node.text().is_empty());
        let Some(node) =
            node.or_else(|| pod.get("serviceAccount")).filter(|node: &NodeRef<'_>| !node.is_null())
        else {
            continue;
        };
        if name == "default" {
            continue;
        }
        let Some(absent) = set.absent(pod.object(), "", "ServiceAccount", Some(namespace), name) else {
            continue;
        };
        let draft = cx
            .report(
                node,
                format!("there is no ServiceAccount `{name}` in namespace `{namespace}`: the pod is refused"),
            )
            .help("correct the name or add the ServiceAccount");
        if let Some((near, _)) = absent.near {
            draft.label(near, absent.describe());
        }
    }
}
