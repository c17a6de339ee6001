//! Leader election of the controller manager and the scheduler.

use kubevet_core::{
    declare_rule,
    kubernetes::values::duration,
    rule::Context,
    settings::{Carrier, Cluster, Component, Setting, Settings},
    yaml::NodeRef,
};

use crate::effective::{report, report_with_fix, set};

const ELECTING: [Component; 2] = [Component::KubeControllerManager, Component::KubeScheduler];

fn electing<'c>(cluster: &Cluster<'c>) -> impl Iterator<Item = &'c Settings> {
    let cluster = *cluster;
    ELECTING.into_iter().flat_map(move |component| cluster.component(component))
}

declare_rule! {
    /// The durations of a leader election do not fit.
    ///
    /// ## Why
    /// The component refuses to start: the leader must give up before its lease ends, and must have tried to renew it more than once by
    /// then.
    ///
    /// ## Fix
    /// Keep the lease longer than the renewal deadline, and that longer than 1.2 times the retry period. The defaults are 15, 10 and 2
    /// seconds.
    ///
    /// ## References
    /// `ValidateLeaderElectionConfiguration` in `k8s.io/component-base`; `NewLeaderElector` in `client-go/tools/leaderelection`.
    ///
    /// ## Examples
    /// ```yaml bad scheduler.yaml
    /// apiVersion: kubescheduler.config.k8s.io/v1
    /// kind: KubeSchedulerConfiguration
    /// leaderElection:
    ///   leaseDuration: 10s
    ///   renewDeadline: 10s
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// controllerManager:
    ///   extraArgs:
    ///     - name: leader-elect-retry-period
    ///       value: 9s
    /// ```
    /// ```yaml good scheduler.yaml
    /// apiVersion: kubescheduler.config.k8s.io/v1
    /// kind: KubeSchedulerConfiguration
    /// leaderElection:
    ///   leaderElect: false
    ///   leaseDuration: 1s
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// controllerManager:
    ///   extraArgs:
    ///     - name: leader-elect-lease-duration
    ///       value: 60s
    /// ```
    pub LEADER_ELECTION_TIMING {
        id: "component-config/leader-election-timing",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Cluster(leader_election_timing),
    }
}

fn leader_election_timing(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for settings in electing(cluster).filter(|settings| settings.get("leader-elect").as_bool() == Some(true))
    {
        let names =
            ["leader-elect-lease-duration", "leader-elect-renew-deadline", "leader-elect-retry-period"];
        // client-go waits for the retry period with a jitter of a fifth.
        timing(settings, names, 12, cx);
    }
    for settings in cluster.component(Component::KubeApiserver) {
        let names = [
            "coordinated-leadership-lease-duration",
            "coordinated-leadership-renew-deadline",
            "coordinated-leadership-retry-period",
        ];
        timing(settings, names, 10, cx);
    }
}

/// `jitter` is the tenths that a retry period may take.
fn timing(settings: &Settings, names: [&str; 3], jitter: i128, cx: &mut Context<'_>) {
    let [lease, renew, retry] = names.map(|name| settings.get(name));
    let parsed = |setting: &Setting<'_>| duration::parse(setting.text()?);
    let (Some(lease_for), Some(renew_for), Some(retry_for)) =
        (parsed(&lease), parsed(&renew), parsed(&retry))
    else {
        return;
    };
    let component = settings.component;
    let said = |one: &Setting<'_>, other: &Setting<'_>| one.is_explicit() || other.is_explicit();
    let text = |setting: &Setting<'_>| setting.text().unwrap_or_default().to_owned();
    if lease_for <= renew_for && said(&lease, &renew) {
        let message = format!(
            "the lease of {component} lasts {}, not longer than the {} it has to renew it: it does not start",
            text(&lease),
            text(&renew)
        );
        let at = if lease.is_explicit() { &lease } else { &renew };
        cx.report(at, message).help("make the lease longer, or the deadline shorter");
    } else if renew_for * 10 <= retry_for * jitter && said(&renew, &retry) {
        let message = format!(
            "{component} has {} to renew its lease and tries every {}: it does not start with so few tries",
            text(&renew),
            text(&retry)
        );
        let at = if retry.is_explicit() { &retry } else { &renew };
        cx.report(at, message).help("make the deadline longer, or the retry period shorter");
    }
}

