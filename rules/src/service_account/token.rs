//! Which account a pod uses and whether it holds its token.

use kubevet_core::{
    declare_rule,
    finding::{Applicability, Edit, Fix},
    index::ResourceSet,
    kubernetes::{PodSpec, is_placeholder},
    rule::{Context, Key},
    yaml::NodeRef,
};

use crate::static_pods::is_static;

declare_rule! {
    /// A pod holds a token of its service account without asking for one.
    ///
    /// ## Why
    /// Whoever takes the program over speaks to the API server as this account. Most programs never do.
    ///
    /// Silent on the account `default` where `service-account/default-used` reports it, except for a standard.
    ///
    /// ## Fix
    /// Set `automountServiceAccountToken: false` in the pod or its ServiceAccount. Where a token is needed, a projected
    /// volume says audience and lifetime.
    ///
    /// ## References
    /// Kubernetes documentation, "Configure Service Accounts for Pods". The pod decides over the ServiceAccount; without
    /// either the token is mounted. Pods with a projected token of their own are passed by.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   serviceAccountName: web
    ///   automountServiceAccountToken: true
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   serviceAccountName: web
    ///   automountServiceAccountToken: true
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml with account.yaml
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata: {name: web}
    /// automountServiceAccountToken: false
    /// ```
    /// ```yaml good etc/kubernetes/manifests/kube-vip.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: kube-vip, namespace: kube-system}
    /// spec:
    ///   containers:
    ///     - name: kube-vip
    ///       image: registry.example.org/kube-vip:1.0.2
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   automountServiceAccountToken: false
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   serviceAccountName: web
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml with account.yaml
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata: {name: web}
    /// automountServiceAccountToken: false
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   volumes:
    ///     - name: token
    ///       projected:
    ///         sources:
    ///           - serviceAccountToken: {path: token, audience: vault}
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    pub AUTOMOUNT {
        id: "service-account/automount",
        class: Security,
        severity: Info,
        profiles: [hardened],
        cis: ["5.1.6"],
        nsa: "authentication-authorization",
        versions: "all",
        peers: ["polaris:automountServiceAccountToken", "kubesec:AutomountServiceAccountToken", "checkov:CKV_K8S_38", "trivy-checks:KSV-0036", "kubescape:C-0034", "kubescape:C-0190", "kubescape:C-0261", "kics:service_account_token_automount_not_disabled", "kube-bench:cis-1.12:5.1.6", "datree:SRVACC_INCORRECT_AUTOMOUNTSERVICEACCOUNTTOKEN_VALUE", "popeye:POP-301", "popeye:POP-303", "monokle:KBP106", "kubeaudit:AutomountServiceAccountTokenTrueAndDefaultSA", "kyverno-policies:other/restrict-automount-sa-token", "kyverno-policies:other/restrict-sa-automount-sa-token", "checkov:CKV_K8S_41", "kubescape:C-0189", "kube-bench:cis-1.12:5.1.5", "datree:CIS_INVALID_VALUE_AUTOMOUNTSERVICEACCOUNTTOKEN"],
        absence: true,
        check: Set(automount),
    }
}

fn automount(set: &ResourceSet, cx: &mut Context<'_>) {
    for pod in set.objects().filter_map(PodSpec::of) {
        let sources =
            pod.volumes().filter_map(|volume| volume.at(&["projected", "sources"])).flat_map(NodeRef::items);
        let asks = sources.into_iter().any(|source| source.get("serviceAccountToken").is_some());
        let account = pod.service_account();
        let told = account == "default" && cx.left_to("service-account/default-used").is_some();
        if asks || told || !is_mounted(set, pod) {
            continue;
        }
        let message = format!(
            "the pod holds a token of service account `{account}`: who takes it over acts as this account"
        );
        let help = "set `automountServiceAccountToken: false`, or project a token with audience and lifetime where it is needed";
        match pod.get("automountServiceAccountToken").filter(|node| !node.is_null()) {
            Some(node) => cx.report(node, message).help(help).fix(Fix {
                title: "write `false`".into(),
                applicability: Applicability::Unsafe,
                edits: vec![Edit { span: node.span(), text: "false".into() }],
            }),
            None => match pod.get("serviceAccountName") {
                Some(name) => cx.report(name, message).help(help),
                None => cx.report(pod, message).help(help),
            },
        };
    }
}

