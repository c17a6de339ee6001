//! What the API server refuses beyond the types (`refusals.tsv`).

use std::collections::BTreeMap;

use kubevet_facts::{Version, data::Mask};

/// A definition and its field.
type Key<'t> = (&'t str, &'t str);

/// Versions that say the same of a field: whether it is required, and its known values.
pub type Group<'a> = (Mask, bool, Option<&'a [&'a str]>);

/// Fields that are required, and values that are known, each with the versions that say so.
#[derive(Default)]
pub struct Refusals<'t> {
    required: BTreeMap<Key<'t>, Mask>,
    values: BTreeMap<Key<'t>, Vec<(Mask, Vec<&'t str>)>>,
}

impl<'t> Refusals<'t> {
    /// Reads lines of definition, field, `required` or the accepted values, and versions where not all say so: `35-`,
    /// `-34`, `30-34`.
    pub fn read(table: &'t str) -> Result<Self, String> {
        let mut refusals = Refusals::default();
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let cells: Vec<&str> = line.split('\t').collect();
            let (key, said, versions) = match cells[..] {
                [definition, field, said] => ((definition, field), said, "-"),
                [definition, field, said, versions] => ((definition, field), said, versions),
                _ => return Err(format!("refusals.tsv: `{line}` has not three or four cells")),
            };
            let versions = mask(versions).ok_or_else(|| format!("refusals.tsv: `{versions}` is no range"))?;
            if said == "required" {
                *refusals.required.entry(key).or_default() |= versions;
            } else {
                refusals.values.entry(key).or_default().push((versions, said.split(',').collect()));
            }
        }
        Ok(refusals)
    }

    /// Every field that it says something of.
    pub fn keys(&self) -> impl Iterator<Item = Key<'t>> {
        self.required.keys().chain(self.values.keys()).copied()
    }

    /// Every known value.
    pub fn names(&self) -> impl Iterator<Item = &'t str> {
        self.values.values().flatten().flat_map(|(_, values)| values.iter().copied())
    }

    /// Versions of a field in groups that say the same of it.
    pub fn of<'a>(&'a self, definition: &'a str, field: &'a str, versions: Mask) -> Vec<Group<'a>> {
        let required = self.required.get(&(definition, field)).copied().unwrap_or_default();
        let values = self.values.get(&(definition, field)).map_or(&[][..], Vec::as_slice);
        let mut groups: Vec<Group<'_>> = Vec::new();
        for bit in (0..Mask::BITS).map(|index| 1 << index).filter(|bit| versions & bit != 0) {
            let known = values.iter().find(|(versions, _)| versions & bit != 0);
            let said = (required & bit != 0, known.map(|(_, values)| values.as_slice()));
            match groups.iter_mut().find(|(_, required, values)| (*required, *values) == said) {
                Some((mask, ..)) => *mask |= bit,
                None => groups.push((bit, said.0, said.1)),
            }
        }
        groups
    }
}

/// The versions of `35-`, `-34`, `30-34` or `-`.
fn mask(range: &str) -> Option<Mask> {
    let (first, last) = range.split_once('-')?;
    let bound = |text: &str, open: u8| if text.is_empty() { Some(open) } else { text.parse().ok() };
    let (first, last) = (bound(first, *Version::SUPPORTED.start())?, bound(last, *Version::SUPPORTED.end())?);
    let bits = Version::SUPPORTED.enumerate().filter(|(_, minor)| (first..=last).contains(minor));
    Some(bits.fold(0, |mask, (index, _)| mask | 1 << index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_differ_are_told_apart() {
        let table = "# comment\nA\tx\tb,c\t-34\nA\tx\tb,c,d\t35-\nA\tx\trequired\nA\ty\trequired\t36-36\n";
        let refusals = Refusals::read(table).expect("the table is right");
        let all = mask("-").expect("it is a range");
        let (old, new) = (mask("-34").expect("it is a range"), mask("35-").expect("it is a range"));
        assert_eq!(old | new, all);
        assert_eq!(
            refusals.of("A", "x", all),
            [(old, true, Some(&["b", "c"][..])), (new, true, Some(&["b", "c", "d"][..]))]
        );
        let only = mask("36-36").expect("it is a range");
        assert_eq!(refusals.of("A", "y", all), [(all & !only, false, None), (only, true, None)]);
        assert_eq!(refusals.of("A", "z", old), [(old, false, None)]);
        assert!(Refusals::read("A\tx\trequired\tnew").is_err());
    }
}
