//! Schedules of CronJobs.

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, is_placeholder, values::cron},
    rule::{Context, Kinds},
};

declare_rule! {
    /// The schedule of a CronJob is no cron expression.
    ///
    /// ## Why
    /// The API server refuses the object.
    ///
    /// ## Fix
    /// Write five fields (minute, hour, day of month, month, day of week) or a macro such as `@daily`; a time zone goes into `timeZone`.
    ///
    /// ## References
    /// `validateScheduleFormat` in `k8s.io/kubernetes/pkg/apis/batch/validation`, `ParseStandard` of robfig/cron.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: batch/v1
    /// kind: CronJob
    /// metadata: {name: backup}
    /// spec:
    ///   schedule: "0 25 * * *"
    /// ```
    /// ```yaml bad
    /// apiVersion: batch/v1
    /// kind: CronJob
    /// metadata: {name: backup}
    /// spec:
    ///   schedule: "CRON_TZ=Europe/Berlin 0 3 * * *"
    /// ```
    /// ```yaml good
    /// apiVersion: batch/v1
    /// kind: CronJob
    /// metadata: {name: backup}
    /// spec:
    ///   schedule: "*/15 2-4 * jan mon"
    ///   timeZone: Europe/Berlin
    /// ```
    pub CRON_SCHEDULE {
        id: "api/cron-schedule",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: ["datree:CRONJOB_INVALID_SCHEDULE_VALUE"],
        check: Object(Kinds::Of(&[("batch", "CronJob")]), cron_schedule),
    }
}

fn cron_schedule(object: Object<'_>, cx: &mut Context<'_>) {
    let Some(node) = object.spec().and_then(|spec| spec.get("schedule")) else { return };
    let text = node.text();
    if !node.is_scalar() || is_placeholder(text) {
        return;
    }
    if text.contains("TZ=") {
        cx.report(node, "`schedule` names a time zone: the API server refuses it")
            .help("move the zone to `spec.timeZone`");
    } else if let Err(error) = cron::parse(text) {
        cx.report(node, format!("`{text}` is no schedule: {error}"))
            .help("write minute, hour, day of month, month and day of week, or a macro such as `@daily`");
    }
}
