//! Effective settings for people and for programs. The shape as JSON is described by `docs/settings.schema.json`.

use serde::Serialize;

use super::{Component, Origin, Setting, Settings, State, Value};
use crate::{
    engine::matches,
    finding::Site,
    index::ResourceSet,
    kubernetes::values::secret_shape::known_credential,
    report::{SCHEMA_VERSION, Tool, escaped},
    source::Position,
};

/// What to show.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only these components; all when empty.
    pub components: Vec<Component>,
    /// Only settings with these names, of flags or of fields; `*` stands for any characters. All when empty. What is
    /// asked for by name is shown even if nobody says it.
    pub names: Vec<String>,
    /// Also what nobody says: defaults.
    pub defaults: bool,
}

impl Selection {
    /// Whether a component is asked for.
    pub fn holds(&self, component: Component) -> bool {
        self.components.is_empty() || self.components.contains(&component)
    }

    fn names(&self, component: Component, name: &str) -> bool {
        let flag = kubevet_facts::flag_of_field(component, name);
        let named = |pattern: &String| {
            let pattern = pattern.trim_start_matches('-');
            matches(pattern, name) || flag.is_some_and(|flag| matches(pattern, flag))
        };
        self.names.is_empty() || self.names.iter().any(named)
    }
}

/// A component with its settings, ready to be shown.
#[derive(Debug, Serialize)]
pub struct ComponentView {
    /// `kubelet`.
    pub component: &'static str,
    /// Version of Kubernetes whose defaults hold: `1.34`.
    pub version: String,
    /// `static pod`, `kubeadm configuration`, …
    pub carrier: &'static str,
    /// The file or folder that defines its cluster.
    pub cluster: String,
    /// Where it was found.
    pub place: PlaceView,
    /// Whether its whole command line is known: if not, flags may say something else.
    pub complete: bool,
    /// What is known of its configuration file.
    pub configuration_file: FileView,
    /// Its settings, by name.
    pub settings: Vec<SettingView>,
    /// How many settings have their default and are not listed.
    pub defaults_left_out: usize,
    /// How many settings nobody can tell from these files: they are not listed.
    pub not_known: usize,
}

/// What is known of the configuration file that a component reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FileView {
    /// It reads none.
    None,
    /// What it says is among the settings.
    Read,
    /// It is not among the files.
    Missing,
}

/// One setting.
#[derive(Debug, Serialize)]
pub struct SettingView {
    /// Canonical name: the flag, or the path of the configuration field.
    pub name: String,
    /// The flag that sets the field; `null` where the name is the flag's, or there is none.
    pub flag: Option<&'static str>,
    /// The effective value; `null` when it is not known.
    pub value: Option<ValueView>,
    /// What is written, when the value is not known.
    pub written: Option<ValueView>,
    /// Where it comes from.
    pub origin: OriginView,
    /// Weaker layers that it overrides, the strongest first.
    pub overrides: Vec<LayerView>,
}

/// A value as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ValueView {
    /// A scalar.
    Text(String),
    /// A list.
    List(Vec<String>),
}

/// A value that does not take effect.
#[derive(Debug, Serialize)]
pub struct LayerView {
    /// The value.
    pub value: ValueView,
    /// Where it comes from.
    pub origin: OriginView,
}

/// Where a value comes from.
#[derive(Debug, Serialize)]
pub struct OriginView {
    /// Which layer says it.
    pub kind: OriginKind,
    /// Who injected it, or the version whose default it is.
    pub by: Option<String>,
    /// The place that says it, or because of which it is injected.
    pub place: Option<PlaceView>,
}

/// Which layer says a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OriginKind {
    /// A flag, or a variable that stands for one.
    Flag,
    /// A field of a configuration file.
    File,
    /// An installer.
    Injected,
    /// The component itself.
    Default,
    /// Nobody knows.
    Unknown,
}

/// A place in a file, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlaceView {
    /// Relative path.
    pub path: String,
    /// Line.
    pub line: u32,
    /// Column in code points.
    pub column: u32,
}

/// The components of a set with their settings, by cluster, then in the order of a cluster's start.
pub fn views(set: &ResourceSet, selection: &Selection) -> Vec<ComponentView> {
    let mut views = Vec::new();
    for cluster in set.clusters() {
        let order = |settings: &&Settings| {
            let order = Component::ALL.iter().position(|component| *component == settings.component);
            (settings.site.place.path.clone(), order, settings.site.place.span.start)
        };
        let mut components: Vec<&Settings> = cluster.components.iter().collect();
        components.sort_by_key(order);
        let wanted = components.into_iter().filter(|settings| selection.holds(settings.component));
        views.extend(wanted.map(|settings| View { set, settings, selection }.component(&cluster.name)));
    }
    views
}

/// As JSON, with one final newline.
pub fn json(views: &[ComponentView]) -> String {
    #[derive(Serialize)]
    struct Whole<'a> {
        schema_version: u32,
        tool: Tool,
        components: &'a [ComponentView],
    }
    let whole = Whole { schema_version: SCHEMA_VERSION, tool: Tool::THIS, components: views };
    let mut text = escaped(serde_json::to_string_pretty(&whole).expect("plain data"));
    text.push('\n');
    text
}

/// Names of everything that can be said to a component: its flags, and the fields of its configuration file.
pub fn names(settings: &Settings) -> impl Iterator<Item = &str> {
    let flags = kubevet_facts::flags(settings.component, settings.version).map(|flag| flag.name);
    let fields = kubevet_facts::config_defaults(settings.component, settings.version).map(|(field, _)| field);
    flags.chain(fields).chain(settings.layers.keys().map(String::as_str))
}

