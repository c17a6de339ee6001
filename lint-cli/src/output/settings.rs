//! The table of `kubevet settings`.

use std::borrow::Cow;

use anstyle::{AnsiColor, Style};
use kubevet_core::{
    facts::Component,
    report::{line_start_path, visible},
    settings::{
        Carrier,
        view::{ComponentView, FileView, OriginKind, OriginView, PlaceView, SettingView, ValueView},
    },
};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::plural;
use crate::terminal::{BOLD, CODE, DIM, Stream};

const UNKNOWN: Style = AnsiColor::Yellow.on_default();
/// Widest value that others are aligned to, where no terminal sets the width.
const MOST: usize = 48;
/// A terminal that leaves less room for values gets them in lines of their own.
const LEAST: usize = 24;

/// One block for each component. Clusters have a heading where there are several.
pub fn settings_table(views: &[ComponentView], stream: Stream) -> String {
    let several = views.iter().any(|view| view.cluster != views[0].cluster);
    let mut text = String::new();
    let mut cluster = None;
    for view in views {
        if !text.is_empty() {
            text.push('\n');
        }
        if several && cluster != Some(&view.cluster) {
            cluster = Some(&view.cluster);
            let rule = if stream.unicode { "──" } else { "--" };
            let heading = format!("{rule} {} {rule}", visible(&view.cluster));
            text.push_str(&format!("{}\n\n", stream.paint(BOLD, &heading)));
        }
        block(&mut text, view, stream);
    }
    text
}

fn block(text: &mut String, view: &ComponentView, stream: Stream) {
    let about = format!("{}  {}", view.carrier, place(&view.place));
    // etcd counts its versions by itself: the version is that of the Kubernetes it serves.
    let of = if view.component == Component::Etcd.name() { " of Kubernetes" } else { "" };
    let title = format!("{}{of} {}", view.component, view.version);
    text.push_str(&format!("{}  {}\n", stream.paint(BOLD, &title), stream.paint(DIM, &about)));
    let rows: Vec<Row> = view.settings.iter().flat_map(|setting| rows(setting, view)).collect();
    let layout = Layout::new(&rows, stream.width);
    rows.iter().for_each(|row| layout.write(text, row, stream));
    for note in notes(view) {
        text.push_str(&format!("  {}\n", stream.paint(DIM, &note)));
    }
}

/// What is not in the rows.
fn notes(view: &ComponentView) -> Vec<String> {
    let mut notes = Vec::new();
    if view.configuration_file == FileView::Missing {
        notes.push("(a configuration file that it reads is not among the files)".to_owned());
    }
    if !view.complete {
        let what = if view.carrier == Carrier::ComponentConfig.name() {
            "its command line is not among the files: flags may say something else"
        } else {
            "a part of its command line is not known"
        };
        notes.push(format!("({what})"));
    }
    if view.defaults_left_out > 0 {
        let count = plural(view.defaults_left_out, "more setting");
        let have = if view.defaults_left_out == 1 { "has its default" } else { "have their defaults" };
        notes.push(format!("({count} {have}: `--all` shows them)"));
    }
    if view.not_known > 0 {
        notes.push(format!("({} cannot be told from these files)", plural(view.not_known, "more setting")));
    }
    notes
}

/// One line of a block, before it is laid out.
struct Row<'a> {
    name: Cow<'a, str>,
    value: String,
    origin: String,
    style: Style,
    /// A weaker layer of the row before.
    overridden: bool,
}

fn rows<'a>(setting: &'a SettingView, view: &ComponentView) -> Vec<Row<'a>> {
    let (value, style) = match (&setting.value, &setting.written) {
        (Some(value), _) if setting.origin.kind == OriginKind::Default => (words(value), Style::new()),
        (Some(value), _) => (words(value), CODE),
        (None, Some(written)) => (format!("unknown: {}", words(written)), UNKNOWN),
        (None, None) => ("unknown".to_owned(), UNKNOWN),
    };
    let origin = origin(&setting.origin, view);
    let mut rows = vec![Row { name: visible(&setting.name), value, origin, style, overridden: false }];
    // A weaker layer that says the same is no surprise.
    let others = setting.overrides.iter().filter(|layer| Some(&layer.value) != setting.value.as_ref());
    rows.extend(others.map(|layer| Row {
        name: "  overrides".into(),
        value: words(&layer.value),
        origin: self::origin(&layer.origin, view),
        style: DIM,
        overridden: true,
    }));
    rows
}