declare_rule! {
    /// A leader election keeps its lock in something else than a Lease.
    ///
    /// ## Why
    /// Locks in Endpoints and ConfigMaps are gone: the component does not start.
    ///
    /// ## Fix
    /// Remove the setting: `leases` is the default.
    ///
    /// ## References
    /// `client-go/tools/leaderelection/resourcelock`: "endpoints lock is removed, migrate to leases".
    ///
    /// ## Examples
    /// ```yaml bad scheduler.yaml
    /// apiVersion: kubescheduler.config.k8s.io/v1
    /// kind: KubeSchedulerConfiguration
    /// leaderElection:
    ///   resourceLock: endpoints
    /// ```
    /// ```yaml good scheduler.yaml
    /// apiVersion: kubescheduler.config.k8s.io/v1
    /// kind: KubeSchedulerConfiguration
    /// leaderElection:
    ///   resourceLock: leases
    /// ```
    pub LEADER_ELECTION_LOCK {
        id: "component-config/leader-election-lock",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "1.24+",
        fix: Unsafe,
        check: Cluster(leader_election_lock),
    }
}

fn leader_election_lock(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for settings in electing(cluster).filter(|settings| settings.get("leader-elect").as_bool() == Some(true))
    {
        let setting = settings.get("leader-elect-resource-lock");
        let Some(lock) = setting.text().filter(|lock| !lock.is_empty() && *lock != "leases") else {
            continue;
        };
        let component = settings.component;
        let message = format!("{component} keeps its lock in `{lock}`, which is gone: it does not start");
        report_with_fix(cx, &setting, "leases", message);
    }
}

declare_rule! {
    /// Leader election is off where several control-plane nodes are, or may be.
    ///
    /// ## Why
    /// Two active controller managers or schedulers act twice on everything, and against each other.
    ///
    /// ## Fix
    /// Remove the setting: leader election is on by default.
    ///
    /// ## References
    /// Kubernetes documentation, "Options for Highly Available Topology".
    ///
    /// ## Examples
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// controlPlaneEndpoint: api.example.org:6443
    /// scheduler:
    ///   extraArgs:
    ///     - name: leader-elect
    ///       value: "false"
    /// ```
    /// ```yaml good kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// scheduler:
    ///   extraArgs:
    ///     - name: leader-elect
    ///       value: "false"
    /// ```
    pub LEADER_ELECTION_OFF {
        id: "component-config/leader-election-off",
        class: Availability,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        versions: "default true",
        check: Cluster(leader_election_off),
    }
}

fn leader_election_off(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for settings in electing(cluster) {
        let setting = settings.get("leader-elect");
        if setting.as_bool() != Some(false) || !setting.is_explicit() {
            continue;
        }
        let endpoint = endpoint(cluster, settings);
        let pods = cluster.component(settings.component).filter(|one| one.carrier == Carrier::StaticPod);
        if endpoint.is_none() && pods.count() < 2 {
            continue;
        }
        let component = settings.component;
        let message = format!(
            "{component} runs without leader election: on a second node, another one does all work again"
        );
        let draft = report(cx, &setting, message).help(set(&setting, "true"));
        if let Some(endpoint) = endpoint {
            draft.label(endpoint, "the control plane may have several nodes");
        }
    }
}

/// The name of a control plane that may have several nodes.
fn endpoint<'c>(cluster: &Cluster<'c>, settings: &Settings) -> Option<NodeRef<'c>> {
    let mut documents = cluster
        .documents("kubeadm.k8s.io", "ClusterConfiguration")
        .filter(|object| *object.tree().path() == settings.site.place.path);
    let said = documents.next()?.node().get("controlPlaneEndpoint")?;
    (settings.carrier == Carrier::Kubeadm && !said.text().is_empty()).then_some(said)
}
