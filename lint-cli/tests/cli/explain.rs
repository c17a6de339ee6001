//! `explain` of fields and flags. The pages of rules are in `rules.rs`.

use crate::support::Folder;

fn explain(arguments: &[&str]) -> String {
    Folder::new(&[]).run(&[&["explain"], arguments].concat()).all()
}

#[test]
fn fields() {
    insta::assert_snapshot!(explain(&["pods.spec.containers.lifecycle.preStop.sleep"]));
    insta::assert_snapshot!(explain(&["deployment.spec.strategy.type"]));
    insta::assert_snapshot!(explain(&["hpa.spec"]), @r"
    status 2
    --- stdout
    --- stderr
    error: Kubernetes 1.37 has no kind `hpa`
    ");
}

#[test]
fn a_kind_in_one_of_its_versions() {
    let of = |arguments: &[&str]| explain(arguments).lines().nth(2).map(str::to_owned);
    let title = |text: &str| Some(text.to_owned());
    assert_eq!(
        of(&["horizontalpodautoscalers"]),
        title("HorizontalPodAutoscaler (autoscaling/v2, Kubernetes 1.37)")
    );
    let older =
        ["HorizontalPodAutoscaler", "--api-version", "autoscaling/v1", "--kubernetes-version", "1.30"];
    assert_eq!(of(&older), title("HorizontalPodAutoscaler (autoscaling/v1, Kubernetes 1.30)"));
    assert!(
        explain(&["pod.spec.containers.lifecycle.preStop.sleep", "--kubernetes-version", "1.28"])
            .contains("no field `sleep`")
    );
    assert!(explain(&["deploymnt"]).contains("did you mean `Deployment`?"));
    assert!(explain(&["pod", "--kubernetes-version", "1.2"]).contains("use 1.28 to"));
}

#[test]
fn flags() {
    insta::assert_snapshot!(explain(&["kube-apiserver", "audit-log-maxage"]));
    insta::assert_snapshot!(explain(&["kubelet", "cloud-config"]));
    assert!(explain(&["kubelet", "max-pod"]).contains("did you mean `--max-pods`?"));
    assert!(explain(&["kubectl", "context"]).contains("`kubectl` is no component"));
    assert!(explain(&["kubelet", "hairpin-mode"]).contains("hairpin-veth, none, promiscuous-bridge"));
}