/// Empty values and control characters made visible.
pub fn words(value: &ValueView) -> String {
    match value {
        ValueView::Text(text) if text.is_empty() => "\"\"".to_owned(),
        ValueView::List(items) if items.is_empty() => "[]".to_owned(),
        ValueView::Text(text) => visible(text).into_owned(),
        ValueView::List(items) => visible(&items.join(",")).into_owned(),
    }
}

/// `cluster/kubelet.yaml:5:14`, `injected by kubeadm`, `default of 1.34`.
fn origin(origin: &OriginView, view: &ComponentView) -> String {
    match (origin.kind, &origin.by, &origin.place) {
        (OriginKind::Injected, Some(by), Some(cause)) if *cause != view.place => {
            format!("injected by {by} for {}", place(cause))
        }
        (OriginKind::Injected, Some(by), _) => format!("injected by {by}"),
        (OriginKind::Default, Some(version), _) => format!("default of {version}"),
        (_, _, Some(said)) => place(said),
        _ => "not in these files".to_owned(),
    }
}

fn place(place: &PlaceView) -> String {
    format!("{}:{}:{}", line_start_path(&place.path), place.line, place.column)
}

/// Widths of the columns.
enum Layout {
    /// Name, value and origin side by side; values are folded at the width where that is wanted.
    Columns { name: usize, value: usize, fold: bool },
    /// The origin below the value, both beside the name.
    Below { name: usize, value: usize },
    /// Everything in lines of its own.
    Stacked { width: usize },
}

