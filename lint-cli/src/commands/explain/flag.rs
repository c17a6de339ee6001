//! What is known of a flag.

use kubevet_core::{
    facts::{Component, Version, field_of_flag, flag, flag_values, flag_versions, flags},
    suggest::closest,
};
use kubevet_facts::flag_description;

use super::{paragraphs, row, span};
use crate::{
    outcome::Outcome,
    problem::Problem,
    terminal::{BOLD, Stream},
};

/// The page of a flag.
pub fn explain(component: Component, name: &str, version: Version, stream: Stream) -> Outcome<String> {
    let name = name.trim_start_matches('-');
    let known = flag_versions(component, name);
    let (Some(first), Some(last)) = (known.first(), known.last()) else {
        let names: Vec<&str> = flags(component, version).map(|flag| flag.name).collect();
        let meant = closest(name, names.iter().copied());
        let meant = meant.map_or_else(String::new, |name| format!(": did you mean `--{name}`?"));
        return Err(Problem::new(format!("{component} has no flag `--{name}`{meant}")).into());
    };
    // Of a version that has it.
    let shown = if known.contains(&version) { version } else { *last };
    let flag = flag(component, name, shown).expect("this version has it");
    let title = format!("{component} --{name}");
    let mut out = format!("{} (Kubernetes {shown})\n", stream.paint(BOLD, &title));
    let mut line = |name: &str, value: &str| out.push_str(&row(name, value, stream));
    line("type", flag.type_name);
    line("default", &defaults(component, name, shown));
    let values = flag_values(component, name);
    if !values.is_empty() {
        line("values", &values.join(", "));
    }
    if let Some(field) = field_of_flag(component, name) {
        line("field", field);
    }
    line("Kubernetes", &span(*first, *last));
    if let Some(deprecated) = flag.deprecated {
        line("deprecated", deprecated);
    }
    if let Some(text) = flag_description(component, name) {
        out.push_str(&paragraphs(text, stream));
    }
    Ok(out)
}

/// The default, and in which versions it was another one.
fn defaults(component: Component, name: &str, version: Version) -> String {
    let of = |version: &Version| flag(component, name, *version).map(|flag| flag.default);
    let shown = |text: &str| if text.is_empty() { "none".to_owned() } else { text.to_owned() };
    let now = of(&version).unwrap_or_default();
    let known = flag_versions(component, name);
    let mut others: Vec<String> = Vec::new();
    for versions in known.chunk_by(|one, other| of(one) == of(other)) {
        let text = of(&versions[0]).unwrap_or_default();
        if text != now {
            others.push(format!("{} in {}", shown(text), span(versions[0], versions[versions.len() - 1])));
        }
    }
    if others.is_empty() { shown(now) } else { format!("{}; {}", shown(now), others.join(", ")) }
}
