//! `kubevet explain`.

mod field;
mod flag;
mod rule;

use kubevet_core::facts::{Component, Version};

use crate::{
    args::ExplainArgs,
    console::Console,
    outcome::Outcome,
    output::wrap,
    problem::Problem,
    terminal::{DIM, Stream},
};

/// Shows what is known of a rule, a field or a flag.
pub fn explain(args: &ExplainArgs, console: &Console) -> Outcome {
    let version = args.kubernetes_version.unwrap_or_else(Version::newest);
    if !version.is_supported() {
        let (oldest, newest) = (Version::oldest(), Version::newest());
        let message = format!("Kubernetes {version} is not known: use {oldest} to {newest}");
        return Err(Problem::new(message).into());
    }
    let stream = console.out;
    let page = match &args.what[..] {
        [name, flag] => {
            let component = Component::from_binary(name).ok_or_else(|| {
                let names = Component::ALL.map(Component::name).join(", ");
                Problem::new(format!("`{name}` is no component: flags are those of {names}"))
            })?;
            flag::explain(component, flag, version, stream)?
        }
        [one] if one.contains('/') => rule::explain(one, stream)?,
        [one, ..] => field::explain(one, args.api_version.as_deref(), version, stream)?,
        [] => unreachable!("clap wants one"),
    };
    console.print(&page)
}

/// A line of a page's head: a name and its value.
fn row(name: &str, value: &str, stream: Stream) -> String {
    let value = wrap(value, stream.width.map(|width| width.saturating_sub(14)), "", "              ");
    format!("{}{value}", stream.paint(DIM, &format!("  {name:12}")))
}

/// Paragraphs of a description.
fn paragraphs(text: &str, stream: Stream) -> String {
    let lines = text.split('\n').map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let paragraphs = lines.filter(|line| !line.is_empty());
    paragraphs.map(|line| format!("\n{}", wrap(&line, stream.width, "", ""))).collect()
}

/// `since 1.30`, `1.28 to 1.33`, and so on, of the first and last covered version.
fn span(first: Version, last: Version) -> String {
    let start = if first == Version::oldest() { format!("{first} or earlier") } else { first.to_string() };
    if last == Version::newest() { format!("since {start}") } else { format!("{start} to {last}") }
}
