//! Which version of Kubernetes each file is for.

use std::collections::HashMap;

use kubevet_facts::Version;

use super::SourceFile;
use crate::{engine::Config, settings::cluster_name};

/// The versions that hold for the files of a set: chosen by the user, else said by the file, else by the cluster whose
/// folder is next above it, else by all clusters of the set that say one, else what the run assumes.
#[derive(Clone, Debug)]
pub struct Targets {
    chosen: Option<Version>,
    /// What the clusters say, by name; `None` where they contradict themselves.
    said: HashMap<String, Option<Version>>,
    /// The one version that everybody says.
    all: Option<Version>,
    otherwise: Version,
}

impl Default for Targets {
    fn default() -> Self {
        Targets { chosen: None, said: HashMap::new(), all: None, otherwise: Version::newest() }
    }
}

impl Targets {
    pub fn new(files: &[SourceFile], config: &Config) -> Self {
        let mut targets = Targets::default();
        targets.choose(config);
        let mut contradicted = false;
        for file in files {
            let Some(version) = file.said_version() else { continue };
            let here = targets.said.entry(cluster_name(file)).or_insert(Some(version));
            *here = here.filter(|other| *other == version);
            contradicted |= targets.all.is_some_and(|other| other != version);
            targets.all = Some(version);
        }
        targets.all = targets.all.filter(|_| !contradicted);
        targets
    }

    /// Takes what another run chooses.
    pub fn choose(&mut self, config: &Config) {
        self.chosen = config.versions.map(|versions| versions.newest);
        self.otherwise = config.otherwise();
    }

    /// What a component runs about which its own carrier says this.
    pub fn of_component(&self, file: &SourceFile, said: Option<Version>) -> Version {
        self.chosen.or(said).or_else(|| self.around(file)).unwrap_or(self.otherwise)
    }

    /// What the objects of a file are linted for. Clusters of versions that no facts cover are examples from long ago
    /// more often than the ones that newer manifests beside them are for.
    pub fn of_objects(&self, file: &SourceFile) -> Version {
        let around = || self.around(file).filter(|version| version.is_supported());
        self.chosen.or(file.said_version()).or_else(around).unwrap_or(self.otherwise)
    }

    /// What the set as a whole is linted for.
    pub fn of_set(&self) -> Version {
        let all = self.all.filter(|version| version.is_supported());
        self.chosen.or(all).unwrap_or(self.otherwise)
    }

    fn around(&self, file: &SourceFile) -> Option<Version> {
        if self.said.is_empty() {
            return None;
        }
        let own = cluster_name(file);
        let mut name = own.as_str();
        loop {
            if let Some(said) = self.said.get(name) {
                return *said;
            }
            name = match name.rsplit_once('/') {
                Some((above, _)) => above,
                None if name == "." => return self.all,
                None => ".",
            };
        }
    }
}
