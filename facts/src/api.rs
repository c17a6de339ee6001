//! Kinds that the API server serves.

use std::sync::OnceLock;

use crate::data;

/// A kind in one group and version, over all Kubernetes versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Api {
    /// `apps/v1`.
    pub api_version: &'static str,
    /// `Deployment`.
    pub kind: &'static str,
    /// Minor that first had it.
    pub introduced: u8,
    /// Minor that first warned.
    pub deprecated: Option<u8>,
    /// Minor that no longer serves it.
    pub removed: Option<u8>,
    /// What to use instead: `apps/v1 Deployment`.
    pub replacement: Option<&'static str>,
    /// Plural name in URLs and RBAC rules; `None` where no covered version serves it.
    pub resource: Option<&'static str>,
    /// Whether objects live in a namespace; `None` where no covered version serves it.
    pub namespaced: Option<bool>,
}

/// A built-in kind in one group and version.
pub fn api(api_version: &str, kind: &str) -> Option<Api> {
    let all = data::apis();
    let at =
        all.binary_search_by(|record| (record.kind, record.api_version).cmp(&(kind, api_version))).ok()?;
    Some(of(&all[at]))
}

/// Every built-in kind in every group and version, by kind.
pub fn apis() -> impl Iterator<Item = Api> {
    data::apis().iter().map(of)
}

/// A built-in kind in every group and version.
pub fn apis_of_kind(kind: &str) -> impl Iterator<Item = Api> {
    let all = data::apis();
    let start = all.partition_point(|record| record.kind < kind);
    let length = all[start..].partition_point(|record| record.kind == kind);
    all[start..start + length].iter().map(of)
}

/// The built-in kinds of a group (`""` is the core group) in every version.
pub fn apis_of_group(group: &str) -> impl Iterator<Item = Api> {
    let all = data::apis().iter();
    let same =
        all.filter(move |record| record.api_version.split_once('/').map_or("", |(group, _)| group) == group);
    same.map(of)
}

/// Whether an API group (`""` is the core group) is one of Kubernetes' own, served now or once.
pub fn is_group(group: &str) -> bool {
    static GROUPS: OnceLock<Vec<&str>> = OnceLock::new();
    let groups = GROUPS.get_or_init(|| {
        let all = data::apis().iter();
        sorted(all.map(|record| record.api_version.split_once('/').map_or("", |(group, _)| group)))
    });
    groups.binary_search(&group).is_ok()
}

/// Every text once, in order.
pub(crate) fn sorted<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut texts: Vec<&str> = texts.collect();
    texts.sort_unstable();
    texts.dedup();
    texts
}

fn of(record: &'static data::ApiRecord<'static>) -> Api {
    Api {
        api_version: record.api_version,
        kind: record.kind,
        introduced: record.introduced,
        deprecated: record.deprecated,
        removed: record.removed,
        replacement: record.replacement,
        resource: record.resource,
        namespaced: record.namespaced,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn life_cycles() {
        let cron = api("batch/v1beta1", "CronJob").expect("was served once");
        assert_eq!((cron.removed, cron.replacement), (Some(25), Some("batch/v1 CronJob")));
        let deployment = api("apps/v1", "Deployment").expect("is served");
        assert_eq!(
            (deployment.removed, deployment.resource, deployment.namespaced),
            (None, Some("deployments"), Some(true))
        );
        assert_eq!(api("v1", "Node").and_then(|api| api.namespaced), Some(false));
        assert!(api("apps/v1", "Deploymnet").is_none());
        assert!(apis_of_kind("Ingress").count() >= 3);
        assert!(is_group("") && is_group("apps") && is_group("extensions") && !is_group("metrics.k8s.io"));
    }
}
