//! Certificates that the kubelet trusts and shows.

use kubevet_core::{
    declare_rule,
    rule::Context,
    settings::{Carrier, Component, Settings},
};

use crate::effective::{pki, report_missing, report_with_fix};

declare_rule! {
    /// The kubelet trusts no client certificates.
    ///
    /// ## Why
    /// The API server shows the kubelet a client certificate. A kubelet without `clientCAFile` cannot check it: `kubectl logs` and `exec` fail, or
    /// the API server is served like everybody else.
    ///
    /// ## Fix
    /// Set `authentication.x509.clientCAFile` to the cluster's certificate authority. kubeadm does.
    ///
    /// ## References
    /// Kubernetes documentation, "Kubelet authentication/authorization"; CIS Kubernetes Benchmark 1.12.
    ///
    /// ## Examples
    /// ```ini bad kubelet.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kubelet --config=/var/lib/kubelet/kubelet-config.yaml
    /// ```
    /// ```yaml with kubelet-config.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// clusterDomain: cluster.local
    /// ```
    /// ```ini good kubelet.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kubelet --config=/var/lib/kubelet/kubelet-config.yaml
    /// ```
    /// ```yaml with kubelet-config.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// authentication:
    ///   x509:
    ///     clientCAFile: /var/lib/kubelet/ca.crt
    /// ```
    /// ```yaml good kubelet-config.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// clusterDomain: cluster.local
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// ---
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// clusterDomain: cluster.local
    /// ```
    pub CLIENT_CA_MISSING {
        id: "kubelet/client-ca-missing",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        cis: ["4.2.3"],
        nsa: "authentication-authorization",
        versions: "all",
        peers: ["checkov:CKV_K8S_140", "trivy-checks:KCV-0081", "kubescape:C-0070", "kubescape:C-0174", "kube-bench:cis-1.12:4.2.3", "kics:client_certificate_authentication_not_setup_properly"],
        check: Settings(Component::Kubelet, client_ca_missing),
    }
}

fn client_ca_missing(settings: &Settings, cx: &mut Context<'_>) {
    // A file alone is often a part of more: of kubeadm's input, of a folder of drop-ins. kubeadm fills in an empty one.
    if settings.complete && settings.carrier != Carrier::Kubeadm {
        let consequence = "it cannot tell the API server from anybody else";
        let names = ["authentication.x509.clientCAFile"];
        report_missing(settings, cx, &names, &pki("ca.crt"), consequence);
    }
}

declare_rule! {
    /// The kubelet does not renew its client certificate.
    ///
    /// ## Why
    /// When the certificate ends, usually after a year, the node is `NotReady` and its pods move, on all nodes of the same age at once.
    ///
    /// ## Fix
    /// Set `rotateCertificates: true`. kubeadm does, whatever the file says.
    ///
    /// ## References
    /// Kubernetes documentation, "Configure Certificate Rotation for the Kubelet"; CIS Kubernetes Benchmark 1.12.
    ///
    /// ## Examples
    /// ```yaml bad kubelet-config.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// rotateCertificates: false
    /// ```
    /// ```ini bad kubelet.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kubelet --config=/var/lib/kubelet/config.yaml --rotate-certificates=false
    /// ```
    /// ```yaml good kubelet-config.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// rotateCertificates: true
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// ---
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// rotateCertificates: false
    /// ```
    pub ROTATE_CERTIFICATES_OFF {
        id: "kubelet/rotate-certificates-off",
        class: Security,
        severity: Warning,
        profiles: [recommended, production, hardened],
        cis: ["4.2.10"],
        nsa: "authentication-authorization",
        versions: "default false; kubeadm sets true",
        peers: ["checkov:CKV_K8S_149", "trivy-checks:KCV-0090", "kubescape:C-0182", "kics:kubelet_client_periodic_certificate_switch_disabled", "kube-bench:cis-1.12:4.2.10"],
        fix: Unsafe,
        check: Settings(Component::Kubelet, rotate_certificates_off),
    }
}

fn rotate_certificates_off(settings: &Settings, cx: &mut Context<'_>) {
    let setting = settings.get("rotateCertificates");
    let counts = setting.is_explicit() || cx.standard() && settings.complete;
    if setting.as_bool() == Some(false) && counts {
        let message =
            "the kubelet does not renew its client certificate: when it ends, the node leaves the cluster";
        report_with_fix(cx, &setting, "true", message);
    }
}
