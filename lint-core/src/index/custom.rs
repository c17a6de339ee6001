//! Custom kinds: which there are, and who says what they are.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use kubevet_facts::{self as facts, Version};

use super::{ResourceSet, SourceFile};
use crate::{
    engine::LintedFile,
    kubernetes::Object,
    schema::{self, CRD_GROUP, CRD_KIND, Definition, ObjectSchema, Problem, Violation},
};

/// Groups of files that no API server reads: they belong to programs.
const TOOLS: &[&str] = &[
    "abac.authorization.kubernetes.io",
    "admission.k8s.io",
    "client.authentication.k8s.io",
    "imagepolicy.k8s.io",
    "kind.x-k8s.io",
    "kubectl.config.k8s.io",
    "kustomize.config.k8s.io",
    "meta.k8s.io",
];

/// A kind that is not built in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CustomKind<'s> {
    /// Its group.
    pub group: &'s str,
    /// Its name.
    pub kind: &'s str,
}

/// Definitions by group and kind.
#[derive(Debug, Default)]
pub(super) struct Definitions(HashMap<Box<str>, HashMap<Box<str>, Vec<Defined>>>);

/// A definition and where it is.
#[derive(Debug)]
struct Defined {
    definition: Definition,
    /// Of a file that is there for its schemas alone.
    apart: bool,
    file: usize,
    object: usize,
}

impl Definitions {
    pub fn new(set: &ResourceSet) -> Self {
        let mut all = Definitions::default();
        for (apart, files) in [(false, set.files()), (true, &set.schema_files[..])] {
            for (file, source) in files.iter().enumerate() {
                for (object, definition) in definitions(source) {
                    let group = all.0.entry(definition.group.clone()).or_default();
                    let known = group.entry(definition.kind.clone()).or_default();
                    known.push(Defined { definition, apart, file, object });
                }
            }
        }
        all
    }

    fn of(&self, group: &str, kind: &str) -> &[Defined] {
        self.0.get(group).and_then(|kinds| kinds.get(kind)).map_or(&[], Vec::as_slice)
    }
}

/// The definitions of a file, each with the number of its object.
fn definitions(file: &SourceFile) -> impl Iterator<Item = (usize, Definition)> {
    let objects = file.objects().enumerate();
    let crds = objects.filter(|(_, object)| object.is(CRD_GROUP, CRD_KIND));
    crds.filter_map(|(number, object)| Some((number, Definition::new(object)?)))
}

impl ResourceSet {
    /// The kinds of the objects that are not built in, sorted. Files of programs are none of them.
    pub fn custom_kinds(&self) -> Vec<CustomKind<'_>> {
        let first = self.first_of_kinds().filter(|object| {
            let group = object.group();
            !(group.is_empty()
                || facts::is_group(group)
                || facts::is_config_group(group)
                || TOOLS.contains(&group))
        });
        let mut kinds: Vec<_> =
            first.map(|object| CustomKind { group: object.group(), kind: object.kind() }).collect();
        kinds.sort_unstable();
        kinds
    }

    /// Objects of a custom kind, by path and place.
    pub(crate) fn of_custom(&self, kind: &CustomKind<'_>) -> impl Iterator<Item = Object<'_>> {
        self.of_kind(kind.group, kind.kind)
    }

    /// Whether anybody says what the kind of a custom object is.
    pub fn has_schema(&self, object: Object<'_>) -> bool {
        !self.definitions().of(object.group(), object.kind()).is_empty() || self.given(object).is_some()
    }

    fn given(&self, object: Object<'_>) -> Option<&dyn ObjectSchema> {
        let key = (object.api_version().to_owned(), object.kind().to_owned());
        self.given.get(&key).map(|schema| &**schema)
    }

    /// How many objects of a custom kind nobody says anything about, by version and kind.
    pub fn without_schema(&self) -> BTreeMap<(&str, &str), usize> {
        let mut found = BTreeMap::new();
        for object in self.custom_kinds().iter().flat_map(|kind| self.of_custom(kind)) {
            if !self.has_schema(object) {
                *found.entry((object.api_version(), object.kind())).or_default() += 1;
            }
        }
        found
    }

    /// Takes the file of a user's schema, and the schema of a kind that comes from it, if it can be used.
    pub fn give_schema(
        &mut self,
        api_version: &str,
        kind: &str,
        file: LintedFile,
        schema: Option<Arc<dyn ObjectSchema>>,
    ) {
        if let Some(schema) = schema {
            self.given.insert((api_version.to_owned(), kind.to_owned()), schema);
        }
        self.schema_files.push(file.file);
        self.schema_findings.push(file.findings);
    }

    /// What the schema of a custom object does not allow.
    ///
    /// A set may hold several definitions of a kind: releases, test data, copies. The object is fine when one of them
    /// takes it; else the nearest one is asked.
    pub(crate) fn violations(&self, object: Object<'_>, version: Version) -> Vec<Violation> {
        let mut best: Option<(usize, Vec<Violation>)> = None;
        for defined in self.definitions().of(object.group(), object.kind()) {
            let file = if defined.apart { &self.schema_files[defined.file] } else { self.file(defined.file) };
            let source = file.object(defined.object);
            let found = schema::check_custom(object, &defined.definition, source, version);
            if found.is_empty() {
                return found;
            }
            let near = shared(object.tree().path(), file.source().path());
            if best.as_ref().is_none_or(|(nearest, _)| near > *nearest) {
                best = Some((near, found));
            }
        }
        match best {
            Some((_, found)) => found,
            None => match self.given(object) {
                Some(schema) => schema.check(object, version),
                None => vec![Violation::new(object.node().id(), Problem::NoSchema)],
            },
        }
    }
}

/// Folders that two paths have in common.
fn shared(one: &str, other: &str) -> usize {
    let folders = one.split('/').zip(other.split('/'));
    folders.take_while(|(one, other)| one == other).count()
}
