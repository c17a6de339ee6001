//! What a file or document is, told from its path and its text alone.

use std::fmt;

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// YAML or JSON: manifests, component configuration, kubeadm, kubeconfig.
    Yaml,
    /// A Helm template: text with Go template actions, YAML only after rendering.
    HelmTemplate,
    /// `values.yaml` and `Chart.yaml` of a Helm chart.
    HelmChart,
    /// Another template (Jinja, envsubst with actions outside of values): YAML only after rendering.
    Template,
    /// A systemd unit.
    SystemdUnit,
    /// A drop-in of a systemd unit: `kubelet.service.d/10-kubeadm.conf`.
    SystemdDropIn,
    /// `NAME=value` lines that a unit reads.
    EnvironmentFile,
    /// PEM blocks.
    Pem,
    /// Nothing that kubevet reads.
    Other,
}

impl FileKind {
    /// Whether it is parsed as YAML.
    pub const fn is_yaml(self) -> bool {
        matches!(self, FileKind::Yaml | FileKind::HelmChart)
    }

    /// Why the whole file is skipped, when it is.
    pub(crate) fn skipped(self) -> Option<Skipped> {
        match self {
            FileKind::HelmTemplate => Some(Skipped::HelmTemplate),
            FileKind::Template => Some(Skipped::Template),
            FileKind::Other => Some(Skipped::UnknownFile),
            _ => None,
        }
    }
}

/// Why something was not looked at. Counted in the summary, so that an empty run never looks like a clean one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Skipped {
    /// A Helm template.
    HelmTemplate,
    /// Values or metadata of a Helm chart.
    HelmChart,
    /// Another template.
    Template,
    /// YAML without `apiVersion` and `kind`.
    NotKubernetes,
    /// A file of no known kind.
    UnknownFile,
}

impl fmt::Display for Skipped {
    /// Plural, for a summary: `3 Helm templates`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Skipped::HelmTemplate => "Helm templates",
            Skipped::HelmChart => "Helm chart files",
            Skipped::Template => "templates",
            Skipped::NotKubernetes => "documents that are not Kubernetes",
            Skipped::UnknownFile => "files of no known kind",
        })
    }
}

/// Whether a directory walk should read a file of this path at all. Files named by the user are always read.
pub fn is_candidate(path: &str) -> bool {
    let name = file_name(path);
    matches!(extension(name), "yaml" | "yml" | "json" | "key" | "pem" | "crt" | "service" | "env")
        || path_kind(path).is_some()
}

/// What kind of file this is.
pub fn file_kind(path: &str, text: &str) -> FileKind {
    let name = file_name(path);
    match extension(name) {
        "yaml" | "yml" | "json" => yaml_kind(path, text),
        "key" | "pem" | "crt" => FileKind::Pem,
        _ => path_kind(path).unwrap_or_else(|| text_kind(text)),
    }
}

/// Kinds that a path alone tells.
fn path_kind(path: &str) -> Option<FileKind> {
    let name = file_name(path);
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| file_name(folder));
    match extension(name) {
        "service" => Some(FileKind::SystemdUnit),
        "conf" if folder.ends_with(".service.d") => Some(FileKind::SystemdDropIn),
        "env" => Some(FileKind::EnvironmentFile),
        _ if matches!(folder, "default" | "sysconfig") && COMPONENT_NAMES.contains(&name) => {
            Some(FileKind::EnvironmentFile)
        }
        // kubeadm and installers leave kubeconfigs as `admin.conf`.
        "conf" if KUBECONFIG_NAMES.contains(&name) => Some(FileKind::Yaml),
        _ => None,
    }
}

const COMPONENT_NAMES: &[&str] =
    &["etcd", "kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kubelet"];
const KUBECONFIG_NAMES: &[&str] = &[
    "admin.conf",
    "bootstrap-kubelet.conf",
    "controller-manager.conf",
    "kubelet.conf",
    "scheduler.conf",
    "super-admin.conf",
];

/// A file whose name says nothing (standard input, a path that was named): its first lines decide.
fn text_kind(text: &str) -> FileKind {
    let mut lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';']));
    let Some(first) = lines.next() else { return FileKind::Other };
    if first.starts_with('[') && first.ends_with(']') && !first.contains(',') {
        return if matches!(first, "[Unit]" | "[Service]" | "[Install]") {
            FileKind::SystemdUnit
        } else {
            FileKind::Other
        };
    }
    if first.starts_with("-----BEGIN ") {
        return FileKind::Pem;
    }
    let yaml = std::iter::once(first).chain(lines).take(40).any(|line| {
        line == "---" || line.starts_with('{') || line.starts_with("apiVersion:") || line.starts_with("kind:")
    });
    if yaml { FileKind::Yaml } else { FileKind::Other }
}

fn yaml_kind(path: &str, text: &str) -> FileKind {
    let name = file_name(path);
    let in_templates = path.split('/').rev().skip(1).any(|folder| folder == "templates");
    match template_syntax(text) {
        Some(FileKind::HelmTemplate) if in_templates => FileKind::HelmTemplate,
        Some(kind) => kind,
        None if name == "Chart.yaml" || name == "Chart.lock" => FileKind::HelmChart,
        None => FileKind::Yaml,
    }
}

/// Template actions where YAML cannot have them: a line that starts with an action, or a plain value that does.
/// Actions inside quotes or block scalars are text of a valid document, and stay.
fn template_syntax(text: &str) -> Option<FileKind> {
    if !text.contains("{{") && !text.contains("{%") {
        return None;
    }
    let mut block: Option<usize> = None;
    for line in text.lines() {
        let body = line.trim_start();
        let indent = line.len() - body.len();
        if body.is_empty() || body.starts_with('#') {
            continue;
        }
        if let Some(parent) = block {
            if indent > parent {
                continue;
            }
            block = None;
        }
        if body.starts_with("{%") {
            return Some(FileKind::Template);
        }
        if body.starts_with("{{") {
            return Some(FileKind::HelmTemplate);
        }
        let value = body.trim_start_matches("- ");
        let value = value.split_once(": ").map_or(value, |(_, value)| value).trim();
        if value.starts_with("{{") || value.starts_with("{%") {
            return Some(FileKind::HelmTemplate);
        }
        if value.trim_end_matches(['+', '-']).ends_with(['|', '>']) {
            block = Some(indent);
        }
    }
    None
}

/// Why a document without `apiVersion` and `kind` is not looked at.
pub(crate) fn skipped_document(kind: FileKind) -> Skipped {
    if kind == FileKind::HelmChart { Skipped::HelmChart } else { Skipped::NotKubernetes }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}
