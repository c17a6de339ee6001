//! Flags that no version has.

use kubevet_core::{
    declare_rule,
    facts::{flag, flag_of_field, flag_versions, flags},
    rule::Context,
    settings::{Argument, Carrier, Cluster, Component, Form, Settings, Version},
    suggest::closest_within,
};

use super::{given, known, misspelt, normal, release};

declare_rule! {
    /// A component is given a flag that it never had, as far as Kubernetes 1.28 and newer go.
    ///
    /// ## Why
    /// The component prints "unknown flag" and ends. kubeadm writes such a flag into the manifest without a word: the static pod then
    /// fails again and again, and the log of its container alone says why.
    ///
    /// ## Fix
    /// Correct the name, move the flag to the component that has it, or remove it. Flags that ended before 1.28 are unknown too.
    ///
    /// ## References
    /// `pflag.FlagSet.Parse`; the flags of the components, Kubernetes 1.28 and newer, etcd 3.5 and newer.
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// apiServer:
    ///   extraArgs:
    ///     - name: audit-log-max-age
    ///       value: "30"
    /// ```
    /// ```ini bad kube-apiserver.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-apiserver --cluster-cidr=10.200.0.0/16 --secure-port=6443
    /// ```
    /// ```yaml bad manifests/kube-scheduler.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kube-scheduler
    /// spec:
    ///   containers:
    ///     - name: kube-scheduler
    ///       image: registry.k8s.io/kube-scheduler:v1.34.2
    ///       command: [kube-scheduler, --leader-elects=true]
    /// ```
    /// ```yaml bad join.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta3
    /// kind: JoinConfiguration
    /// nodeRegistration:
    ///   kubeletExtraArgs:
    ///     --node-ip: 10.0.0.7
    /// ```
    /// ```ini good kubelet.service
    /// [Service]
    /// ExecStart=/usr/bin/kubelet --node_ip=10.0.0.7 --pod-infra-container-image=registry.k8s.io/pause:3.9 --${NAME}=x $MORE -v2
    /// ```
    /// ```ini good etcd.service
    /// [Service]
    /// ExecStart=/usr/local/bin/etcd -name e1 --config-file=/etc/etcd.yaml --initial-cluster-state=new
    /// ```
    /// ```ini good kube-proxy.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-proxy --version --help
    /// ```
    /// ```yaml good old.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta1
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.16.0
    /// apiServer:
    ///   extraArgs:
    ///     insecure-port: "0"
    /// ```
    pub UNKNOWN {
        id: "flags/unknown",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Cluster(unknown),
    }
}

fn unknown(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for (settings, argument) in given(cluster) {
        let component = settings.component;
        let dashed = settings.carrier == Carrier::Kubeadm && matches!(argument.form, Form::Dashes(_));
        if dashed && flag(component, &argument.name, settings.version).is_some() {
            let message = format!(
                "kubeadm puts dashes before `--{}` of its own: {component} does not start with four",
                argument.name
            );
            cx.report(&argument.name_site, message).help(format!("write `{}`", argument.name));
            continue;
        }
        let general = matches!(&*argument.name, "help" | "h" | "version");
        if general || misspelt(settings, argument) || known(settings, argument).is_some() {
            continue;
        }
        if !flag_versions(component, &argument.name).is_empty() {
            continue;
        }
        let oldest = release(component, Version::oldest());
        let name = dashes(argument);
        cx.report(
            &argument.name_site,
            format!("no {component} since {} has a flag `{name}`: it does not start", number(&oldest)),
        )
        .help(advice(settings, argument));
    }
}

/// The flag as it is to be written, with two dashes where it has some.
fn dashes(argument: &Argument) -> String {
    match argument.form {
        Form::Dashes(count) => format!("{}{}", "-".repeat(count), argument.name),
        Form::Name | Form::Variable => argument.name.clone(),
    }
}

/// The version of a release in words.
fn number(release: &str) -> &str {
    release.rsplit(' ').next().unwrap_or(release)
}

/// What may have been meant.
fn advice(settings: &Settings, argument: &Argument) -> String {
    let (component, version) = (settings.component, settings.version);
    let name = normal(component, &argument.name);
    if let Some(flag) = flag_of_field(component, &argument.name) {
        return format!("`{}` is a field of its configuration file; the flag is `{flag}`", argument.name);
    }
    let owners = Component::ALL.into_iter().filter(|other| flag(*other, &name, version).is_some());
    let owners: Vec<_> = owners.map(Component::name).collect();
    if !owners.is_empty() {
        return format!(
            "{} has a flag of this name: move it there if that is meant, else remove it",
            owners.join(", ")
        );
    }
    let shown = flags(component, version).filter(|flag| !flag.hidden && flag.deprecated.is_none());
    // Components keep to names of words: what differs in two letters only is a slip.
    match closest_within(&name, shown.map(|flag| flag.name), if name.len() < 6 { 1 } else { 2 }) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "remove it, or look for what took its place: an older version may have had it".to_owned(),
    }
}
