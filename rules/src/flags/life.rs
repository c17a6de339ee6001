//! Flags that come and go with versions.

use kubevet_core::{
    declare_rule,
    facts::{Flag, field_of_flag, flag},
    finding::{Applicability, Edit, Fix},
    rule::Context,
    settings::{Argument, Cluster, Component, Version},
};

use super::{elsewhere, given, known, release};

declare_rule! {
    /// A component is given a flag that its version no longer has.
    ///
    /// ## Why
    /// The component prints "unknown flag" and ends: after the upgrade it does not come back. Often the flag had no effect for several
    /// versions, and nobody missed it.
    ///
    /// ## Fix
    /// Remove the flag before the upgrade, or use what took its place.
    ///
    /// ## References
    /// The flags of the components in each version; the version that counts is that of the image, of `kubernetesVersion`, or the one
    /// that is linted for.
    ///
    /// ## Examples
    /// ```yaml bad manifests/kube-apiserver.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kube-apiserver
    /// spec:
    ///   containers:
    ///     - name: kube-apiserver
    ///       image: registry.k8s.io/kube-apiserver:v1.34.2
    ///       command: [kube-apiserver, --cloud-provider=external, --secure-port=6443]
    /// ```
    /// ```ini bad kubelet.service
    /// [Service]
    /// ExecStart=/usr/bin/kubelet --pod-infra-container-image=registry.k8s.io/pause:3.9
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.37.0
    /// etcd:
    ///   local:
    ///     extraArgs:
    ///       - name: experimental-compaction-batch-limit
    ///         value: "500"
    /// ```
    /// ```yaml good manifests/etcd.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: etcd
    /// spec:
    ///   containers:
    ///     - name: etcd
    ///       image: registry.k8s.io/etcd:3.5.21-0
    ///       command: [etcd, --experimental-initial-corrupt-check=true]
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.31.0
    /// apiServer:
    ///   extraArgs:
    ///     - name: cloud-provider
    ///       value: external
    /// ```
    pub REMOVED {
        id: "flags/removed",
        class: Upgrade,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "target version; etcd uses the etcd image version",
        peers: ["checkov:CKV_K8S_69", "kics:basic_auth_file_is_set", "checkov:CKV_K8S_71", "trivy-checks:KCV-0004", "kics:kubelet_https_set_to_false", "checkov:CKV_K8S_86", "kics:insecure_bind_address_set", "checkov:CKV_K8S_88", "kubescape:C-0005", "kics:insecure_port_not_properly_set"],
        fix: Unsafe,
        check: Cluster(removed),
    }
}

fn removed(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for (settings, argument) in given(cluster) {
        let (component, version) = (settings.component, settings.version);
        let older = elsewhere(settings, argument).into_iter().rfind(|older| *older < version);
        let Some(last) =
            older.and_then(|older| flag(component, &argument.name, older).map(|flag| (older, flag)))
        else {
            continue;
        };
        let (older, last) = last;
        let name = last.name;
        let message = format!(
            "{} no longer has the flag `{name}` and does not start with it: {} was the last that had it",
            release(component, version),
            release(component, older)
        );
        let successor = successor(component, &last, version);
        let help = match (successor, last.deprecated) {
            (Some(next), _) => format!("`{}` took its place", next.name),
            (None, Some(text)) if tells(text) => {
                format!("remove it; {} said: {}", release(component, older), short(text))
            }
            (None, _) => "remove it".to_owned(),
        };
        let draft = cx.report(&argument.name_site, message).help(help);
        if let Some(fix) = successor.and_then(|next| rename(argument, &last, &next)) {
            draft.fix(fix);
        }
    }
}

/// The flag that took the place of another: named by its notice, or without the `experimental-` of etcd's.
fn successor(component: Component, last: &Flag, version: Version) -> Option<Flag> {
    let named = last.deprecated.and_then(|text| named(text));
    let graduated = last.name.strip_prefix("experimental-").filter(|_| component == Component::Etcd);
    let mut candidates = named.into_iter().chain(graduated).filter(|name| *name != last.name);
    candidates.find_map(|name| flag(component, name, version))
}

/// The flag behind the word `use` of a notice: "use --audit-webhook-initial-backoff instead".
fn named(text: &str) -> Option<&str> {
    let behind = ["Use --", "use --"].into_iter().find_map(|start| text.split_once(start))?.1;
    let end = behind.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(behind.len());
    // A value behind it means less than the flag, a second flag more.
    let one = !behind[end..].starts_with('=') && !behind[end..].starts_with(" or ");
    one.then(|| &behind[..end])
}

/// Writes another name for a flag, where the place holds the name alone and the values are of one type.
fn rename(argument: &Argument, last: &Flag, next: &Flag) -> Option<Fix> {
    let mut span = argument.name_site.place.span;
    let alone = (span.end - span.start) as usize >= argument.name.len() && last.type_name == next.type_name;
    let dashes = (span.end - span.start) as usize - argument.name.len().min((span.end - span.start) as usize);
    span.start += u32::try_from(dashes).ok()?;
    (alone && dashes <= 2).then(|| Fix {
        title: format!("rename it to `{}`", next.name),
        applicability: Applicability::Unsafe,
        edits: vec![Edit { span, text: next.name.to_owned() }],
    })
}

