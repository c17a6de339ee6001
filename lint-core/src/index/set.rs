//! The objects that belong together.

use std::{collections::HashMap, sync::Arc};

use super::SourceFile;
use crate::{
    engine::LintedFile, finding::Finding, kubernetes::Object, settings::ClusterSettings, source::SourceText,
    yaml::NodeId,
};

/// Everything given in one run: files with their objects and settings, indexed for look-up.
#[derive(Debug, Default)]
pub struct ResourceSet {
    files: Vec<SourceFile>,
    pub(crate) findings: Vec<Vec<Finding>>,
    paths: HashMap<Arc<str>, usize>,
    kinds: HashMap<(String, String), Vec<(usize, NodeId)>>,
    pub(crate) clusters: Vec<ClusterSettings>,
}

impl ResourceSet {
    /// Indexes linted files. Their order decides nothing but the order of [`ResourceSet::files`]:
    /// files are sorted by path first.
    pub fn new(mut linted: Vec<LintedFile>) -> Self {
        linted.sort_by(|one, other| one.file.source().path().cmp(other.file.source().path()));
        let mut set = ResourceSet::default();
        for LintedFile { file, findings } in linted {
            let index = set.files.len();
            set.paths.insert(file.source().path().clone(), index);
            for object in file.objects() {
                let key = (object.group().to_owned(), object.kind().to_owned());
                set.kinds.entry(key).or_default().push((index, object.node().id()));
            }
            set.files.push(file);
            set.findings.push(findings);
        }
        set
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
        self.file_at(path).map(SourceFile::source)
    }

    /// All objects, by path and place.
    pub fn objects(&self) -> impl Iterator<Item = Object<'_>> {
        self.files.iter().flat_map(SourceFile::objects)
    }

    /// Objects of one group (`""` is the core group) and kind, by path and place.
    pub fn of_kind(&self, group: &str, kind: &str) -> impl Iterator<Item = Object<'_>> {
        let key = (group.to_owned(), kind.to_owned());
        let found = self.kinds.get(&key).map_or(&[][..], Vec::as_slice);
        found.iter().map(|(file, id)| self.files[*file].object(*id))
    }

    /// Whether the document of a finding is only a part of what will run: a patch, a base, a component.
    pub(crate) fn is_partial(&self, _finding: &Finding) -> bool {
        false
    }

    /// The clusters that the files define.
    pub fn clusters(&self) -> &[ClusterSettings] {
        &self.clusters
    }
}
