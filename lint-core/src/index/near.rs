//! Names that no object has, and the ones that were probably meant.

use super::{Namespace, ResourceSet, selector::NEAR_LIMIT};
use crate::{
    kubernetes::{Object, is_placeholder},
    suggest::closest,
};

/// A name that leads nowhere.
#[derive(Clone, Copy, Debug)]
pub struct Absent<'a> {
    /// The object that was probably meant, with what makes it another one.
    pub near: Option<(Object<'a>, Near<'a>)>,
}

/// Why an object is nearly the one that was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Near<'a> {
    /// The right name in another namespace.
    Elsewhere(&'a str),
    /// A similar name.
    Similar,
}

impl Absent<'_> {
    /// What is there instead, in words for a label.
    pub fn describe(&self) -> String {
        let Some((object, near)) = self.near else { return String::new() };
        let (kind, name) = (object.kind(), object.name().unwrap_or_default());
        match near {
            Near::Elsewhere(namespace) => format!("{kind} `{name}` is in namespace `{namespace}`"),
            Near::Similar => format!("there is {kind} `{name}`"),
        }
    }
}

impl ResourceSet {
    /// Whether so many of the names that lead into a set lead nowhere that its objects are elsewhere: several, and no
    /// fewer than are found. Only where the user has not said what the files are.
    pub fn is_elsewhere(&self, missing: usize, found: usize) -> bool {
        self.may_guess() && missing > 1 && missing >= found
    }

    /// Whether a name that an object says leads nowhere, as far as anybody can tell: the set is closed (see
    /// [`ResourceSet::keeps`]), or the name is one letter away from an object of the same folder.
    pub fn absent<'a>(
        &'a self,
        from: Object<'_>,
        group: &str,
        kind: &str,
        namespace: Option<&str>,
        name: &str,
    ) -> Option<Absent<'a>> {
        if name.is_empty() || is_placeholder(name) || namespace.is_some_and(is_placeholder) {
            return None;
        }
        if self.find(group, kind, namespace, name).is_some() {
            return None;
        }
        let similar = || {
            if self.count(group, kind) > NEAR_LIMIT {
                return None;
            }
            let all: Vec<Object<'_>> = match namespace {
                Some(namespace) => self.in_namespace(group, kind, namespace).collect(),
                None => self.of_kind(group, kind).collect(),
            };
            let near = closest(name, all.iter().filter_map(|object| object.name()))?;
            let object = all.into_iter().find(|object| object.name() == Some(near))?;
            Some((object, Near::Similar))
        };
        if self.keeps(namespace, group, kind) {
            let elsewhere = self.named(group, kind, name).find_map(|object| match self.namespace(object) {
                Namespace::Named(namespace) => Some((object, Near::Elsewhere(namespace))),
                _ => None,
            });
            return Some(Absent { near: elsewhere.or_else(similar) });
        }
        if !self.may_guess() {
            return None;
        }
        let mut slips = self.beside(from, group, kind).filter(|object| {
            let here = namespace.is_none_or(|namespace| self.namespace(*object).may_be(namespace));
            here && object.name().is_some_and(|right| is_slip(name, right))
        });
        slips.next().map(|object| Absent { near: Some((object, Near::Similar)) })
    }
}

/// Whether a word is another one with a slip of the keyboard: one letter wrong, missing, doubled or exchanged with
/// its neighbour in a word of some length. Digits and a plural's last letter are no slips.
pub fn is_slip(wrong: &str, right: &str) -> bool {
    if wrong.len().min(right.len()) < 6 || wrong.len().abs_diff(right.len()) > 4 {
        return false; // One character has up to four bytes.
    }
    let bare = |text: &str| text.trim_end_matches('s').replace(|char: char| char.is_ascii_digit(), "");
    strsim::osa_distance(wrong, right) == 1 && bare(wrong) != bare(right)
}

#[cfg(test)]
mod tests {
    use super::is_slip;

    #[test]
    fn slips() {
        assert!(
            is_slip("databse", "database")
                && is_slip("forntend", "frontend")
                && is_slip("backennd", "backend")
        );
        for (wrong, right) in
            [("web-1", "web-2"), ("server1", "server2"), ("volume", "volumes"), ("cat", "car")]
        {
            assert!(!is_slip(wrong, right), "{wrong}");
        }
    }
}
