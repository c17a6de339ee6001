//! The members of an etcd cluster.

use std::collections::BTreeSet;

use kubevet_core::{
    declare_rule,
    rule::Context,
    settings::{Cluster, Component, Setting, Settings},
};

use super::is_member;
use crate::effective::{all_empty, is_remote, pki, remote_url, report, report_missing, set};

declare_rule! {
    /// The members of an etcd cluster talk to each other without TLS.
    ///
    /// ## Why
    /// All data of the cluster cross the network readable, and whoever reaches the peer port may join the conversation. An `https://` URL without a
    /// certificate stops etcd at its start.
    ///
    /// ## Fix
    /// Give `--peer-cert-file` and `--peer-key-file`, and use `https://` in the peer URLs. A single member needs none.
    ///
    /// ## References
    /// etcd documentation, "Transport security model"; CIS Kubernetes Benchmark 1.12.
    ///
    /// ## Examples
    /// ```ini bad etcd.service
    /// [Service]
    /// ExecStart=/usr/local/bin/etcd --name=etcd-0 \
    ///   --listen-peer-urls=http://10.0.0.10:2380 \
    ///   --initial-advertise-peer-urls=http://10.0.0.10:2380 \
    ///   --initial-cluster=etcd-0=http://10.0.0.10:2380,etcd-1=http://10.0.0.11:2380,etcd-2=http://10.0.0.12:2380
    /// ```
    /// ```ini good etcd.service
    /// [Service]
    /// ExecStart=/usr/local/bin/etcd --name=etcd-0 \
    ///   --listen-peer-urls=https://10.0.0.10:2380 \
    ///   --initial-advertise-peer-urls=https://10.0.0.10:2380 \
    ///   --initial-cluster=etcd-0=https://10.0.0.10:2380,etcd-1=https://10.0.0.11:2380,etcd-2=https://10.0.0.12:2380 \
    ///   --peer-cert-file=/etc/etcd/kubernetes.pem \
    ///   --peer-key-file=/etc/etcd/kubernetes-key.pem
    /// ```
    /// ```ini good etcd.service
    /// [Service]
    /// ExecStart=/usr/local/bin/etcd --name=etcd-0 \
    ///   --listen-peer-urls=http://10.0.0.10:2380 \
    ///   --initial-cluster=etcd-0=http://10.0.0.10:2380
    /// ```
    pub PEER_TLS_MISSING {
        id: "etcd/peer-tls-missing",
        class: Security,
        severity: Error,
        profiles: [recommended, production, hardened],
        cis: ["2.4"],
        nsa: "network-separation",
        versions: "all",
        peers: ["checkov:CKV_K8S_119", "trivy-checks:KCV-0045", "kubescape:C-0156", "kics:etcd_peer_tls_certificate_files_not_properly_set", "kube-bench:cis-1.12:2.4"],
        check: Settings(Component::Etcd, peer_tls_missing),
    }
}

fn peer_tls_missing(settings: &Settings, cx: &mut Context<'_>) {
    if !is_member(settings) {
        return;
    }
    let cluster = settings.get("initial-cluster");
    let several = members(&cluster).is_some_and(|members| members.len() > 1);
    let pair = ["peer-cert-file", "peer-key-file"];
    if several && report_plain_peers(settings, &cluster, cx) {
        return;
    }
    let listen = settings.get("listen-peer-urls");
    let made = settings.get("peer-auto-tls").as_bool() != Some(false);
    match (remote_url(&listen, "https"), all_empty(settings, &pair)) {
        (Some(url), Some(missing)) if several && !made => {
            report(
                cx,
                &missing,
                format!("etcd has no certificate for its peers at `{url}` and refuses to start"),
            )
            .label(listen, "peers are to be served here")
            .help(set(&missing, &pki("etcd/peer.crt")));
        }
        _ if cx.standard() => {
            if let Some(missing) = pair.iter().find(|name| settings.get(name).is_empty()) {
                report_missing(
                    settings,
                    cx,
                    &[missing],
                    &pki("etcd/peer.crt"),
                    "peers are served without TLS",
                );
            }
        }
        _ => {}
    }
}

