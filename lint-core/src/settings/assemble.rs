//! Puts together what the files of a set say about components.

use std::collections::{BTreeMap, HashSet};

use kubevet_facts::{Component, Version};

use super::{
    ClusterSettings, Origin, Settings,
    carriers::{Versions, config_file, environment, kubeadm, patches::Patch, pod, systemd},
};
use crate::{
    index::{SourceFile, Targets},
    kubernetes::{Object, PodSpec},
    recognise::FileKind,
};

/// Folders of a node below its root: what lies in them belongs to one machine.
const NODE_FOLDERS: &[&str] = &[
    "etc/kubernetes/manifests",
    "etc/kubernetes",
    "etc/systemd/system",
    "run/systemd/system",
    "usr/local/lib/systemd/system",
    "usr/lib/systemd/system",
    "lib/systemd/system",
    "etc/default",
    "etc/sysconfig",
    "var/lib/kubelet",
    "var/lib/kube-proxy",
];

/// Whether an object may say something about the settings of a component: cheap enough to ask of every one.
pub(crate) fn may_carry(object: Object<'_>) -> bool {
    let runs = |pod: PodSpec<'_>| {
        pod.containers().any(|container| container.get("args").or_else(|| container.get("command")).is_some())
    };
    object.group() == "kubeadm.k8s.io"
        || config_file::component_of(object).is_some()
        || PodSpec::of(object).is_some_and(runs)
}

/// The clusters that the files of a set define, by the path that names them.
pub fn assemble(files: &[SourceFile], targets: &Targets) -> Vec<ClusterSettings> {
    let mut found = Assembly { files, targets, clusters: BTreeMap::new(), used: HashSet::new() };
    found.kubeadm_files();
    found.pods();
    found.units();
    found.configuration_files();
    found.environment_files();
    let mut clusters: Vec<_> =
        found.clusters.into_values().filter(|cluster| !cluster.components.is_empty()).collect();
    clusters.iter_mut().flat_map(|cluster| &mut cluster.components).for_each(Settings::settle);
    clusters
}

/// The version of Kubernetes that an object names for its whole cluster: kubeadm's configuration, or the image of an API
/// server in a static pod.
pub(crate) fn said_version(object: Object<'_>) -> Option<Version> {
    if object.is("kubeadm.k8s.io", "ClusterConfiguration") {
        return object.node().get("kubernetesVersion")?.text().parse().ok();
    }
    let pod = PodSpec::of(object).filter(|_| object.is("", "Pod"))?;
    pod.containers().find_map(|container| pod::image_version(container, Component::KubeApiserver))
}

struct Assembly<'a> {
    files: &'a [SourceFile],
    targets: &'a Targets,
    clusters: BTreeMap<String, ClusterSettings>,
    /// Files whose settings are part of another component's.
    used: HashSet<usize>,
}

