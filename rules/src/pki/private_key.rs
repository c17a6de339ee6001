//! Private keys in files.

use kubevet_core::{
    declare_rule,
    finding::Place,
    index::SourceFile,
    kubernetes::{Object, values::secret_shape::is_private_key_pem},
    rule::Context,
    source::Span,
};

declare_rule! {
    /// An unencrypted private key stands in a file.
    ///
    /// ## Why
    /// Whoever reads the file is the owner of the key. With a CA's key that is everyone; with the service-account key, every workload;
    /// with etcd's, all data.
    ///
    /// ## Fix
    /// Remove the key from the repository and its history, and replace it: a published key cannot be made secret again.
    ///
    /// ## References
    /// Kubernetes documentation, "PKI certificates and requirements". Keys inside Secret objects are reported by `secrets/private-key`,
    /// keys inside kubeconfigs by `kubeconfig/credential-committed`.
    ///
    /// ## Examples
    /// ```text bad pki/ca.key
    /// -----BEGIN EC PRIVATE KEY-----
    /// MHcCAQEEIA==
    /// -----END EC PRIVATE KEY-----
    /// ```
    /// ```text good pki/ca.crt
    /// -----BEGIN CERTIFICATE-----
    /// MIIBdzCCAR2gAwIBAgIBADAKBggqhkjOPQQDAjAj
    /// -----END CERTIFICATE-----
    /// ```
    /// ```text good pki/user.key
    /// -----BEGIN ENCRYPTED PRIVATE KEY-----
    /// MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAg=
    /// -----END ENCRYPTED PRIVATE KEY-----
    /// ```
    pub PRIVATE_KEY_COMMITTED {
        id: "pki/private-key-committed",
        class: Security,
        severity: Error,
        profiles: [recommended, production, hardened],
        nsa: "authentication-authorization",
        versions: "all",
        check: Text(private_key_committed),
    }
}

fn private_key_committed(file: &SourceFile, cx: &mut Context<'_>) {
    let (path, text) = (file.source().path(), file.source().text());
    for (start, _) in text.match_indices("-----BEGIN ") {
        let block = &text[start..];
        // A line that names the form, not a block: prose, a pattern, a check for the header.
        let Some(end) = block
            .find("-----END ")
            .and_then(|at| Some(at + block[at..].find("-----\n").or(block[at..].rfind("-----"))? + 5))
        else {
            continue;
        };
        if is_private_key_pem(&block[..end]).is_none() || in_secret(file, start) {
            continue;
        }
        let header = block.find('\n').unwrap_or(end);
        let place = Place { path: path.clone(), span: Span::new(start, start + header) };
        cx.report(
            place,
            format!(
                "{} stands in this file, unencrypted: whoever reads it can act as its owner",
                owner(path)
            ),
        )
        .help("remove it from the repository and its history, and replace the key");
    }
}

/// Whether an offset lies in a Secret object, which has a rule of its own.
fn in_secret(file: &SourceFile, offset: usize) -> bool {
    let at = Span::new(offset, offset);
    file.objects().any(|object: Object<'_>| object.is("", "Secret") && object.node().span().contains(at))
}

/// What the key is for, where kubeadm's file names say so.
fn owner(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.split('.').next().unwrap_or(name) {
        "ca" if path.contains("etcd/") => "the private key of etcd's certificate authority",
        "ca" => "the private key of the cluster's certificate authority",
        "front-proxy-ca" => "the private key of the front-proxy certificate authority",
        "sa" => "the key that signs service-account tokens",
        "apiserver" => "the private key of the API server",
        _ => "a private key",
    }
}
