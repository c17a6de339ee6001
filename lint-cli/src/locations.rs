//! JSON schemas of custom kinds, in the layout that kubeconform reads: a template of a path for each kind.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use kubevet_core::{
    engine::{Linter, lint_schema},
    facts::Version,
    index::{ResourceSet, SourceFile},
    schema::{JsonSchema, ObjectSchema},
};

use crate::{
    lint::text,
    problem::Problem,
    walk::{Origin, shown},
};

/// What follows where a location names a folder only.
const LAYOUT: &str =
    "/{{.NormalizedKubernetesVersion}}-standalone{{.StrictSuffix}}/{{.ResourceKind}}{{.KindSuffix}}.json";

/// A template of paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    parts: Vec<Part>,
    /// What relative paths start from.
    base: PathBuf,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable(Variable),
}

/// kubeconform's variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Variable {
    NormalizedKubernetesVersion,
    StrictSuffix,
    ResourceKind,
    ResourceApiVersion,
    Group,
    KindSuffix,
}

const VARIABLES: [(&str, Variable); 6] = [
    ("NormalizedKubernetesVersion", Variable::NormalizedKubernetesVersion),
    ("StrictSuffix", Variable::StrictSuffix),
    ("ResourceKind", Variable::ResourceKind),
    ("ResourceAPIVersion", Variable::ResourceApiVersion),
    ("Group", Variable::Group),
    ("KindSuffix", Variable::KindSuffix),
];

impl FromStr for Location {
    type Err = String;

    fn from_str(template: &str) -> Result<Self, String> {
        if template.contains("://") {
            return Err(format!(
                "`{template}` is an address: schemas are read from files, so download them first"
            ));
        }
        let whole = if template == BUILT_IN || template.ends_with("json") {
            template.to_owned()
        } else {
            format!("{}{LAYOUT}", template.trim_end_matches('/'))
        };
        let mut parts = Vec::new();
        let mut rest = whole.as_str();
        while let Some((before, after)) = rest.split_once("{{") {
            let (inside, after) = after.split_once("}}").ok_or("`{{` has no `}}`")?;
            let name = inside.trim_matches(['-', ' ']).trim_start_matches('.');
            let variable = VARIABLES.iter().find(|(known, _)| *known == name).map(|(_, variable)| *variable);
            let known = || VARIABLES.map(|(name, _)| format!("`{{{{.{name}}}}}`")).join(", ");
            let variable =
                variable.ok_or_else(|| format!("there is no variable `{name}`, only {}", known()))?;
            parts.extend([Part::Text(before.to_owned()), Part::Variable(variable)]);
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Location { parts, base: PathBuf::new() })
    }
}

/// kubeconform's name for the schemas that it brings along.
const BUILT_IN: &str = "default";

/// Whose schema is looked for.
struct Subject<'a> {
    api_version: &'a str,
    kind: &'a str,
    version: Version,
}

impl Location {
    /// The same location with paths that start from a folder.
    pub fn below(self, base: &Path) -> Self {
        Location { base: base.to_owned(), ..self }
    }

    /// Whether it stands for the schemas of built-in kinds, which kubevet always has.
    pub fn is_built_in(&self) -> bool {
        self.parts == [Part::Text(BUILT_IN.to_owned())]
    }

    /// The folder that all its paths lie in.
    fn folder(&self) -> PathBuf {
        let Some(Part::Text(head)) = self.parts.first() else { return self.base.clone() };
        self.base.join(
            head.rsplit_once('/').map_or("", |(folder, _)| if folder.is_empty() { "/" } else { folder }),
        )
    }

    /// The path of the schema of a kind, for strict validation or not.
    fn path(&self, subject: &Subject<'_>, strict: bool) -> PathBuf {
        let (group, version) = subject.api_version.split_once('/').unwrap_or(("", subject.api_version));
        let value = |variable| match variable {
            // The folders of kubeconform's layout have the number of a patch.
            Variable::NormalizedKubernetesVersion => format!("v{}.0", subject.version),
            Variable::StrictSuffix => if strict { "-strict" } else { "" }.to_owned(),
            Variable::ResourceKind => subject.kind.to_lowercase(),
            Variable::ResourceApiVersion => version.to_owned(),
            Variable::Group if group.is_empty() => version.to_owned(),
            Variable::Group => group.to_owned(),
            Variable::KindSuffix if group.is_empty() => format!("-{}", version.to_lowercase()),
            Variable::KindSuffix => {
                let first = group.split('.').next().unwrap_or_default();
                format!("-{}-{}", first.to_lowercase(), version.to_lowercase())
            }
        };
        let parts = self.parts.iter().map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Variable(variable) => value(*variable),
        });
        self.base.join(parts.collect::<String>())
    }
}

