//! Where audit events go, and which ones.

use kubevet_core::{
    declare_rule,
    rule::Context,
    settings::{Component, Settings},
};

use crate::effective::{all_empty, report, report_missing, said, set};

/// Where the API server sends audit events.
const SINKS: [&str; 2] = ["audit-log-path", "audit-webhook-config-file"];

declare_rule! {
    /// The API server keeps no audit log.
    ///
    /// ## Why
    /// After an incident nobody can tell who read which Secret or who changed a role. The log is off unless a path or a webhook is given.
    ///
    /// ## Fix
    /// Give `--audit-log-path` (or `--audit-webhook-config-file`) and `--audit-policy-file`, and mount both into the static pod.
    ///
    /// ## References
    /// Kubernetes documentation, "Auditing".
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// ```
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --authorization-mode=Node,RBAC
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// apiServer:
    ///   extraArgs:
    ///     - name: audit-log-path
    ///       value: /var/log/kubernetes/audit.log
    ///     - name: audit-policy-file
    ///       value: /etc/kubernetes/audit-policy.yaml
    /// ```
    pub LOG_MISSING {
        id: "audit/log-missing",
        class: Security,
        severity: Warning,
        profiles: [production, hardened],
        cis: ["1.2.16"],
        nsa: "audit-logging",
        versions: "all",
        peers: ["checkov:CKV_K8S_91", "trivy-checks:KCV-0019", "kubescape:C-0130", "kics:audit_log_path_not_set", "kube-bench:cis-1.12:1.2.16", "kubescape:C-0067"],
        check: Settings(Component::KubeApiserver, log_missing),
    }
}

fn log_missing(settings: &Settings, cx: &mut Context<'_>) {
    let consequence = "nothing records who read or changed what";
    report_missing(settings, cx, &SINKS, "/var/log/kubernetes/audit.log", consequence);
}

declare_rule! {
    /// An audit log is configured without a policy, so nothing is written.
    ///
    /// ## Why
    /// Without `--audit-policy-file` kube-apiserver audits no request at all; the empty log is noticed when it is needed.
    ///
    /// ## Fix
    /// Give `--audit-policy-file`.
    ///
    /// ## References
    /// `AuditOptions.ApplyTo` in `k8s.io/apiserver/pkg/server/options`: "No audit policy file provided, no events will be recorded".
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta3
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     audit-log-path: /var/log/kubernetes/audit.log
    /// ```
    /// ```ini good kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --audit-log-path=/var/log/audit.log --audit-policy-file=/etc/kubernetes/audit-policy.yaml
    /// ```
    pub POLICY_MISSING {
        id: "audit/policy-missing",
        class: Security,
        severity: Warning,
        profiles: [recommended, production, hardened],
        cis: ["3.2.1"],
        nsa: "audit-logging",
        versions: "all",
        peers: ["kubescape:C-0160", "kics:audit_policy_file_not_defined", "kube-bench:cis-1.12:3.2.1"],
        check: Settings(Component::KubeApiserver, policy_missing),
    }
}

fn policy_missing(settings: &Settings, cx: &mut Context<'_>) {
    let Some(policy) = all_empty(settings, &["audit-policy-file"]) else { return };
    if let Some(sink) = SINKS.into_iter().find_map(|name| said(settings, name)) {
        let message =
            format!("`{}` is set without `audit-policy-file`: no event is ever recorded", sink.name());
        report(cx, &sink, message).help(set(&policy, "/etc/kubernetes/audit-policy.yaml"));
    }
}
