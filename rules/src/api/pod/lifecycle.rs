//! Numbers of probes, probes of init containers, and sleeps of hooks.

use kubevet_core::{
    declare_rule,
    finding::{Applicability, Edit, Fix},
    kubernetes::{Container, ContainerKind},
    rule::{Context, Key},
    yaml::{NodeRef, Style},
};

use super::check::{Who, given, has_feature, within};

declare_rule! {
    /// A number of a probe is negative, or one that this kind of probe does not take.
    ///
    /// ## Why
    /// The API server refuses the object: `successThreshold` is 1 for liveness and startup probes, and
    /// `terminationGracePeriodSeconds` is positive and none of readiness probes, which stop nothing.
    ///
    /// ## Fix
    /// Correct the number, or remove it: the defaults fit most programs.
    ///
    /// ## References
    /// `validateLivenessProbe`, `validateReadinessProbe` and `validateProbe` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       livenessProbe:
    ///         httpGet: {path: /healthz, port: 8080}
    ///         successThreshold: 2
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       readinessProbe:
    ///         httpGet: {path: /ready, port: 8080}
    ///         periodSeconds: -1
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       readinessProbe:
    ///         httpGet: {path: /ready, port: 8080}
    ///         terminationGracePeriodSeconds: 10
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       readinessProbe:
    ///         httpGet: {path: /ready, port: 8080}
    ///         successThreshold: 2
    ///         periodSeconds: 0
    ///       livenessProbe:
    ///         httpGet: {path: /healthz, port: 8080}
    ///         successThreshold: 0
    ///         terminationGracePeriodSeconds: 10
    /// ```
    pub PROBE_VALUE {
        id: "api/probe-value",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: ["datree:CONTAINERS_INCORRECT_SUCCESSTHRESHOLD_VALUE"],
        fix: Safe,
        check: Container(probe_value),
    }
}

const NUMBERS: &[&str] =
    &["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"];

/// Whether the API server looks at the probes of a container: others may not have any.
fn has_probes(container: Container<'_>, cx: &Context<'_>) -> bool {
    match container.kind() {
        ContainerKind::Regular => true,
        ContainerKind::Sidecar => has_feature(cx, "SidecarContainers"),
        ContainerKind::Init | ContainerKind::Ephemeral => false,
    }
}

fn probe_value(container: Container<'_>, cx: &mut Context<'_>) {
    for kind in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let Some(probe) = container.get(kind).filter(|probe| probe.is_map()) else { continue };
        if !has_probes(container, cx) {
            return;
        }
        let who = Who::Container(container);
        for field in NUMBERS {
            if let Some(number) = given(probe, field) {
                within(cx, number, format_args!("`{field}` in `{kind}` of {who}"), 0..=i64::MAX);
            }
        }
        if kind != "readinessProbe"
            && let Some(threshold) = given(probe, "successThreshold")
            && threshold.as_i64().is_some_and(|number| number > 1)
        {
            let message = format!(
                "`successThreshold` in `{kind}` of {who} is {}: the API server takes only 1 there",
                threshold.text()
            );
            let draft = cx.report(threshold, message).help("set it to 1, or remove it");
            if threshold.style() != Style::Alias {
                draft.fix(Fix {
                    title: "set `successThreshold` to 1".to_owned(),
                    applicability: Applicability::Safe,
                    edits: vec![Edit { span: threshold.span(), text: "1".to_owned() }],
                });
            }
        }
        let Some(grace) = given(probe, "terminationGracePeriodSeconds") else { continue };
        if kind == "readinessProbe" {
            let message = format!(
                "`terminationGracePeriodSeconds` in `{kind}` of {who}, which stops nothing: the API server refuses it"
            );
            cx.report(Key(grace), message).help("remove it, or set it in `livenessProbe`");
        } else {
            within(
                cx,
                grace,
                format_args!("`terminationGracePeriodSeconds` in `{kind}` of {who}"),
                1..=i64::MAX,
            );
        }
    }
}

