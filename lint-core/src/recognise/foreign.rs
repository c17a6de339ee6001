//! YAML and JSON of other programs: recognised, so that nothing is reported about them.

use super::{extension, file_name};

/// Folders that belong to other programs.
const FOLDERS: &[&str] =
    &[".circleci", ".devcontainer", ".github", ".gitlab", ".idea", ".vscode", "node_modules"];

/// File names of other programs, without the extension.
const STEMS: &[&str] = &[
    "Taskfile",
    "_config",
    "appveyor",
    "azure-pipelines",
    "bitbucket-pipelines",
    "buf",
    "buf.gen",
    "cloudbuild",
    "codecov",
    "compose",
    "composer",
    "docker-compose",
    "lerna",
    "mkdocs",
    "package",
    "package-lock",
    "pnpm-lock",
    "renovate",
    "tsconfig",
];

/// Keys at the root of a document that only other programs' files have: API descriptions, cloud stacks,
/// and JSON Schemas.
const ROOT_KEYS: &[&str] = &["openapi", "swagger", "asyncapi", "AWSTemplateFormatVersion", "$schema"];

/// Whether the file belongs to another program. A file that says `apiVersion` at its root never does.
pub(super) fn is_foreign(path: &str, text: &str) -> bool {
    let name = file_name(path);
    // As nearly all manifests are written: no need to look at every line.
    let plain =
        text.starts_with("apiVersion:") || memchr::memmem::find(text.as_bytes(), b"\napiVersion:").is_some();
    if plain || has_root_key(text, &["apiVersion"]) || is_kubeadm_patch(name) {
        return false;
    }
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let named = name.starts_with('.')
        || STEMS.contains(&stem)
        || stem.starts_with("docker-compose")
        || path.split('/').any(|folder| FOLDERS.contains(&folder));
    if named || has_root_key(text, ROOT_KEYS) {
        return true;
    }
    // No object without the word: any other JSON is somebody's data, and a YAML sequence at the root is a
    // playbook, a task list or a JSON patch.
    let is_json = extension(name) == "json";
    (is_json || is_root_sequence(text)) && !text.contains("apiVersion")
}

/// Whether kubeadm takes a file of this name for a patch: `kube-apiserver0+json.yaml`.
fn is_kubeadm_patch(name: &str) -> bool {
    let Some((target, kind)) = name.split_once('+') else { return false };
    let targets =
        ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubeletconfiguration"];
    let kinds = ["json.", "merge.", "strategic."];
    targets.iter().any(|known| target.starts_with(known)) && kinds.iter().any(|known| kind.starts_with(known))
}

/// Whether a line begins with one of the keys at the root: in column 0 of block YAML, or as the first key of a
/// line in JSON that is at most one brace deep.
fn has_root_key(text: &str, keys: &[&str]) -> bool {
    let mut depth = 0_i32;
    let json = text.trim_start().starts_with(['{', '[']);
    text.lines().any(|line| {
        let body = if json { line.trim_start().trim_start_matches('{').trim_start() } else { line };
        let at_root = !json || depth + i32::from(line.trim_start().starts_with('{')) <= 1;
        if json {
            depth += line.bytes().map(|byte| i32::from(byte == b'{') - i32::from(byte == b'}')).sum::<i32>();
        }
        let body = body.strip_prefix(['"', '\'']).unwrap_or(body);
        at_root
            && keys.iter().any(|key| {
                let rest = body.strip_prefix(key).map(|rest| rest.strip_prefix(['"', '\'']).unwrap_or(rest));
                rest.is_some_and(|rest| rest.trim_start().starts_with(':'))
            })
    })
}

/// Whether the first line of content is an item of a block sequence in column 0.
fn is_root_sequence(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| {
        let body = line.trim();
        !(body.is_empty() || body.starts_with('#') || body.starts_with("---") || body.starts_with('%'))
    });
    lines.next().is_some_and(|line| line == "-" || line.starts_with("- "))
}
