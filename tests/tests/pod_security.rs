//! The rules about pod security against the real Pod Security admission, on every pod of the corpus.

use kubevet_core::{
    engine::{Config, Linter},
    rule::Profile,
};
use kubevet_tests::verdicts;

/// Rules of the group by the reason that the admission library gives, at the level that has the reason.
const CONTROLS: &[(&str, &str, &[&str])] = &[
    (
        "baseline",
        "host namespaces",
        &["pod-security/host-network", "pod-security/host-pid", "pod-security/host-ipc"],
    ),
    ("baseline", "privileged", &["pod-security/privileged"]),
    ("baseline", "hostPath volumes", &["pod-security/host-path"]),
    ("baseline", "hostPort", &["pod-security/host-port"]),
    ("baseline", "non-default capabilities", &["pod-security/capabilities-baseline"]),
    ("baseline", "seccompProfile", &["pod-security/seccomp-unconfined"]),
    ("baseline", "forbidden sysctls", &["pod-security/unsafe-sysctl"]),
    ("restricted", "procMount", &["pod-security/proc-mount"]),
    ("restricted", "allowPrivilegeEscalation != false", &["pod-security/privilege-escalation"]),
    ("restricted", "unrestricted capabilities", &["pod-security/capabilities-restricted"]),
    ("restricted", "runAsNonRoot != true", &["pod-security/run-as-non-root"]),
    ("restricted", "runAsUser=0", &["pod-security/run-as-root-user"]),
    ("restricted", "seccompProfile", &["pod-security/seccomp-missing", "pod-security/seccomp-unconfined"]),
];

#[test]
fn verdicts_are_those_of_the_admission_plugin() {
    let config = Config { profiles: vec![Profile::PssRestricted], ..Config::default() };
    let linter = Linter::new(&kubevet_rules::all(), config).expect("the profile is known");
    let Some(all) = verdicts::compared("pss.jsonl", &linter) else { return };
    let (mut compared, mut wrong) = (0, Vec::new());
    for one in all {
        for (level, reason, ids) in CONTROLS {
            compared += 1;
            let reasons = one.verdict["value"][level]["reasons"].as_array().into_iter().flatten();
            let refused = reasons.into_iter().any(|said| said == reason);
            if refused != ids.iter().any(|id| one.reported.contains(id)) {
                let place = one.place();
                wrong.push(format!("{place}: `{reason}` refused: {refused}, reported: {:?}", one.reported));
            }
        }
    }
    assert!(compared > 30_000, "only {compared} verdicts were compared");
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
}
