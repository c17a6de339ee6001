//! "Did you mean …?"

/// The candidate that is closest to what was written, when one is close enough to have been meant:
/// at most a third of the characters differ.
pub fn closest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    closest_within(written, candidates, (written.chars().count() / 3).max(1))
}

/// The candidate that is closest to what was written and differs in at most `limit` characters.
pub fn closest_within<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    limit: usize,
) -> Option<&'a str> {
    let length = written.chars().count();
    // Each character more or less is a step: most candidates need no look.
    let near = candidates.into_iter().filter(|candidate| candidate.chars().count().abs_diff(length) <= limit);
    let scored = near.map(|candidate| (strsim::osa_distance(written, candidate), candidate));
    scored.filter(|(distance, _)| *distance <= limit).min().map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_ones_are_suggested_and_far_ones_are_not() {
        let rules = ["kubelet/anonymous-auth", "apiserver/anonymous-auth", "kubelet/read-only-port"];
        assert_eq!(closest("kubelet/anonymus-auth", rules), Some("kubelet/anonymous-auth"));
        assert_eq!(closest("kubelet/read-only-prot", rules), Some("kubelet/read-only-port"));
        assert_eq!(closest("network/nothing", rules), None);
        assert_eq!(closest_within("kubelet/anon-auth", rules, 2), None);
    }
}
