//! Static pods, and workloads that run a component.

use kubevet_facts::{Component, Version};

use super::{new_settings, version_of_tag};
use crate::{
    kubernetes::{Container, PodSpec, values::image::ImageReference},
    rule::Anchor,
    settings::{
        Carrier, Settings, arguments,
        words::{Dialect, Variables, Word, resolve, split},
    },
    yaml::NodeRef,
};

/// The components that a pod runs.
pub(in crate::settings) fn read(pod: PodSpec<'_>, target: Option<Version>) -> Vec<Settings> {
    pod.containers()
        .filter(|container| container.is_long_running())
        .filter_map(|container| read_container(container, target))
        .collect()
}

fn read_container(container: Container<'_>, target: Option<Version>) -> Option<Settings> {
    let items = ["command", "args"]
        .into_iter()
        .flat_map(|list| container.get(list).into_iter().flat_map(NodeRef::items));
    let items: Vec<NodeRef<'_>> = items.collect();
    let first = items.first()?;
    let (component, words) = match Component::from_binary(first.text()) {
        // The image's own entry point runs the component.
        _ if first.text().starts_with('-') => (image_component(container)?, behind(&items, 0)),
        Some(component) => (component, behind(&items, 1)),
        None if is_shell(first.text()) => script(&items)?,
        None if first.text().ends_with("hyperkube") => {
            (Component::from_binary(items.get(1)?.text())?, behind(&items, 2))
        }
        None => return None,
    };
    let words = resolve(words, &variables(container));
    let image = container.image().and_then(|image| ImageReference::parse(image.text()).ok());
    // Images of other names have versions of their own.
    let image = image.filter(|image| {
        let name = image.repository().rsplit('/').next().unwrap_or_default();
        name.starts_with(component.name()) || name.starts_with("hyperkube")
    });
    let said = image.and_then(|image| version_of_tag(component, image.tag()?));
    let version = target.or(said).unwrap_or_else(Version::newest);
    let carrier = if container.pod().object().is("", "Pod") { Carrier::StaticPod } else { Carrier::Workload };
    let mut settings = new_settings(component, version, carrier, container.site());
    settings.read_command_line(arguments::parse(component, version, &words));
    Some(settings)
}

fn behind(items: &[NodeRef<'_>], skipped: usize) -> Vec<Word> {
    items[skipped..].iter().map(|item| Word::of_node(*item, item.site())).collect()
}

fn is_shell(text: &str) -> bool {
    matches!(text.rsplit('/').next(), Some("sh" | "bash" | "ash"))
}

/// The command of a shell script (`sh -c SCRIPT`) that runs a component.
fn script(items: &[NodeRef<'_>]) -> Option<(Component, Vec<Word>)> {
    let flags = items.iter().skip(1).take_while(|item| item.text().starts_with('-'));
    let script = items.get(1 + flags.count())?;
    let offset = |at: usize| script.text_span(at..at).map(|span| span.start);
    let commands = split(script.text(), Dialect::Shell, &script.site(), offset);
    commands.into_iter().find_map(|mut command| {
        let program = command.iter().position(|word| {
            !matches!(word.text.as_str(), "exec" | "sudo" | "nohup") && !word.text.contains('=')
        })?;
        let component = Component::from_binary(&command[program].text)?;
        Some((component, command.split_off(program + 1)))
    })
}

fn image_component(container: Container<'_>) -> Option<Component> {
    let image = ImageReference::parse(container.image()?.text()).ok()?;
    let name = image.repository().rsplit('/').next()?;
    // Short names are too common for images: `proxy`, `scheduler`.
    Component::from_binary(name).filter(|component| component.name() == name)
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
