//! TLS of what components serve.

use kubevet_core::{
    declare_rule,
    facts::{CipherSuite, cipher_suites},
    kubernetes::is_placeholder,
    rule::Context,
    settings::{Cluster, Component, Setting, Settings},
    suggest::closest,
};

use crate::effective::{report, report_missing, set};

/// Components that serve with suites and versions of one's choice, with the names of the settings.
fn serving<'c>(cluster: &Cluster<'c>) -> impl Iterator<Item = (&'c Settings, &'static str, &'static str)> {
    cluster.settings.components.iter().filter_map(|settings| match settings.component {
        Component::KubeProxy => None,
        Component::Kubelet => Some((settings, "tlsCipherSuites", "tlsMinVersion")),
        Component::Etcd => Some((settings, "cipher-suites", "tls-min-version")),
        _ => Some((settings, "tls-cipher-suites", "tls-min-version")),
    })
}

/// The suites that somebody chose for a component, as far as they are known.
fn chosen<'a>(settings: &'a Settings, name: &str) -> Option<(Setting<'a>, Vec<&'a str>)> {
    let setting = settings.get(name);
    let list = setting.list().filter(|_| setting.is_explicit())?;
    let list = list.into_iter().filter(|suite| !is_placeholder(suite)).collect();
    Some((setting, list))
}

fn suite(settings: &Settings, name: &str) -> Option<CipherSuite> {
    cipher_suites(settings.version).find(|suite| suite.name == name)
}

declare_rule! {
    /// A list of cipher suites has a name that the component does not know.
    ///
    /// ## Why
    /// The component ends with "Cipher suite … not supported or doesn't exist". The names are those of Go; OpenSSL's
    /// (`ECDHE-RSA-AES128-GCM-SHA256`) are others.
    ///
    /// ## Fix
    /// Use the names that the help of the flag lists.
    ///
    /// ## References
    /// `TLSCipherSuites` in `k8s.io/component-base/cli/flag`.
    ///
    /// ## Examples
    /// ```yaml bad kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// tlsCipherSuites:
    ///   - ECDHE-RSA-AES128-GCM-SHA256
    /// ```
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --tls-cipher-suites=TLS_AES_128_GCM_SHA265
    /// ```
    /// ```yaml good kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// tlsCipherSuites:
    ///   - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
    ///   - ${MORE}
    /// ```
    pub CIPHER_UNKNOWN {
        id: "component-config/cipher-unknown",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Cluster(cipher_unknown),
    }
}

fn cipher_unknown(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    let covered = serving(cluster).filter(|(settings, ..)| settings.version.is_supported());
    for (settings, name, _) in covered {
        let Some((setting, list)) = chosen(settings, name) else { continue };
        for written in list.into_iter().filter(|written| suite(settings, written).is_none()) {
            let component = settings.component;
            let message = format!("{component} knows no cipher suite `{written}`: it does not start");
            let all = cipher_suites(settings.version).map(|suite| suite.name);
            let help = match closest(written, all) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "use Go's names, such as `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`".to_owned(),
            };
            cx.report(&setting, message).help(help);
        }
    }
}

declare_rule! {
    /// A list of cipher suites allows one that is broken.
    ///
    /// ## Why
    /// RC4, 3DES, key exchange by RSA and CBC with SHA-256 have known weaknesses; Go leaves them off unless they are asked for.
    ///
    /// ## Fix
    /// Remove these names from the list, or the list as a whole: Go's own choice is sound.
    ///
    /// ## References
    /// `crypto/tls.InsecureCipherSuites`; the help of `--tls-cipher-suites`.
    ///
    /// ## Examples
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --tls-cipher-suites=TLS_AES_128_GCM_SHA256,TLS_RSA_WITH_RC4_128_SHA
    /// ```
    /// ```ini good kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
    /// ```
    pub CIPHER_WEAK {
        id: "component-config/cipher-weak",
        class: Security,
        severity: Warning,
        profiles: [production, hardened],
        cis: ["1.2.29", "4.2.12"],
        nsa: "authentication-authorization",
        versions: "all",
        peers: ["checkov:CKV_K8S_105", "kubescape:C-0143", "kubescape:C-0277", "kube-bench:cis-1.12:1.2.29", "checkov:CKV_K8S_151", "trivy-checks:KCV-0092", "kubescape:C-0184", "kube-bench:cis-1.12:4.2.12", "kics:weak_tls_cipher_suites"],
        check: Cluster(cipher_weak),
    }
}

fn cipher_weak(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for (settings, name, _) in serving(cluster) {
        let Some((setting, list)) = chosen(settings, name) else { continue };
        let weak = |name: &&str| suite(settings, name).is_some_and(|suite| suite.insecure);
        let weak: Vec<String> = list.into_iter().filter(weak).map(|name| format!("`{name}`")).collect();
        if !weak.is_empty() {
            let message = format!("{} accepts broken cipher suites: {}", settings.component, weak.join(", "));
            cx.report(&setting, message).help("remove these, or the list: the default is sound");
        }
    }
}

declare_rule! {
    /// The API server or a kubelet has no list of cipher suites of its own.
    ///
    /// ## Why
    /// The CIS benchmark wants a list. Go's own choice is sound, and better when Go is updated: this is for the benchmark alone.
    ///
    /// ## Fix
    /// Set the list of the benchmark.
    ///
    /// ## References
    /// CIS Kubernetes Benchmark 1.12.
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// ```
    /// ```yaml good kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// tlsCipherSuites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
    /// ```
    pub CIPHER_LIST_MISSING {
        id: "component-config/cipher-list-missing",
        class: Security,
        severity: Info,
        profiles: [],
        cis: ["1.2.29", "4.2.12"],
        versions: "all",
        peers: ["checkov:CKV_K8S_105", "kubescape:C-0143", "kubescape:C-0277", "kube-bench:cis-1.12:1.2.29", "checkov:CKV_K8S_151", "trivy-checks:KCV-0092", "kubescape:C-0184", "kube-bench:cis-1.12:4.2.12"],
        check: Cluster(cipher_list_missing),
    }
}

