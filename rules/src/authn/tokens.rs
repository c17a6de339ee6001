//! Tokens: static ones, and those of service accounts.

use kubevet_core::{
    declare_rule,
    rule::Context,
    settings::{Component, Setting, Settings, Version},
};
use kubevet_facts::flag;

use crate::effective::{pki, report_missing, said};

/// First version whose API server does not start without the means to make service-account tokens.
const TOKENS_REQUIRED: Version = Version::new(20);

/// Whether the API server does not start without them. Flags that no covered version knows any more mean an older one, where
/// the files say no version.
fn needs_tokens(settings: &Settings) -> bool {
    let known = |setting: Setting<'_>| {
        let mut versions = Version::SUPPORTED.map(Version::new);
        let name = setting.name();
        name.contains('.') || versions.any(|version| flag(settings.component, name, version).is_some())
    };
    settings.version >= TOKENS_REQUIRED && settings.said().all(known)
}

declare_rule! {
    /// The API server accepts static tokens from a file.
    ///
    /// ## Why
    /// The tokens stand readable on disk, never expire, and only a restart of the API server revokes one.
    ///
    /// ## Fix
    /// Remove `--token-auth-file`; use client certificates, service accounts or OpenID Connect.
    ///
    /// ## References
    /// Kubernetes documentation, "Authenticating", static token file; CIS Kubernetes Benchmark 1.12.
    ///
    /// ## Examples
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --token-auth-file=/var/lib/kubernetes/token.csv
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     - name: token-auth-file
    ///       value: /etc/kubernetes/tokens.csv
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     - name: oidc-issuer-url
    ///       value: https://login.example.org
    /// ```
    pub TOKEN_AUTH_FILE {
        id: "authn/token-auth-file",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        cis: ["1.2.2"],
        nsa: "authentication-authorization",
        versions: "all",
        peers: ["checkov:CKV_K8S_70", "trivy-checks:KCV-0002", "kubescape:C-0114", "kics:token_auth_file_is_set", "kube-bench:cis-1.12:1.2.2"],
        check: Settings(Component::KubeApiserver, token_auth_file),
    }
}

fn token_auth_file(settings: &Settings, cx: &mut Context<'_>) {
    if let Some(setting) = said(settings, "token-auth-file") {
        cx.report(setting, "static tokens from `token-auth-file` never expire, and only a restart of the API server revokes one")
            .help("remove it; use client certificates, service accounts or OpenID Connect");
    }
}

declare_rule! {
    /// The API server has no issuer for service-account tokens.
    ///
    /// ## Why
    /// Since 1.20 kube-apiserver refuses to start without `--service-account-issuer`.
    ///
    /// ## Fix
    /// Give the URL that tokens shall name as their issuer, usually `https://kubernetes.default.svc.cluster.local`.
    ///
    /// ## References
    /// `validateTokenRequest` in `pkg/controlplane/apiserver/options`.
    ///
    /// ## Examples
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --service-account-key-file=/var/lib/kubernetes/service-account.pem
    /// ```
    /// ```ini good kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --service-account-issuer=https://server.kubernetes.local:6443
    /// ```
    /// ```ini good kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --insecure-bind-address=127.0.0.1 --etcd-servers=http://127.0.0.1:2379
    /// ```
    pub SERVICE_ACCOUNT_ISSUER_MISSING {
        id: "authn/service-account-issuer-missing",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "1.20+",
        check: Settings(Component::KubeApiserver, service_account_issuer_missing),
    }
}

fn service_account_issuer_missing(settings: &Settings, cx: &mut Context<'_>) {
    if !needs_tokens(settings) {
        return;
    }
    let url = "https://kubernetes.default.svc.cluster.local";
    report_missing(settings, cx, &["service-account-issuer"], url, "it refuses to start");
}

declare_rule! {
    /// The API server has no key to sign service-account tokens with.
    ///
    /// ## Why
    /// Since 1.20 kube-apiserver refuses to start without `--service-account-signing-key-file`, or since 1.32
    /// `--service-account-signing-endpoint`.
    ///
    /// ## Fix
    /// Give the private key whose public half stands in `--service-account-key-file`.
    ///
    /// ## References
    /// `validateTokenRequest` in `pkg/controlplane/apiserver/options`.
    ///
    /// ## Examples
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --service-account-issuer=https://kubernetes.default.svc.cluster.local
    /// ```
    /// ```ini good kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver \
    ///   --service-account-issuer=https://kubernetes.default.svc.cluster.local \
    ///   --service-account-signing-key-file=/var/lib/kubernetes/service-account-key.pem
    /// ```
    pub SERVICE_ACCOUNT_SIGNING_KEY_MISSING {
        id: "authn/service-account-signing-key-missing",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "1.20+; endpoint 1.32+",
        check: Settings(Component::KubeApiserver, service_account_signing_key_missing),
    }
}

fn service_account_signing_key_missing(settings: &Settings, cx: &mut Context<'_>) {
    if !needs_tokens(settings) {
        return;
    }
    let names = ["service-account-signing-key-file", "service-account-signing-endpoint"];
    report_missing(settings, cx, &names, &pki("sa.key"), "it refuses to start, as nothing can sign tokens");
}
