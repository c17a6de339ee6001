//! How DaemonSets replace pods.

use kubevet_core::{
    declare_rule,
    kubernetes::Object,
    rule::{Context, Key, Kinds},
};

use super::super::check::{Amount, Fields, amount, missing, refuse, shown};

declare_rule! {
    /// The update strategy of a DaemonSet is none that the API server takes.
    ///
    /// ## Why
    /// The API server refuses the DaemonSet. Of `maxUnavailable` (1 when not given) and `maxSurge` (0 when not given), exactly
    /// one is more than zero.
    ///
    /// ## Fix
    /// Set `maxUnavailable: 0` beside a `maxSurge`, or delete one of them.
    ///
    /// ## References
    /// `ValidateDaemonSetUpdateStrategy` in `k8s.io/kubernetes/pkg/apis/apps/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: {name: agent}
    /// spec:
    ///   updateStrategy:
    ///     rollingUpdate: {maxSurge: 1}
    /// ```
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: {name: agent}
    /// spec:
    ///   updateStrategy:
    ///     rollingUpdate: {maxUnavailable: 0}
    /// ```
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: {name: agent}
    /// spec:
    ///   updateStrategy: {type: Recreate}
    /// ```
    /// ```yaml good
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: {name: agent}
    /// spec:
    ///   updateStrategy:
    ///     rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
    /// ```
    /// ```yaml good
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: {name: agent}
    /// spec:
    ///   updateStrategy:
    ///     type: OnDelete
    ///     rollingUpdate: {maxSurge: 1}
    /// ```
    pub DAEMON_SET_UPDATE {
        id: "api/daemon-set-update",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(Kinds::Of(&[("apps", "DaemonSet")]), daemon_set_update),
    }
}

fn daemon_set_update(object: Object<'_>, cx: &mut Context<'_>) {
    let strategy = object.field("spec.updateStrategy");
    match strategy.word("type") {
        Some(kind) if kind.text() == "OnDelete" => return,
        Some(kind) if kind.text() != "RollingUpdate" => {
            refuse(cx, kind, format!("`{}` is no update strategy of a DaemonSet", shown(kind.text())))
                .help("use `RollingUpdate` or `OnDelete`");
            return;
        }
        _ => {}
    }
    let Some(update) = strategy.field("rollingUpdate") else { return };
    let (unavailable, surge) = (update.field("maxUnavailable"), update.field("maxSurge"));
    let most = amount(cx, unavailable, true);
    let more = amount(cx, surge, true);
    // What cannot be read was reported just now, or is filled in later.
    let unknown = |node: Option<_>, amount: Option<Amount>| {
        node.is_some() && matches!(amount, None | Some(Amount::Malformed))
    };
    if unknown(unavailable, most) || unknown(surge, more) {
        return;
    }
    let missing_pods = !most.unwrap_or(Amount::Count(1)).is_zero();
    let surplus = !more.unwrap_or(Amount::Count(0)).is_zero();
    match (missing_pods, surplus) {
        (true, true) => {
            let Some(node) = surge else { return };
            let what = "`maxSurge` does not go with a `maxUnavailable` other than 0";
            let draft = refuse(cx, node, what).help("set `maxUnavailable: 0`, which is 1 when not given");
            if let Some(unavailable) = unavailable {
                draft.label(unavailable, "`maxUnavailable`");
            }
        }
        (false, false) => {
            let what = "`maxUnavailable` and `maxSurge` are both 0: no pod could ever be replaced";
            let help = "let one of them be at least 1";
            match unavailable {
                Some(node) => refuse(cx, Key(node), what).help(help),
                None => missing(cx, update, what, help),
            };
        }
        _ => {}
    }
}
