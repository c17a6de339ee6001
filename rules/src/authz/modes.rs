//! Authorization modes of the API server, from its flag or from an AuthorizationConfiguration.

use kubevet_core::{
    declare_rule,
    finding::Site,
    kubernetes::is_placeholder,
    rule::{Anchor, Context, Key},
    settings::{Cluster, Component, Origin, Settings, State, Value},
    yaml::NodeRef,
};

use crate::effective::{configuration, set};

/// The modes that one API server really runs.
struct Modes<'a> {
    names: Vec<&'a str>,
    /// Where they are said, else the component.
    site: Site,
    /// Nobody says them.
    by_default: bool,
    /// How to have the usual ones.
    help: String,
}

/// `None` when nobody can tell.
fn modes<'a>(cluster: &Cluster<'a>, settings: &'a Settings) -> Option<Modes<'a>> {
    let (setting, file) = (settings.get("authorization-mode"), settings.get("authorization-config"));
    // The flags exclude each other: `Validate` of pkg/kubeapiserver/options/authorization.go.
    if setting.is_explicit() || file.is_empty() {
        let mut names = setting.list()?;
        let by_default = setting.origin().and_then(Origin::site).is_none();
        if by_default || names.is_empty() {
            // `Complete` there. Older versions have it as the flag's default.
            names = vec!["AlwaysAllow"];
        }
        let help = set(&setting, "Node,RBAC");
        return Some(Modes { names, site: setting.site(), by_default, help });
    }
    let object = configuration(cluster, &file, "AuthorizationConfiguration")?;
    let authorizers = object.node().get("authorizers")?;
    let names = authorizers.items().map(|item| item.get("type").map(NodeRef::text));
    let names = names.map(|name| name.filter(|name| !is_placeholder(name)));
    let help = "list authorizers of the types `Node` and `RBAC`".to_owned();
    let site = Key(authorizers).site();
    Some(Modes { names: names.collect::<Option<_>>()?, site, by_default: false, help })
}

impl Modes<'_> {
    fn has(&self, mode: &str) -> bool {
        self.names.contains(&mode)
    }

    fn report(&self, cx: &mut Context<'_>, message: &str) {
        let draft = cx.report(self.site.clone(), message).help(&*self.help);
        if self.by_default {
            draft.absence();
        }
    }
}

declare_rule! {
    /// The API server allows every request.
    ///
    /// ## Why
    /// `AlwaysAllow` makes everyone with any credential an administrator, every pod's service account included. It is the default of
    /// kube-apiserver when nothing names a mode.
    ///
    /// ## Fix
    /// Use `--authorization-mode=Node,RBAC`.
    ///
    /// ## References
    /// Kubernetes documentation, "Authorization", authorization modes; `Complete` in `pkg/kubeapiserver/options/authorization.go`.
    ///
    /// ## Examples
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --client-ca-file=/var/lib/kubernetes/ca.pem
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     - name: authorization-mode
    ///       value: Node,RBAC,AlwaysAllow
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// ```
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --authorization-mode= $KUBE_API_ARGS
    /// ```
    /// ```ini good kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --client-ca-file=/var/lib/kubernetes/ca.pem $KUBE_API_ARGS
    /// ```
    /// ```ini good kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --authorization-config=/etc/kubernetes/authz.yaml
    /// ```
    pub ALWAYS_ALLOW {
        id: "authz/always-allow",
        class: Security,
        severity: Error,
        profiles: [recommended, production, hardened],
        cis: ["1.2.6"],
        nsa: "authentication-authorization",
        versions: "all",
        peers: ["checkov:CKV_K8S_74", "trivy-checks:KCV-0007", "kubescape:C-0118", "kube-bench:cis-1.12:1.2.6", "kics:authorization_mode_set_to_always_allow"],
        check: Cluster(always_allow),
    }
}

fn always_allow(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for settings in cluster.component(Component::KubeApiserver) {
        let Some(modes) = modes(cluster, settings).filter(|modes| modes.has("AlwaysAllow")) else { continue };
        if modes.by_default {
            let message = format!(
                "kube-apiserver allows every request by default ({}): no authorization mode is set",
                settings.version
            );
            modes.report(cx, &message);
        } else if settings.get("authorization-mode").is_empty() {
            modes.report(cx, "an empty `authorization-mode` is `AlwaysAllow`: every authenticated client may do everything");
        } else {
            modes.report(cx, "`AlwaysAllow` lets every authenticated client do everything, each pod's service account included");
        }
    }
}

