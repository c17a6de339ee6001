//! How etcd answers its clients.

use kubevet_core::{
    declare_rule,
    rule::Context,
    settings::{Component, Settings},
};

use super::is_member;
use crate::effective::{all_empty, pki, remote_url, report, report_missing, set};

declare_rule! {
    /// etcd serves clients without TLS.
    ///
    /// ## Why
    /// Every Secret crosses the network readable, and without certificates everyone who reaches the port may read and change the whole state of
    /// the cluster. An `https://` URL without a certificate stops etcd at its start.
    ///
    /// ## Fix
    /// Give `--cert-file` and `--key-file`, and use `https://` in the client URLs. Plain HTTP to this machine itself is accepted here.
    ///
    /// ## References
    /// etcd documentation, "Transport security model"; CIS Kubernetes Benchmark 1.12.
    ///
    /// ## Examples
    /// ```ini bad etcd.service
    /// [Service]
    /// ExecStart=/usr/local/bin/etcd --listen-client-urls=http://10.0.0.10:2379,http://127.0.0.1:2379 --advertise-client-urls=http://10.0.0.10:2379
    /// ```
    /// ```yaml bad manifests/etcd.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: etcd
    ///   namespace: kube-system
    /// spec:
    ///   hostNetwork: true
    ///   containers:
    ///     - name: etcd
    ///       image: registry.k8s.io/etcd:3.6.5-0
    ///       command: [etcd]
    ///       env:
    ///         - name: ETCD_LISTEN_CLIENT_URLS
    ///           value: https://10.0.0.10:2379
    /// ```
    /// ```ini good etcd.service
    /// [Service]
    /// ExecStart=/usr/local/bin/etcd --listen-client-urls=https://10.0.0.10:2379,http://127.0.0.1:2379 \
    ///   --advertise-client-urls=https://10.0.0.10:2379 \
    ///   --cert-file=/etc/etcd/kubernetes.pem \
    ///   --key-file=/etc/etcd/kubernetes-key.pem
    /// ```
    /// ```ini good etcd.service
    /// [Service]
    /// ExecStart=/usr/local/bin/etcd --name=dev
    /// ```
    pub CLIENT_TLS_MISSING {
        id: "etcd/client-tls-missing",
        class: Security,
        severity: Error,
        profiles: [recommended, production, hardened],
        cis: ["2.1"],
        nsa: "network-separation",
        versions: "all",
        peers: ["checkov:CKV_K8S_116", "trivy-checks:KCV-0042", "kubescape:C-0153", "kics:etcd_tls_certificate_files_not_properly_set", "kube-bench:cis-1.12:2.1"],
        check: Settings(Component::Etcd, client_tls_missing),
    }
}

fn client_tls_missing(settings: &Settings, cx: &mut Context<'_>) {
    if !is_member(settings) {
        return;
    }
    for setting in ["listen-client-urls", "advertise-client-urls"].map(|name| settings.get(name)) {
        if let Some(url) = remote_url(&setting, "http") {
            let message = format!(
                "etcd serves clients over plain HTTP at `{url}`: the state of the cluster crosses the network readable"
            );
            report(cx, &setting, message)
                .help("use an `https://` URL, and give `--cert-file` and `--key-file`");
            return;
        }
    }
    let pair = ["cert-file", "key-file"];
    let listen = settings.get("listen-client-urls");
    let secure = listen.list().unwrap_or_default().into_iter().find(|url| url.starts_with("https://"));
    // `startClientListeners` of etcd's server/embed; self-made certificates have a rule of their own.
    let made = settings.get("auto-tls").as_bool() != Some(false);
    match (secure, all_empty(settings, &pair)) {
        (Some(url), Some(missing)) if !made => {
            report(cx, &missing, format!("etcd has no certificate for `{url}` and refuses to start"))
                .label(listen, "clients are to be served here")
                .help(set(&missing, &pki("etcd/server.crt")));
        }
        _ if cx.standard() => {
            if let Some(missing) = pair.iter().find(|name| settings.get(name).is_empty()) {
                report_missing(
                    settings,
                    cx,
                    &[missing],
                    &pki("etcd/server.crt"),
                    "clients are served without TLS",
                );
            }
        }
        _ => {}
    }
}

