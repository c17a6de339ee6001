//! Kustomizations: what they list, and what that means for the files they list.

use std::collections::{HashMap, HashSet};

use super::{
    SourceFile,
    fragment::in_base,
    path::{folder, join},
};
use crate::{recognise::FileKind, yaml::NodeRef};

/// What the kustomizations of a set make of its files.
#[derive(Debug, Default)]
pub(super) struct Kustomize {
    /// By index of the file; files that no kustomization mentions are not in it.
    pub roles: HashMap<usize, Role>,
    /// `ConfigMap`s and `Secret`s that generators make.
    pub generated: Vec<Generated>,
    /// Namespaces into which kustomizations put objects that are not in the set, or that are there under another
    /// name; `None` where the namespace is not known.
    pub open: HashSet<Option<String>>,
    /// Files whose objects one kustomization puts together under the names and namespaces that they say.
    pub builds: Vec<Vec<usize>>,
}

/// What kustomizations make of one file.
#[derive(Clone, Debug, Default)]
pub(super) struct Role {
    /// A patch, a transformer or a generator's configuration: no object of its own.
    pub patch: bool,
    /// Which of its objects become something else before they are applied.
    pub changed: Changed,
    /// Where its objects end.
    pub placement: Placement,
    /// Names of images that get another tag or digest.
    pub images: Vec<String>,
}

/// Which objects are changed on their way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Changed {
    #[default]
    Nothing,
    /// Objects of these kinds.
    Kinds(Vec<String>),
    Everything,
}

impl Changed {
    fn add(&mut self, other: &Changed) {
        match (&mut *self, other) {
            (_, Changed::Nothing) | (Changed::Everything, _) => {}
            (Changed::Kinds(mine), Changed::Kinds(more)) => mine.extend(more.iter().cloned()),
            _ => *self = other.clone(),
        }
    }

    pub fn includes(&self, kind: &str) -> bool {
        match self {
            Changed::Nothing => false,
            Changed::Kinds(kinds) => kinds.iter().any(|changed| changed == kind),
            Changed::Everything => true,
        }
    }
}

/// The namespace that objects of a file get.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Placement {
    /// What they say themselves.
    #[default]
    AsWritten,
    /// A kustomization sets it.
    Set(String),
    /// Several kustomizations set different ones.
    Several,
}

/// An object that a generator makes.
#[derive(Clone, Debug)]
pub(super) struct Generated {
    /// `ConfigMap` or `Secret`.
    pub kind: &'static str,
    /// Name without the hash that kustomize appends.
    pub name: String,
    /// `None` where it is not known.
    pub namespace: Option<String>,
}

/// One kustomization, with its entries resolved to indexes.
#[derive(Debug, Default)]
struct Kustomization {
    namespace: Option<String>,
    /// Files it lists as resources.
    files: Vec<usize>,
    /// Positions of the kustomizations it builds on.
    bases: Vec<usize>,
    /// Positions of the components it takes in.
    components: Vec<usize>,
    /// Files that are patches, transformers or generators.
    patches: Vec<usize>,
    changed: Changed,
    /// Names of images that it gives a tag or digest.
    images: Vec<String>,
    /// Whether it adds objects that are not in the set, or changes names or labels.
    open: bool,
    /// Whether it gives objects other names or another namespace.
    renames: bool,
}

impl Kustomize {
    /// Reads every kustomization of the files.
    pub fn new(files: &[SourceFile]) -> Self {
        let roots: Vec<(usize, NodeRef<'_>)> = files.iter().enumerate().filter_map(root).collect();
        if roots.is_empty() {
            return Kustomize::default();
        }
        let paths =
            files.iter().enumerate().map(|(index, file)| (join("", file.source().path()), index)).collect();
        let folders = roots.iter().enumerate().map(|(at, (file, _))| (folder_of(files, *file), at)).collect();
        let reader = Reader { files, paths, folders };
        let read: Vec<Kustomization> = roots.iter().map(|(file, root)| reader.read(*file, *root)).collect();
        let graph = Graph::new(&read);
        let mut kustomize = graph.finish();
        kustomize.builds = (0..read.len()).map(|at| graph.build(at)).collect();
        for (at, (_, root)) in roots.iter().enumerate() {
            kustomize.generators(*root, &graph.namespaces(at));
        }
        kustomize
    }

    fn generators(&mut self, root: NodeRef<'_>, namespaces: &[Option<String>]) {
        let known = if let [only] = namespaces { only.clone() } else { None };
        for (list, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
            for generator in root.get(list).into_iter().flat_map(NodeRef::items) {
                let text = |key| generator.get(key).and_then(NodeRef::as_str);
                let Some(name) = text("name") else { continue };
                let namespace = known.clone().or_else(|| text("namespace").map(str::to_owned));
                self.generated.push(Generated { kind, name: name.to_owned(), namespace });
            }
        }
    }
}

/// The root of a file that is a kustomization. `kustomize` refuses several documents in one.
fn root((index, file): (usize, &SourceFile)) -> Option<(usize, NodeRef<'_>)> {
    if file.kind() != FileKind::Kustomization {
        return None;
    }
    let root = file.tree()?.documents().find_map(|document| document.root())?;
    root.is_map().then_some((index, root))
}

fn folder_of(files: &[SourceFile], file: usize) -> String {
    join("", folder(files[file].source().path()))
}

struct Reader<'a> {
    files: &'a [SourceFile],
    /// Files by their normal paths.
    paths: HashMap<String, usize>,
    /// Kustomizations by their folders.
    folders: HashMap<String, usize>,
}

