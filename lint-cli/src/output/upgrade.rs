//! What an upgrade changes by itself, for people.

use kubevet_core::{
    report::{line_start_path, visible},
    settings::upgrade::{ChangeView, GATES_OFF, GATES_ON},
};
use unicode_width::UnicodeWidthStr;

use super::settings::words;
use crate::terminal::{BOLD, CODE, DIM, Stream};

/// A table for each component whose settings change.
pub fn changes_table(changes: &[ChangeView], stream: Stream) -> String {
    let mut text = String::new();
    let of_one =
        |one: &ChangeView, other: &ChangeView| one.component == other.component && one.place == other.place;
    for group in changes.chunk_by(of_one) {
        let ChangeView { component, place, from, to, .. } = &group[0];
        let arrow = if stream.unicode { "→" } else { "->" };
        let title = format!("{component} {from} {arrow} {to}: settings that change by themselves");
        let place = format!("{}:{}:{}", line_start_path(&place.path), place.line, place.column);
        text.push_str(&format!("{}  {}\n", stream.paint(BOLD, &title), stream.paint(DIM, &place)));
        let width = group.iter().map(|change| change.name.width()).max().unwrap_or_default();
        for ChangeView { name, old, new, .. } in group {
            let gap = width - name.width();
            let values = if is_list_of_gates(name) {
                words(new)
            } else {
                format!("{} {arrow} {}", words(old), stream.paint(CODE, &words(new)))
            };
            text.push_str(&format!("  {}{:gap$}  {values}\n", visible(name), ""));
        }
        text.push('\n');
    }
    text
}

fn is_list_of_gates(name: &str) -> bool {
    [GATES_ON, GATES_OFF].contains(&name)
}

/// The same, a line for each change.
pub fn changes_lines(changes: &[ChangeView]) -> String {
    let line = |change: &ChangeView| {
        let ChangeView { component, place, from, to, name, old, new } = change;
        let start = format!("{}:{}:{}", line_start_path(&place.path), place.line, place.column);
        let (name, old, new) = (visible(name), words(old), words(new));
        if is_list_of_gates(&name) {
            return format!("{start}: {component} {from} to {to}: {name}: {new}\n");
        }
        format!("{start}: {component} {from} to {to}: `{name}` changes from `{old}` to `{new}` by itself\n")
    };
    changes.iter().map(line).collect()
}
