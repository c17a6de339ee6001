//! Static pods, and workloads that run a component.

use kubevet_facts::{Component, Version};

use super::{Versions, environment, new_settings, version_of_tag};
use crate::{
    kubernetes::{Container, PodSpec, values::image::ImageReference},
    rule::Anchor,
    settings::{
        Carrier, Settings, arguments, program,
        variables::{Expansion, Variables, resolve},
        words::{Dialect, Word, split},
    },
    yaml::NodeRef,
};

/// The components that a pod runs.
pub(in crate::settings) fn read(pod: PodSpec<'_>, versions: Versions<'_>) -> Vec<Settings> {
    pod.containers()
        .filter(|container| container.is_long_running())
        .filter_map(|container| read_container(container, versions))
        .collect()
}

/// No component has so many flags; more words are read by nobody.
const MOST_WORDS: usize = 4096;

fn read_container(container: Container<'_>, versions: Versions<'_>) -> Option<Settings> {
    let items = ["command", "args"]
        .into_iter()
        .flat_map(|list| container.get(list).into_iter().flat_map(NodeRef::items));
    let items: Vec<NodeRef<'_>> = items.take(MOST_WORDS).collect();
    let first = items.first()?;
    let (component, words, expansion) = if program::is_shell(first.text()) {
        let (component, words) = script(&items)?;
        (component, words, Expansion::Shell)
    } else if first.text().starts_with('-') {
        // The image's own entry point runs the component.
        (image_component(container)?, words_of(&items), Expansion::Container)
    } else {
        let (component, words) = program::started(words_of(&items))?;
        (component, words, Expansion::Container)
    };
    let words = resolve(words, &variables(container), expansion);
    let said = image_version(container, component);
    // etcd is not of the version that is chosen for Kubernetes: its image decides.
    let version = said.filter(|_| component == Component::Etcd).unwrap_or_else(|| versions.of(said));
    let carrier = if container.pod().object().is("", "Pod") { Carrier::StaticPod } else { Carrier::Workload };
    let mut settings = new_settings(component, version, carrier, container.site());
    settings.read_command_line(arguments::parse(component, version, &words));
    if component == Component::Etcd {
        etcd_environment(&mut settings, container);
    }
    Some(settings)
}

/// The version that the image of a component implies. Images of other names have versions of their own.
pub(in crate::settings) fn image_version(container: Container<'_>, component: Component) -> Option<Version> {
    let image = ImageReference::parse(container.image()?.text()).ok()?;
    let name = image.repository().rsplit('/').next()?;
    let platform =
        |rest: &str| matches!(rest, "" | "-amd64" | "-arm" | "-arm64" | "-ppc64le" | "-s390x" | "-riscv64");
    let named = [component.name(), "hyperkube"];
    named.into_iter().find(|known| name.strip_prefix(known).is_some_and(platform))?;
    version_of_tag(component, image.tag()?)
}

fn words_of(items: &[NodeRef<'_>]) -> Vec<Word> {
    items.iter().map(|item| Word::of_node(*item, item.site())).collect()
}

/// The command of a shell script (`sh -c SCRIPT`) that runs a component.
fn script(items: &[NodeRef<'_>]) -> Option<(Component, Vec<Word>)> {
    let script = items.iter().skip(1).find(|item| !item.text().starts_with('-'))?;
    let offset = |at: usize| script.text_span(at..at).map(|span| span.start);
    split(script.text(), Dialect::Shell, &script.site(), offset).into_iter().find_map(program::started)
}

fn image_component(container: Container<'_>) -> Option<Component> {
    let image = ImageReference::parse(container.image()?.text()).ok()?;
    let name = image.repository().rsplit('/').next();
    Component::ALL.into_iter().find(|component| Some(component.name()) == name)
}

/// etcd takes each flag from a variable too; one without a literal value may say anything.
fn etcd_environment(settings: &mut Settings, container: Container<'_>) {
    let known = variables(container);
    for entry in container.get("env").into_iter().flat_map(NodeRef::items) {
        let Some(name) = entry.get("name") else { continue };
        let value = entry.get("value").filter(|value| value.is_scalar());
        let said = value.unwrap_or(name);
        let mut words = resolve(vec![Word::of_node(said, said.site())], &known, Expansion::Container);
        // A variable that is one whole value may hold several words.
        let several = words.len() != 1;
        let Some(mut word) = words.pop() else { continue };
        word.unknown |= value.is_none() || several;
        environment::etcd_variable(settings, name.text(), &word);
    }
    settings.complete &= container.get("envFrom").is_none_or(NodeRef::is_empty);
}

/// Environment variables with a literal value; others are known by name only.
fn variables(container: Container<'_>) -> Variables {
    let entries = container.get("env").into_iter().flat_map(NodeRef::items);
    let value = |entry: NodeRef<'_>| {
        let value = entry.get("value").filter(|value| value.is_scalar())?;
        Some(Word::of_node(value, value.site()))
    };
    entries.filter_map(|entry| Some((entry.get("name")?.text().to_owned(), value(entry)))).collect()
}