declare_rule! {
    /// The API server runs without the Node authorizer.
    ///
    /// ## Why
    /// The Node authorizer lets a kubelet read only what the pods on its own node need. Without it, kubelets need a role that reads
    /// every Secret of the cluster, so one broken node breaks them all.
    ///
    /// ## Fix
    /// Put `Node` first in the list of modes, and give kubelets the identity `system:node:<name>` in the group `system:nodes`.
    ///
    /// ## References
    /// Kubernetes documentation, "Using Node Authorization".
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta3
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     authorization-mode: RBAC
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// apiServer:
    ///   extraArgs:
    ///     - name: authorization-config
    ///       value: /etc/kubernetes/authz.yaml
    /// ```
    /// ```yaml with files/authz.yaml
    /// apiVersion: apiserver.config.k8s.io/v1
    /// kind: AuthorizationConfiguration
    /// authorizers:
    ///   - type: RBAC
    ///     name: rbac
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta3
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     authorization-mode: Node,RBAC
    /// ```
    pub NODE_MISSING {
        id: "authz/node-missing",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        cis: ["1.2.7"],
        nsa: "authentication-authorization",
        versions: "all",
        peers: ["checkov:CKV_K8S_75", "trivy-checks:KCV-0008", "kubescape:C-0119", "kics:authorization_mode_node_not_set", "kube-bench:cis-1.12:1.2.7"],
        check: Cluster(node_missing),
    }
}

fn node_missing(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    let message =
        "the mode `Node` is missing: kubelets then need a role that reads every Secret of the cluster";
    report_without(cluster, cx, "Node", message);
}

declare_rule! {
    /// The API server runs without RBAC.
    ///
    /// ## Why
    /// Roles and bindings have no effect: what a controller, a person or a pod may do is decided elsewhere or not at all.
    ///
    /// ## Fix
    /// Add `RBAC` to the list of modes.
    ///
    /// ## References
    /// Kubernetes documentation, "Using RBAC Authorization".
    ///
    /// ## Examples
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --authorization-mode=Node,ABAC --authorization-policy-file=/etc/kubernetes/abac.jsonl
    /// ```
    /// ```ini good kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --authorization-mode=Node,RBAC
    /// ```
    pub RBAC_MISSING {
        id: "authz/rbac-missing",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        cis: ["1.2.8"],
        nsa: "authentication-authorization",
        versions: "all",
        peers: ["checkov:CKV_K8S_77", "trivy-checks:KCV-0009", "kubescape:C-0120", "kics:authorization_mode_rbac_not_set", "kube-bench:cis-1.12:1.2.8", "kubescape:C-0088"],
        check: Cluster(rbac_missing),
    }
}

fn rbac_missing(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    report_without(cluster, cx, "RBAC", "the mode `RBAC` is missing: roles and bindings have no effect");
}

/// With `AlwaysAllow` the other modes decide nothing: `authz/always-allow` says so, only a benchmark counts twice.
fn report_without(cluster: &Cluster<'_>, cx: &mut Context<'_>, mode: &str, message: &str) {
    for settings in cluster.component(Component::KubeApiserver) {
        if let Some(modes) = modes(cluster, settings)
            && !modes.has(mode)
            && (cx.standard() || !modes.has("AlwaysAllow"))
        {
            modes.report(cx, message);
        }
    }
}

declare_rule! {
    /// `--authorization-mode` has a mode that kube-apiserver does not know.
    ///
    /// ## Why
    /// kube-apiserver refuses to start. Case counts, and so do spaces behind the commas.
    ///
    /// ## Fix
    /// Use `Node,RBAC`.
    ///
    /// ## References
    /// `AuthorizationModeChoices` in `pkg/kubeapiserver/authorizer/modes`.
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     - name: authorization-mode
    ///       value: Node,Rbac
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta3
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     authorization-mode: Node, RBAC
    /// ```
    /// ```ini good kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --authorization-mode=Node,RBAC,Webhook
    /// ```
    pub UNKNOWN_MODE {
        id: "authz/unknown-mode",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Settings(Component::KubeApiserver, unknown_mode),
    }
}

fn unknown_mode(settings: &Settings, cx: &mut Context<'_>) {
    let setting = settings.get("authorization-mode");
    let known = kubevet_facts::authorization_modes();
    // pflag keeps spaces: ` RBAC` is another word than `RBAC`.
    let modes: Vec<&str> = match setting.state() {
        State::Known(Value::Text(text)) => text.split(',').collect(),
        State::Known(Value::List(texts)) => texts.iter().flat_map(|text| text.split(',')).collect(),
        _ => return,
    };
    let modes = modes.into_iter().filter(|mode| !mode.is_empty() && !known.contains(mode));
    for mode in modes.filter(|_| setting.is_explicit()) {
        let near = known.iter().find(|one| one.eq_ignore_ascii_case(mode.trim()));
        let help = near
            .map_or_else(|| format!("the modes are {}", known.join(", ")), |one| format!("write `{one}`"));
        cx.report(
            &setting,
            format!("`{mode}` is not an authorization mode: kube-apiserver refuses to start"),
        )
        .help(help);
    }
}