declare_rule! {
    /// An init container has a probe or lifecycle hooks.
    ///
    /// ## Why
    /// The API server refuses the object: init containers run to their end. Sidecars (`restartPolicy: Always`, since Kubernetes 1.29) may have
    /// probes and hooks.
    ///
    /// ## Fix
    /// Remove them, or make the container a sidecar if it keeps running.
    ///
    /// ## References
    /// `validateInitContainers` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   initContainers:
    ///     - name: migrate
    ///       image: registry.example.org/migrate:1.2.0
    ///       livenessProbe: {exec: {command: [/bin/alive]}}
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   initContainers:
    ///     - name: proxy
    ///       image: registry.example.org/proxy:1.2.0
    ///       restartPolicy: Always
    ///       livenessProbe: {exec: {command: [/bin/alive]}}
    ///     - name: migrate
    ///       image: registry.example.org/migrate:1.2.0
    ///       livenessProbe: null
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    /// ```
    pub PROBE_ON_INIT_CONTAINER {
        id: "api/probe-on-init-container",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Container(probe_on_init_container),
    }
}

fn probe_on_init_container(container: Container<'_>, cx: &mut Context<'_>) {
    if !matches!(container.kind(), ContainerKind::Init | ContainerKind::Sidecar) {
        return;
    }
    for field in ["livenessProbe", "readinessProbe", "startupProbe", "lifecycle"] {
        let Some(node) = given(container.node(), field) else { continue };
        if has_probes(container, cx) {
            return;
        }
        // Without its feature, a stop signal is dropped, and an empty lifecycle with it.
        let dropped = field == "lifecycle"
            && given(node, "stopSignal").is_some()
            && ["preStop", "postStart"].iter().all(|hook| given(node, hook).is_none())
            && !has_feature(cx, "ContainerStopSignals");
        if !dropped {
            let message = format!(
                "init {} has `{field}`: the API server refuses it, as init containers run to their end",
                container.title()
            );
            cx.report(Key(node), message)
                .help("remove it, or set `restartPolicy: Always` to make it a sidecar");
        }
    }
}

declare_rule! {
    /// A hook sleeps for a negative time, or longer than the pod has to end.
    ///
    /// ## Why
    /// The API server refuses the object: `sleep.seconds` lies between 0 (1 before Kubernetes 1.33) and `terminationGracePeriodSeconds`,
    /// which is 30 where it is not set.
    ///
    /// ## Fix
    /// Sleep shorter, or raise `terminationGracePeriodSeconds` of the pod.
    ///
    /// ## References
    /// `validateSleepAction` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       lifecycle: {preStop: {sleep: {seconds: 60}}}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   terminationGracePeriodSeconds: 90
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       lifecycle: {preStop: {sleep: {seconds: 60}}, postStart: {sleep: {seconds: 0}}}
    /// ```
    pub PRE_STOP_SLEEP {
        id: "api/pre-stop-sleep",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "1.30+",
        check: Container(pre_stop_sleep),
    }
}

/// `DefaultTerminationGracePeriodSeconds`.
const GRACE: i64 = 30;

fn pre_stop_sleep(container: Container<'_>, cx: &mut Context<'_>) {
    let Some(lifecycle) = container.get("lifecycle") else { return };
    for hook in ["preStop", "postStart"] {
        let Some(sleep) = lifecycle.at(&[hook, "sleep"]).filter(|sleep| sleep.is_map()) else { continue };
        if !has_probes(container, cx) || !has_feature(cx, "PodLifecycleSleepAction") {
            return;
        }
        let pod = container.pod();
        let limit = pod.get("terminationGracePeriodSeconds");
        // The defaults of a Pod make a second of a negative time.
        let grace = match limit.and_then(NodeRef::as_i64) {
            Some(grace) if grace < 0 && pod.object().is("", "Pod") => 1,
            Some(grace) => grace,
            None if limit.is_some_and(|limit| !limit.is_null()) => return,
            None => GRACE,
        };
        let least = i64::from(!has_feature(cx, "PodLifecycleSleepActionAllowZero"));
        let seconds = given(sleep, "seconds");
        let Some(time) = seconds.map_or(Some(0), NodeRef::as_i64) else { continue };
        if (least..=grace).contains(&time) {
            continue;
        }
        let title = container.title();
        let message = if time < least {
            format!("`{hook}` of {title} sleeps for {time} seconds: the API server takes {least} and more")
        } else {
            format!(
                "`{hook}` of {title} sleeps for {time} seconds, and the pod has {grace} to end: the API server refuses it"
            )
        };
        let draft = match seconds {
            Some(seconds) => cx.report(seconds, message),
            None => cx.report(Key(sleep), message),
        };
        let draft = draft.help("sleep shorter, or raise `terminationGracePeriodSeconds` of the pod");
        match limit {
            Some(limit) if !limit.is_null() => draft.label(limit, "the time that the pod has"),
            _ => draft,
        };
    }
}