impl Assembly<'_> {
    /// Tells the versions of the components that a file defines.
    fn versions(&self, file: usize) -> Versions<'_> {
        Versions { targets: self.targets, file: &self.files[file] }
    }

    /// Adds a component to the cluster of a name.
    fn add(&mut self, name: &str, file: usize, settings: Settings) {
        let cluster = self.clusters.entry(name.to_owned()).or_default();
        name.clone_into(&mut cluster.name);
        cluster.components.push(settings);
        if !cluster.files.contains(&file) {
            cluster.files.push(file);
        }
    }

    fn kubeadm_files(&mut self) {
        for (index, file) in carrying(self.files) {
            let ours = |object: Object<'_>| object.group() == "kubeadm.k8s.io";
            if !file.objects().any(ours) {
                continue;
            }
            let objects: Vec<_> = file.objects().collect();
            let path = file.source().path();
            let mut found = kubeadm::read(&objects, self.versions(index));
            let mut patches = Vec::new();
            for folder in kubeadm::patch_folders(&objects) {
                let files = self.patch_files(path, folder);
                // Patches that are not here may change any flag of the static pods.
                let here = !files.is_empty();
                let patched =
                    |one: &&mut Settings| !matches!(one.component, Component::Kubelet | Component::KubeProxy);
                found.iter_mut().filter(patched).for_each(|settings| settings.complete &= here);
                patches.extend(files);
            }
            for index in &patches {
                let Some(patch) = Patch::of_file(&self.files[*index]) else { continue };
                let own = found.iter_mut().filter(|settings| settings.component == patch.component);
                own.for_each(|settings| patch.apply(settings));
            }
            for settings in found {
                self.add(path, index, settings);
            }
            self.used.insert(index);
            self.used.extend(patches);
        }
    }

    /// The files of a folder with patches, by name: where a kubeadm configuration names it, in the folder of that file, or
    /// anywhere under its whole name.
    fn patch_files(&self, configuration: &str, folder: &str) -> Vec<usize> {
        let folder = folder.trim_start_matches("./").trim_matches('/');
        let beside =
            configuration.rsplit_once('/').map_or_else(String::new, |(beside, _)| format!("{beside}/"));
        let name = folder.rsplit('/').next().unwrap_or(folder);
        let inside = |file: &SourceFile| {
            let (of_file, _) = file.source().path().rsplit_once('/').unwrap_or_default();
            let whole =
                of_file == folder || of_file.strip_suffix(folder).is_some_and(|before| before.ends_with('/'));
            whole || of_file.strip_prefix(&*beside) == Some(name)
        };
        let found = (0..self.files.len()).filter(|index| inside(&self.files[*index]));
        found.filter(|index| Patch::of_file(&self.files[*index]).is_some()).collect()
    }

    fn pods(&mut self) {
        for (index, file) in carrying(self.files) {
            for pod in file.objects().filter_map(PodSpec::of) {
                for mut settings in pod::read(pod, self.versions(index)) {
                    let name = cluster_name(file);
                    self.join_configuration(&mut settings, &name);
                    self.add(&name, index, settings);
                }
            }
        }
    }

    /// Units with their drop-ins, and drop-ins without a unit.
    fn units(&mut self) {
        let mut groups: BTreeMap<(String, &str), Vec<usize>> = BTreeMap::new();
        for (index, file) in self.files.iter().enumerate() {
            let path = file.source().path();
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            let unit = match file.kind() {
                FileKind::SystemdUnit => name,
                FileKind::SystemdDropIn => {
                    folder.rsplit('/').next().and_then(|folder| folder.strip_suffix(".d")).unwrap_or(name)
                }
                _ => continue,
            };
            groups.entry((cluster_name(file), unit)).or_default().push(index);
        }
        for ((name, _), mut indexes) in groups {
            self.in_force(&mut indexes);
            let files: Vec<_> = indexes.iter().map(|index| &self.files[*index]).collect();
            let all = self.files;
            let find = |path: &str| find_file(all, &name, path);
            let Some((mut settings, read)) = systemd::read(&files, &find, self.versions(indexes[0]).of(None))
            else {
                continue;
            };
            self.join_configuration(&mut settings, &name);
            self.add(&name, indexes[0], settings);
            let read =
                read.iter().filter_map(|file| self.files.iter().position(|one| std::ptr::eq(one, *file)));
            for index in read.chain(indexes.iter().copied()).collect::<Vec<_>>() {
                self.used.insert(index);
                let cluster = self.clusters.get_mut(&name).expect("just added");
                if !cluster.files.contains(&index) {
                    cluster.files.push(index);
                }
            }
        }
    }

    /// Sorts the files of a unit: the unit first, then its drop-ins by name, wherever they lie. Of two files with one
    /// name, the one in the stronger folder holds.
    fn in_force(&self, indexes: &mut Vec<usize>) {
        let parts = |index: &usize| {
            let path = self.files[*index].source().path();
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            (self.files[*index].kind() != FileKind::SystemdUnit, name, weakness(folder))
        };
        indexes.sort_by(|one, other| parts(one).cmp(&parts(other)));
        indexes.dedup_by(|later, earlier| {
            let (later, earlier) = (parts(later), parts(earlier));
            (later.0, later.1) == (earlier.0, earlier.1)
        });
    }

    /// Finds the file that `--config` names, and those of `--config-dir`, and puts them below the flags.
    fn join_configuration(&mut self, settings: &mut Settings, cluster: &str) {
        self.join_file(settings, cluster);
        let Some(folder) = settings.drop_in_folder() else { return };
        let inside = format!("{}/", folder.trim_matches('/'));
        let within = |path: &str| {
            let below = || path.strip_prefix(cluster)?.strip_prefix('/');
            let path = if cluster == "." { Some(path) } else { below() };
            let name = path.and_then(|path| path.strip_prefix(&*inside));
            let stem = name.and_then(|name| name.strip_suffix(".conf"));
            stem.is_some_and(|stem| !stem.contains('/'))
        };
        // They are read by name, and files are sorted.
        let found: Vec<usize> =
            (0..self.files.len()).filter(|at| within(self.files[*at].source().path())).collect();
        settings.config_missing |= found.is_empty();
        for index in found {
            self.put_file(settings, cluster, index);
        }
    }

    fn join_file(&mut self, settings: &mut Settings, cluster: &str) {
        let Some(path) = settings.config_path() else { return };
        let component = settings.component;
        let reads = |file: &SourceFile| {
            file.objects().find(|object| config_file::component_of(*object) == Some(component)).is_some()
        };
        let by_path = find_file(self.files, cluster, &path).filter(|file| reads(file));
        let mut beside = carrying(self.files)
            .map(|(_, file)| file)
            .filter(|file| reads(file) && cluster_name(file) == cluster);
        let only = beside.next().filter(|_| beside.next().is_none());
        let Some(file) = by_path.or(only) else { return };
        let index = self.files.iter().position(|one| std::ptr::eq(one, file)).expect("it is one of them");
        settings.config_missing = false;
        self.put_file(settings, cluster, index);
    }

    /// Puts a configuration file between those before it and the flags.
    fn put_file(&mut self, settings: &mut Settings, cluster: &str, index: usize) {
        let component = settings.component;
        let mut objects = self.files[index].objects();
        let Some(object) = objects.find(|object| config_file::component_of(*object) == Some(component))
        else {
            return;
        };
        settings.put_below_flags(|below| config_file::apply(below, object));
        self.used.insert(index);
        let entry = self.clusters.entry(cluster.to_owned()).or_default();
        if !entry.files.contains(&index) {
            entry.files.push(index);
        }
    }

    fn configuration_files(&mut self) {
        for (index, file) in carrying(self.files) {
            if self.used.contains(&index) {
                continue;
            }
            for object in file.objects() {
                let Some(component) = config_file::component_of(object) else { continue };
                let version = self.versions(index).of(None);
                self.add(&cluster_name(file), index, config_file::read(object, component, version));
            }
        }
    }

    fn environment_files(&mut self) {
        for (index, file) in self.files.iter().enumerate() {
            if file.kind() != FileKind::EnvironmentFile || self.used.contains(&index) {
                continue;
            }
            let version = self.versions(index).of(None);
            for settings in environment::read(file, version) {
                self.add(&cluster_name(file), index, settings);
            }
        }
    }
}

