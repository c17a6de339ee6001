//! From paths on the command line to the files to read.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    ffi::OsStr,
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use ignore::{DirEntry, WalkBuilder, WalkState};
use kubevet_core::recognise::is_candidate;

use crate::{exclude::Exclude, problem::Problem};

/// Which files are looked for.
#[derive(Debug)]
pub struct Search {
    /// What relative paths start from.
    pub directory: PathBuf,
    /// What is left out.
    pub exclude: Exclude,
    /// Whether that holds for files that were named, too.
    pub force_exclude: bool,
    /// Whether `.gitignore` and its kin are followed.
    pub respect_ignore: bool,
    /// Threads that walk; 0 takes one per processor.
    pub jobs: usize,
}

/// Where a text comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    File(PathBuf),
    Stdin,
}

/// Files to read by the path they are reported with, and what went wrong on the way.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    pub files: BTreeMap<Arc<str>, Origin>,
    pub problems: Vec<Problem>,
    /// Pipes, sockets and devices in folders: reading them might never end.
    pub special: BTreeSet<String>,
}

/// Path of `-` in reports.
pub const STDIN: &str = "<stdin>";

impl Search {
    /// Finds the files. Named files are always read; in folders those that could concern Kubernetes.
    pub fn run(&self, paths: &[PathBuf], stdin_name: Option<&Path>) -> Inputs {
        let mut inputs = Inputs::default();
        for path in paths {
            if path.as_os_str() == OsStr::new("-") {
                let name = stdin_name.map_or_else(|| STDIN.to_owned(), |name| self.shown(name));
                if !stdin_name.is_some_and(|name| self.forced_out(name)) {
                    inputs.files.insert(name.into(), Origin::Stdin);
                }
                continue;
            }
            match std::fs::metadata(path) {
                Ok(metadata) if metadata.is_dir() => self.walk(path, &mut inputs),
                Ok(_) if self.forced_out(path) => {}
                Ok(_) => {
                    inputs.files.insert(self.shown(path).into(), Origin::File(path.clone()));
                }
                Err(error) => inputs.problems.push(Problem::read(&self.shown(path), &error)),
            }
        }
        inputs.problems.sort_by(|one, other| one.message.cmp(&other.message));
        inputs
    }

    fn forced_out(&self, path: &Path) -> bool {
        self.force_exclude && self.exclude.covers(&normal(&self.directory.join(path)))
    }

    fn walk(&self, root: &Path, inputs: &mut Inputs) {
        let absolute = normal(&self.directory.join(root));
        if self.force_exclude && self.exclude.covers(&absolute) {
            return;
        }
        let (exclude, above) = (self.exclude.clone(), root.to_owned());
        let found = Mutex::new(Found::default());
        let walker = WalkBuilder::new(root)
            .hidden(false)
            .ignore(self.respect_ignore)
            .git_ignore(self.respect_ignore)
            .git_global(self.respect_ignore)
            .git_exclude(self.respect_ignore)
            .parents(self.respect_ignore)
            .require_git(false)
            .threads(self.jobs)
            .filter_entry(move |entry| {
                let below = entry.path().strip_prefix(&above).unwrap_or(entry.path());
                entry.depth() == 0 || !exclude.matches(&absolute.join(below))
            })
            .build_parallel();
        walker.run(|| {
            Box::new(|entry| {
                let lock = || found.lock().unwrap_or_else(PoisonError::into_inner);
                match entry {
                    Ok(entry) => match self.take(&entry) {
                        Taken::No => {}
                        Taken::File(name) => lock().files.push((name, entry.into_path(), false)),
                        Taken::Link(name) => lock().files.push((name, entry.into_path(), true)),
                        Taken::Special(name) => drop(lock().special.insert(name)),
                        Taken::Broken(problem) => lock().problems.push(problem),
                    },
                    Err(error) => lock().problems.push(self.walk_problem(&error)),
                }
                WalkState::Continue
            })
        });
        let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        inputs.problems.extend(found.problems);
        inputs.special.extend(found.special);
        inputs.files.extend(without_twins(found.files));
    }

