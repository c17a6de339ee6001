//! Whether Secrets are encrypted in etcd.

use kubevet_core::{
    declare_rule,
    kubernetes::Object,
    rule::{Context, Key, Kinds},
    settings::{Component, Settings},
    yaml::NodeRef,
};

use crate::effective::{APISERVER_CONFIG, report_missing};

declare_rule! {
    /// The API server stores Secrets in etcd as they are.
    ///
    /// ## Why
    /// Every disk, snapshot and backup of etcd then holds all passwords and keys of the cluster readable.
    ///
    /// ## Fix
    /// Give `--encryption-provider-config` with a KMS provider, or with `secretbox` or `aescbc` and a key that lies elsewhere than the
    /// backups; then rewrite the Secrets once.
    ///
    /// ## References
    /// Kubernetes documentation, "Encrypting Confidential Data at Rest".
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// apiServer:
    ///   extraArgs:
    ///     - name: encryption-provider-config
    ///       value: /etc/kubernetes/encryption.yaml
    /// ```
    /// ```ini good kube-apiserver.service
    /// [Service]
    /// EnvironmentFile=/etc/kubernetes/apiserver
    /// ExecStart=/usr/local/bin/kube-apiserver $KUBE_API_ARGS
    /// ```
    pub MISSING {
        id: "encryption/missing",
        class: Security,
        severity: Warning,
        profiles: [production, hardened],
        cis: ["1.2.27"],
        nsa: "network-separation",
        versions: "all",
        peers: ["checkov:CKV_K8S_104", "trivy-checks:KCV-0030", "kubescape:C-0141", "kics:encryption_provider_config_is_not_defined", "kube-bench:cis-1.12:1.2.27", "kubescape:C-0066", "kubescape:C-0244"],
        check: Settings(Component::KubeApiserver, missing),
    }
}

fn missing(settings: &Settings, cx: &mut Context<'_>) {
    let names = ["encryption-provider-config"];
    let consequence = "every disk and backup of etcd holds all Secrets readable";
    report_missing(settings, cx, &names, "/etc/kubernetes/encryption.yaml", consequence);
}

declare_rule! {
    /// An EncryptionConfiguration writes Secrets unencrypted: its first provider for them is `identity`.
    ///
    /// ## Why
    /// The first provider encrypts what is written, the others only read. With `identity` first, new Secrets are stored as they are,
    /// although a key is configured.
    ///
    /// ## Fix
    /// Put the encrypting provider first and `identity: {}` last. While decrypting on purpose, suppress this with the reason.
    ///
    /// ## References
    /// Kubernetes documentation, "Encrypting Confidential Data at Rest", available providers.
    ///
    /// ## Examples
    /// ```yaml bad encryption.yaml
    /// apiVersion: apiserver.config.k8s.io/v1
    /// kind: EncryptionConfiguration
    /// resources:
    ///   - resources: [secrets]
    ///     providers:
    ///       - identity: {}
    ///       - secretbox:
    ///           keys:
    ///             - name: key1
    ///               secret: ${ENCRYPTION_KEY}
    /// ```
    /// ```yaml good encryption.yaml
    /// apiVersion: apiserver.config.k8s.io/v1
    /// kind: EncryptionConfiguration
    /// resources:
    ///   - resources: [secrets]
    ///     providers:
    ///       - secretbox:
    ///           keys:
    ///             - name: key1
    ///               secret: ${ENCRYPTION_KEY}
    ///       - identity: {}
    ///   - resources: ["*.*"]
    ///     providers:
    ///       - identity: {}
    /// ```
    /// ```yaml bad encryption.yaml
    /// apiVersion: apiserver.config.k8s.io/v1
    /// kind: EncryptionConfiguration
    /// resources:
    ///   - resources: ["*."]
    ///     providers:
    ///       - identity: {}
    /// ```
    pub IDENTITY_FIRST {
        id: "encryption/identity-first",
        class: Security,
        severity: Error,
        profiles: [recommended, production, hardened],
        cis: ["1.2.28"],
        nsa: "network-separation",
        versions: "all",
        peers: ["kubescape:C-0142", "kics:encryption_provider_not_properly_configured", "kube-bench:cis-1.12:1.2.28"],
        check: Object(Kinds::Of(&[(APISERVER_CONFIG, "EncryptionConfiguration"), ("", "EncryptionConfig")]), identity_first),
    }
}

fn identity_first(object: Object<'_>, cx: &mut Context<'_>) {
    let entries = || object.node().get("resources").into_iter().flat_map(NodeRef::items);
    // The first entry that covers a resource decides what is written of it.
    let Some(entry) = entries().find(|entry| covers_secrets(*entry)) else { return };
    let first = entry.get("providers").and_then(|providers| providers.items().next());
    if let Some(identity) = first.and_then(|provider| provider.get("identity")) {
        cx.report(
            Key(identity),
            "`identity` is the first provider for Secrets: what is written now is stored unencrypted",
        )
        .help("put the encrypting provider first, `identity: {}` last, and rewrite the Secrets");
    }
}

/// Whether an entry's resources include the core group's Secrets, also by a wildcard.
fn covers_secrets(entry: NodeRef<'_>) -> bool {
    let resources = entry.get("resources").into_iter().flat_map(NodeRef::items);
    resources.map(NodeRef::text).any(|resource| matches!(resource, "secrets" | "secrets." | "*." | "*.*"))
}