/// One component on its way to be shown.
#[derive(Clone, Copy)]
struct View<'a> {
    set: &'a ResourceSet,
    settings: &'a Settings,
    selection: &'a Selection,
}

impl View<'_> {
    fn component(self, cluster: &str) -> ComponentView {
        let settings = self.settings;
        let asked = |name: &str| self.selection.names(settings.component, name);
        let said = settings.said().filter(|setting| asked(setting.name()));
        let mut rows: Vec<SettingView> = said.map(|setting| self.setting(&setting)).collect();
        let (mut defaults_left_out, mut not_known) = (0, 0);
        for name in settings.unsaid_names().into_iter().filter(|name| asked(name)) {
            let setting = settings.get(name);
            if self.selection.names.is_empty() && setting.is_unknown() {
                not_known += 1;
            } else if self.selection.names.is_empty() && !self.selection.defaults {
                defaults_left_out += 1;
            } else {
                rows.push(self.setting(&setting));
            }
        }
        rows.sort_by(|one, other| one.name.cmp(&other.name));
        ComponentView {
            component: settings.component.name(),
            version: settings.version.to_string(),
            carrier: settings.carrier.name(),
            cluster: cluster.to_owned(),
            place: self.place(&settings.site),
            complete: settings.complete,
            configuration_file: match (settings.has_config_file, settings.config_missing) {
                (false, _) => FileView::None,
                (true, false) => FileView::Read,
                (true, true) => FileView::Missing,
            },
            settings: rows,
            defaults_left_out,
            not_known,
        }
    }

    fn setting(self, setting: &Setting<'_>) -> SettingView {
        let name = setting.name();
        let layers = self.settings.layers(name);
        let (value, written) = match setting.state() {
            State::Known(value) => (Some(shown(name, value)), None),
            State::Default(text) => (Some(default(setting, text)), None),
            State::Unknown => (None, layers.last().map(|(value, _)| shown(name, value))),
        };
        let overrides = layers.iter().rev().skip(1).map(|(value, origin)| LayerView {
            value: shown(name, value),
            origin: self.origin(Some(origin)),
        });
        SettingView {
            name: name.to_owned(),
            flag: kubevet_facts::flag_of_field(self.settings.component, name),
            value,
            written,
            origin: self.origin(setting.origin()),
            overrides: overrides.collect(),
        }
    }

    fn origin(self, origin: Option<&Origin>) -> OriginView {
        let (kind, by) = match origin {
            Some(Origin::Flag(_)) => (OriginKind::Flag, None),
            Some(Origin::File(_)) => (OriginKind::File, None),
            Some(Origin::Injected(by, _)) => (OriginKind::Injected, Some((*by).to_owned())),
            Some(Origin::Default(version)) => (OriginKind::Default, Some(version.to_string())),
            None => (OriginKind::Unknown, None),
        };
        OriginView { kind, by, place: origin.and_then(Origin::site).map(|site| self.place(site)) }
    }

    fn place(self, site: &Site) -> PlaceView {
        let source = self.set.source(&site.place.path);
        let Position { line, column } =
            source.map_or(Position { line: 1, column: 1 }, |source| source.position(site.place.span.start));
        PlaceView { path: site.place.path.to_string(), line, column }
    }
}

/// A value for output; credentials are not shown.
fn shown(name: &str, value: &Value) -> ValueView {
    let secret = |text: &str| {
        // etcd's cluster token tells clusters apart; it is no secret.
        let token = name.ends_with("token") && name != "initial-cluster-token";
        let named = token || name.ends_with("password");
        !text.is_empty() && (named || known_credential(text).is_some())
    };
    let text = |text: &String| if secret(text) { "<redacted>".to_owned() } else { text.clone() };
    match value {
        Value::Text(one) | Value::Unknown(one) => ValueView::Text(text(one)),
        Value::List(items) => ValueView::List(items.iter().map(text).collect()),
    }
}

/// A default, which the facts hold as JSON or as the flags library prints it.
fn default(setting: &Setting<'_>, text: &str) -> ValueView {
    match serde_json::from_str(text) {
        Ok(serde_json::Value::Array(items)) => ValueView::List(items.iter().map(json_text).collect()),
        Ok(one) => ValueView::Text(json_text(&one)),
        Err(_) if text.starts_with('[') => {
            let items = setting.list().unwrap_or_default();
            ValueView::List(items.into_iter().map(str::to_owned).collect())
        }
        Err(_) => ValueView::Text(text.to_owned()),
    }
}

/// A string without its quotes, anything else as JSON.
pub(super) fn json_text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl Settings {
    /// Names of everything that nobody says, sorted.
    fn unsaid_names(&self) -> Vec<&'static str> {
        let flags = kubevet_facts::flags(self.component, self.version).map(|flag| flag.name);
        let fields = kubevet_facts::config_defaults(self.component, self.version).map(|(field, _)| field);
        let fields = fields.filter(|_| self.has_config_file);
        let mut names: Vec<&str> = flags.map(|flag| self.canonical(flag)).chain(fields).collect();
        names.retain(|name| !matches!(*name, "help" | "version") && !self.says_part_of(name));
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether a setting, or a part of it (one threshold of `evictionHard`), is said.
    fn says_part_of(&self, name: &str) -> bool {
        let name = self.canonical(name);
        let inside = |said: &String| {
            said.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.layers
            .range(name.to_owned()..)
            .take_while(|(said, _)| said.starts_with(name))
            .any(|(said, _)| inside(said))
    }
}