declare_rule! {
    /// A component is given a flag that only newer versions have.
    ///
    /// ## Why
    /// The component prints "unknown flag" and ends.
    ///
    /// ## Fix
    /// Upgrade first, or leave the flag out.
    ///
    /// ## References
    /// The flags of the components in each version.
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta3
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.28.4
    /// apiServer:
    ///   extraArgs:
    ///     authentication-config: /etc/kubernetes/authentication.yaml
    /// ```
    /// ```yaml bad manifests/etcd.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: etcd
    /// spec:
    ///   containers:
    ///     - name: etcd
    ///       image: registry.k8s.io/etcd:3.5.21-0
    ///       command: [etcd, --feature-gates=InitialCorruptCheck=true]
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// apiServer:
    ///   extraArgs:
    ///     - name: authentication-config
    ///       value: /etc/kubernetes/authentication.yaml
    /// ```
    pub NOT_YET_AVAILABLE {
        id: "flags/not-yet-available",
        class: Upgrade,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "target version",
        check: Cluster(not_yet_available),
    }
}

fn not_yet_available(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for (settings, argument) in given(cluster) {
        let (component, version) = (settings.component, settings.version);
        let versions = elsewhere(settings, argument);
        let Some(first) = versions.first().filter(|first| **first > version) else { continue };
        let message = format!(
            "{} has no flag `{}` yet and does not start with it: {} is the first that has it",
            release(component, version),
            argument.name,
            release(component, *first)
        );
        cx.report(&argument.name_site, message).help("leave it out until the component is upgraded");
    }
}

declare_rule! {
    /// A component is given a flag that it warns about.
    ///
    /// ## Why
    /// The flag goes in a later version, and the component does not start with it then. Many of these flags have no effect any more.
    ///
    /// ## Fix
    /// Do what the notice of the flag says.
    ///
    /// ## References
    /// `MarkDeprecated` of the components' flags; the usage of etcd's flags. Flags of the kubelet that merely belong into its
    /// configuration file are those of `flags/move-to-config-file`.
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.34.2
    /// apiServer:
    ///   extraArgs:
    ///     - name: apiserver-count
    ///       value: "3"
    /// ```
    /// ```yaml bad manifests/etcd.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: etcd
    /// spec:
    ///   containers:
    ///     - name: etcd
    ///       image: registry.k8s.io/etcd:3.6.5-0
    ///       command: [etcd, --experimental-compaction-batch-limit=500]
    /// ```
    /// ```ini good kubelet.service
    /// [Service]
    /// ExecStart=/usr/bin/kubelet --max-pods=200 --node-ip=10.0.0.7
    /// ```
    pub DEPRECATED {
        id: "flags/deprecated",
        class: Upgrade,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "target version",
        fix: Unsafe,
        check: Cluster(deprecated),
    }
}

fn deprecated(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for (settings, argument) in given(cluster) {
        let Some(flag) = known(settings, argument) else { continue };
        let Some(text) = flag.deprecated.filter(|text| !belongs_into_file(text)) else { continue };
        let (component, version) = (settings.component, settings.version);
        let message = format!(
            "`{}` is deprecated in {}: a later version does not start with it",
            flag.name,
            release(component, version)
        );
        let draft =
            cx.report(&argument.name_site, message).help(format!("{component} says: {}", short(text)));
        if let Some(fix) =
            successor(component, &flag, version).and_then(|next| rename(argument, &flag, &next))
        {
            draft.fix(fix);
        }
    }
}

declare_rule! {
    /// A kubelet is given a flag whose place is its configuration file.
    ///
    /// ## Why
    /// Most flags of the kubelet are deprecated in favour of the file of `--config`: the file is versioned, checked when it is read, and can be
    /// changed for all nodes at once. A flag also hides the value of the file.
    ///
    /// ## Fix
    /// Move the value into the `KubeletConfiguration`.
    ///
    /// ## References
    /// "This parameter should be set via the config file specified by the Kubelet's --config flag" in the help of the kubelet.
    ///
    /// ## Examples
    /// ```ini bad kubelet.service
    /// [Service]
    /// ExecStart=/usr/bin/kubelet --max-pods=200
    /// ```
    /// ```ini good kubelet.service
    /// [Service]
    /// ExecStart=/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml --node-ip=10.0.0.7
    /// ```
    pub MOVE_TO_CONFIG_FILE {
        id: "flags/move-to-config-file",
        class: Upgrade,
        severity: Info,
        profiles: [],
        versions: "1.20+",
        check: Cluster(move_to_config_file),
    }
}

fn move_to_config_file(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for (settings, argument) in given(cluster) {
        let Some(flag) = known(settings, argument) else { continue };
        if flag.deprecated.is_none_or(|text| !belongs_into_file(text)) {
            continue;
        }
        let message = format!(
            "`{}` belongs into the configuration file of the {}: as a flag it is deprecated",
            flag.name, settings.component
        );
        let help = match field_of_flag(settings.component, flag.name) {
            Some(field) => format!("set `{field}` in the file that `--config` names"),
            None => "set it in the file that `--config` names".to_owned(),
        };
        cx.report(&argument.name_site, message).help(help);
    }
}

/// Whether a notice means that the flag stays, but has a better place.
fn belongs_into_file(text: &str) -> bool {
    text.contains("--config flag")
}

/// Whether a notice says more than that the flag will go.
fn tells(text: &str) -> bool {
    ["--", "nstead", "no-op", "no effect", "no longer", " get ", "file"]
        .iter()
        .any(|word| text.contains(word))
}

/// A notice without what every one of them says.
fn short(text: &str) -> String {
    let text = text.strip_prefix("DEPRECATED: ").unwrap_or(text).trim().trim_end_matches('.');
    format!("\"{text}\"")
}
