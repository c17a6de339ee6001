//! Objects that are there twice.

use std::collections::{HashMap, hash_map::Entry};

use super::{Namespace, ResourceSet, evidence::is_configuration};
use crate::{
    engine::Closed,
    kubernetes::{Object, is_placeholder},
};

/// What applies objects together.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Scope {
    /// The user says that all files are.
    Everything,
    File(usize),
    /// A kustomization.
    Build(usize),
}

impl ResourceSet {
    /// Pairs of objects with one group, kind, namespace and name that are applied together: they stand in one file, one
    /// kustomization takes both in, or the user says that the files are everything.
    ///
    /// Files that merely lie beside each other may be alternatives, stages or examples, and patches say nothing twice.
    pub fn duplicates(&self) -> Vec<(Object<'_>, Object<'_>)> {
        let mut builds: HashMap<usize, Vec<Scope>> = HashMap::new();
        for (build, files) in self.kustomize.builds.iter().enumerate() {
            files.iter().for_each(|file| builds.entry(*file).or_default().push(Scope::Build(build)));
        }
        let mut known: HashMap<_, u32> = HashMap::new();
        let mut found = Vec::new();
        for (at, object) in self.entries() {
            let Some(name) = object.name().filter(|name| !name.is_empty() && !is_placeholder(name)) else {
                continue;
            };
            let namespace = self.entry_namespace(at);
            if self.is_patch(at) || is_configuration(object) || namespace == Namespace::Unknown {
                continue;
            }
            let file = self.entry_file(at);
            let own = if self.told() == Closed::Yes { Scope::Everything } else { Scope::File(file) };
            let scopes = builds.get(&file).into_iter().flatten().copied().chain([own]);
            let keys = scopes.map(|scope| (scope, object.group(), object.kind(), namespace.name(), name));
            let mut first = None;
            for key in keys {
                match known.entry(key) {
                    Entry::Occupied(entry) => first = first.or(Some(*entry.get())),
                    Entry::Vacant(entry) => {
                        entry.insert(at);
                    }
                }
            }
            found.extend(first.map(|first| (self.entry(first), object)));
        }
        found
    }

    /// Whether a kustomization takes in the file of an object, and not as a patch.
    pub fn is_kustomized(&self, object: Object<'_>) -> bool {
        let role = self.paths.get(object.tree().path()).and_then(|file| self.kustomize.roles.get(file));
        role.is_some_and(|role| !role.patch)
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        engine::{Closed, Config, Linter, lint_document},
        index::ResourceSet,
        source::SourceText,
    };

    const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n";

    /// Paths of the objects that are there again.
    fn again(closed: Closed, files: &[(&str, &str)]) -> Vec<String> {
        let linter = Linter::new(&[], Config { closed, ..Config::default() }).expect("no rule is selected");
        let sources = files.iter().map(|(path, text)| SourceText::new(*path, *text));
        let linted = sources.map(|source| lint_document(source, None, &linter)).collect();
        let set = ResourceSet::new(linted, linter.config());
        set.duplicates().iter().map(|(_, again)| again.tree().path().to_string()).collect()
    }

    #[test]
    fn only_what_is_applied_together_is_there_twice() {
        let twice = format!("{CONFIG}---\n{CONFIG}---\n{CONFIG}");
        assert_eq!(again(Closed::Auto, &[("a.yaml", &twice)]), ["a.yaml", "a.yaml"]);
        let beside = [("a.yaml", CONFIG), ("b.yaml", CONFIG)];
        assert_eq!(again(Closed::Auto, &beside), [""; 0]);
        assert_eq!(again(Closed::Yes, &beside), ["b.yaml"]);
        let listed = ("kustomization.yaml", "resources: [a.yaml, b.yaml]\n");
        assert_eq!(again(Closed::Auto, &[beside[0], beside[1], listed]), ["b.yaml"]);
        let patched = ("kustomization.yaml", "resources: [a.yaml]\npatches: [{path: b.yaml}]\n");
        assert_eq!(again(Closed::Yes, &[beside[0], beside[1], patched]), [""; 0]);
    }

    #[test]
    fn bases_that_rename_are_something_else() {
        let files = |base| {
            vec![
                ("base/a.yaml", CONFIG),
                ("base/kustomization.yaml", base),
                ("test/a.yaml", CONFIG),
                ("test/kustomization.yaml", "resources: [../base, a.yaml]\n"),
            ]
        };
        assert_eq!(again(Closed::Auto, &files("resources: [a.yaml]\n")), ["test/a.yaml"]);
        assert_eq!(again(Closed::Auto, &files("resources: [a.yaml]\nnamePrefix: x-\n")), [""; 0]);
    }
}
