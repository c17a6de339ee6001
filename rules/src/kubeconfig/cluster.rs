//! How a kubeconfig reaches its cluster.

use kubevet_core::{
    declare_rule,
    kubernetes::{
        Object,
        values::net::{Url, host_is_loopback},
    },
    rule::Context,
};

use super::{CONFIG, named};

declare_rule! {
    /// A kubeconfig does not verify the API server's certificate.
    ///
    /// ## Why
    /// Anyone on the path can pose as the API server and receives the credentials of every request.
    ///
    /// ## Fix
    /// Give `certificate-authority` or `certificate-authority-data` and remove `insecure-skip-tls-verify`.
    ///
    /// ## References
    /// `Cluster.InsecureSkipTLSVerify` in `k8s.io/client-go/tools/clientcmd/api/v1`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Config
    /// clusters:
    ///   - name: prod
    ///     cluster:
    ///       server: https://api.example.org:6443
    ///       insecure-skip-tls-verify: true
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Config
    /// clusters:
    ///   - name: prod
    ///     cluster:
    ///       server: https://api.example.org:6443
    ///       certificate-authority: /etc/kubernetes/pki/ca.crt
    /// ```
    pub INSECURE_SKIP_TLS_VERIFY {
        id: "kubeconfig/insecure-skip-tls-verify",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        nsa: "network-separation",
        versions: "all",
        check: Object(CONFIG, insecure_skip_tls_verify),
    }
}

fn insecure_skip_tls_verify(object: Object<'_>, cx: &mut Context<'_>) {
    for (name, cluster) in named(object, "clusters", "cluster") {
        if let Some(skip) =
            cluster.get("insecure-skip-tls-verify").filter(|skip| skip.as_bool() == Some(true))
        {
            cx.report(skip, format!("cluster `{name}` is reached without verifying it: anyone on the path receives the credentials"))
                .help("give `certificate-authority-data` and remove `insecure-skip-tls-verify`");
        }
    }
}

declare_rule! {
    /// A kubeconfig talks to the API server over plain HTTP.
    ///
    /// ## Why
    /// Tokens and Secrets cross the network as clear text. Loopback addresses are not reported.
    ///
    /// ## Fix
    /// Use the `https://` address of the API server.
    ///
    /// ## References
    /// `Cluster.Server` in `k8s.io/client-go/tools/clientcmd/api/v1`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Config
    /// clusters:
    ///   - name: lab
    ///     cluster:
    ///       server: http://10.0.0.11:8080
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Config
    /// clusters:
    ///   - name: proxy
    ///     cluster:
    ///       server: http://127.0.0.1:8001
    /// ```
    pub PLAIN_HTTP_SERVER {
        id: "kubeconfig/plain-http-server",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        nsa: "network-separation",
        versions: "all",
        check: Object(CONFIG, plain_http_server),
    }
}

fn plain_http_server(object: Object<'_>, cx: &mut Context<'_>) {
    for (name, cluster) in named(object, "clusters", "cluster") {
        let Some(server) = cluster.get("server") else { continue };
        let Some(url) = Url::parse(server.text()).filter(|url| url.scheme == "http") else { continue };
        if !host_is_loopback(url.host) {
            cx.report(
                server,
                format!(
                    "cluster `{name}` is reached over plain HTTP: credentials cross the network as clear text"
                ),
            )
            .help("use the `https://` address of the API server");
        }
    }
}
