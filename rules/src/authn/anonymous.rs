//! Anonymous requests in an AuthenticationConfiguration.

use kubevet_core::{
    declare_rule,
    kubernetes::Object,
    rule::{Context, Key},
    settings::{Cluster, Component},
    yaml::NodeRef,
};

use crate::effective::configuration;

/// The `anonymous` block of an AuthenticationConfiguration.
pub fn anonymous_block(object: Object<'_>) -> Option<NodeRef<'_>> {
    object.node().get("anonymous").filter(|node| !node.is_null())
}

declare_rule! {
    /// The `--anonymous-auth` flag is given beside an AuthenticationConfiguration with an `anonymous` block.
    ///
    /// ## Why
    /// kube-apiserver refuses to start: both say the same thing.
    ///
    /// ## Fix
    /// Remove the flag.
    ///
    /// ## References
    /// `ToAuthenticationConfig` in `pkg/kubeapiserver/options`.
    ///
    /// ## Examples
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --anonymous-auth=true --authentication-config=/etc/kubernetes/authn.yaml
    /// ```
    /// ```yaml with authn.yaml
    /// apiVersion: apiserver.config.k8s.io/v1
    /// kind: AuthenticationConfiguration
    /// anonymous:
    ///   enabled: true
    ///   conditions: [{path: /livez}]
    /// ```
    /// ```ini good kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --anonymous-auth=false --authentication-config=/etc/kubernetes/authn.yaml
    /// ```
    /// ```yaml with authn.yaml
    /// apiVersion: apiserver.config.k8s.io/v1
    /// kind: AuthenticationConfiguration
    /// jwt: []
    /// ```
    pub CONFIG_WITH_ANONYMOUS_FLAG {
        id: "authn/config-with-anonymous-flag",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "1.31+",
        check: Cluster(config_with_anonymous_flag),
    }
}

fn config_with_anonymous_flag(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for settings in cluster.component(Component::KubeApiserver) {
        let (flag, file) = (settings.get("anonymous-auth"), settings.get("authentication-config"));
        let object = configuration(cluster, &file, "AuthenticationConfiguration");
        if let Some(block) =
            object.and_then(anonymous_block).filter(|_| flag.is_explicit() && !file.is_empty())
        {
            cx.report(flag, "`anonymous-auth` is given although the AuthenticationConfiguration has an `anonymous` block: kube-apiserver refuses to start")
                .label(Key(block), "the file says it here")
                .help("remove the flag");
        }
    }
}