declare_rule! {
    /// etcd asks its clients for no certificate.
    ///
    /// ## Why
    /// Everyone who reaches the port reads and writes the whole state of the cluster, every Secret and every role: that is full control.
    ///
    /// ## Fix
    /// Set `--client-cert-auth=true` and `--trusted-ca-file`. A trusted authority alone makes etcd ask, too.
    ///
    /// ## References
    /// etcd documentation, "Transport security model"; `ServerConfig` in etcd's `client/pkg/transport`.
    ///
    /// ## Examples
    /// ```ini bad etcd.service
    /// [Service]
    /// ExecStart=/usr/local/bin/etcd --listen-client-urls=https://10.0.0.10:2379 \
    ///   --advertise-client-urls=https://10.0.0.10:2379 \
    ///   --cert-file=/etc/etcd/kubernetes.pem \
    ///   --key-file=/etc/etcd/kubernetes-key.pem
    /// ```
    /// ```ini good etcd.service
    /// [Service]
    /// ExecStart=/usr/local/bin/etcd --listen-client-urls=https://10.0.0.10:2379 \
    ///   --cert-file=/etc/etcd/kubernetes.pem \
    ///   --key-file=/etc/etcd/kubernetes-key.pem \
    ///   --trusted-ca-file=/etc/etcd/ca.pem \
    ///   --client-cert-auth
    /// ```
    /// ```ini good etcd.service
    /// [Service]
    /// ExecStart=/usr/local/bin/etcd --listen-client-urls=https://127.0.0.1:2379 \
    ///   --cert-file=/etc/etcd/kubernetes.pem \
    ///   --key-file=/etc/etcd/kubernetes-key.pem
    /// ```
    pub CLIENT_CERT_AUTH_OFF {
        id: "etcd/client-cert-auth-off",
        class: Security,
        severity: Error,
        profiles: [recommended, production, hardened],
        cis: ["2.2"],
        nsa: "authentication-authorization",
        versions: "default false",
        peers: ["checkov:CKV_K8S_117", "trivy-checks:KCV-0043", "kubescape:C-0154", "kics:etcd_client_certificate_authentication_set_to_false", "kube-bench:cis-1.12:2.2"],
        check: Settings(Component::Etcd, client_cert_auth_off),
    }
}

fn client_cert_auth_off(settings: &Settings, cx: &mut Context<'_>) {
    let setting = settings.get("client-cert-auth");
    if !is_member(settings) || setting.as_bool() != Some(false) {
        return;
    }
    let listen = settings.get("listen-client-urls");
    // Over plain HTTP nobody can show a certificate: `etcd/client-tls-missing`.
    let url = remote_url(&listen, "https").filter(|_| settings.get("trusted-ca-file").is_empty());
    if let Some(url) = url {
        let message = format!(
            "etcd asks clients for no certificate: who reaches `{url}` reads and writes the whole cluster"
        );
        report(cx, &setting, message)
            .label(listen, "clients are served here")
            .help("set `client-cert-auth` and `trusted-ca-file`");
    } else if cx.standard() {
        report(cx, &setting, "etcd is not told to ask clients for certificates").help(set(&setting, "true"));
    }
}

declare_rule! {
    /// etcd makes a certificate for itself.
    ///
    /// ## Why
    /// Nobody has signed it, so no client can verify that it talks to etcd: whoever stands between them reads and changes everything.
    ///
    /// ## Fix
    /// Remove `--auto-tls`, and give `--cert-file` and `--key-file` from the authority of the cluster's etcd.
    ///
    /// ## References
    /// etcd documentation, "Transport security model"; CIS Kubernetes Benchmark 1.12.
    ///
    /// ## Examples
    /// ```ini bad etcd.service
    /// [Service]
    /// ExecStart=/usr/local/bin/etcd --listen-client-urls=https://10.0.0.10:2379 --auto-tls
    /// ```
    /// ```ini good etcd.service
    /// [Service]
    /// ExecStart=/usr/local/bin/etcd --listen-client-urls=https://10.0.0.10:2379 --auto-tls=false --cert-file=/etc/etcd/kubernetes.pem
    /// ```
    pub AUTO_TLS {
        id: "etcd/auto-tls",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        cis: ["2.3"],
        nsa: "network-separation",
        versions: "default false",
        peers: ["checkov:CKV_K8S_118", "trivy-checks:KCV-0044", "kubescape:C-0155", "kics:auto_tls_set_to_true", "kube-bench:cis-1.12:2.3"],
        check: Settings(Component::Etcd, auto_tls),
    }
}

fn auto_tls(settings: &Settings, cx: &mut Context<'_>) {
    let setting = settings.get("auto-tls");
    // With certificates etcd ignores it: `ClientSelfCert` of server/embed.
    let made = cx.standard() || settings.get("cert-file").is_empty() && settings.get("key-file").is_empty();
    if setting.as_bool() == Some(true) && made && is_member(settings) {
        cx.report(setting, "etcd makes a certificate for itself: no client can verify that it talks to etcd")
            .help("remove `auto-tls`, and give `cert-file` and `key-file`");
    }
}
