//! API versions of well-known projects that are on their way out.

use crate::data;

/// A custom kind in an API version that later releases of its project deprecate or serve no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CustomApi {
    /// The project that defines it: `cert-manager`.
    pub project: &'static str,
    /// First release whose definition marks it as deprecated: `1.4`.
    pub deprecated: Option<&'static str>,
    /// First release that does not serve it: `1.6`.
    pub removed: Option<&'static str>,
    /// The API version that the newest covered release has for the kind.
    pub replacement: Option<&'static str>,
}

/// What became of a custom kind in an API version, as the definitions say that its project releases
/// (`generator/custom-apis.py`); `None` when it is still the one to use, or not known.
pub fn custom_api(api_version: &str, kind: &str) -> Option<CustomApi> {
    let all = data::custom();
    let key = |record: &data::CustomRecord<'static>| (record.kind, record.api_version);
    let at = all.binary_search_by(|record| key(record).cmp(&(kind, api_version))).ok()?;
    let data::CustomRecord { project, deprecated, removed, replacement, .. } = all[at];
    Some(CustomApi { project, deprecated, removed, replacement })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects_retire_versions() {
        let old = custom_api("cert-manager.io/v1alpha2", "Certificate").expect("cert-manager served it once");
        assert_eq!((old.project, old.replacement), ("cert-manager", Some("cert-manager.io/v1")));
        assert!(old.removed.is_some());
        assert_eq!(custom_api("cert-manager.io/v1", "Certificate"), None);
    }
}
