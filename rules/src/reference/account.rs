//! Service accounts that are missing.

use std::collections::HashSet;

use kubevet_core::{
    declare_rule,
    index::{Absent, ResourceSet},
    kubernetes::PodSpec,
    rule::Context,
    yaml::NodeRef,
};

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
    let mut found = HashSet::new();
    let mut missing = Vec::new();
    for pod in set.objects().filter_map(PodSpec::of) {
        let (Some(namespace), name) = (set.namespace(pod.object()).name(), pod.service_account()) else {
            continue;
        };
        let mut fields =
            ["serviceAccountName", "serviceAccount"].into_iter().filter_map(|field| pod.get(field));
        let Some(node) = fields.find(|node| node.text() == name).filter(|_| name != "default") else {
            continue;
        };
        match set.absent(pod.object(), "", "ServiceAccount", Some(namespace), name) {
            Some(absent) => missing.push(MissingAccount { node, namespace, absent }),
            None => {
                found.insert((namespace, name));
            }
        }
    }
    let words = ("the pod is refused", "correct the name or add the ServiceAccount");
    report_missing_accounts(set, missing, found.len(), words, cx);
}

/// A node that names a service account which is not there.
pub struct MissingAccount<'a> {
    pub node: NodeRef<'a>,
    pub namespace: &'a str,
    pub absent: Absent<'a>,
}

/// Reports accounts that are not there, with the consequence and the remedy. Where most names are missing, the objects
/// are elsewhere: only what is nearly there counts.
pub fn report_missing_accounts(
    set: &ResourceSet,
    missing: Vec<MissingAccount<'_>>,
    found: usize,
    (consequence, help): (&str, &str),
    cx: &mut Context<'_>,
) {
    let names: HashSet<_> = missing.iter().map(|one| (one.namespace, one.node.text())).collect();
    let elsewhere = set.is_elsewhere(names.len(), found);
    for MissingAccount { node, namespace, absent } in missing {
        if elsewhere && absent.near.is_none() {
            continue;
        }
        let name = node.text();
        let message =
            format!("there is no ServiceAccount `{name}` in namespace `{namespace}`: {consequence}");
        let draft = cx.report(node, message).help(help);
        if let Some((near, _)) = absent.near {
            draft.label(near, absent.describe());
        }
    }
}