impl Layout {
    fn new(rows: &[Row<'_>], width: Option<usize>) -> Self {
        let most = |cell: fn(&Row<'_>) -> usize| rows.iter().map(cell).max().unwrap_or_default();
        let name = most(|row| row.name.width());
        let Some(width) = width else {
            let value =
                most(|row| Some(row.value.width()).filter(|width| *width <= MOST).unwrap_or_default());
            return Layout::Columns { name, value, fold: false };
        };
        let room = width.saturating_sub(name + most(|row| row.origin.width()) + 6);
        let value = most(|row| row.value.width());
        if value <= room || room >= LEAST {
            return Layout::Columns { name, value: value.min(room), fold: true };
        }
        let beside = width.saturating_sub(name + 4);
        if beside >= LEAST { Layout::Below { name, value: beside } } else { Layout::Stacked { width } }
    }

    fn write(&self, text: &mut String, row: &Row<'_>, stream: Stream) {
        let name_of = |name: &str| if row.overridden { stream.paint(DIM, name) } else { name.to_owned() };
        let origin = stream.paint(DIM, &row.origin);
        match self {
            Layout::Columns { name, value, fold } => {
                let lines = if *fold { folded(&row.value, *value) } else { vec![row.value.as_str()] };
                for (index, line) in lines.into_iter().enumerate() {
                    let shown = stream.paint(row.style, line);
                    if index > 0 {
                        text.push_str(&format!("{:indent$}{shown}\n", "", indent = name + 4));
                        continue;
                    }
                    let (gap, rest) = (name - row.name.width(), value.saturating_sub(line.width()));
                    text.push_str(&format!(
                        "  {}{:gap$}  {shown}{:rest$}  {origin}\n",
                        name_of(&row.name),
                        "",
                        ""
                    ));
                }
            }
            Layout::Below { name, value } => {
                for (index, line) in folded(&row.value, *value).into_iter().enumerate() {
                    let shown = if index == 0 { &*row.name } else { "" };
                    let gap = name - shown.width();
                    let (shown, line) = (name_of(shown), stream.paint(row.style, line));
                    text.push_str(&format!("  {shown}{:gap$}  {line}\n", ""));
                }
                // A path is not folded: it would not be one any more.
                let indent = if row.origin.width() <= *value { name + 4 } else { 6 };
                text.push_str(&format!("{:indent$}{origin}\n", ""));
            }
            Layout::Stacked { width } => {
                text.push_str(&format!("  {}\n", name_of(&row.name)));
                for line in folded(&row.value, width.saturating_sub(6).max(LEAST)) {
                    text.push_str(&format!("      {}\n", stream.paint(row.style, line)));
                }
                text.push_str(&format!("      {origin}\n"));
            }
        }
    }
}

/// A value in lines of a width: broken behind commas and spaces where there are any.
fn folded(value: &str, width: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let (mut start, mut column, mut after) = (0, 0, None);
    for (at, char) in value.char_indices() {
        let wide = char.width().unwrap_or_default();
        if column + wide > width && at > start {
            let end = after.unwrap_or(at);
            lines.push(value[start..end].trim_end_matches(' '));
            start = end;
            column = value[start..at].width();
            after = None;
        }
        column += wide;
        if matches!(char, ',' | ' ') {
            after = Some(at + char.len_utf8());
        }
    }
    lines.push(&value[start..]);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubevet_core::settings::view::LayerView;

    #[test]
    fn values_fold_behind_commas() {
        assert_eq!(folded("", 5), [""]);
        assert_eq!(folded("a,bb,ccc", 5), ["a,bb,", "ccc"]);
        assert_eq!(folded("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(folded("日本語", 4), ["日本", "語"]);
        assert_eq!(folded("ab cd", 3), ["ab", "cd"]);
    }

    fn said(line: u32) -> OriginView {
        let place = PlaceView { path: "node/kubelet.yaml".to_owned(), line, column: 7 };
        OriginView { kind: OriginKind::File, by: None, place: Some(place) }
    }

    fn view(names: &[(&str, &str)]) -> ComponentView {
        let setting = |(name, value): &(&str, &str)| SettingView {
            name: (*name).to_owned(),
            flag: None,
            value: Some(ValueView::Text((*value).to_owned())),
            written: None,
            origin: said(1),
            overrides: vec![LayerView { value: ValueView::Text("old".to_owned()), origin: said(2) }],
        };
        ComponentView {
            component: "kubelet",
            version: "1.34".to_owned(),
            carrier: "configuration file",
            cluster: "node".to_owned(),
            place: PlaceView { path: "node/kubelet.yaml".to_owned(), line: 1, column: 1 },
            complete: false,
            configuration_file: FileView::Read,
            settings: names.iter().map(setting).collect(),
            defaults_left_out: 1,
            not_known: 0,
        }
    }

    fn lines(width: Option<usize>) -> Vec<String> {
        let views = [view(&[("tlsCipherSuites", "TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384")])];
        let text = settings_table(&views, Stream { width, ..Stream::PLAIN });
        text.lines().skip(1).take_while(|line| !line.starts_with("  (")).map(str::to_owned).collect()
    }

    #[test]
    fn tables_fit_their_terminal() {
        let wide = [
            "  tlsCipherSuites  TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384  node/kubelet.yaml:1:7",
            "    overrides      old                                            node/kubelet.yaml:2:7",
        ];
        assert_eq!(lines(None), wide);
        assert_eq!(lines(Some(100)), wide);
        let folded = [
            "  tlsCipherSuites  TLS_AES_128_GCM_SHA256,      node/kubelet.yaml:1:7",
            "                   TLS_AES_256_GCM_SHA384",
            "    overrides      old                          node/kubelet.yaml:2:7",
        ];
        assert_eq!(lines(Some(69)), folded);
        let below = [
            "  tlsCipherSuites  TLS_AES_128_GCM_SHA256,",
            "                   TLS_AES_256_GCM_SHA384",
            "                   node/kubelet.yaml:1:7",
            "    overrides      old",
            "                   node/kubelet.yaml:2:7",
        ];
        assert_eq!(lines(Some(50)), below);
        assert_eq!(lines(Some(30))[..2], ["  tlsCipherSuites", "      TLS_AES_128_GCM_SHA256,"]);
        for width in 20..120 {
            let widest = lines(Some(width)).iter().map(|line| line.width()).max().unwrap_or_default();
            assert!(widest <= width.max(30), "{widest} in {width}");
        }
    }

    #[test]
    fn nothing_of_a_file_acts_on_the_terminal() {
        let mut view = view(&[("a\u{1b}[31m", "b\u{202e}c\n")]);
        view.cluster = "::error::x".to_owned();
        let other = ComponentView { cluster: "y".to_owned(), settings: Vec::new(), ..self::view(&[]) };
        let text = settings_table(&[view, other], Stream::PLAIN);
        assert!(text.contains("a␛[31m") && text.contains("b<U+202E>c␊"), "{text}");
        assert!(text.starts_with("── ::error::x ──"), "{text}");
    }
}