/// Whether the token of the account is mounted (`ServiceAccount` admission, `shouldAutomount`): as the pod says, else as
/// its account says, else yes. Unknown values mount nothing.
fn is_mounted(set: &ResourceSet, pod: PodSpec<'_>) -> bool {
    // The kubelet lets a static pod have no service account at all.
    if is_static(pod.object()) {
        return false;
    }
    let says = |node: Option<NodeRef<'_>>| {
        node.filter(|node| !node.is_null()).map(|node| node.as_bool() == Some(true))
    };
    let account = pod.service_account();
    let of_account = || {
        let account = set.find("", "ServiceAccount", set.namespace(pod.object()).name(), account)?;
        says(account.node().get("automountServiceAccountToken"))
    };
    !is_placeholder(account)
        && says(pod.get("automountServiceAccountToken")).or_else(of_account).unwrap_or(true)
}

declare_rule! {
    /// A pod holds the token of the default service account.
    ///
    /// ## Why
    /// All pods of the namespace share this account: a right that one of them gets, all have, and nobody can tell their
    /// requests apart.
    ///
    /// ## Fix
    /// Make a ServiceAccount for the workload, or set `automountServiceAccountToken: false` where the program never speaks to
    /// the API server.
    ///
    /// ## References
    /// Kubernetes documentation, "Configure Service Accounts for Pods".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   serviceAccountName: default
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   serviceAccountName: web
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   automountServiceAccountToken: false
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    pub DEFAULT_USED {
        id: "service-account/default-used",
        class: Security,
        severity: Info,
        profiles: [hardened],
        cis: ["5.1.5"],
        versions: "all",
        peers: ["kube-linter:default-service-account", "kubesec:ServiceAccountName", "kics:service_account_name_undefined_or_empty", "popeye:POP-300"],
        absence: true,
        check: Set(default_used),
    }
}

fn default_used(set: &ResourceSet, cx: &mut Context<'_>) {
    for pod in set.objects().filter_map(PodSpec::of) {
        if pod.service_account() != "default" || !is_mounted(set, pod) {
            continue;
        }
        let message =
            "the pod holds the token of the account `default`, whose rights all pods of the namespace share";
        let help = "give the workload its own ServiceAccount, or set `automountServiceAccountToken: false`";
        match pod.get("serviceAccountName").filter(|name| !name.text().is_empty()) {
            Some(name) => cx.report(name, message).help(help),
            None => cx.report(pod, message).help(help),
        };
    }
}

declare_rule! {
    /// A pod names its service account in the deprecated field `serviceAccount`.
    ///
    /// ## Why
    /// The field is an old spelling of `serviceAccountName`, and where both are set it does not count. Exported objects hold
    /// both with the same name: these are passed by.
    ///
    /// ## Fix
    /// Write `serviceAccountName`.
    ///
    /// ## References
    /// `PodSpec` in `k8s.io/api/core/v1` (`DeprecatedServiceAccount`).
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   serviceAccount: web
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   serviceAccount: web
    ///   serviceAccountName: default
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   serviceAccountName: web
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   serviceAccount: web
    ///   serviceAccountName: web
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    /// ```
    pub DEPRECATED_FIELD {
        id: "service-account/deprecated-field",
        class: Upgrade,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "deprecated",
        peers: ["kube-linter:deprecated-service-account-field", "kubescape:C-0294", "kubeaudit:AutomountServiceAccountTokenDeprecated"],
        fix: Safe,
        check: Pod(deprecated_field),
    }
}

fn deprecated_field(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let text = |field| pod.get(field).filter(|node| !node.text().is_empty());
    let Some(old) = text("serviceAccount") else { return };
    match text("serviceAccountName") {
        Some(new) if new.text() == old.text() => {}
        Some(new) => {
            let (said, holds) = (old.text(), new.text());
            cx.report(
                Key(old),
                format!("deprecated `serviceAccount` says `{said}`, but the pod runs as `{holds}`"),
            )
            .label(new, "this one counts")
            .help("remove `serviceAccount`");
        }
        None => {
            let draft = cx
                .report(Key(old), "`serviceAccount` is a deprecated spelling of `serviceAccountName`")
                .help("write `serviceAccountName`");
            if let Some(span) = old.key_span() {
                draft.fix(Fix {
                    title: "write `serviceAccountName`".into(),
                    applicability: Applicability::Safe,
                    edits: vec![Edit { span, text: "serviceAccountName".into() }],
                });
            }
        }
    }
}