impl Reader<'_> {
    fn read(&self, file: usize, root: NodeRef<'_>) -> Kustomization {
        let here = folder_of(self.files, file);
        let text = |key: &str| root.get(key).and_then(NodeRef::as_str).filter(|text| !text.is_empty());
        let has = |key: &str| text(key).is_some() || root.get(key).is_some_and(|node| !node.is_empty());
        let mut read =
            Kustomization { namespace: text("namespace").map(str::to_owned), ..Kustomization::default() };
        for list in ["resources", "bases"] {
            for entry in root.get(list).into_iter().flat_map(NodeRef::items) {
                let path = join(&here, entry.text());
                match (self.paths.get(&path), self.folders.get(&path)) {
                    (Some(file), _) => read.files.push(*file),
                    (None, Some(base)) => read.bases.push(*base),
                    (None, None) => read.open = true,
                }
            }
        }
        for entry in root.get("components").into_iter().flat_map(NodeRef::items) {
            match self.folders.get(&join(&here, entry.text())) {
                Some(component) => read.components.push(*component),
                None => read.open = true,
            }
        }
        for list in ["patches", "patchesStrategicMerge", "patchesJson6902"] {
            for entry in root.get(list).into_iter().flat_map(NodeRef::items) {
                self.patch(&here, entry, &mut read);
            }
        }
        for list in ["transformers", "generators", "validators", "configurations"] {
            for entry in root.get(list).into_iter().flat_map(NodeRef::items) {
                read.patches.extend(self.paths.get(&join(&here, entry.text())));
            }
        }
        for image in root.get("images").into_iter().flat_map(NodeRef::items) {
            let text = |key| image.get(key).map(NodeRef::text).filter(|text| !text.is_empty());
            let pins = text("digest").is_some() || text("newTag").is_some_and(|tag| tag != "latest");
            read.images.extend(text("name").filter(|_| pins).map(str::to_owned));
        }
        // Subjects of the whole cluster get the namespace of their accounts.
        if text("namespace").is_some() {
            read.changed.add(&Changed::Kinds(vec!["ClusterRoleBinding".to_owned()]));
        }
        let component = text("kind") == Some("Component");
        let base = in_base(self.files[file].source().path());
        if component || base || ["components", "transformers", "replacements"].into_iter().any(has) {
            read.changed = Changed::Everything;
        }
        let renames = [
            "commonLabels",
            "labels",
            "namePrefix",
            "nameSuffix",
            "helmCharts",
            "generators",
            "transformers",
        ];
        read.open |= renames.into_iter().any(has);
        read.renames = ["namePrefix", "nameSuffix", "namespace"].into_iter().any(has);
        read
    }

    /// `{path, patch, target}`, or the path or text of a strategic merge patch.
    fn patch(&self, here: &str, entry: NodeRef<'_>, read: &mut Kustomization) {
        let text = |key: &str| entry.get(key).and_then(NodeRef::as_str);
        let path = if entry.is_map() { text("path") } else { entry.as_str() };
        let file = path.and_then(|path| self.paths.get(&join(here, path)).copied());
        read.patches.extend(file);
        let target = entry.get("target");
        let kinds: Vec<String> = if let Some(target) = target {
            // The kind of a target is a regular expression.
            let kind = target.get("kind").map_or("", NodeRef::text);
            let plain = kind.chars().all(|char| char.is_ascii_alphanumeric() || char == '|');
            kind.split('|').filter(|kind| plain && !kind.is_empty()).map(str::to_owned).collect()
        } else if let Some(file) = file {
            self.files[file].objects().map(|object| object.kind().to_owned()).collect()
        } else {
            let inline = text("patch").or(entry.as_str()).unwrap_or_default();
            let kinds = inline.lines().filter_map(|line| line.strip_prefix("kind:"));
            kinds.map(|kind| kind.trim().trim_matches(['"', '\'']).to_owned()).collect()
        };
        read.changed.add(&if kinds.is_empty() { Changed::Everything } else { Changed::Kinds(kinds) });
    }
}

