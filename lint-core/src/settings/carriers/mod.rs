//! The file forms that carry settings: one file each. Nothing else knows their shapes.

pub(super) mod config_file;
pub(super) mod environment;
pub(super) mod kubeadm;
pub(super) mod patches;
pub(super) mod pod;
pub(super) mod systemd;

use std::collections::BTreeMap;

use kubevet_facts::{Component, Version, kubeadm_constant};

use super::{Carrier, Settings};
use crate::{
    finding::Site,
    index::{SourceFile, Targets},
};

/// Tells which version a component runs that a file defines.
#[derive(Clone, Copy)]
pub(super) struct Versions<'a> {
    pub targets: &'a Targets,
    pub file: &'a SourceFile,
}

impl Versions<'_> {
    /// The version of a component whose carrier says this.
    pub fn of(self, said: Option<Version>) -> Version {
        self.targets.of_component(self.file, said)
    }
}

/// A component about which nothing is said yet.
pub(super) fn new_settings(component: Component, version: Version, carrier: Carrier, site: Site) -> Settings {
    Settings {
        component,
        version,
        carrier,
        site,
        complete: true,
        has_config_file: false,
        config_missing: false,
        layers: BTreeMap::new(),
        repeated: Vec::new(),
        given: Vec::new(),
    }
}

/// The Kubernetes version that an image of a component implies: its tag, or the newest minor that kubeadm pairs with an
/// etcd. Of an etcd that no covered minor is paired with it is one that is not covered either.
pub(super) fn version_of_tag(component: Component, tag: &str) -> Option<Version> {
    let said: Version = tag.parse().ok()?;
    if component != Component::Etcd {
        return Some(said);
    }
    let of = |version: &Version| {
        kubeadm_constant("etcdVersion", *version).and_then(|etcd| etcd.parse::<Version>().ok())
    };
    let paired = Version::SUPPORTED.rev().map(Version::new).find(|version| of(version) == Some(said));
    paired.or_else(|| {
        let oldest = of(&Version::oldest())?;
        let (before, behind) = (*Version::SUPPORTED.start() - 1, *Version::SUPPORTED.end() + 1);
        Some(Version::new(if (said.major, said.minor) < (oldest.major, oldest.minor) {
            before
        } else {
            behind
        }))
    })
}
