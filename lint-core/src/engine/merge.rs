//! One report from those for several versions of Kubernetes.

use std::collections::HashMap;

use kubevet_facts::Version;

use super::Report;
use crate::finding::{Applicability, Finding};

/// What makes the findings of two versions one, for words may name the version: rule, place, and which of those there.
type Identity = (&'static str, String, u32, u32, usize);

/// Joins the reports of versions, the newest first. What does not hold for all of them says for which it does.
pub fn merge(reports: Vec<(Version, Report)>) -> Report {
    let all = reports.len();
    let mut order: HashMap<Identity, usize> = HashMap::new();
    let mut merged: Vec<(Finding, Vec<Version>)> = Vec::new();
    let mut summary = None;
    for (version, report) in reports {
        summary.get_or_insert(report.summary);
        let mut seen: HashMap<Identity, usize> = HashMap::new();
        for finding in report.findings {
            let place = &finding.site.place;
            let mut identity = (finding.rule, place.path.to_string(), place.span.start, place.span.end, 0);
            let count = seen.entry(identity.clone()).or_default();
            identity.4 = *count;
            *count += 1;
            let at = *order.entry(identity).or_insert(merged.len());
            match merged.get_mut(at) {
                Some((_, versions)) => versions.push(version),
                None => merged.push((finding, vec![version])),
            }
        }
    }
    let told = merged.into_iter().map(|(mut finding, versions)| {
        if versions.len() < all {
            finding.message = format!("{} ({})", finding.message, words(versions));
            // What mends it for one version may break another.
            finding.fixes.iter_mut().for_each(|fix| fix.applicability = Applicability::Unsafe);
        }
        finding
    });
    let mut findings: Vec<Finding> = told.collect();
    findings.sort_by(|one, other| one.sort_key().cmp(&other.sort_key()));
    Report { findings, summary: summary.unwrap_or_default() }
}

/// `in 1.33`, `in 1.33 and 1.35`, `in 1.33 to 1.36`.
fn words(mut versions: Vec<Version>) -> String {
    versions.sort_unstable();
    let (first, last) = (versions[0], versions[versions.len() - 1]);
    let gapless = usize::from(last.minor - first.minor) + 1 == versions.len();
    if gapless && versions.len() > 2 {
        return format!("in {first} to {last}");
    }
    let versions: Vec<String> = versions.iter().map(Version::to_string).collect();
    match versions.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("in {} and {last}", rest.join(", ")),
        _ => format!("in {first}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_in_words() {
        let words = |minors: &[u8]| words(minors.iter().copied().map(Version::new).collect());
        assert_eq!(words(&[33]), "in 1.33");
        assert_eq!(words(&[34, 33]), "in 1.33 and 1.34");
        assert_eq!(words(&[36, 35, 34]), "in 1.34 to 1.36");
        assert_eq!(words(&[36, 34, 33]), "in 1.33, 1.34 and 1.36");
    }
}
