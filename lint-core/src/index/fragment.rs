//! Patches that no kustomization of the set mentions, told from their names and from what they leave out.

use super::SourceFile;
use crate::{
    kubernetes::{Object, PodSpec},
    recognise::file_name,
};

/// Folders that hold what is laid over something else, and sometimes whole objects.
const FOLDERS: &[&str] = &["component", "components", "overlay", "overlays"];

/// Kinds whose pod template must name an image in every container.
const WORKLOADS: &[(&str, &str)] = &[
    ("apps", "DaemonSet"),
    ("apps", "Deployment"),
    ("apps", "ReplicaSet"),
    ("apps", "StatefulSet"),
    ("batch", "CronJob"),
    ("batch", "Job"),
    ("", "Pod"),
    ("", "ReplicationController"),
];

/// What a file is for others, told from its path and its objects alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Its objects are applied as they are.
    Whole,
    /// Its objects are made to be changed.
    Base,
    /// Its objects only say what is different from objects elsewhere.
    Patch,
}

impl Shape {
    /// Tells the shape of a file that no kustomization of the set mentions.
    pub fn of(file: &SourceFile) -> Self {
        let path = file.source().path();
        if is_patch(file, path) {
            Shape::Patch
        } else if in_base(path) {
            Shape::Base
        } else {
            Shape::Whole
        }
    }
}

/// Whether a path leads through a folder for bases.
pub(super) fn in_base(path: &str) -> bool {
    path.split('/').rev().skip(1).any(|folder| matches!(folder, "base" | "bases"))
}

/// A name or folder alone proves nothing about workloads: one of them must also lack what the API server requires.
fn is_patch(file: &SourceFile, path: &str) -> bool {
    if file.objects().len() == 0 {
        return false;
    }
    let stem = file_name(path).split('.').next().unwrap_or_default();
    let is_patch = |word| matches!(word, "patch" | "patches");
    // Steps of kuttl name what they compare with objects of a cluster: `02-assert.yaml`, `02-errors.yaml`.
    let compared = stem.split_once('-').is_some_and(|(step, rest)| {
        step.bytes().all(|byte| byte.is_ascii_digit()) && matches!(rest, "assert" | "errors")
    });
    let mut folders = path.split('/').rev().skip(1);
    let named = compared || stem.split(['-', '_']).any(is_patch) || folders.clone().any(is_patch);
    let laid_over = named || folders.any(|folder| FOLDERS.contains(&folder));
    if !laid_over {
        return false;
    }
    let mut workloads =
        file.objects().filter(|object| WORKLOADS.iter().any(|(group, kind)| object.is(group, kind)));
    match workloads.next() {
        None => named,
        Some(first) => std::iter::once(first).chain(workloads).any(is_incomplete),
    }
}

/// Whether a workload lacks containers, or an image in one of them.
fn is_incomplete(object: Object<'_>) -> bool {
    let Some(pod) = PodSpec::of(object) else { return true };
    let mut containers = pod.containers().peekable();
    containers.peek().is_none() || containers.any(|container| container.get("image").is_none())
}
