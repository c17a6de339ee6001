//! CronJobs.

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, is_placeholder},
    rule::{Context, Kinds},
    yaml::NodeRef,
};

use super::super::check::{Fields, not_negative, refuse, shown};

declare_rule! {
    /// A CronJob has a name that is too long, an impossible time zone or a negative limit.
    ///
    /// ## Why
    /// The API server refuses the CronJob. The Jobs that it makes get 11 characters behind its name, so it has at most 52.
    ///
    /// ## Fix
    /// Shorten the name; write the zone as in the IANA data base, such as `Europe/Berlin` or `Etc/UTC`.
    ///
    /// ## References
    /// `ValidateCronJobCreate` in `k8s.io/kubernetes/pkg/apis/batch/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: batch/v1
    /// kind: CronJob
    /// metadata: {name: import-of-everything-that-was-sold-in-the-shop-in-may}
    /// spec: {schedule: "@daily"}
    /// ```
    /// ```yaml bad
    /// apiVersion: batch/v1
    /// kind: CronJob
    /// metadata: {name: import}
    /// spec: {schedule: "@daily", timeZone: Local}
    /// ```
    /// ```yaml bad
    /// apiVersion: batch/v1
    /// kind: CronJob
    /// metadata: {name: import}
    /// spec: {schedule: "@daily", timeZone: "UTC+01:00"}
    /// ```
    /// ```yaml bad
    /// apiVersion: batch/v1
    /// kind: CronJob
    /// metadata: {name: import}
    /// spec: {schedule: "@daily", failedJobsHistoryLimit: -1}
    /// ```
    /// ```yaml good
    /// apiVersion: batch/v1
    /// kind: CronJob
    /// metadata: {name: import-of-everything-that-was-sold-in-the-shop-today}
    /// spec: {schedule: "@daily", timeZone: America/Argentina/Buenos_Aires, startingDeadlineSeconds: 0}
    /// ```
    pub CRON_JOB_INVALID {
        id: "api/cron-job-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(Kinds::Of(&[("batch", "CronJob")]), cron_job_invalid),
    }
}

fn cron_job_invalid(object: Object<'_>, cx: &mut Context<'_>) {
    if let Some(name) = object.word("metadata.name").filter(|name| (53..=253).contains(&name.text().len())) {
        refuse(cx, name, "the name has more than 52 characters, and Jobs get 11 more behind it")
            .help("shorten the name");
    }
    let spec = object.field("spec");
    not_negative(
        cx,
        spec,
        &["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"],
    );
    let Some(zone) = spec.field("timeZone").filter(|zone| zone.as_str().is_some()) else { return };
    if let Some(help) = zone_problem(zone) {
        refuse(cx, zone, format!("`{}` is no time zone", shown(zone.text()))).help(help);
    }
}

/// What is wrong with the form of a zone (`validateTimeZone`); which zones there are depends on the data of the server.
fn zone_problem(zone: NodeRef<'_>) -> Option<&'static str> {
    let text = zone.text();
    if is_placeholder(text) {
        return None;
    }
    if text.is_empty() {
        return Some("delete `timeZone`, or name one such as `Europe/Berlin`");
    }
    if text.eq_ignore_ascii_case("Local") {
        return Some("name the zone, such as `Europe/Berlin`: the API server's own means nothing here");
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+');
    let part = |part: &str| {
        !matches!(part, "." | "..")
            && !part.starts_with('-')
            && (1..=14).contains(&part.len())
            && part.bytes().all(allowed)
    };
    (!text.split('/').all(part))
        .then_some("name a zone of the IANA data base, such as `Europe/Berlin` or `Etc/UTC`")
}
