//! What rules about settings share: certain absence, where a value comes from, and how a carrier spells it.

use kubevet_core::{
    kubernetes::{Object, values::net},
    rule::{Context, Draft},
    settings::{Carrier, Cluster, Component, Origin, Setting, Settings},
};

/// Group of the API server's own configuration files.
pub const APISERVER_CONFIG: &str = "apiserver.config.k8s.io";

/// The first of the settings, when each of them is certainly empty.
pub fn all_empty<'a>(settings: &'a Settings, names: &[&str]) -> Option<Setting<'a>> {
    let first = settings.get(names.first()?);
    names.iter().all(|name| settings.get(name).is_empty()).then_some(first)
}

/// Reports a setting where it is said, else at its component: what nobody says is only true of whole documents.
pub fn report<'c>(cx: &'c mut Context<'_>, setting: &Setting<'_>, message: impl Into<String>) -> Draft<'c> {
    let draft = cx.report(setting, message);
    if setting.is_explicit() { draft } else { draft.absence() }
}

/// Reports that a component is certainly told none of these settings, and what follows; `value` is an example for the first.
pub fn report_missing(
    settings: &Settings,
    cx: &mut Context<'_>,
    names: &[&str],
    value: &str,
    consequence: &str,
) {
    let Some(setting) = all_empty(settings, names) else { return };
    let component = settings.component;
    report(cx, &setting, format!("`{}` of {component} is not set: {consequence}", setting.name()))
        .help(set(&setting, value));
}

/// " by default (1.34)" where nobody says the value: most people do not know that something absent is on.
pub fn by_default(setting: &Setting<'_>) -> String {
    match setting.origin() {
        Some(Origin::Default(version)) => format!(" by default ({version})"),
        _ => String::new(),
    }
}

/// How to give a setting a value, in the spelling of its carrier.
pub fn set(setting: &Setting<'_>, value: &str) -> String {
    let Settings { component, carrier, has_config_file, .. } = *setting.settings();
    let flag = kubevet_facts::flag_of_field(component, setting.name());
    let in_file = match setting.origin() {
        Some(Origin::File(_)) => true,
        Some(Origin::Flag(_)) => false,
        _ => carrier == Carrier::ComponentConfig || has_config_file && flag.is_some(),
    };
    if in_file {
        return format!("set `{}: {value}` in the configuration file of {component}", setting.name());
    }
    let flag = flag.unwrap_or(setting.name());
    match carrier {
        Carrier::Kubeadm => format!("set `{flag}` to `{value}` in `{}`", extra_args(component)),
        Carrier::StaticPod | Carrier::Workload => {
            format!("set `--{flag}={value}` in the command of the container")
        }
        Carrier::Systemd => format!("set `--{flag}={value}` in the command line of the unit"),
        Carrier::EnvironmentFile | Carrier::ComponentConfig => format!("set `--{flag}={value}`"),
    }
}

/// Where kubeadm takes flags for a component.
fn extra_args(component: Component) -> &'static str {
    match component {
        Component::KubeApiserver => "apiServer.extraArgs",
        Component::KubeControllerManager => "controllerManager.extraArgs",
        Component::KubeScheduler => "scheduler.extraArgs",
        Component::Etcd => "etcd.local.extraArgs",
        Component::Kubelet | Component::KubeProxy => "nodeRegistration.kubeletExtraArgs",
    }
}

/// The configuration file of the API server that a setting names by its path on the node: the document of a file with
/// this name beside or below the cluster's own files, else anywhere; else the only one of its kind beside or below them.
pub fn configuration<'a>(cluster: &Cluster<'a>, setting: &Setting<'_>, kind: &'a str) -> Option<Object<'a>> {
    let name = file_name(setting.text()?);
    let home = setting.settings().site.place.path.clone();
    let home = home.rsplit_once('/').map_or("", |(folder, _)| folder);
    let root = if cluster.settings.name == "." { "" } else { &*cluster.settings.name };
    let all: Vec<Object<'a>> = cluster.set.of_kind(APISERVER_CONFIG, kind).collect();
    let named = |object: &Object<'_>| file_name(object.tree().path()) == name;
    let near = |object: &Object<'_>| [home, root].iter().any(|folder| is_below(object.tree().path(), folder));
    let only = |fits: &dyn Fn(&Object<'a>) -> bool| {
        let mut found = all.iter().filter(|object| fits(object));
        found.next().filter(|_| found.next().is_none()).copied()
    };
    only(&|object| named(object) && near(object)).or_else(|| only(&named)).or_else(|| only(&near))
}

fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// The last part of a path.
pub fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether a URL has this scheme and a host that is not this machine.
pub fn is_remote(url: &str, scheme: &str) -> bool {
    net::Url::parse(url).is_some_and(|url| url.scheme == scheme && !net::host_is_loopback(url.host))
}

/// A setting that was said in so many words, not left to a default: by a file, a flag, or an installer for a file.
pub fn said<'a>(settings: &'a Settings, name: &str) -> Option<Setting<'a>> {
    let setting = settings.get(name);
    (setting.origin().and_then(Origin::site).is_some() && !setting.is_empty()).then_some(setting)
}

/// A path as an example, where kubeadm keeps its keys and certificates.
pub fn pki(file: &str) -> String {
    format!("/etc/kubernetes/pki/{file}")
}
