//! One file: parsed, recognised, and split into objects.

use kubevet_facts::Version;

use crate::{
    kubernetes::{Object, ObjectIds},
    recognise::{self, FileKind, Skipped},
    schema::{CRD_GROUP, CRD_KIND, Issue},
    settings,
    source::{EncodingProblem, SourceText},
    yaml::{Limits, Tree, parse},
};

/// What a file holds.
#[derive(Debug)]
enum Content {
    /// YAML or JSON.
    Tree(Tree),
    /// Another text: a unit, an environment file, a key.
    Text(SourceText),
}

/// One input file with everything that phase 1 found out about it.
#[derive(Debug)]
pub struct SourceFile {
    content: Content,
    kind: FileKind,
    encoding: Option<EncodingProblem>,
    objects: Vec<ObjectIds>,
    /// Whether one of the objects may say something about the settings of a component.
    carries: bool,
    /// The version of Kubernetes that they name.
    said: Option<Version>,
    skipped: Vec<Skipped>,
    documents: u32,
    /// It is there for its schemas alone.
    schemas: bool,
    /// What is wrong with the JSON schema that it is.
    issue: Option<Issue>,
}

impl SourceFile {
    /// Parses and recognises one file. Never fails: what is wrong with it becomes findings.
    pub fn new(source: SourceText, encoding: Option<EncodingProblem>, limits: &Limits) -> Self {
        let kind = recognise::file_kind(source.path(), source.text());
        if !kind.is_yaml() {
            let skipped = kind.skipped().into_iter().collect();
            let content = Content::Text(source);
            return SourceFile {
                content,
                kind,
                encoding,
                objects: Vec::new(),
                carries: false,
                said: None,
                skipped,
                documents: 0,
                schemas: false,
                issue: None,
            };
        }
        let tree = parse(source, limits);
        let mut objects = Vec::new();
        let mut skipped = Vec::new();
        let mut documents = 0;
        let mut carries = false;
        for document in tree.documents() {
            documents += 1;
            let Some(root) = document.root() else { continue };
            let found = Object::of_document(root);
            if found.is_empty() && !root.is_null() {
                skipped.extend(kind.skipped_document());
            }
            carries |= found.iter().any(|object| settings::may_carry(*object));
            objects.extend(found.into_iter().filter_map(Object::ids));
        }
        let mut file = SourceFile {
            content: Content::Tree(tree),
            kind,
            encoding,
            objects,
            carries,
            said: None,
            skipped,
            documents,
            schemas: false,
            issue: None,
        };
        file.said = if carries { file.objects().find_map(settings::said_version) } else { None };
        file
    }

    /// A file that is there for its `CustomResourceDefinition`s alone: nothing else of it is looked at.
    pub fn of_definitions(source: SourceText, encoding: Option<EncodingProblem>, limits: &Limits) -> Self {
        SourceFile { schemas: true, ..SourceFile::new(source, encoding, limits) }
    }

    /// A file that is a JSON schema.
    pub fn of_json_schema(source: SourceText, encoding: Option<EncodingProblem>, limits: &Limits) -> Self {
        SourceFile {
            content: Content::Tree(parse(source, limits)),
            kind: FileKind::Yaml,
            encoding,
            objects: Vec::new(),
            carries: false,
            said: None,
            skipped: Vec::new(),
            documents: 0,
            schemas: true,
            issue: None,
        }
    }

    /// Says what is wrong with the JSON schema that it is.
    pub fn set_issue(&mut self, issue: Option<Issue>) {
        self.issue = issue;
    }

    /// What is wrong with the JSON schema that it is.
    pub fn issue(&self) -> Option<&Issue> {
        self.issue.as_ref()
    }

    /// Whether one of its objects is a `CustomResourceDefinition`.
    pub fn defines_kinds(&self) -> bool {
        self.objects().any(|object| object.is(CRD_GROUP, CRD_KIND))
    }

    /// Whether it is there for its schemas alone.
    pub fn is_schema_source(&self) -> bool {
        self.schemas
    }

    /// The text with its path.
    pub fn source(&self) -> &SourceText {
        match &self.content {
            Content::Tree(tree) => tree.source(),
            Content::Text(source) => source,
        }
    }

    /// The parsed tree, when the file is YAML or JSON.
    pub fn tree(&self) -> Option<&Tree> {
        match &self.content {
            Content::Tree(tree) if self.kind.is_yaml() => Some(tree),
            _ => None,
        }
    }

    /// What kind of file it is.
    pub fn kind(&self) -> FileKind {
        self.kind
    }

    /// Learns from the set that the file is something else: its objects and settings are none.
    pub(super) fn set_kind(&mut self, kind: FileKind) {
        self.kind = kind;
        self.documents = if kind.is_yaml() { self.documents } else { 0 };
        self.objects.clear();
        self.said = None;
        self.skipped = kind.skipped().or(kind.skipped_document()).into_iter().collect();
    }

    /// Why its bytes were not a text, and where.
    pub fn encoding_problem(&self) -> Option<&EncodingProblem> {
        self.encoding.as_ref()
    }

    /// Its Kubernetes objects, items of lists included, in the order of the file.
    pub fn objects(&self) -> impl ExactSizeIterator<Item = Object<'_>> {
        (0..self.objects.len()).map(|number| self.object(number))
    }

    /// One of its objects by its number.
    pub(super) fn object(&self, number: usize) -> Object<'_> {
        let tree = self.tree().expect("only files with a tree have objects");
        Object::at(tree, self.objects[number])
    }

    /// Whether its objects may say something about the settings of a component.
    pub(crate) fn carries_settings(&self) -> bool {
        self.carries && !self.objects.is_empty()
    }

    /// The version of Kubernetes that its objects name: a kubeadm configuration, the image of an API server.
    pub(crate) fn said_version(&self) -> Option<Version> {
        self.said
    }

    /// YAML documents it holds, empty ones included.
    pub fn document_count(&self) -> u32 {
        self.documents
    }

    /// What of it was not looked at, and why.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }
}
