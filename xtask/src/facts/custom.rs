//! API versions of projects beside Kubernetes.

use kubevet_facts::data::CustomRecord;

/// The rows of `custom-apis.tsv`, by kind and API version. An API version that another project also defined once is that of
/// the one that says what replaces it.
pub fn apis(table: &str) -> Result<Vec<CustomRecord<'_>>, String> {
    let mut records = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let [api_version, kind, project, deprecated, removed, replacement] =
            line.split('\t').collect::<Vec<_>>()[..]
        else {
            return Err(format!("custom-apis.tsv: `{line}` has not six cells"));
        };
        let cell = |text| Some(text).filter(|text: &&str| !text.is_empty());
        records.push(CustomRecord {
            kind,
            api_version,
            project,
            deprecated: cell(deprecated),
            removed: cell(removed),
            replacement: cell(replacement),
        });
    }
    records.sort_by_key(|record| (record.kind, record.api_version, record.replacement.is_none()));
    records.dedup_by(|later, earlier| (later.kind, later.api_version) == (earlier.kind, earlier.api_version));
    Ok(records)
}
