//! Private keys in Secrets and ConfigMaps.

use kubevet_core::{
    declare_rule,
    kubernetes::{
        Object,
        values::secret_shape::{decode_base64, is_private_key_pem},
    },
    rule::{Context, Key, Kinds},
    yaml::{Entry, NodeRef},
};

declare_rule! {
    /// A Secret or ConfigMap in a file holds an unencrypted private key.
    ///
    /// ## Why
    /// The values of a Secret are encoded, not encrypted: whoever reads the file is the owner of the key. The key of a
    /// certificate authority makes certificates for everybody.
    ///
    /// ## Fix
    /// Replace the key, since it is published. Let cert-manager or an external store make the Secret, or commit it encrypted
    /// (SOPS, Sealed Secrets).
    ///
    /// ## References
    /// Kubernetes documentation, "Good practices for Kubernetes Secrets". Keys in plain text outside of Secrets are reported
    /// by `pki/private-key-committed`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: web-tls}
    /// type: kubernetes.io/tls
    /// data:
    ///   tls.crt: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUIKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=
    ///   tls.key: LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFWS0tLS0tCk1IY0NBUUVFSUE9PQotLS0tLUVORCBFQyBQUklWQVRFIEtFWS0tLS0tCg==
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: web-tls}
    /// type: kubernetes.io/tls
    /// stringData:
    ///   tls.key: |
    ///     -----BEGIN EC PRIVATE KEY-----
    ///     MHcCAQEEIA==
    ///     -----END EC PRIVATE KEY-----
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: web-tls}
    /// data:
    ///   ca.key: LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFWS0tLS0tCk1IY0NBUUVFSUE9PQotLS0tLUVORCBFQyBQUklWQVRFIEtFWS0tLS0tCg==
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: web-tls}
    /// binaryData:
    ///   tls.key: LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFWS0tLS0tCk1IY0NBUUVFSUE9PQotLS0tLUVORCBFQyBQUklWQVRFIEtFWS0tLS0tCg==
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: web-tls}
    /// type: kubernetes.io/tls
    /// data:
    ///   tls.crt: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUIKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=
    ///   tls.key: ""
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: web-tls}
    /// data:
    ///   tls.key: ENC[AES256_GCM,data:c2VjcmV0,type:str]
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: web-tls}
    /// stringData:
    ///   tls.key: ${TLS_KEY}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: web-tls}
    /// data:
    ///   password: aHVudGVyMg==
    /// ```
    pub PRIVATE_KEY {
        id: "secrets/private-key",
        class: Security,
        severity: Error,
        profiles: [recommended, production, hardened],
        nsa: "authentication-authorization",
        versions: "all",
        check: Object(Kinds::Of(&[("", "Secret"), ("", "ConfigMap")]), private_key),
    }
}

fn private_key(object: Object<'_>, cx: &mut Context<'_>) {
    let (kind, name, title) = (object.kind(), object.name().unwrap_or_default(), object.title());
    let entries = |field| object.node().get(field).into_iter().flat_map(NodeRef::entries);
    let (encoded, plain) = if kind == "Secret" { ("data", Some("stringData")) } else { ("binaryData", None) };
    let encoded = entries(encoded).filter(|entry| {
        let bytes = decode_base64(entry.value.text()).unwrap_or_default();
        is_private_key_pem(&String::from_utf8_lossy(&bytes)).is_some()
    });
    let plain = plain.into_iter().flat_map(entries);
    let plain = plain.filter(|entry| is_private_key_pem(entry.value.text()).is_some());
    for Entry { key, value } in encoded.chain(plain) {
        let (key_name, what) = (key.text(), describe(name, key.text()));
        cx.report(Key(value), format!("`{key_name}` of {title} is {what}, readable for everyone who reads the file"))
            .help("replace the key, and let cert-manager or an external store make the Secret, or commit it encrypted");
    }
}

/// What the key is for, where the names that kubeadm uses say so.
fn describe(object: &str, key: &str) -> &'static str {
    let is = |name: &str| object == name || key.strip_suffix(".key") == Some(name);
    if is("ca") || is("etcd-ca") || is("front-proxy-ca") || object.ends_with("-ca") {
        "the private key of a certificate authority"
    } else if is("sa") {
        "the key that signs service-account tokens"
    } else {
        "a private key"
    }
}
