//! What a file or document is, told from its path and its text alone.

mod foreign;
mod template;

use std::fmt;

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// YAML or JSON: manifests, component configuration, kubeadm, kubeconfig.
    Yaml,
    /// A kustomization: YAML that often leaves out `apiVersion` and `kind`.
    Kustomization,
    /// A Helm template: text with Go template actions, YAML only after rendering.
    HelmTemplate,
    /// `values.yaml` and `Chart.yaml` of a Helm chart.
    HelmChart,
    /// Another template (Jinja, envsubst with actions outside of values): YAML only after rendering.
    Template,
    /// YAML or JSON of another program: CI workflows, Compose files, Ansible playbooks, API descriptions.
    Foreign,
    /// A systemd unit.
    SystemdUnit,
    /// A drop-in of a systemd unit: `kubelet.service.d/10-kubeadm.conf`.
    SystemdDropIn,
    /// `NAME=value` lines that a unit reads.
    EnvironmentFile,
    /// Configuration of a container runtime: containerd's `config.toml`, CRI-O's `crio.conf`.
    ContainerRuntime,
    /// PEM blocks.
    Pem,
    /// Nothing that kubevet reads.
    Other,
}

impl FileKind {
    /// Whether it is parsed as YAML.
    pub const fn is_yaml(self) -> bool {
        matches!(self, FileKind::Yaml | FileKind::Kustomization | FileKind::HelmChart)
    }

    /// Why the whole file is skipped, when it is.
    pub(crate) fn skipped(self) -> Option<Skipped> {
        match self {
            FileKind::HelmTemplate => Some(Skipped::HelmTemplate),
            FileKind::Template => Some(Skipped::Template),
            FileKind::Foreign => Some(Skipped::NotKubernetes),
            FileKind::Other => Some(Skipped::UnknownFile),
            _ => None,
        }
    }

    /// Why a document of such a file that holds no object is not looked at; `None` when it is looked at.
    pub(crate) fn skipped_document(self) -> Option<Skipped> {
        match self {
            FileKind::HelmChart => Some(Skipped::HelmChart),
            FileKind::Kustomization => None,
            _ => Some(Skipped::NotKubernetes),
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
    /// YAML without `apiVersion` and `kind`, or of another program.
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
    match extension(name) {
        "yaml" | "yml" | "json" | "key" | "pem" | "crt" | "service" | "env" => true,
        extension if TEMPLATE_EXTENSIONS.contains(&extension) => is_yaml_template(name),
        _ => path_kind(path).is_some(),
    }
}

/// What kind of file this is.
pub fn file_kind(path: &str, text: &str) -> FileKind {
    match extension(file_name(path)) {
        "yaml" | "yml" | "json" => yaml_kind(path, text),
        "key" | "pem" | "crt" => FileKind::Pem,
        _ => path_kind(path).unwrap_or_else(|| text_kind(text)),
    }
}

/// Whether the file is a part of a Helm chart whose `Chart.yaml` lies in this folder, and as what:
/// everything below `templates/` is a template, with or without actions; `crds/` holds plain objects.
pub(crate) fn chart_part(chart: &str, path: &str) -> Option<FileKind> {
    let below = if chart.is_empty() { path } else { path.strip_prefix(chart)?.strip_prefix('/')? };
    if below.starts_with("templates/") {
        return Some(FileKind::HelmTemplate);
    }
    let name = file_name(below);
    let values = name.starts_with("values") && matches!(extension(name), "yaml" | "yml" | "json");
    (below == name && values || name == "Chart.yaml").then_some(FileKind::HelmChart)
}

/// Names that kustomize looks for in a folder.
pub(crate) fn is_kustomization(name: &str) -> bool {
    matches!(name, "kustomization.yaml" | "kustomization.yml" | "Kustomization")
}

/// Extensions of template languages. What they render to is told by the extension before.
const TEMPLATE_EXTENSIONS: &[&str] = &["j2", "jinja", "jinja2", "tpl", "tmpl", "gotmpl", "template", "erb"];

fn is_yaml_template(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    matches!(extension(stem), "yaml" | "yml" | "json")
}

/// Kinds that a path alone tells.
fn path_kind(path: &str) -> Option<FileKind> {
    let name = file_name(path);
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| file_name(folder));
    match extension(name) {
        "service" => Some(FileKind::SystemdUnit),
        "conf" if folder.ends_with(".service.d") => Some(FileKind::SystemdDropIn),
        "env" => Some(FileKind::EnvironmentFile),
        "toml" if name == "config.toml" && folder == "containerd" || name.contains("containerd") => {
            Some(FileKind::ContainerRuntime)
        }
        "conf" if name == "crio.conf" || folder == "crio.conf.d" => Some(FileKind::ContainerRuntime),
        extension if TEMPLATE_EXTENSIONS.contains(&extension) && is_yaml_template(name) => {
            Some(FileKind::Template)
        }
        _ if is_kustomization(name) => Some(FileKind::Kustomization),
        _ if matches!(folder, "default" | "sysconfig") && COMPONENT_NAMES.contains(&name) => {
            Some(FileKind::EnvironmentFile)
        }
        // kubeadm and installers leave kubeconfigs as `admin.conf`.
        // The kubelet's `--config-dir`.
        "conf" if folder == "kubelet.conf.d" => Some(FileKind::Yaml),
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
    if yaml { template::kind(text).unwrap_or(FileKind::Yaml) } else { FileKind::Other }
}

fn yaml_kind(path: &str, text: &str) -> FileKind {
    let name = file_name(path);
    if is_kustomization(name) {
        return FileKind::Kustomization;
    }
    if matches!(name, "Chart.yaml" | "Chart.lock") {
        return FileKind::HelmChart;
    }
    let in_templates = path.split('/').rev().skip(1).any(|folder| folder == "templates");
    if in_templates && template::is_helm(text) {
        return FileKind::HelmTemplate;
    }
    if foreign::is_foreign(path, text) {
        return FileKind::Foreign;
    }
    match template::kind(text) {
        Some(FileKind::Template) if in_templates => FileKind::HelmTemplate,
        Some(kind) => kind,
        None => FileKind::Yaml,
    }
}

pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

#[cfg(test)]
mod tests;
