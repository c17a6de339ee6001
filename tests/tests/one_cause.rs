//! One cause is one finding: a rule leaves a place to another rule that runs and says more about it.

use kubevet_core::{
    engine::{Config, Linter, lint_document, lint_set},
    index::ResourceSet,
    rule::Profile,
    source::SourceText,
};

const POD: &str = "apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  hostNetwork: true
  volumes:
    - {name: etc, hostPath: {path: /etc}}
    - {name: runtime, hostPath: {path: /run/containerd/containerd.sock}}
    - {name: data, hostPath: {path: /srv/data}}
  containers:
    - name: web
      image: registry.example.org/web:1.2.0
      ports: [{containerPort: 80, hostPort: 80}]
      securityContext:
        runAsUser: 0
        capabilities: {add: [SYS_ADMIN, NET_ADMIN, CHOWN], drop: [ALL]}
    - name: agent
      image: registry.example.org/agent:1.2.0
      securityContext: {privileged: true, capabilities: {add: [SYS_ADMIN]}}
";

/// Rules of some groups with the text that they point at, in order.
fn found(profile: Profile, groups: &[&str]) -> Vec<(&'static str, &'static str)> {
    let config = Config { profiles: vec![profile], ..Config::default() };
    let linter = Linter::new(&kubevet_rules::all(), config).expect("the profile is known");
    let file = lint_document(SourceText::new("web.yaml", POD), None, &linter);
    let report = lint_set(&ResourceSet::new(vec![file], linter.config()), &linter);
    let about = |rule: &str| groups.iter().any(|group| rule.starts_with(group));
    let findings = report.findings.iter().filter(|finding| about(finding.rule));
    let places = findings.map(|finding| {
        let span = finding.site.place.span;
        (finding.rule, &POD[span.start as usize..span.end as usize])
    });
    places.collect()
}

#[test]
fn a_profile_of_this_project_says_it_once() {
    let rules = [
        "pod-security/capabilit",
        "pod-security/host-p",
        "pod-security/run",
        "service-account/",
        "resources/memory",
    ];
    assert_eq!(
        found(Profile::Hardened, &rules),
        [
            ("service-account/default-used", "spec"),
            ("pod-security/host-path-sensitive", "/etc"),
            ("pod-security/runtime-socket", "/run/containerd/containerd.sock"),
            ("pod-security/host-path", "/srv/data"),
            ("resources/memory-limit-missing", "web"),
            ("pod-security/run-as-root-user", "0"),
            ("pod-security/capability-dangerous", "SYS_ADMIN"),
            ("pod-security/capabilities-baseline", "NET_ADMIN"),
            ("pod-security/capabilities-restricted", "CHOWN"),
            ("pod-security/run-as-non-root", "agent"),
            ("resources/memory-limit-missing", "agent"),
        ]
    );
}

#[test]
fn a_standard_is_complete_by_itself() {
    let rules = ["pod-security/capabilit", "pod-security/host-p", "pod-security/run-as-non-root"];
    assert_eq!(
        found(Profile::PssRestricted, &rules),
        [
            ("pod-security/run-as-non-root", "spec"),
            ("pod-security/host-path", "/etc"),
            ("pod-security/host-path", "/run/containerd/containerd.sock"),
            ("pod-security/host-path", "/srv/data"),
            ("pod-security/host-port", "80"),
            ("pod-security/capabilities-baseline", "SYS_ADMIN"),
            ("pod-security/capabilities-restricted", "SYS_ADMIN"),
            ("pod-security/capabilities-baseline", "NET_ADMIN"),
            ("pod-security/capabilities-restricted", "NET_ADMIN"),
            ("pod-security/capabilities-restricted", "CHOWN"),
            ("pod-security/capabilities-restricted", "agent"),
            ("pod-security/capabilities-baseline", "SYS_ADMIN"),
            ("pod-security/capabilities-restricted", "SYS_ADMIN"),
        ]
    );
}

#[test]
fn leader_election_is_one_findings_matter() {
    let text = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\ncontrolPlaneEndpoint: api.example.org:6443\n\
                scheduler:\n  extraArgs: [{name: leader-elect, value: \"false\"}]\n";
    let linter = Linter::new(&kubevet_rules::all(), Config::default()).expect("the default holds");
    let file = lint_document(SourceText::new("kubeadm.yaml", text), None, &linter);
    let report = lint_set(&ResourceSet::new(vec![file], linter.config()), &linter);
    let at = text.find("\"false\"").expect("it is there");
    let there = report.findings.iter().filter(|one| one.site.place.span.start as usize == at);
    assert_eq!(there.map(|one| one.rule).collect::<Vec<_>>(), ["component-config/leader-election-off"]);
}
