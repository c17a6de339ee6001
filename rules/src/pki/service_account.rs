//! The key pair of service-account tokens.

use kubevet_core::{
    declare_rule,
    rule::Context,
    settings::{Cluster, Component, Setting},
};

use crate::effective::{file_name, said};

declare_rule! {
    /// The key that signs service-account tokens and the keys that verify them have different names.
    ///
    /// ## Why
    /// The API server accepts only tokens whose signature one of `--service-account-key-file` verifies. With the halves of two pairs every
    /// service account is locked out. Only the names are known here: hence a warning.
    ///
    /// ## Fix
    /// Give the public half of the signing key to `--service-account-key-file`. While keys are exchanged, give both the old and the new one.
    ///
    /// ## References
    /// Kubernetes documentation, "Managing Service Accounts", token controller.
    ///
    /// ## Examples
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver \
    ///   --service-account-signing-key-file=/etc/kubernetes/pki/sa.key \
    ///   --service-account-key-file=/etc/kubernetes/pki/apiserver.crt
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     - name: service-account-signing-key-file
    ///       value: /etc/kubernetes/pki/sa-2026.key
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     - name: service-account-key-file
    ///       value: /etc/kubernetes/pki/old.pub
    /// ```
    /// ```ini good kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver \
    ///   --service-account-signing-key-file=/var/lib/kubernetes/service-account-key.pem \
    ///   --service-account-key-file=/var/lib/kubernetes/service-account.pem
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     - name: service-account-signing-key-file
    ///       value: /etc/kubernetes/pki/sa-2026.key
    ///     - name: service-account-key-file
    ///       value: /etc/kubernetes/pki/sa.pub
    ///     - name: service-account-key-file
    ///       value: /etc/kubernetes/pki/sa-2026.pub
    /// ```
    pub SERVICE_ACCOUNT_PAIR_NAMES {
        id: "pki/service-account-pair-names",
        class: Consistency,
        severity: Warning,
        profiles: [recommended, production, hardened],
        cis: ["1.2.22", "1.3.4"],
        versions: "all",
        check: Cluster(service_account_pair_names),
    }
}

fn service_account_pair_names(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    let servers: Vec<_> = cluster.component(Component::KubeApiserver).collect();
    for server in &servers {
        let Some(public) = said(server, "service-account-key-file") else { continue };
        let signing = said(server, "service-account-signing-key-file").into_iter();
        // Several API servers in one folder may be of several clusters.
        let managers = cluster.component(Component::KubeControllerManager).filter(|_| servers.len() == 1);
        let legacy = managers.filter_map(|manager| said(manager, "service-account-private-key-file"));
        let mut seen = Vec::new();
        for private in signing.chain(legacy) {
            let Some(name) = private.text().filter(|name| !seen.contains(name)) else { continue };
            seen.push(name);
            if !verifies(&public, name) {
                report(&private, name, &public, cx);
            }
        }
    }
}

/// Whether one of the public keys is called like the private one, or nobody can tell.
fn verifies(public: &Setting<'_>, private: &str) -> bool {
    public.list().is_none_or(|names| names.iter().any(|name| pair_name(name) == pair_name(private)))
}

fn report(private: &Setting<'_>, name: &str, public: &Setting<'_>, cx: &mut Context<'_>) {
    // What an installer says stands nowhere.
    let (anchor, other, label) = if private.is_explicit() {
        (private, public, "the keys that verify tokens")
    } else {
        (public, private, "the key that signs tokens")
    };
    let message = format!(
        "`{}` signs service-account tokens, but no `service-account-key-file` is called like it: tokens may be refused",
        file_name(name)
    );
    cx.report(anchor, message)
        .label(other, label)
        .help("give `service-account-key-file` the public half of the signing key");
}

/// What both halves of a pair are called: the name of the file without its extension and without what says which half it is.
fn pair_name(path: &str) -> &str {
    let name = file_name(path);
    let name = ["key", "pub", "pem", "crt"]
        .iter()
        .find_map(|extension| name.strip_suffix(extension)?.strip_suffix('.'))
        .unwrap_or(name);
    let halves = ["-signing", "-key", "-pub", "-public", "-private", "_key", "_pub"];
    halves.iter().fold(name, |name, half| name.strip_suffix(half).unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::pair_name;

    #[test]
    fn halves_of_a_pair_are_called_alike() {
        for (private, public) in [
            ("/etc/kubernetes/pki/sa.key", "/etc/kubernetes/pki/sa.pub"),
            ("service-account-key.pem", "service-account.pem"),
            ("sa-signing.key", "sa.crt"),
            ("/run/sa/tls.key", "/run/sa/tls.crt"),
        ] {
            assert_eq!(pair_name(private), pair_name(public), "{private}");
        }
        assert_ne!(pair_name("sa.key"), pair_name("apiserver.crt"));
        assert_ne!(pair_name("sa-2026.key"), pair_name("sa.pub"));
    }
}
