//! How the API server reaches etcd.

use kubevet_core::{
    declare_rule,
    rule::Context,
    settings::{Component, Setting, Settings},
};

use crate::effective::{all_empty, is_remote, pki, report, set};

declare_rule! {
    /// The API server talks to etcd over the network without TLS.
    ///
    /// ## Why
    /// etcd holds every Secret of the cluster. Over plain HTTP they cross the network readable, and whoever reaches the port may
    /// change them: that is full control of the cluster.
    ///
    /// ## Fix
    /// Give etcd a serving certificate and use `https://` URLs. Plain HTTP to this machine itself is accepted here.
    ///
    /// ## References
    /// Kubernetes documentation, "Operating etcd clusters for Kubernetes", securing communication.
    ///
    /// ## Examples
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --etcd-servers=http://10.0.0.10:2379
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// etcd:
    ///   external:
    ///     endpoints: ["http://10.0.0.10:2379"]
    /// ```
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --etcd-servers=https://10.0.0.10:2379 --etcd-servers-overrides=/events#http://10.0.0.11:2379
    /// ```
    /// ```ini good kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --etcd-servers=http://127.0.0.1:2379
    /// ```
    /// ```ini good kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --etcd-servers=${ETCD_SERVERS}
    /// ```
    pub ETCD_PLAIN_HTTP {
        id: "apiserver/etcd-plain-http",
        class: Security,
        severity: Error,
        profiles: [recommended, production, hardened],
        cis: ["1.2.23", "1.2.26", "2.1"],
        nsa: "network-separation",
        versions: "all",
        check: Settings(Component::KubeApiserver, etcd_plain_http),
    }
}

fn etcd_plain_http(settings: &Settings, cx: &mut Context<'_>) {
    for setting in ["etcd-servers", "etcd-servers-overrides"].map(|name| settings.get(name)) {
        if let Some(url) = urls(&setting).into_iter().find(|url| is_remote(url, "http")) {
            cx.report(
                setting,
                format!(
                    "etcd is reached over plain HTTP at `{url}`: every Secret crosses the network readable"
                ),
            )
            .help("give etcd a serving certificate and use an `https://` URL");
        }
    }
}

/// The URLs of `--etcd-servers`, or of `--etcd-servers-overrides`, whose items are `group/resource#url;url`.
fn urls<'a>(setting: &Setting<'a>) -> Vec<&'a str> {
    let items = setting.list().unwrap_or_default().into_iter();
    items.flat_map(|item| item.rsplit_once('#').map_or(item, |(_, urls)| urls).split(';')).collect()
}

declare_rule! {
    /// The API server has no certificate to show to etcd.
    ///
    /// ## Why
    /// An etcd that accepts it nevertheless accepts everybody who reaches its port, and with that full control of the cluster.
    ///
    /// ## Fix
    /// Give `--etcd-certfile` and `--etcd-keyfile`, and let etcd require client certificates.
    ///
    /// ## References
    /// Kubernetes documentation, "Operating etcd clusters for Kubernetes", limiting access of etcd clusters.
    ///
    /// ## Examples
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --etcd-servers=https://10.0.0.10:2379 --etcd-cafile=/var/lib/kubernetes/ca.pem
    /// ```
    /// ```ini good kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --etcd-servers=https://10.0.0.10:2379 \
    ///   --etcd-cafile=/var/lib/kubernetes/ca.pem \
    ///   --etcd-certfile=/var/lib/kubernetes/etcd.pem \
    ///   --etcd-keyfile=/var/lib/kubernetes/etcd-key.pem
    /// ```
    /// ```ini good kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --etcd-servers=http://127.0.0.1:2379
    /// ```
    pub ETCD_CLIENT_CERT_MISSING {
        id: "apiserver/etcd-client-cert-missing",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        cis: ["1.2.23"],
        nsa: "network-separation",
        versions: "all",
        peers: ["checkov:CKV_K8S_99", "trivy-checks:KCV-0026", "kubescape:C-0137", "kics:etcd_tls_certificate_not_properly_configured", "kube-bench:cis-1.12:1.2.23"],
        check: Settings(Component::KubeApiserver, etcd_client_cert_missing),
    }
}

fn etcd_client_cert_missing(settings: &Settings, cx: &mut Context<'_>) {
    let Some(setting) = all_empty(settings, &["etcd-certfile", "etcd-keyfile"]) else { return };
    let servers = settings.get("etcd-servers");
    if let Some(url) = https(&servers) {
        report(
            cx,
            &setting,
            format!("`etcd-certfile` is not set: `{url}` must refuse the API server, or let everybody in"),
        )
        .label(servers, "etcd is reached here")
        .help(set(&setting, &pki("apiserver-etcd-client.crt")));
    }
}

/// The first URL of etcd over TLS.
fn https<'a>(servers: &Setting<'a>) -> Option<&'a str> {
    servers.list()?.into_iter().find(|url| url.starts_with("https://"))
}

declare_rule! {
    /// The API server verifies etcd against every certificate authority of the system.
    ///
    /// ## Why
    /// Without `--etcd-cafile` any certificate that a public authority signed for the name passes for etcd, and a private one fails.
    ///
    /// ## Fix
    /// Give `--etcd-cafile`, the authority that signed etcd's serving certificates.
    ///
    /// ## References
    /// `TLSInfo` of etcd's client: an empty trusted CA file means the system's pool.
    ///
    /// ## Examples
    /// ```yaml bad manifests/kube-apiserver.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kube-apiserver
    ///   namespace: kube-system
    /// spec:
    ///   containers:
    ///     - name: kube-apiserver
    ///       image: registry.k8s.io/kube-apiserver:v1.34.2
    ///       command:
    ///         - kube-apiserver
    ///         - --etcd-servers=https://127.0.0.1:2379
    /// ```
    /// ```yaml good manifests/kube-apiserver.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kube-apiserver
    ///   namespace: kube-system
    /// spec:
    ///   containers:
    ///     - name: kube-apiserver
    ///       image: registry.k8s.io/kube-apiserver:v1.34.2
    ///       command:
    ///         - kube-apiserver
    ///         - --etcd-servers=https://127.0.0.1:2379
    ///         - --etcd-cafile=/etc/kubernetes/pki/etcd/ca.crt
    /// ```
    pub ETCD_CA_MISSING {
        id: "apiserver/etcd-ca-missing",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        cis: ["1.2.26"],
        nsa: "network-separation",
        versions: "all",
        peers: ["checkov:CKV_K8S_102", "trivy-checks:KCV-0029", "kubescape:C-0140", "kics:etcd_client_certificate_file_not_defined", "kube-bench:cis-1.12:1.2.26"],
        check: Settings(Component::KubeApiserver, etcd_ca_missing),
    }
}

fn etcd_ca_missing(settings: &Settings, cx: &mut Context<'_>) {
    let Some(setting) = all_empty(settings, &["etcd-cafile"]) else { return };
    let servers = settings.get("etcd-servers");
    if let Some(url) = https(&servers) {
        report(
            cx,
            &setting,
            format!("`etcd-cafile` is not set: `{url}` is verified against every authority of the system"),
        )
        .label(servers, "etcd is reached here")
        .help(set(&setting, &pki("etcd/ca.crt")));
    }
}
