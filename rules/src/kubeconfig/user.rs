//! Credentials inside a kubeconfig.

use kubevet_core::{
    declare_rule,
    kubernetes::{
        Object, is_placeholder,
        values::secret_shape::{decode_base64, is_private_key_pem},
    },
    rule::Context,
    yaml::NodeRef,
};

use super::{CONFIG, named};

declare_rule! {
    /// A kubeconfig holds a working credential: a private key, a token or a password.
    ///
    /// ## Why
    /// Whoever reads the file is that user; for an administrator's kubeconfig that is the whole cluster. A client certificate cannot be revoked
    /// before it expires.
    ///
    /// ## Fix
    /// Keep the file out of the repository and replace the credential. Use an `exec` plugin or `tokenFile`, so that the kubeconfig holds no secret.
    ///
    /// ## References
    /// `AuthInfo` in `k8s.io/client-go/tools/clientcmd/api/v1`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Config
    /// users:
    ///   - name: deployer
    ///     user:
    ///       token: eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJkZXBsb3llciJ9.c2lnbmF0dXJl
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Config
    /// users:
    ///   - name: admin
    ///     user:
    ///       client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQpNSUlFCi0tLS0tRU5EIFJTQSBQUklWQVRFIEtFWS0tLS0tCg==
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Config
    /// users:
    ///   - name: deployer
    ///     user:
    ///       token: ${DEPLOY_TOKEN}
    ///   - name: kubelet
    ///     user:
    ///       client-key: /var/lib/kubelet/pki/kubelet-client-current.pem
    /// ```
    pub CREDENTIAL_COMMITTED {
        id: "kubeconfig/credential-committed",
        class: Security,
        severity: Error,
        profiles: [recommended, production, hardened],
        nsa: "authentication-authorization",
        versions: "all",
        check: Object(CONFIG, credential_committed),
    }
}

fn credential_committed(object: Object<'_>, cx: &mut Context<'_>) {
    for (name, user) in named(object, "users", "user") {
        let literal =
            |field| user.get(field).filter(|node| node.as_str().is_some_and(|text| !is_placeholder(text)));
        let key = literal("client-key-data").filter(|node| holds_private_key(*node));
        // Shorter ones are words that stand for a token: `token: my-token`.
        let token = literal("token").filter(|node| node.text().len() > 16);
        let password = literal("password").filter(|node| !node.text().is_empty());
        for (node, what) in [(key, "a private key"), (token, "a token"), (password, "a password")] {
            if let Some(node) = node {
                cx.report(node, format!("user `{name}` has {what} in this file: whoever reads the file is that user"))
                    .help("replace the credential and keep it out of the file: `exec` plugin, `tokenFile`, or a file path");
            }
        }
    }
}

fn holds_private_key(node: NodeRef<'_>) -> bool {
    let decoded = decode_base64(node.text()).and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.is_some_and(|text| is_private_key_pem(&text).is_some())
}
