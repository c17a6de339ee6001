//! The objects that belong together.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, OnceLock},
};

use kubevet_facts::Version;

use super::{
    Namespace, SourceFile, Targets,
    custom::Definitions,
    evidence::Evidence,
    fragment::Shape,
    kustomize::{Kustomize, Placement},
    path::folder,
    pods::Pods,
    scope::{Owned, Scopes},
};
use crate::{
    engine::{Closed, Config, LintedFile},
    finding::Finding,
    kubernetes::{Object, PodSpec},
    recognise,
    schema::ObjectSchema,
    settings::{self, ClusterSettings},
    source::SourceText,
    yaml::NodeId,
};

/// Everything given in one run: files with their objects and settings, indexed for look-up.
#[derive(Debug, Default)]
pub struct ResourceSet {
    files: Vec<SourceFile>,
    pub(crate) findings: Vec<Vec<Finding>>,
    /// Files that are there for their schemas alone, sorted by path, and what is wrong with them.
    pub(super) schema_files: Vec<SourceFile>,
    pub(crate) schema_findings: Vec<Vec<Finding>>,
    pub(super) closed: Closed,
    /// The version that each file was judged by in phase 1; `None` of those whose objects turned out to be none.
    judged: Vec<Option<Version>>,
    targets: Targets,
    pub(super) paths: HashMap<Arc<str>, usize>,
    pub(super) kustomize: Kustomize,
    scopes: Scopes,
    /// By index of the file; of those that a kustomization mentions it says nothing.
    pub(super) shapes: Vec<Shape>,
    /// Objects by path and place.
    entries: Vec<Entry>,
    /// Positions of the entries by file and node.
    places: HashMap<(usize, NodeId), u32>,
    /// Positions of the entries by group and kind.
    kinds: HashMap<u64, Vec<u32>>,
    /// Positions of the entries by group, kind and name.
    names: OnceLock<HashMap<u64, Vec<u32>>>,
    /// Those of them that are patches.
    patches: OnceLock<HashMap<u64, Vec<u32>>>,
    pods: OnceLock<Pods>,
    definitions: OnceLock<Definitions>,
    /// Schemas of users by version and kind.
    pub(super) given: HashMap<(String, String), Arc<dyn ObjectSchema>>,
    evidence: OnceLock<Evidence>,
    clusters: OnceLock<Vec<ClusterSettings>>,
}

#[derive(Debug)]
struct Entry {
    file: usize,
    /// Number of the object in its file.
    object: usize,
    namespace: Owned,
    /// Says only what is different from an object elsewhere.
    patch: bool,
}

impl ResourceSet {
    /// Indexes linted files. Their order decides nothing: files are sorted by path first.
    pub fn new(mut linted: Vec<LintedFile>, config: &Config) -> Self {
        linted.sort_by(|one, other| one.file.source().path().cmp(other.file.source().path()));
        let mut set = ResourceSet { closed: config.closed, ..ResourceSet::default() };
        for LintedFile { file, findings, version } in linted {
            if file.is_schema_source() {
                set.schema_files.push(file);
                set.schema_findings.push(findings);
                continue;
            }
            set.paths.insert(file.source().path().clone(), set.files.len());
            set.files.push(file);
            set.findings.push(findings);
            set.judged.push(Some(version));
        }
        set.mark_charts();
        set.targets = Targets::new(&set.files, config);
        set.kustomize = Kustomize::new(&set.files);
        set.scopes = Scopes::new(&set.files);
        set.index();
        set
    }

    /// Files of Helm charts are templates and values, whatever they look like: what was found in them does not hold.
    fn mark_charts(&mut self) {
        let charts = self.files.iter().map(|file| &**file.source().path());
        let charts = charts.filter(|path| recognise::file_name(path) == "Chart.yaml").map(folder);
        let charts: Vec<String> = charts.map(str::to_owned).collect();
        if charts.is_empty() {
            return;
        }
        let found = self.findings.iter_mut().zip(&mut self.judged);
        for (file, (findings, judged)) in self.files.iter_mut().zip(found) {
            let path = file.source().path();
            let part = charts.iter().find_map(|chart| recognise::chart_part(chart, path));
            if let Some(kind) = part.filter(|kind| *kind != file.kind()) {
                file.set_kind(kind);
                findings.clear();
                *judged = None;
            }
        }
    }

