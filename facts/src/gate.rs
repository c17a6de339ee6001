//! Feature gates.

use crate::{Component, Version, data};

/// How far a feature has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// May vanish.
    Alpha,
    /// May change.
    Beta,
    /// Stays.
    Stable,
    /// Will go.
    Deprecated,
}

/// A feature gate of one component in one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// Its name.
    pub name: &'static str,
    /// How far the feature has come.
    pub stage: Stage,
    /// Whether the feature is on when nobody says otherwise.
    pub default: bool,
    /// Whether setting it to the other value stops the component.
    pub locked: bool,
}

/// A gate that the component of that version accepts. For a version that the facts do not cover, the nearest one answers.
pub fn gate(component: Component, name: &str, version: Version) -> Option<Gate> {
    let key = (component.code(), name);
    let all = data::gates();
    let start = all.partition_point(|record| (record.component, record.name) < key);
    let mut same = all[start..].iter().take_while(|record| (record.component, record.name) == key);
    let record = same.find(|record| record.versions & version.bit() != 0)?;
    let stage = match record.stage {
        0 => Stage::Alpha,
        1 => Stage::Beta,
        2 => Stage::Stable,
        _ => Stage::Deprecated,
    };
    Some(Gate { name: record.name, stage, default: record.default, locked: record.locked })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history() {
        let cri = |minor| gate(Component::Kubelet, "KubeletCgroupDriverFromCRI", Version::new(minor));
        assert!(cri(31).is_some_and(|gate| gate.stage == Stage::Beta && gate.default));
        assert!(cri(34).is_some_and(|gate| gate.stage == Stage::Stable && gate.locked));
        assert!(gate(Component::KubeApiserver, "NoSuchGate", Version::new(34)).is_none());
    }
}