/// Files whose objects may say something, with their numbers.
fn carrying(files: &[SourceFile]) -> impl Iterator<Item = (usize, &SourceFile)> {
    files.iter().enumerate().filter(|(_, file)| file.carries_settings())
}

/// How weak a folder of units is (systemd.unit(5)).
fn weakness(folder: &str) -> usize {
    let strongest = ["etc/systemd/", "run/systemd/", "usr/local/lib/systemd/", "usr/lib/systemd/"];
    strongest.iter().position(|known| folder.contains(known)).unwrap_or(strongest.len())
}

/// What a file's cluster is called: the root of its node, where the folders are those of one, else its own folder.
pub(crate) fn cluster_name(file: &SourceFile) -> String {
    let path = file.source().path();
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let folder = match folder.rsplit_once('/') {
        Some((unit, drop_in)) if drop_in.ends_with(".service.d") => unit,
        None if folder.ends_with(".service.d") => "",
        _ => folder,
    };
    for known in NODE_FOLDERS {
        if folder == *known {
            return ".".to_owned();
        }
        if let Some(root) = folder.strip_suffix(known).and_then(|root| root.strip_suffix('/')) {
            return root.to_owned();
        }
    }
    if folder.is_empty() { ".".to_owned() } else { folder.to_owned() }
}