    fn index(&mut self) {
        let as_written = Placement::AsWritten;
        for (index, file) in self.files.iter().enumerate() {
            let role = self.kustomize.roles.get(&index);
            let placement = role.map_or(&as_written, |role| &role.placement);
            let shape = Shape::of(file);
            let patch = role.map_or(shape == Shape::Patch, |role| role.patch);
            self.shapes.push(shape);
            for (number, object) in file.objects().enumerate() {
                let at = self.entries.len() as u32;
                self.kinds.entry(key(&[object.group(), object.kind()])).or_default().push(at);
                self.places.insert((index, object.node().id()), at);
                let namespace = self.scopes.place(object, placement);
                self.entries.push(Entry { file: index, object: number, namespace, patch });
            }
        }
    }

    /// Parts that [`ResourceSet::prepare`] makes.
    pub(crate) const PARTS: usize = 4;

    /// Makes a part that rules would otherwise wait for, each independent of the others.
    pub(crate) fn prepare(&self, part: usize) {
        match part {
            0 => {
                self.clusters();
            }
            1 => {
                self.names();
            }
            2 => {
                self.pod_index();
            }
            _ => {
                self.evidence();
            }
        }
    }

    /// All files, sorted by path.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// One file by its index.
    pub fn file(&self, index: usize) -> &SourceFile {
        &self.files[index]
    }

    /// One file by its path.
    pub fn file_at(&self, path: &str) -> Option<&SourceFile> {
        self.paths.get(path).map(|index| &self.files[*index])
    }

    /// The text of a file by its path.
    pub fn source(&self, path: &str) -> Option<&SourceText> {
        let schema = || self.schema_files.iter().find(|file| &**file.source().path() == path);
        self.file_at(path).or_else(schema).map(SourceFile::source)
    }

    /// The clusters that the files define.
    pub fn clusters(&self) -> &[ClusterSettings] {
        self.clusters.get_or_init(|| settings::assemble(&self.files, &self.targets))
    }

    /// Takes the versions of Kubernetes that a run chooses or assumes in place of those of the run before.
    pub fn retarget(&mut self, config: &Config) {
        self.targets.choose(config);
        self.clusters = OnceLock::new();
    }

    /// The version of Kubernetes that the set as a whole is linted for.
    pub(crate) fn version(&self) -> Version {
        self.targets.of_set()
    }

    /// The version of Kubernetes that the objects of a file are linted for.
    pub(crate) fn version_of(&self, file: &SourceFile) -> Version {
        self.targets.of_objects(file)
    }

    /// The files that are for another version than phase 1 could know, with that version.
    pub(crate) fn misjudged(&self) -> Vec<(usize, Version)> {
        let judged = self.judged.iter().enumerate();
        let other = judged.filter_map(|(index, judged)| {
            let version = self.targets.of_objects(&self.files[index]);
            judged.is_some_and(|judged| judged != version).then_some((index, version))
        });
        other.collect()
    }