fn cipher_list_missing(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for (settings, name, _) in serving(cluster) {
        if matches!(settings.component, Component::KubeApiserver | Component::Kubelet) {
            let example = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
            report_missing(
                settings,
                cx,
                &[name],
                example,
                "the benchmark wants a list, though Go's own choice is sound",
            );
        }
    }
}

declare_rule! {
    /// A list of cipher suites beside TLS 1.3 as the least version.
    ///
    /// ## Why
    /// TLS 1.3 has suites of its own, which Go does not let anybody choose: the list does nothing.
    ///
    /// ## Fix
    /// Remove the list.
    ///
    /// ## References
    /// `crypto/tls.Config.CipherSuites`.
    ///
    /// ## Examples
    /// ```yaml bad kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// tlsMinVersion: VersionTLS13
    /// tlsCipherSuites: [TLS_AES_128_GCM_SHA256]
    /// ```
    /// ```yaml good kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// tlsMinVersion: VersionTLS12
    /// tlsCipherSuites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
    /// ```
    pub CIPHER_IGNORED {
        id: "component-config/cipher-ignored",
        class: Hygiene,
        severity: Info,
        profiles: [hardened],
        versions: "all",
        check: Cluster(cipher_ignored),
    }
}

fn cipher_ignored(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for (settings, name, least) in serving(cluster) {
        let least = settings.get(least);
        let newest = matches!(least.text(), Some("VersionTLS13" | "TLS1.3"));
        let Some((setting, list)) = chosen(settings, name).filter(|_| newest) else { continue };
        if !list.is_empty() {
            let message =
                format!("{} ignores its cipher suites: with TLS 1.3 nobody chooses them", settings.component);
            cx.report(&setting, message).label(&least, "TLS 1.3 at least").help("remove the list");
        }
    }
}

declare_rule! {
    /// A component accepts TLS 1.0 or 1.1.
    ///
    /// ## Why
    /// Both versions are broken and retired (RFC 8996). Every client of Kubernetes speaks TLS 1.2.
    ///
    /// ## Fix
    /// Remove the setting: the default is TLS 1.2.
    ///
    /// ## References
    /// The help of `--tls-min-version`.
    ///
    /// ## Examples
    /// ```yaml bad kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// tlsMinVersion: VersionTLS10
    /// ```
    /// ```yaml good kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// tlsMinVersion: VersionTLS12
    /// ```
    pub TLS_MIN_VERSION {
        id: "component-config/tls-min-version",
        class: Security,
        severity: Warning,
        profiles: [recommended, production, hardened],
        nsa: "authentication-authorization",
        versions: "default 1.2",
        check: Cluster(tls_min_version),
    }
}

fn tls_min_version(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for (settings, _, least) in serving(cluster) {
        let setting = settings.get(least);
        if let Some(old @ ("VersionTLS10" | "VersionTLS11")) = setting.text() {
            let message = format!("{} accepts `{old}`, which is broken and retired", settings.component);
            report(cx, &setting, message).help(set(&setting, "VersionTLS12"));
        }
    }
}

declare_rule! {
    /// The least or greatest TLS version of a component is none that it knows.
    ///
    /// ## Why
    /// The component does not start. Kubernetes writes `VersionTLS12`, etcd `TLS1.2`.
    ///
    /// ## Fix
    /// Use `VersionTLS12` or `VersionTLS13`; `TLS1.2` or `TLS1.3` for etcd.
    ///
    /// ## References
    /// `TLSVersion` in `k8s.io/component-base/cli/flag`; `tlsutil.GetTLSVersion` of etcd.
    ///
    /// ## Examples
    /// ```yaml bad kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// tlsMinVersion: TLS1.2
    /// ```
    /// ```ini bad etcd.service
    /// [Service]
    /// ExecStart=/usr/local/bin/etcd --tls-min-version=TLS1.3 --tls-max-version=TLS1.2
    /// ```
    /// ```ini good etcd.service
    /// [Service]
    /// ExecStart=/usr/local/bin/etcd --tls-min-version=TLS1.2
    /// ```
    pub TLS_VERSION_UNKNOWN {
        id: "component-config/tls-version-unknown",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Cluster(tls_version_unknown),
    }
}

const KUBERNETES: &[&str] = &["VersionTLS10", "VersionTLS11", "VersionTLS12", "VersionTLS13"];
const ETCD: &[&str] = &["TLS1.2", "TLS1.3"];

fn tls_version_unknown(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for (settings, _, least) in serving(cluster) {
        let etcd = settings.component == Component::Etcd;
        let known = if etcd { ETCD } else { KUBERNETES };
        for name in [least, "tls-max-version"].into_iter().take(if etcd { 2 } else { 1 }) {
            let setting = settings.get(name);
            let Some(written) = setting.text().filter(|text| !text.is_empty() && !known.contains(text))
            else {
                continue;
            };
            let component = settings.component;
            let message = format!("{component} knows no TLS version `{written}`: it does not start");
            let wanted: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            report(cx, &setting, message).help(format!("use one of {}", wanted.join(", ")));
        }
        let (low, high) = (settings.get(least), settings.get("tls-max-version"));
        if etcd && low.text() == Some("TLS1.3") && high.text() == Some("TLS1.2") {
            let message = "etcd has a least TLS version above its greatest: it does not start";
            cx.report(&high, message).label(&low, "the least").help("remove one of them");
        }
    }
}
