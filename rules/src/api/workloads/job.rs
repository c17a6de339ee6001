//! Jobs, also those that CronJobs make.

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, is_placeholder, values::names},
    rule::{Context, Key, Kinds},
    yaml::NodeRef,
};

use super::super::check::{Fields, has_feature, missing, not_empty, not_negative, refuse, shown};

/// Kinds with a specification of Jobs.
pub(super) const JOBS: Kinds = Kinds::Of(&[("batch", "Job"), ("batch", "CronJob")]);

/// The specification of the Jobs.
pub(super) fn job_spec(object: Object<'_>) -> Option<NodeRef<'_>> {
    let path = if object.kind() == "CronJob" { "spec.jobTemplate.spec" } else { "spec" };
    object.field(path).filter(|spec| spec.is_map())
}

declare_rule! {
    /// A Job has numbers or policies that the API server does not take.
    ///
    /// ## Why
    /// The API server refuses the object. Limits and successes per index need `completionMode: Indexed`, and that needs
    /// `completions`.
    ///
    /// ## Fix
    /// Correct the value, or set the field that it depends on.
    ///
    /// ## References
    /// `validateJobSpec` in `k8s.io/kubernetes/pkg/apis/batch/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {name: import}
    /// spec: {backoffLimit: -1}
    /// ```
    /// ```yaml bad
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {name: import}
    /// spec: {completionMode: Indexed, parallelism: 3}
    /// ```
    /// ```yaml bad
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {name: import}
    /// spec: {completions: 5, backoffLimitPerIndex: 1}
    /// ```
    /// ```yaml bad
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {name: import}
    /// spec:
    ///   completionMode: Indexed
    ///   completions: 5
    ///   successPolicy: {rules: [{succeededIndexes: "0-5"}]}
    /// ```
    /// ```yaml bad
    /// apiVersion: batch/v1
    /// kind: CronJob
    /// metadata: {name: import}
    /// spec:
    ///   schedule: "@daily"
    ///   jobTemplate: {spec: {podReplacementPolicy: Always}}
    /// ```
    /// ```yaml good
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {name: import}
    /// spec:
    ///   completionMode: Indexed
    ///   completions: 5
    ///   backoffLimitPerIndex: 1
    ///   maxFailedIndexes: 5
    ///   successPolicy: {rules: [{succeededIndexes: "0,2-4", succeededCount: 3}]}
    /// ```
    /// ```yaml good
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {name: import}
    /// spec: {completionMode: Indexed, podReplacementPolicy: Failed, managedBy: example.org/queue}
    /// ```
    pub JOB_INVALID {
        id: "api/job-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(JOBS, job_invalid),
    }
}

const NUMBERS: &[&str] = &[
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
];

fn job_invalid(object: Object<'_>, cx: &mut Context<'_>) {
    let Some(spec) = job_spec(object) else { return };
    not_negative(cx, spec, NUMBERS);
    not_empty(cx, spec, &["completionMode", "podReplacementPolicy"]);
    if let (Some(failed), None) = (spec.field("maxFailedIndexes"), spec.field("backoffLimitPerIndex")) {
        refuse(cx, Key(failed), "`maxFailedIndexes` needs `backoffLimitPerIndex`")
            .help("set `backoffLimitPerIndex`")
            .absence();
    }
    if spec.said("completionMode") == "Indexed" {
        indexed(object, spec, cx);
    } else if matches!(spec.said("completionMode"), "" | "NonIndexed") {
        for field in ["backoffLimitPerIndex", "maxFailedIndexes", "successPolicy"] {
            let Some(node) = spec.field(field) else { continue };
            refuse(cx, Key(node), format!("`{field}` needs `completionMode: Indexed`"))
                .help(format!("set `completionMode: Indexed`, or delete `{field}`"));
        }
    }
    if let Some(node) = spec.word("podReplacementPolicy") {
        let policy = spec.field("podFailurePolicy");
        match (node.text(), policy) {
            ("Failed", _) | ("TerminatingOrFailed", None) => {}
            ("TerminatingOrFailed", Some(policy)) => {
                refuse(cx, node, "`TerminatingOrFailed` does not go with a `podFailurePolicy`")
                    .label(Key(policy), "the policy")
                    .help("use `Failed`");
            }
            (other, _) => {
                refuse(cx, node, format!("`{}` is no value of `podReplacementPolicy`", shown(other)))
                    .help("use `Failed` or `TerminatingOrFailed`");
            }
        }
    }
    if let Some(node) = spec.word("managedBy").filter(|_| has_feature(cx, "JobManagedBy")) {
        let text = node.text();
        let (domain, path) = text.split_once('/').unwrap_or((text, ""));
        if text.len() > 63 || names::dns_subdomain(domain).is_err() || path.is_empty() {
            refuse(cx, node, format!("`{}` is no name of a controller of Jobs", shown(text)))
                .help("write it as `example.org/name`, with at most 63 characters");
        }
    }
}

fn indexed(object: Object<'_>, spec: NodeRef<'_>, cx: &mut Context<'_>) {
    let completions = spec.number("completions").map(|(_, number)| number);
    let parallel = spec.number("parallelism");
    // A Job without both numbers gets 1 and 1; the template of a CronJob gets nothing.
    let defaulted = object.kind() == "Job" && spec.field("parallelism").is_none();
    if spec.field("completions").is_none() && !defaulted {
        let Some(mode) = spec.field("completionMode") else { return };
        refuse(cx, mode, "`completionMode: Indexed` needs `completions`").help("set `completions`").absence();
    }
    let completions = completions.or_else(|| (defaulted && spec.field("completions").is_none()).then_some(1));
    let per_index = spec.field("backoffLimitPerIndex").is_some();
    let many = per_index && completions.is_some_and(|number| number > 100_000);
    let most = if many { 10_000 } else { 100_000 };
    if let Some((node, number)) = parallel.filter(|(_, number)| *number > most) {
        refuse(cx, node, format!("`parallelism` is {number}, more than {most}"))
            .help(format!("give at most {most}"));
    }
    match spec.number("maxFailedIndexes") {
        Some((node, number)) => {
            let most = completions.map_or(most, |completions| most.min(completions));
            if number > most {
                refuse(cx, node, format!("`maxFailedIndexes` is {number}, more than {most}"))
                    .help(format!("give at most {most}"));
            }
        }
        None if many && spec.field("maxFailedIndexes").is_none() => {
            missing(
                cx,
                spec,
                "a Job of more than 100000 completions has no `maxFailedIndexes`",
                "set `maxFailedIndexes`",
            );
        }
        None => {}
    }
    success_policy(spec, completions, cx);
}

fn success_policy(spec: NodeRef<'_>, completions: Option<i64>, cx: &mut Context<'_>) {
    let Some(policy) = spec.field("successPolicy") else { return };
    if policy.field("rules").is_some_and(|rules| rules.len() > 20) {
        let Some(rules) = policy.field("rules") else { return };
        refuse(cx, Key(rules), "a success policy has at most 20 rules").help("join some of them");
    }
    for rule in policy.each("rules").filter(|rule| rule.is_map()) {
        let indexes = rule.field("succeededIndexes");
        let count = rule.number("succeededCount");
        if indexes.is_none() && rule.field("succeededCount").is_none() {
            missing(
                cx,
                rule,
                "the rule says neither indexes nor a count",
                "set `succeededIndexes` or `succeededCount`",
            );
        }
        not_negative(cx, rule, &["succeededCount"]);
        let Some(completions) = completions else { continue };
        let total =
            indexes.and_then(|node| Some((node, node.as_str()?))).filter(|(_, text)| !is_placeholder(text));
        let mut most = completions;
        if let Some((node, text)) = total {
            let Some(total) = index_count(text, completions) else {
                refuse(cx, node, format!("`{}` is no list of indexes below {completions}", shown(text)))
                    .help("write growing indexes and ranges, such as `0,2-4`");
                continue;
            };
            most = most.min(total);
        }
        if let Some((node, number)) = count.filter(|(_, number)| *number > most) {
            refuse(cx, node, format!("`succeededCount` is {number}, and there are {most} indexes"))
                .help(format!("give at most {most}"));
        }
    }
}

/// `validateIndexesFormat`: how many indexes a list such as `0,2-4` has.
fn index_count(text: &str, completions: i64) -> Option<i64> {
    let mut last = -1;
    let mut total = 0;
    if text.is_empty() {
        return Some(0);
    }
    for part in text.split(',') {
        let number =
            |text: &str| text.parse::<i32>().ok().map(i64::from).filter(|index| *index < completions);
        let (from, to) = match part.split_once('-') {
            Some((from, to)) => (number(from)?, number(to).filter(|_| !to.starts_with('-'))?),
            None => (number(part)?, number(part)?),
        };
        if from <= last || (part.contains('-') && from >= to) {
            return None;
        }
        total += to - from + 1;
        last = to;
    }
    Some(total)
}

declare_rule! {
    /// The name of a Job is too long for the pods that it makes.
    ///
    /// ## Why
    /// The pods carry the name in a label, which has at most 63 characters, and pods of an indexed Job get `-` and their index
    /// behind it as their host name. The API server refuses the Job.
    ///
    /// ## Fix
    /// Shorten the name.
    ///
    /// ## References
    /// `validateNameAllowsCompletions` in `k8s.io/kubernetes/pkg/apis/batch/validation`; `generateSelector` in
    /// `pkg/registry/batch/job`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {name: import-of-everything-that-was-sold-in-the-shop-in-the-last-ten-years}
    /// ```
    /// ```yaml bad
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {name: import-of-everything-that-was-sold-in-the-shop-in-the-last-year}
    /// spec: {completionMode: Indexed, completions: 11}
    /// ```
    /// ```yaml bad
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {name: import.2026}
    /// spec: {completionMode: Indexed, completions: 2}
    /// ```
    /// ```yaml good
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {name: import-of-everything-that-was-sold-in-the-shop-in-last-years}
    /// spec: {completionMode: Indexed, completions: 10}
    /// ```
    pub JOB_NAME_TOO_LONG {
        id: "api/job-name-too-long",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(Kinds::Of(&[("batch", "Job")]), job_name_too_long),
    }
}

fn job_name_too_long(object: Object<'_>, cx: &mut Context<'_>) {
    let Some(name) = object.word("metadata.name") else { return };
    if names::dns_subdomain(name.text()).is_err() {
        return;
    }
    if name.text().len() > 63 {
        refuse(cx, name, "the name has more than 63 characters, which a label of the pods cannot hold")
            .help("shorten the name");
        return;
    }
    let spec = object.field("spec");
    let completions = spec.number("completions").map(|(_, number)| number);
    let completions = completions.or_else(|| {
        (spec.field("completions").is_none() && spec.field("parallelism").is_none()).then_some(1)
    });
    let Some(last) = completions.filter(|number| *number > 0).map(|number| number - 1) else { return };
    let host = format!("{}-{last}", name.text());
    if spec.said("completionMode") == "Indexed" && names::dns_label(&host).is_err() {
        refuse(cx, name, format!("`{host}` cannot be the host name of the last pod"))
            .help("shorten the name, and use no dots in it");
    }
}