    /// All objects, by path and place.
    pub fn objects(&self) -> impl Iterator<Item = Object<'_>> {
        self.entries().map(|(_, object)| object)
    }

    /// Objects of one group (`""` is the core group) and kind, by path and place.
    pub fn of_kind(&self, group: &str, kind: &str) -> impl Iterator<Item = Object<'_>> {
        let found = self.positions(group, kind);
        let found = found.iter().map(|at| self.entry(*at));
        found.filter(move |object| object.is(group, kind))
    }

    /// Objects of a group and kind in the folder of another object.
    pub(super) fn beside<'a>(
        &'a self,
        object: Object<'_>,
        group: &str,
        kind: &str,
    ) -> impl Iterator<Item = Object<'a>> {
        let here = folder(object.tree().path());
        let found = self.positions(group, kind);
        let near = found.iter().filter(move |at| {
            let file = self.entries[**at as usize].file;
            folder(self.files[file].source().path()) == here
        });
        near.map(|at| self.entry(*at)).filter(move |object| object.is(group, kind))
    }

    /// The first object of every group and kind.
    pub(super) fn first_of_kinds(&self) -> impl Iterator<Item = Object<'_>> {
        self.kinds.values().filter_map(|found| found.first().map(|at| self.entry(*at)))
    }

    /// What the definitions of the set say about custom kinds.
    pub(super) fn definitions(&self) -> &Definitions {
        self.definitions.get_or_init(|| Definitions::new(self))
    }

    fn positions(&self, group: &str, kind: &str) -> &[u32] {
        self.kinds.get(&key(&[group, kind])).map_or(&[], Vec::as_slice)
    }

    /// How many objects of a group and kind there are.
    pub(super) fn count(&self, group: &str, kind: &str) -> usize {
        self.positions(group, kind).len()
    }

    /// Objects of one group, kind and name in any namespace, by path and place.
    pub fn named(&self, group: &str, kind: &str, name: &str) -> impl Iterator<Item = Object<'_>> {
        let found = self.names().get(&key(&[group, kind, name])).map_or(&[][..], Vec::as_slice);
        let found = found.iter().map(|at| self.entry(*at));
        found.filter(move |object| object.is(group, kind) && object.name() == Some(name))
    }

    /// The object that a name in a namespace (`None`: of the whole cluster) means, if it is in the set. An object
    /// whose namespace is not known may be the one, too.
    pub fn find(&self, group: &str, kind: &str, namespace: Option<&str>, name: &str) -> Option<Object<'_>> {
        self.named(group, kind, name).find(|object| match namespace {
            Some(namespace) => self.namespace(*object).may_be(namespace),
            None => true,
        })
    }

    /// Objects of a group and kind that are, or may be, in a namespace.
    pub fn in_namespace(&self, group: &str, kind: &str, namespace: &str) -> impl Iterator<Item = Object<'_>> {
        let found = self.positions(group, kind);
        let found = found.iter().filter(move |at| self.entry_namespace(**at).may_be(namespace));
        found.map(|at| self.entry(*at)).filter(move |object| object.is(group, kind))
    }

    /// The namespace that an object of the set ends in: what its kustomization sets, else what it says, else `default`.
    pub fn namespace(&self, object: Object<'_>) -> Namespace<'_> {
        self.entry_of(object).map_or(Namespace::Unknown, |at| self.entry_namespace(at))
    }

    fn entry_of(&self, object: Object<'_>) -> Option<u32> {
        let file = self.paths.get(object.tree().path())?;
        self.places.get(&(*file, object.node().id())).copied()
    }

    /// Pods and pod templates that run, or may run, in a namespace.
    pub fn pods(&self, namespace: &str) -> impl Iterator<Item = PodSpec<'_>> {
        self.pod_index().in_namespace(namespace).filter_map(|at| PodSpec::of(self.entry(at)))
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (u32, Object<'_>)> {
        (0..self.entries.len() as u32).map(|at| (at, self.entry(at)))
    }

    pub(super) fn entry_file(&self, at: u32) -> usize {
        self.entries[at as usize].file
    }

    /// What the user says about the files.
    pub(super) fn told(&self) -> Closed {
        self.closed
    }

    pub(super) fn entry_owner(&self, at: u32) -> &Owned {
        &self.entries[at as usize].namespace
    }

    pub(super) fn entry_namespace(&self, at: u32) -> Namespace<'_> {
        self.entry_owner(at).view()
    }

    pub(super) fn is_patch(&self, at: u32) -> bool {
        self.entries[at as usize].patch
    }

    pub(super) fn entry(&self, at: u32) -> Object<'_> {
        let entry = &self.entries[at as usize];
        self.files[entry.file].object(entry.object)
    }

    pub(super) fn evidence(&self) -> &Evidence {
        self.evidence.get_or_init(|| Evidence::new(self))
    }

    fn names(&self) -> &HashMap<u64, Vec<u32>> {
        self.names.get_or_init(|| self.by_name(|_| true))
    }

    /// Patches of objects with a group, kind and name.
    pub(super) fn patches(&self, group: &str, kind: &str, name: &str) -> impl Iterator<Item = Object<'_>> {
        let all = self.patches.get_or_init(|| self.by_name(|at| self.is_patch(at)));
        let found = all.get(&key(&[group, kind, name])).map_or(&[][..], Vec::as_slice);
        let found = found.iter().map(|at| self.entry(*at));
        found.filter(move |object| object.is(group, kind) && object.name() == Some(name))
    }

    fn by_name(&self, holds: impl Fn(u32) -> bool) -> HashMap<u64, Vec<u32>> {
        let mut names: HashMap<u64, Vec<u32>> = HashMap::new();
        for at in (0..self.entries.len() as u32).filter(|at| holds(*at)) {
            let object = self.entry(at);
            if let Some(name) = object.name() {
                names.entry(key(&[object.group(), object.kind(), name])).or_default().push(at);
            }
        }
        names
    }

    pub(super) fn pod_index(&self) -> &Pods {
        self.pods.get_or_init(|| Pods::new(self))
    }
}

/// Hash of words: entries found by it are compared again.
fn key(words: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    hasher.finish()
}