/// The file of a cluster that an absolute path of its node means.
fn find_file<'a>(files: &'a [SourceFile], cluster: &str, path: &str) -> Option<&'a SourceFile> {
    let inside = path.trim_start_matches('/');
    let expected = if cluster == "." { inside.to_owned() } else { format!("{cluster}/{inside}") };
    let exact = files.iter().find(|file| **file.source().path() == *expected);
    exact.or_else(|| {
        // Flat folders of copies: the name of the file alone.
        let name = inside.rsplit('/').next()?;
        let mut beside = files.iter().filter(|file| {
            cluster_name(file) == cluster && file.source().path().rsplit('/').next() == Some(name)
        });
        beside.next().filter(|_| beside.next().is_none())
    })
}

impl Settings {
    /// Path that `--config` names, where the component reads a configuration file of a kind that is known.
    fn config_path(&self) -> Option<String> {
        if !matches!(self.component, Component::Kubelet | Component::KubeProxy | Component::KubeScheduler) {
            return None;
        }
        self.config_missing.then(|| self.get("config").text().map(str::to_owned))?
    }

    /// Folder of more configuration files, of the kubelet alone.
    fn drop_in_folder(&self) -> Option<String> {
        if self.component != Component::Kubelet {
            return None;
        }
        self.get("config-dir").text().filter(|folder| !folder.is_empty()).map(str::to_owned)
    }

    /// Adds layers that are weaker than the flags that are there already.
    pub(super) fn put_below_flags(&mut self, add: impl FnOnce(&mut Settings)) {
        let mut flags: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for (name, layers) in &mut self.layers {
            let weaker = layers.iter().take_while(|(_, origin)| !matches!(origin, Origin::Flag(_))).count();
            flags.insert(name.clone(), layers.split_off(weaker));
        }
        self.layers.retain(|_, layers| !layers.is_empty());
        add(self);
        for (name, layers) in flags.into_iter().filter(|(_, layers)| !layers.is_empty()) {
            self.layers.entry(name).or_default().extend(layers);
        }
    }

    /// A flag whose value is a map (`--eviction-hard`) replaces the whole map of the file, not single keys.
    fn settle(&mut self) {
        let by_flag = |(_, layers): &(&String, &Vec<_>)| matches!(layers.last(), Some((_, Origin::Flag(_))));
        let names: Vec<String> = self.layers.iter().filter(by_flag).map(|(name, _)| name.clone()).collect();
        for name in names.into_iter().filter(|name| name != "featureGates") {
            let inside = format!("{name}.");
            let keys: Vec<String> =
                self.layers.keys().filter(|key| key.starts_with(&inside)).cloned().collect();
            for key in keys.iter().rev() {
                let replaced = self.layers.remove(key).into_iter().flatten();
                let replaced = replaced.map(|(value, origin)| (value.behind(&key[inside.len()..]), origin));
                let replaced: Vec<_> = replaced.collect();
                self.layers.entry(name.clone()).or_default().splice(0..0, replaced);
            }
        }
    }
}