/// Reports the first setting that leads a peer over plain HTTP; whether there is one.
fn report_plain_peers(settings: &Settings, cluster: &Setting<'_>, cx: &mut Context<'_>) -> bool {
    let own = ["listen-peer-urls", "initial-advertise-peer-urls"].map(|name| settings.get(name));
    let own = own.into_iter().find_map(|setting| Some((remote_url(&setting, "http")?, setting)));
    let others = || {
        let urls = cluster.list()?.into_iter().filter_map(|item| Some(item.split_once('=')?.1));
        Some((urls.into_iter().find(|url| is_remote(url, "http"))?, cluster.clone()))
    };
    let Some((url, setting)) = own.or_else(others) else { return false };
    let message = format!(
        "etcd members talk over plain HTTP at `{url}`: all data of the cluster cross the network readable"
    );
    report(cx, &setting, message)
        .help("use `https://` URLs for peers, and give `--peer-cert-file` and `--peer-key-file`");
    true
}

/// Names of the members that `initial-cluster` lists; `None` when that is not known.
fn members<'a>(cluster: &Setting<'a>) -> Option<BTreeSet<&'a str>> {
    cluster.list()?.into_iter().map(|item| item.split_once('=').map(|(name, _)| name)).collect()
}

declare_rule! {
    /// An etcd cluster has an even number of members.
    ///
    /// ## Why
    /// Each change needs more than half of the members. Four bear the loss of one, as three do, and two bear none: the added
    /// member only adds a way to fail.
    ///
    /// ## Fix
    /// Use three or five members.
    ///
    /// ## References
    /// etcd documentation, "Frequently Asked Questions", why an odd number of members.
    ///
    /// ## Examples
    /// ```ini bad etcd.service
    /// [Service]
    /// ExecStart=/usr/local/bin/etcd --name=etcd-0 \
    ///   --initial-cluster=etcd-0=https://10.0.0.10:2380,etcd-1=https://10.0.0.11:2380
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// etcd:
    ///   external:
    ///     endpoints:
    ///       - https://10.0.0.10:2379
    ///       - https://10.0.0.11:2379
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// etcd:
    ///   external:
    ///     endpoints:
    ///       - https://10.0.0.10:2379
    ///       - https://10.0.0.11:2379
    ///       - https://10.0.0.12:2379
    /// ```
    /// ```ini good etcd.service
    /// [Service]
    /// ExecStart=/usr/local/bin/etcd --name=etcd-1 \
    ///   --initial-cluster=etcd-0=https://10.0.0.10:2380,etcd-1=https://10.0.0.11:2380 \
    ///   --initial-cluster-state=existing
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// ```
    pub EVEN_MEMBERS {
        id: "etcd/even-members",
        class: Availability,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        versions: "all",
        check: Cluster(even_members),
    }
}

fn even_members(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    // Each member repeats the list of all.
    let mut seen: Vec<BTreeSet<&str>> = Vec::new();
    let own = cluster.component(Component::Etcd).filter(|settings| is_member(settings));
    let own = own.filter_map(|settings| {
        // A member that joins lists those that are there already, which are not all that will be.
        let joins = settings.get("initial-cluster-state").text().is_none_or(|state| state == "existing");
        let setting = settings.get("initial-cluster");
        Some((members(&setting).filter(|_| !joins)?, setting))
    });
    let own: Vec<_> = own.collect();
    let clients = cluster.component(Component::KubeApiserver).map(|settings| settings.get("etcd-servers"));
    let clients = clients.filter_map(|setting| Some((setting.list()?.into_iter().collect(), setting)));
    // What the API server lists may be a part, or balancers; the members know better.
    let clients = clients.filter(|_| own.is_empty());
    for (members, setting) in own.iter().cloned().chain(clients) {
        let count = members.len();
        if count > 0 && count % 2 == 0 && !seen.contains(&members) {
            let bears = if count == 2 {
                "the loss of either stops the cluster".to_owned()
            } else {
                format!("they bear no more losses than {} do", count - 1)
            };
            report(cx, &setting, format!("etcd has {count} members, an even number: {bears}"))
                .help(format!("use {} members", count + 1));
            seen.push(members);
        }
    }
}