/// Kustomizations with the ones that use them.
struct Graph<'a> {
    all: &'a [Kustomization],
    users: Vec<Vec<usize>>,
}

impl<'a> Graph<'a> {
    fn new(all: &'a [Kustomization]) -> Self {
        let mut users = vec![Vec::new(); all.len()];
        for (user, kustomization) in all.iter().enumerate() {
            for used in kustomization.bases.iter().chain(&kustomization.components) {
                users[*used].push(user);
            }
        }
        Graph { all, users }
    }

    /// A kustomization and everything that builds on it.
    fn upwards(&self, start: usize) -> Vec<usize> {
        let mut found = vec![start];
        let mut seen = HashSet::from([start]);
        let mut next = 0;
        while next < found.len() {
            found.extend(self.users[found[next]].iter().filter(|user| seen.insert(**user)));
            next += 1;
        }
        found
    }

    /// Files of a kustomization and of those that it builds on, unless these rename what they hold.
    fn build(&self, start: usize) -> Vec<usize> {
        let mut at = vec![start];
        let mut next = 0;
        while let Some(one) = at.get(next).map(|at| &self.all[*at]) {
            let below = one.bases.iter().chain(&one.components);
            let new: Vec<usize> =
                below.filter(|below| !self.all[**below].renames && !at.contains(below)).copied().collect();
            at.extend(new);
            next += 1;
        }
        at.iter().flat_map(|one| &self.all[*one].files).copied().collect()
    }

    /// Names of images that the builds which contain a kustomization pin, themselves or by their components.
    fn images(&self, start: usize) -> Vec<String> {
        let mut at = self.upwards(start);
        let mut next = 0;
        while let Some(one) = at.get(next) {
            let new = self.all[*one].components.iter().filter(|component| !at.contains(component));
            let new: Vec<usize> = new.copied().collect();
            at.extend(new);
            next += 1;
        }
        at.iter().flat_map(|one| &self.all[*one].images).cloned().collect()
    }

    /// The namespaces that the builds which contain a kustomization set: the outermost word of each build wins.
    fn namespaces(&self, start: usize) -> Vec<Option<String>> {
        let mut found = Vec::new();
        let mut pending = vec![(start, None::<&String>)];
        let mut seen = HashSet::new();
        while let Some((at, inner)) = pending.pop() {
            let own = self.all[at].namespace.as_ref().or(inner);
            if !seen.insert((at, own)) {
                continue;
            }
            if self.users[at].is_empty() && !found.contains(&own.cloned()) {
                found.push(own.cloned());
            }
            pending.extend(self.users[at].iter().map(|user| (*user, own)));
        }
        found
    }

    fn finish(&self) -> Kustomize {
        let mut kustomize = Kustomize::default();
        for (at, kustomization) in self.all.iter().enumerate() {
            let namespaces = self.namespaces(at);
            let mut changed = Changed::Nothing;
            for above in self.upwards(at) {
                changed.add(&self.all[above].changed);
            }
            let images = self.images(at);
            if kustomization.open {
                kustomize.open.extend(namespaces.iter().cloned());
            }
            let placement = match &namespaces[..] {
                [] | [None] => Placement::AsWritten,
                [Some(only)] => Placement::Set(only.clone()),
                _ => Placement::Several,
            };
            for file in &kustomization.files {
                if let Some(role) = kustomize.roles.get_mut(file) {
                    role.changed.add(&changed);
                    role.images.extend(images.iter().cloned());
                    if role.placement != placement {
                        role.placement = Placement::Several;
                    }
                } else {
                    let (changed, placement) = (changed.clone(), placement.clone());
                    let role = Role { patch: false, changed, placement, images: images.clone() };
                    kustomize.roles.insert(*file, role);
                }
            }
        }
        for file in self.all.iter().flat_map(|kustomization| &kustomization.patches) {
            kustomize.roles.entry(*file).or_default().patch = true;
        }
        kustomize
    }
}
