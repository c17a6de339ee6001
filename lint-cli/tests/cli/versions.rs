//! Which versions of Kubernetes are linted for.

use crate::support::Folder;

const CHECK: &[&str] = &["check", "-q", "--output-format", "concise", "--select", "api-version/*"];

const CLAIM: &str = "apiVersion: resource.k8s.io/v1\nkind: ResourceClaim\nmetadata: {name: gpu}\n";
const SCHEMA: &str =
    "apiVersion: flowcontrol.apiserver.k8s.io/v1beta3\nkind: FlowSchema\nmetadata: {name: a}\n";

fn kubeadm(version: &str) -> String {
    format!("apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: {version}\n")
}

#[test]
fn every_version_of_a_range_must_hold() {
    let folder = Folder::new(&[("claim.yaml", CLAIM), ("schema.yaml", SCHEMA)]);
    let run = |range| folder.run(&[CHECK, &["--kubernetes-version", range]].concat()).exits(1).stdout;
    let found = run("1.30..1.36");
    assert!(found.contains("comes with 1.34: 1.33 does not serve it (in 1.30 to 1.33)"), "{found}");
    assert!(
        found.contains("is not served since 1.32: the API server refuses it (in 1.32 to 1.36)"),
        "{found}"
    );
    assert!(found.contains("unless `--runtime-config` turns it on (in 1.30 and 1.31)"), "{found}");
    assert_eq!(found.lines().count(), 3, "{found}");
    let one = run("1.33..1.33");
    assert_eq!(one, run("1.33"));
    assert!(!one.contains("(in"), "{one}");
    let ran = folder.run(&[CHECK, &["--kubernetes-version", "1.34..1.33"]].concat()).exits(2);
    assert!(ran.stderr.contains("write `1.33..1.34`"), "{}", ran.stderr);
}

#[test]
fn the_nearest_version_is_taken_only_when_it_is_asked_for() {
    let folder = Folder::new(&[("claim.yaml", CLAIM), ("kubevet.toml", "kubernetes-version = '1.2'\n")]);
    let ran = folder.run(&["check", "--output-format", "concise"]).exits(2);
    assert!(ran.stderr.contains("1.2 is not known: use 1.28 to"), "{}", ran.stderr);
    let ran = folder.run(&["check", "--output-format", "concise", "--kubernetes-version-fallback"]).exits(1);
    assert!(
        ran.stderr.contains("Kubernetes 1.2 is not known: 1.28, the nearest, is taken"),
        "{}",
        ran.stderr
    );
    assert!(ran.stdout.contains("1.28 does not serve it"), "{}", ran.stdout);
    let flag = ["--isolated", "--kubernetes-version", "1.28..1.99"];
    let ran = folder.run(&[CHECK, &flag].concat()).exits(2);
    assert!(ran.stderr.contains("`--kubernetes-version-fallback`"), "{}", ran.stderr);
    let upgrade = ["check", "--isolated", "--upgrade-to", "1.99", "--kubernetes-version-fallback"];
    let ran = folder.run(&upgrade).exits(0);
    assert!(ran.stderr.contains("1.99 is not known"), "{}", ran.stderr);
}

#[test]
fn manifests_are_for_the_cluster_beside_or_above_them() {
    let (old, new) = (kubeadm("v1.33.4"), kubeadm("v1.34.0"));
    let run = |files: &[(&str, &str)]| Folder::new(files).run(CHECK).stdout;
    let found = run(&[("kubeadm.yaml", &old), ("apps/claim.yaml", CLAIM)]);
    assert!(found.starts_with("apps/claim.yaml:1:13: error[api-version/not-yet-available]"), "{found}");
    assert_eq!(run(&[("kubeadm.yaml", &new), ("apps/claim.yaml", CLAIM)]), "");
    // The only cluster there is.
    assert_ne!(run(&[("cluster/kubeadm.yaml", &old), ("apps/claim.yaml", CLAIM)]), "");
    // Each by its own.
    let found = run(&[
        ("a/kubeadm.yaml", &old),
        ("a/claim.yaml", CLAIM),
        ("b/kubeadm.yaml", &new),
        ("b/claim.yaml", CLAIM),
        ("claim.yaml", CLAIM),
    ]);
    assert_eq!(found.lines().count(), 1, "{found}");
    assert!(found.starts_with("a/claim.yaml"), "{found}");
    // An example from long ago.
    assert_eq!(run(&[("kubeadm.yaml", &kubeadm("v1.16.0")), ("claim.yaml", CLAIM)]), "");
    let server = "apiVersion: v1\nkind: Pod\nmetadata: {name: kube-apiserver, namespace: kube-system}\nspec:\n  \
                  containers:\n  - name: kube-apiserver\n    image: registry.k8s.io/kube-apiserver:v1.33.1\n    \
                  command: [kube-apiserver]\n";
    let files = [("etc/kubernetes/manifests/kube-apiserver.yaml", server), ("apps/claim.yaml", CLAIM)];
    assert_ne!(run(&files), "", "the image of the API server says a version, too");
}