/// Gives the set the schemas of the kinds that nobody defines.
pub fn give(set: &mut ResourceSet, locations: &[Location], linter: &Linter) -> Vec<Problem> {
    let mut problems = Vec::new();
    let locations: Vec<&Location> = locations.iter().filter(|location| !location.is_built_in()).collect();
    for location in &locations {
        let folder = location.folder();
        let there =
            if folder.as_os_str().is_empty() { Ok(()) } else { std::fs::metadata(&folder).map(|_| ()) };
        if let Err(error) = there {
            problems.push(Problem::read(&folder.to_string_lossy(), &error));
        }
    }
    let version = linter.config().versions.map_or_else(Version::newest, |versions| versions.newest);
    let kinds =
        set.without_schema().into_keys().map(|(api_version, kind)| (api_version.to_owned(), kind.to_owned()));
    for (api_version, kind) in kinds.collect::<Vec<_>>() {
        // What stands in a file must not lead out of the folder.
        let plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '-' | '/');
        if !kind.chars().all(char::is_alphanumeric)
            || !api_version.chars().all(plain)
            || api_version.contains("..")
        {
            continue;
        }
        let subject = Subject { api_version: &api_version, kind: &kind, version };
        let paths =
            locations.iter().flat_map(|location| [true, false].map(|strict| location.path(&subject, strict)));
        let Some(path) = paths.into_iter().find(|path| path.is_file()) else { continue };
        match read(&path, linter) {
            Ok((file, schema)) => set.give_schema(&api_version, &kind, lint_schema(file, linter), schema),
            Err(problem) => problems.push(problem),
        }
    }
    problems
}

type Read = (SourceFile, Option<Arc<dyn ObjectSchema>>);

fn read(path: &Path, linter: &Linter) -> Result<Read, Problem> {
    let directory = std::env::current_dir().unwrap_or_default();
    let name: Arc<str> = shown(path, &directory).into();
    let (source, encoding) = text(&name, &Origin::File(path.to_owned()))?;
    let mut file = SourceFile::of_json_schema(source, encoding, &linter.config().limits);
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let base = format!("file://{}", absolute.to_string_lossy());
    let tree = file.tree().expect("a schema is parsed");
    let compiled = JsonSchema::compile(tree, &base, referenced);
    match compiled {
        Ok(schema) => Ok((file, Some(Arc::new(schema)))),
        Err(issue) => {
            file.set_issue(issue);
            Ok((file, None))
        }
    }
}

/// The text of a schema that another one refers to.
fn referenced(address: &str) -> Result<String, String> {
    let path =
        address.strip_prefix("file://").ok_or("references lead to files only: nothing is downloaded")?;
    std::fs::read_to_string(path).map_err(|error| format!("cannot read `{path}`: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(template: &str, api_version: &str, kind: &str) -> String {
        let location: Location = template.parse().expect("a template");
        let subject = Subject { api_version, kind, version: Version::new(34) };
        location.path(&subject, true).to_string_lossy().into_owned()
    }

    #[test]
    fn paths_are_those_of_kubeconform() {
        let layout = "schemas/{{ .NormalizedKubernetesVersion }}-standalone{{ .StrictSuffix }}/{{ .ResourceKind }}{{ .KindSuffix }}.json";
        let wanted = "schemas/v1.34.0-standalone-strict/servicemonitor-monitoring-v1.json";
        assert_eq!(path(layout, "monitoring.coreos.com/v1", "ServiceMonitor"), wanted);
        assert_eq!(path("schemas/", "monitoring.coreos.com/v1", "ServiceMonitor"), wanted);
        let catalog = "{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json";
        assert_eq!(path(catalog, "example.org/v1alpha1", "Widget"), "example.org/widget_v1alpha1.json");
        assert_eq!(path("{{.ResourceKind}}{{.KindSuffix}}.json", "v1", "Pod"), "pod-v1.json");
    }

    #[test]
    fn templates_that_cannot_be_read() {
        let error = |template: &str| template.parse::<Location>().expect_err("it is wrong");
        assert!(error("https://example.org/{{.Group}}.json").contains("an address"));
        assert!(error("{{.Name}}.json").contains("`{{.ResourceKind}}`"));
        assert!(error("{{.Group.json").contains("no `}}`"));
        assert!("default".parse::<Location>().is_ok_and(|location| location.is_built_in()));
    }

    #[test]
    fn the_folder_is_what_all_paths_share() {
        let folder = |template: &str| template.parse::<Location>().expect("a template").folder();
        assert_eq!(folder("a/b/{{.Group}}/c.json"), Path::new("a/b"));
        assert_eq!(folder("a/b"), Path::new("a/b"));
        assert_eq!(folder("{{.Group}}.json"), Path::new(""));
        assert_eq!(folder("/{{.Group}}.json"), Path::new("/"));
    }
}
