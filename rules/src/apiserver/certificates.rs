//! Certificates that the API server shows, trusts and uses.

use kubevet_core::{
    declare_rule,
    rule::Context,
    settings::{Component, Settings},
};

use crate::effective::{pki, report_missing};

declare_rule! {
    /// The API server trusts no client certificates.
    ///
    /// ## Why
    /// Without `--client-ca-file` no client certificate is accepted: nodes, controllers and administrators fall back to tokens,
    /// which are easier to copy, or to being anonymous.
    ///
    /// ## Fix
    /// Name the certificate authority that signs client certificates, usually `/etc/kubernetes/pki/ca.crt`.
    ///
    /// ## References
    /// Kubernetes documentation, "Authenticating", X.509 client certificates; CIS Kubernetes Benchmark 1.12.
    ///
    /// ## Examples
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver \
    ///   --authorization-mode=Node,RBAC \
    ///   --etcd-servers=https://10.0.0.10:2379
    /// ```
    /// ```ini good kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver \
    ///   --authorization-mode=Node,RBAC \
    ///   --client-ca-file=/var/lib/kubernetes/ca.pem
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// ```
    pub CLIENT_CA_MISSING {
        id: "apiserver/client-ca-missing",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        cis: ["1.2.25"],
        nsa: "authentication-authorization",
        versions: "all",
        peers: ["trivy-checks:KCV-0028", "kubescape:C-0139", "kube-bench:cis-1.12:1.2.25", "kics:client_certificate_authentication_not_setup_properly"],
        check: Settings(Component::KubeApiserver, client_ca_missing),
    }
}

fn client_ca_missing(settings: &Settings, cx: &mut Context<'_>) {
    let consequence = "it accepts no client certificates, so clients need tokens that are easier to copy";
    report_missing(settings, cx, &["client-ca-file"], &pki("ca.crt"), consequence);
}

declare_rule! {
    /// The API server has no serving certificate of its own.
    ///
    /// ## Why
    /// It then makes a self-signed one in `--cert-dir` that no client can verify: clients must skip the check, and whoever stands
    /// between them reads and changes everything.
    ///
    /// ## Fix
    /// Give `--tls-cert-file` and `--tls-private-key-file`.
    ///
    /// ## References
    /// `MaybeDefaultWithSelfSignedCerts` in `k8s.io/apiserver/pkg/server/options`.
    ///
    /// ## Examples
    /// ```yaml bad manifests/kube-apiserver.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kube-apiserver
    ///   namespace: kube-system
    /// spec:
    ///   hostNetwork: true
    ///   containers:
    ///     - name: kube-apiserver
    ///       image: registry.k8s.io/kube-apiserver:v1.34.2
    ///       command: [kube-apiserver, --client-ca-file=/etc/kubernetes/pki/ca.crt]
    /// ```
    /// ```yaml good manifests/kube-apiserver.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kube-apiserver
    ///   namespace: kube-system
    /// spec:
    ///   hostNetwork: true
    ///   containers:
    ///     - name: kube-apiserver
    ///       image: registry.k8s.io/kube-apiserver:v1.34.2
    ///       command: [kube-apiserver]
    ///       args:
    ///         - --tls-cert-file=/etc/kubernetes/pki/apiserver.crt
    ///         - --tls-private-key-file=/etc/kubernetes/pki/apiserver.key
    /// ```
    pub SERVING_CERT_MISSING {
        id: "apiserver/serving-cert-missing",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        cis: ["1.2.24"],
        nsa: "network-separation",
        versions: "all",
        peers: ["checkov:CKV_K8S_100", "trivy-checks:KCV-0027", "kubescape:C-0138", "kube-bench:cis-1.12:1.2.24", "kics:tls_connection_certificate_not_setup"],
        check: Settings(Component::KubeApiserver, serving_cert_missing),
    }
}

fn serving_cert_missing(settings: &Settings, cx: &mut Context<'_>) {
    let names = ["tls-cert-file", "tls-private-key-file"];
    let consequence = "it serves a self-signed certificate that no client can verify";
    report_missing(settings, cx, &names, &pki("apiserver.crt"), consequence);
}

declare_rule! {
    /// The API server has no certificate to show to kubelets.
    ///
    /// ## Why
    /// Kubelets that check who calls refuse `kubectl logs`, `exec` and port forwarding; kubelets that answer nevertheless answer to
    /// everybody who reaches their port.
    ///
    /// ## Fix
    /// Give `--kubelet-client-certificate` and `--kubelet-client-key`.
    ///
    /// ## References
    /// Kubernetes documentation, "Kubelet authentication/authorization".
    ///
    /// ## Examples
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --client-ca-file=/var/lib/kubernetes/ca.pem
    /// ```
    /// ```ini good kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --kubelet-client-certificate=/var/lib/kubernetes/kubernetes.pem --kubelet-client-key=/var/lib/kubernetes/kubernetes-key.pem
    /// ```
    /// ```ini good kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --client-ca-file=/var/lib/kubernetes/ca.pem $KUBE_API_ARGS
    /// ```
    pub KUBELET_CLIENT_CERT_MISSING {
        id: "apiserver/kubelet-client-cert-missing",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        cis: ["1.2.4"],
        nsa: "authentication-authorization",
        versions: "all",
        peers: ["checkov:CKV_K8S_72", "trivy-checks:KCV-0005", "kubescape:C-0116", "kics:kubelet_client_certificate_or_key_not_set", "kube-bench:cis-1.12:1.2.4"],
        check: Settings(Component::KubeApiserver, kubelet_client_cert_missing),
    }
}

fn kubelet_client_cert_missing(settings: &Settings, cx: &mut Context<'_>) {
    let names = ["kubelet-client-certificate", "kubelet-client-key"];
    let consequence = "it calls kubelets without credentials, so they refuse it or answer to everybody";
    report_missing(settings, cx, &names, &pki("apiserver-kubelet-client.crt"), consequence);
}
