//! Tokens and keys of kubeadm documents.

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, is_placeholder},
    rule::{Context, Kinds},
    yaml::NodeRef,
};

use super::{DOCUMENTS, GROUP, tokens};

/// Tokens that kubeadm's own documentation and `kubeadm config print` show.
const SAMPLE_TOKENS: &[&str] = &[
    "abcdef.0123456789abcdef",
    "9a08jv.c0izixklcxtmnze7",
    "783bde.3f89s0fje9f38fhf",
    "07401b.f395accd246ae52d",
];

/// The certificate key that kubeadm's API documentation shows.
const SAMPLE_CERTIFICATE_KEY: &str = "e6a2eb8581237ab72a4f494f30285ec12a9694d750b9785706a83bfcbbbd2204";

/// `[a-z0-9]{6}.[a-z0-9]{16}`: `k8s.io/cluster-bootstrap/token/api.BootstrapTokenPattern`.
fn is_token(text: &str) -> bool {
    let part = |text: &str, length| {
        text.len() == length && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    text.split_once('.').is_some_and(|(id, secret)| part(id, 6) && part(secret, 16))
}

declare_rule! {
    /// A bootstrap token is not of the form `[a-z0-9]{6}.[a-z0-9]{16}`.
    ///
    /// ## Why
    /// kubeadm refuses the whole file: the token's id and secret become the name and data of a Secret.
    ///
    /// ## Fix
    /// Make one with `kubeadm token generate`.
    ///
    /// ## References
    /// `BootstrapTokenPattern` in `k8s.io/cluster-bootstrap/token/api`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// bootstrapTokens:
    ///   - token: ABCDEF.0123456789abcdef
    /// ```
    /// ```yaml good
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// bootstrapTokens:
    ///   - token: abcdef.0123456789abcdef
    /// ```
    /// ```yaml good
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: JoinConfiguration
    /// discovery:
    ///   bootstrapToken:
    ///     token: ${TOKEN}
    /// ```
    pub TOKEN_FORMAT {
        id: "kubeadm/token-format",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(DOCUMENTS, token_format),
    }
}

fn token_format(object: Object<'_>, cx: &mut Context<'_>) {
    for node in tokens(object).filter(|node| node.is_scalar() && !node.is_null()) {
        if is_token(node.text()) || is_placeholder(node.text()) {
            continue;
        }
        cx.report(
            node,
            "this bootstrap token is not of the form `[a-z0-9]{6}.[a-z0-9]{16}`: kubeadm refuses the file",
        )
        .help("make one with `kubeadm token generate`");
    }
}

declare_rule! {
    /// A working bootstrap token stands in the file.
    ///
    /// ## Why
    /// Whoever reads the file can join nodes to the cluster while the token lives, and a node reads the Secrets of the pods it runs.
    ///
    /// ## Fix
    /// Leave the token out: `kubeadm init` makes one, and `kubeadm token create --print-join-command` makes one for each join.
    ///
    /// ## References
    /// Kubernetes documentation, "Authenticating with Bootstrap Tokens".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// bootstrapTokens:
    ///   - token: k7w2qd.8rhz4m1t6xnb3cpa
    /// ```
    /// ```yaml good
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: JoinConfiguration
    /// discovery:
    ///   bootstrapToken:
    ///     apiServerEndpoint: api.example.org:6443
    ///     token: "{{ join_token }}"
    /// ```
    pub TOKEN_COMMITTED {
        id: "kubeadm/token-committed",
        class: Security,
        severity: Warning,
        profiles: [recommended, production, hardened],
        nsa: "authentication-authorization",
        versions: "all",
        check: Object(DOCUMENTS, token_committed),
    }
}

fn token_committed(object: Object<'_>, cx: &mut Context<'_>) {
    for node in tokens(object) {
        if node.as_str().is_some_and(|text| is_token(text) && !SAMPLE_TOKENS.contains(&text)) {
            cx.report(node, "a bootstrap token stands in this file: whoever reads it can join nodes while the token lives")
                .help("leave the token out and make one for each join: `kubeadm token create --print-join-command`");
        }
    }
}

declare_rule! {
    /// A bootstrap token of `kubeadm init` never expires.
    ///
    /// ## Why
    /// The token can join nodes for as long as the cluster lives, also from an old backup or chat.
    ///
    /// ## Fix
    /// Remove `ttl` (the default is 24 hours), or set one that covers the installation.
    ///
    /// ## References
    /// `BootstrapToken` in kubeadm's API types.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// bootstrapTokens:
    ///   - token: abcdef.0123456789abcdef
    ///     ttl: 0s
    /// ```
    /// ```yaml good
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// bootstrapTokens:
    ///   - token: abcdef.0123456789abcdef
    ///     ttl: 2h0m0s
    /// ```
    pub TOKEN_NEVER_EXPIRES {
        id: "kubeadm/token-never-expires",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        nsa: "authentication-authorization",
        versions: "default 24h",
        check: Object(Kinds::Of(&[(GROUP, "InitConfiguration")]), token_never_expires),
    }
}

fn token_never_expires(object: Object<'_>, cx: &mut Context<'_>) {
    for item in object.node().get("bootstrapTokens").into_iter().flat_map(NodeRef::items) {
        let expires = item.get("expires").is_some_and(|node| !node.is_null());
        let Some(ttl) = item.get("ttl").filter(|ttl| !expires && is_zero(ttl.text())) else { continue };
        cx.report(
            ttl,
            "a `ttl` of zero means that this bootstrap token never expires: it joins nodes for ever",
        )
        .help("remove `ttl` (24 hours then), or set one that covers the installation");
    }
}

/// Whether a Go duration is zero: only zeros, dots and units.
fn is_zero(text: &str) -> bool {
    let digits = || text.chars().filter(char::is_ascii_digit);
    digits().next().is_some() && digits().all(|digit| digit == '0')
}

declare_rule! {
    /// A node joins without verifying the API server's certificate authority.
    ///
    /// ## Why
    /// Anyone on the path can pose as the control plane, hand the node its own certificate authority, and run pods on it.
    ///
    /// ## Fix
    /// Give `caCertHashes` (printed by `kubeadm token create --print-join-command`) and remove `unsafeSkipCAVerification`.
    ///
    /// ## References
    /// Kubernetes documentation, `kubeadm join`, "Discovering what cluster CA to trust".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: JoinConfiguration
    /// discovery:
    ///   bootstrapToken:
    ///     apiServerEndpoint: 10.0.0.1:6443
    ///     token: abcdef.0123456789abcdef
    ///     unsafeSkipCAVerification: true
    /// ```
    /// ```yaml good
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: JoinConfiguration
    /// discovery:
    ///   bootstrapToken:
    ///     apiServerEndpoint: 10.0.0.1:6443
    ///     token: abcdef.0123456789abcdef
    ///     caCertHashes: ["sha256:e93b0f9d0a2b3a1a0e2b1c3f7d6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a"]
    /// ```
    pub DISCOVERY_UNVERIFIED {
        id: "kubeadm/discovery-unverified",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        nsa: "authentication-authorization",
        versions: "all",
        check: Object(Kinds::Of(&[(GROUP, "JoinConfiguration")]), discovery_unverified),
    }
}

fn discovery_unverified(object: Object<'_>, cx: &mut Context<'_>) {
    let skip = object.node().at(&["discovery", "bootstrapToken", "unsafeSkipCAVerification"]);
    if let Some(skip) = skip.filter(|skip| skip.as_bool() == Some(true)) {
        cx.report(
            skip,
            "the node joins without verifying the control plane: anyone on the path can take it over",
        )
        .help("give `caCertHashes` and remove `unsafeSkipCAVerification`");
    }
}

declare_rule! {
    /// The key that decrypts the uploaded control-plane certificates stands in the file.
    ///
    /// ## Why
    /// For two hours after `kubeadm init --upload-certs` it opens the Secret `kubeadm-certs` with the private keys of the
    /// cluster's certificate authorities.
    ///
    /// ## Fix
    /// Remove `certificateKey`: `kubeadm init --upload-certs` makes one and prints it.
    ///
    /// ## References
    /// Kubernetes documentation, "Creating Highly Available Clusters with kubeadm".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// certificateKey: 2f1b9a0c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8
    /// ```
    /// ```yaml good
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: JoinConfiguration
    /// controlPlane:
    ///   certificateKey: ${CERTIFICATE_KEY}
    /// ```
    pub CERTIFICATE_KEY_COMMITTED {
        id: "kubeadm/certificate-key-committed",
        class: Security,
        severity: Warning,
        profiles: [recommended, production, hardened],
        nsa: "authentication-authorization",
        versions: "all",
        check: Object(DOCUMENTS, certificate_key_committed),
    }
}

fn certificate_key_committed(object: Object<'_>, cx: &mut Context<'_>) {
    let keys = [object.node().get("certificateKey"), object.node().at(&["controlPlane", "certificateKey"])];
    for node in keys.into_iter().flatten() {
        // An AES-256 key in hexadecimal: `DecodeString` and `decryptionKeySize` of kubeadm's phases/copycerts.
        let key = node.text();
        let literal = key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
        if literal && key != SAMPLE_CERTIFICATE_KEY {
            cx.report(
                node,
                "this key opens the uploaded private keys of the cluster for two hours after `kubeadm init`",
            )
            .help("remove `certificateKey`: `kubeadm init --upload-certs` makes one and prints it");
        }
    }
}
