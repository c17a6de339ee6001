//! What rules about settings share: certain absence, where a value comes from, and how a carrier spells it.

use kubevet_core::{
    finding::{Applicability, Edit, Fix, Site},
    kubernetes::{Object, values::net},
    rule::{Context, Draft},
    settings::{Carrier, Cluster, Component, Origin, Setting, Settings, Value},
    source::Span,
};

/// Group of the API server's own configuration files.
pub const APISERVER_CONFIG: &str = "apiserver.config.k8s.io";

/// The first of the settings, when each of them is certainly empty.
pub fn all_empty<'a>(settings: &'a Settings, names: &[&str]) -> Option<Setting<'a>> {
    let first = settings.get(names.first()?);
    names.iter().all(|name| settings.get(name).is_empty()).then_some(first)
}

/// Reports a setting where it is said, else at its component: what nobody says is only true of whole documents. Another
/// place whose value it beats is shown with it.
pub fn report<'c>(cx: &'c mut Context<'_>, setting: &Setting<'_>, message: impl Into<String>) -> Draft<'c> {
    let draft = cx.report(setting, message);
    match overridden(setting) {
        Some((value, site)) => draft.label(site, format!("`{value}` here is overridden")),
        None if setting.is_explicit() => draft,
        None => draft.absence(),
    }
}

/// The value of the strongest weaker layer, when a file says it and it is another one.
fn overridden<'s>(setting: &Setting<'s>) -> Option<(&'s str, &'s Site)> {
    let [.., weaker, effective] = setting.settings().layers(setting.name()) else { return None };
    match weaker {
        (Value::Text(text), Origin::File(site) | Origin::Flag(site)) if weaker.0 != effective.0 => {
            Some((text, site))
        }
        _ => None,
    }
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
    report(cx, &setting, format!("`{}` of {component} is not set: {consequence}", spelling(&setting)))
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
    let Settings { component, carrier, .. } = *setting.settings();
    let name = spelling(setting);
    if is_in_file(setting) {
        return format!("set `{name}: {value}` in the configuration file of {component}");
    }
    match carrier {
        Carrier::Kubeadm => format!("set `{name}` to `{value}` in `{}`", extra_args(component)),
        Carrier::StaticPod | Carrier::Workload => {
            format!("set `--{name}={value}` in the command of the container")
        }
        Carrier::Systemd => format!("set `--{name}={value}` in the command line of the unit"),
        Carrier::EnvironmentFile | Carrier::ComponentConfig => format!("set `--{name}={value}`"),
    }
}

/// The name of a setting where it is, or should be, said: the path of a field, or a flag.
fn spelling<'s>(setting: &'s Setting<'_>) -> &'s str {
    let flag = kubevet_facts::flag_of_field(setting.settings().component, setting.name());
    flag.filter(|_| !is_in_file(setting)).unwrap_or(setting.name())
}

/// Whether a setting is, or should be, said in the component's configuration file.
fn is_in_file(setting: &Setting<'_>) -> bool {
    let Settings { component, carrier, has_config_file, version, .. } = *setting.settings();
    match setting.origin() {
        Some(Origin::File(_)) => true,
        Some(Origin::Flag(_)) => false,
        _ => {
            let field = kubevet_facts::flag(component, setting.name(), version).is_none();
            has_config_file && field || carrier == Carrier::ComponentConfig
        }
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
/// this name near the component, else anywhere; else the only one of its kind near it.
pub fn configuration<'a>(cluster: &Cluster<'a>, setting: &Setting<'_>, kind: &'a str) -> Option<Object<'a>> {
    let name = file_name(setting.text()?);
    let all: Vec<Object<'a>> = cluster.set.of_kind(APISERVER_CONFIG, kind).collect();
    let named = |object: &Object<'_>| file_name(object.tree().path()) == name;
    let near = |object: &Object<'_>| is_near(cluster, setting.settings(), object.tree().path());
    let only = |fits: &dyn Fn(&Object<'a>) -> bool| {
        let mut found = all.iter().filter(|object| fits(object));
        found.next().filter(|_| found.next().is_none()).copied()
    };
    only(&|object| named(object) && near(object)).or_else(|| only(&named)).or_else(|| only(&near))
}

/// Whether a file lies beside or below the file that names a component, or below the root of its node.
pub fn is_near(cluster: &Cluster<'_>, settings: &Settings, path: &str) -> bool {
    let home = settings.site.place.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let root = &*cluster.settings.name;
    is_below(path, home) || root == "." || is_below(path, root)
}

/// Whether a file lies in a folder or below it.
pub fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// The last part of a path.
pub fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The first URL of a setting that has this scheme and leads off the machine.
pub fn remote_url<'a>(setting: &Setting<'a>, scheme: &str) -> Option<&'a str> {
    setting.list()?.into_iter().find(|text| is_remote(text, scheme))
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

/// [`report`] with a way to mend it: help in the words of the carrier, and a fix where the place holds the value alone,
/// without quotes and not as a flag without a value.
pub fn report_with_fix(cx: &mut Context<'_>, setting: &Setting<'_>, value: &str, message: impl Into<String>) {
    let site = setting.origin().and_then(Origin::site).filter(|_| setting.is_explicit());
    let span = site.map(|site| site.place.span);
    let alone =
        |span: &Span| setting.text().is_some_and(|text| text.len() == (span.end - span.start) as usize);
    let draft = report(cx, setting, message).help(set(setting, value));
    if let Some(span) = span.filter(alone) {
        let title = format!("set it to `{value}`");
        let edits = vec![Edit { span, text: value.to_owned() }];
        draft.fix(Fix { title, applicability: Applicability::Unsafe, edits });
    }
}