    fn take(&self, entry: &DirEntry) -> Taken {
        let Some(kind) = entry.file_type().filter(|kind| !kind.is_dir()) else { return Taken::No };
        let shown = self.shown(entry.path());
        if !is_candidate(&shown) {
            return Taken::No;
        }
        if kind.is_file() {
            return Taken::File(shown);
        }
        if !kind.is_symlink() {
            return Taken::Special(shown);
        }
        // As `kubectl apply -f`: links to files are followed, links to folders are not.
        match std::fs::metadata(entry.path()) {
            Ok(target) if target.is_file() => Taken::Link(shown),
            Ok(target) if target.is_dir() => Taken::No,
            Ok(_) => Taken::Special(shown),
            Err(error) => Taken::Broken(Problem::read(&shown, &error)),
        }
    }

    fn walk_problem(&self, error: &ignore::Error) -> Problem {
        let path = path_of(error).map(|path| self.shown(path));
        match (path, error.io_error()) {
            (Some(path), Some(io)) => Problem::read(&path, io),
            _ => Problem::new(error.to_string()),
        }
    }

    fn shown(&self, path: &Path) -> String {
        shown(path, &self.directory)
    }
}

/// The path as it is reported: relative to the working directory where it lies below, with `/`.
pub fn shown(path: &Path, directory: &Path) -> String {
    let absolute = normal(&directory.join(path));
    let relative = match absolute.strip_prefix(directory) {
        Ok(relative) => relative.to_owned(),
        Err(_) if path.is_absolute() => absolute,
        Err(_) => normal(path),
    };
    if relative.as_os_str().is_empty() {
        return ".".to_owned();
    }
    let text = relative.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' {
        text.into_owned()
    } else {
        text.replace(std::path::MAIN_SEPARATOR, "/")
    }
}

#[derive(Default)]
struct Found {
    /// Shown path, path, whether it is a link.
    files: Vec<(String, PathBuf, bool)>,
    problems: Vec<Problem>,
    special: BTreeSet<String>,
}

enum Taken {
    No,
    File(String),
    Link(String),
    Special(String),
    Broken(Problem),
}

/// Leaves out links to files that were found anyway: their objects would look declared twice.
fn without_twins(mut files: Vec<(String, PathBuf, bool)>) -> impl Iterator<Item = (Arc<str>, Origin)> {
    if files.iter().any(|(_, _, link)| *link) {
        files.sort_by(|one, other| (one.2, &one.0).cmp(&(other.2, &other.0)));
        let mut seen = HashSet::new();
        files.retain(|(_, path, _)| path.canonicalize().map_or(true, |target| seen.insert(target)));
    }
    files.into_iter().map(|(shown, path, _)| (shown.into(), Origin::File(path)))
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

/// Without `.` and, where a name stands before it, without `..`. Looks at no file system.
pub fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            Component::ParentDir if out.has_root() => {}
            component => out.push(component),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_from_the_working_directory() {
        let search = Search {
            directory: "/repo/k8s".into(),
            exclude: Exclude::default(),
            force_exclude: false,
            respect_ignore: true,
            jobs: 1,
        };
        let shown = |path: &str| search.shown(Path::new(path));
        assert_eq!(shown("./a/../b.yaml"), "b.yaml");
        assert_eq!(shown("/repo/k8s/b.yaml"), "b.yaml");
        assert_eq!(shown("../k8s/b.yaml"), "b.yaml");
        assert_eq!(shown("../other/./b.yaml"), "../other/b.yaml");
        assert_eq!(shown("/etc/../etc/kubernetes/admin.conf"), "/etc/kubernetes/admin.conf");
        assert_eq!(normal(Path::new("/../a")), Path::new("/a"));
    }
}
