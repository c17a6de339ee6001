//! Annotations that stood for seccomp and AppArmor profiles before there were fields.

use std::collections::HashMap;

use kubevet_core::{
    kubernetes::{Container, PodSpec, is_placeholder},
    rule::{Context, Key},
    suggest::closest,
    yaml::NodeRef,
};

use super::check::{given, shown};

const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";
const SECCOMP_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP: &str = "container.seccomp.security.alpha.kubernetes.io/";

/// `ValidateAppArmorPodAnnotations`, `ValidateSeccompPodAnnotations`, and whether they match the fields.
pub(super) fn check_annotations(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    let annotations = pod.template().at(&["metadata", "annotations"]);
    let mut named = None;
    for annotation in annotations.into_iter().flat_map(NodeRef::entries) {
        let (key, value) = (annotation.key.text(), annotation.value);
        if let Some(name) = key.strip_prefix(APP_ARMOR) {
            let named = named.get_or_insert_with(|| Named::of(pod));
            check_app_armor(pod, named, annotation.key, name, value, cx);
        } else if key == SECCOMP_POD {
            if check_seccomp(value, cx) {
                let field = pod.security_context().and_then(|context| given(context, "seccompProfile"));
                check_match(value, field, false, cx);
            }
        } else if let Some(name) = key.strip_prefix(SECCOMP) {
            if !check_seccomp(value, cx) {
                continue;
            }
            for container in named.get_or_insert_with(|| Named::of(pod)).called(name) {
                check_match(value, container.own("seccompProfile"), false, cx);
            }
        }
    }
}

/// The containers of a pod by their names.
struct Named<'t>(HashMap<&'t str, Vec<Container<'t>>>);

impl<'t> Named<'t> {
    fn of(pod: PodSpec<'t>) -> Self {
        let mut named: HashMap<_, Vec<_>> = HashMap::new();
        pod.containers().for_each(|container| named.entry(container.name()).or_default().push(container));
        Named(named)
    }

    fn called(&self, name: &str) -> &[Container<'t>] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}

fn check_app_armor(
    pod: PodSpec<'_>,
    named: &Named<'_>,
    key: NodeRef<'_>,
    name: &str,
    value: NodeRef<'_>,
    cx: &mut Context<'_>,
) {
    let Some(text) = value.as_str().filter(|text| !is_placeholder(text)) else { return };
    if !matches!(text, "" | "runtime/default" | "unconfined") && !text.starts_with("localhost/") {
        cx.report(value, format!("`{}` is no AppArmor profile: the API server refuses it", shown(text)))
            .help("write `runtime/default`, `unconfined` or `localhost/` with the name of a profile");
        return;
    }
    let found = named.called(name);
    if found.is_empty() && !is_placeholder(name) {
        let help = match closest(name, named.0.keys().copied().filter(|name| !name.is_empty())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "remove the annotation, or correct the name behind its `/`".to_owned(),
        };
        cx.report(
            key,
            format!("the pod has no container `{}`: the API server refuses the annotation", shown(name)),
        )
        .help(help)
        .absence();
    }
    let windows = pod.node().at(&["os", "name"]).and_then(NodeRef::as_str) == Some("windows");
    if windows || cx.version().minor < 30 {
        return;
    }
    for container in found {
        // What a Pod's annotation says is written into the field of the container where it has none.
        let of_pod = || {
            let copied = pod.object().is("", "Pod") && !text.is_empty();
            pod.security_context().filter(|_| !copied).and_then(|context| given(context, "appArmorProfile"))
        };
        check_match(value, container.own("appArmorProfile").or_else(of_pod), true, cx);
    }
}

/// `ValidateSeccompProfile`: whether a text is one.
fn check_seccomp(value: NodeRef<'_>, cx: &mut Context<'_>) -> bool {
    let Some(text) = value.as_str().filter(|text| !is_placeholder(text)) else { return false };
    let (problem, help) = match text.strip_prefix("localhost/") {
        Some(path) if path.starts_with('/') || path.split('/').any(|part| part == "..") => {
            ("leads out of the folder of profiles", "write the path below the folder of profiles")
        }
        None if !matches!(text, "runtime/default" | "docker/default" | "unconfined") => {
            ("is none", "use the field `seccompProfile` of the security context")
        }
        _ => return true,
    };
    cx.report(value, format!("the seccomp profile `{}` {problem}: the API server refuses it", shown(text)))
        .help(help);
    false
}

/// Whether an annotation and a field say the same.
fn check_match(value: NodeRef<'_>, field: Option<NodeRef<'_>>, app_armor: bool, cx: &mut Context<'_>) {
    let Some((field, kind)) = field.and_then(|field| Some((field, field.get("type")?))) else { return };
    let text = value.text();
    let same = match kind.text() {
        "Unconfined" => text == "unconfined",
        "RuntimeDefault" => text == "runtime/default" || (!app_armor && text == "docker/default"),
        "Localhost" => {
            let path = field.get("localhostProfile").map(NodeRef::text);
            text.strip_prefix("localhost/").is_some_and(|profile| path == Some(profile))
        }
        _ => return,
    };
    if !same && !is_placeholder(text) {
        let what = if app_armor { "AppArmor" } else { "seccomp" };
        cx.report(
            value,
            format!("the {what} annotation and the field differ: the API server refuses the pod"),
        )
        .label(Key(field), "the field")
        .help("remove the annotation");
    }
}
