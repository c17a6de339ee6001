//! Keys that the controllers use, and identities that they have.

use kubevet_core::{
    declare_rule,
    rule::Context,
    settings::{Component, Settings},
};

use crate::effective::{by_default, pki, report, report_missing, set};

declare_rule! {
    /// The controller manager has no key for service-account tokens.
    ///
    /// ## Why
    /// The controller that fills token Secrets does not start: Secrets of the type `kubernetes.io/service-account-token` stay empty.
    ///
    /// ## Fix
    /// Give `--service-account-private-key-file`, the key that the API server verifies tokens with.
    ///
    /// ## References
    /// `startServiceAccountTokenController` in `cmd/kube-controller-manager/app`.
    ///
    /// ## Examples
    /// ```ini bad kube-controller-manager.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-controller-manager --kubeconfig=/var/lib/kubernetes/kube-controller-manager.kubeconfig
    /// ```
    /// ```ini good kube-controller-manager.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-controller-manager --service-account-private-key-file=/var/lib/kubernetes/service-account-key.pem
    /// ```
    pub SERVICE_ACCOUNT_KEY_MISSING {
        id: "controller-manager/service-account-key-missing",
        class: Security,
        severity: Warning,
        profiles: [production, hardened],
        cis: ["1.3.4"],
        nsa: "authentication-authorization",
        versions: "all",
        peers: ["checkov:CKV_K8S_110", "trivy-checks:KCV-0036", "kubescape:C-0147", "kics:service_account_private_key_file_not_defined", "kube-bench:cis-1.12:1.3.4"],
        check: Settings(Component::KubeControllerManager, service_account_key_missing),
    }
}

fn service_account_key_missing(settings: &Settings, cx: &mut Context<'_>) {
    let names = ["service-account-private-key-file"];
    let consequence = "token Secrets of service accounts stay empty";
    report_missing(settings, cx, &names, &pki("sa.key"), consequence);
}

declare_rule! {
    /// The controller manager does not name the certificate authority that pods shall trust.
    ///
    /// ## Why
    /// The ConfigMap `kube-root-ca.crt`, by which pods verify the API server, then gets the authority that stands inside the controller
    /// manager's kubeconfig, or nothing when the kubeconfig only names a file.
    ///
    /// ## Fix
    /// Give `--root-ca-file`.
    ///
    /// ## References
    /// `getKubeAPIServerCAFileContents` in `cmd/kube-controller-manager/app`.
    ///
    /// ## Examples
    /// ```yaml bad manifests/kube-controller-manager.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kube-controller-manager
    ///   namespace: kube-system
    /// spec:
    ///   containers:
    ///     - name: kube-controller-manager
    ///       image: registry.k8s.io/kube-controller-manager:v1.34.2
    ///       command: [kube-controller-manager, --kubeconfig=/etc/kubernetes/controller-manager.conf]
    /// ```
    /// ```yaml good manifests/kube-controller-manager.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kube-controller-manager
    ///   namespace: kube-system
    /// spec:
    ///   containers:
    ///     - name: kube-controller-manager
    ///       image: registry.k8s.io/kube-controller-manager:v1.34.2
    ///       command: [kube-controller-manager, --root-ca-file=/etc/kubernetes/pki/ca.crt]
    /// ```
    pub ROOT_CA_MISSING {
        id: "controller-manager/root-ca-missing",
        class: Security,
        severity: Warning,
        profiles: [production, hardened],
        cis: ["1.3.5"],
        nsa: "authentication-authorization",
        versions: "all",
        peers: ["checkov:CKV_K8S_111", "trivy-checks:KCV-0037", "kubescape:C-0148", "kics:root_ca_file_not_defined", "kube-bench:cis-1.12:1.3.5"],
        check: Settings(Component::KubeControllerManager, root_ca_missing),
    }
}

fn root_ca_missing(settings: &Settings, cx: &mut Context<'_>) {
    let consequence = "`kube-root-ca.crt` may stay empty, and pods cannot verify the API server";
    report_missing(settings, cx, &["root-ca-file"], &pki("ca.crt"), consequence);
}

declare_rule! {
    /// All controllers act with the one identity of the controller manager.
    ///
    /// ## Why
    /// Each controller then has the sum of all rights, and the audit log cannot tell which one did something.
    ///
    /// ## Fix
    /// Set `--use-service-account-credentials=true`; the API server creates the roles of the controllers itself.
    ///
    /// ## References
    /// Kubernetes documentation, "Using RBAC Authorization", roles for built-in controllers.
    ///
    /// ## Examples
    /// ```ini bad kube-controller-manager.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-controller-manager --root-ca-file=/var/lib/kubernetes/ca.pem
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta3
    /// kind: ClusterConfiguration
    /// controllerManager:
    ///   extraArgs:
    ///     use-service-account-credentials: "false"
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// ```
    pub SHARED_CREDENTIALS {
        id: "controller-manager/shared-credentials",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        cis: ["1.3.3"],
        nsa: "authentication-authorization",
        versions: "default false; kubeadm sets true",
        peers: ["checkov:CKV_K8S_108", "trivy-checks:KCV-0035", "kubescape:C-0146", "kics:use_service_account_credentials_not_set_to_true", "kube-bench:cis-1.12:1.3.3"],
        check: Settings(Component::KubeControllerManager, shared_credentials),
    }
}

fn shared_credentials(settings: &Settings, cx: &mut Context<'_>) {
    let setting = settings.get("use-service-account-credentials");
    if setting.as_bool() == Some(false) {
        let message = format!(
            "all controllers share one identity{}: each has the rights of all, and the audit log cannot tell them apart",
            by_default(&setting)
        );
        report(cx, &setting, message).help(set(&setting, "true"));
    }
}
