//! `check --upgrade-to`.

use serde_json::Value;

use crate::{schema::validate, support::Folder};

const CLUSTER: &str =
    "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\nkubernetesVersion: v1.31.4\n";
const OBJECTS: &str = "\
apiVersion: flowcontrol.apiserver.k8s.io/v1beta3
kind: FlowSchema
metadata: {name: mine}
---
apiVersion: apps/v1beta1
kind: Deployment
metadata: {name: broken-already}
";

fn folder() -> Folder {
    Folder::new(&[("kubeadm.yaml", CLUSTER), ("apps/objects.yaml", OBJECTS)])
}

#[test]
fn tells_what_breaks_and_what_changes() {
    let ran = folder().run(&["check", "--upgrade-to", "1.33", "--output-format", "concise"]).exits(1);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(
        lines[0],
        "apps/objects.yaml:1:13: error[api-version/removed] `flowcontrol.apiserver.k8s.io/v1beta3` FlowSchema is not served since 1.32: the API server refuses it"
    );
    // What is broken now is not the upgrade's fault.
    assert!(!ran.stdout.contains("apps/v1beta1"), "{}", ran.stdout);
    let changed = "kubeadm.yaml:2:7: kube-controller-manager 1.31 to 1.33: `node-monitor-grace-period` changes from `40s` to `50s` by itself";
    assert!(lines[1..].contains(&changed), "{}", ran.stdout);
    assert!(
        ran.stderr.contains("1.31 to 1.33 are 2 upgrades, one minor version at a time: 1.32, 1.33"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_report_follows_the_schema() {
    let ran = folder().run(&["check", "--upgrade-to", "1.33", "--output-format", "json"]).exits(1);
    let report: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let schema = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/report.schema.json");
    let schema: Value =
        serde_json::from_str(&std::fs::read_to_string(schema).expect("the schema is there")).expect("JSON");
    validate(&report, &schema, &schema, "$");
    assert!(report["changes"].as_array().is_some_and(|changes| !changes.is_empty()));
}

#[test]
fn without_a_version_the_one_before_is_left() {
    let folder = Folder::new(&[("objects.yaml", OBJECTS)]);
    assert!(folder.run(&["check", "--upgrade-to", "1.32"]).exits(1).stdout.contains("FlowSchema"));
    folder.run(&["check", "--upgrade-to", "1.33"]).exits(0);
}

#[test]
fn refuses_what_it_cannot_do() {
    let ran = folder().run(&["check", "--upgrade-to", "1.99"]).exits(2);
    assert!(ran.stderr.contains("use 1.28 to"), "{}", ran.stderr);
    let range = ["check", "--upgrade-to", "1.33", "--kubernetes-version", "1.31..1.32"];
    let ran = folder().run(&range).exits(2);
    assert!(ran.stderr.contains("not at the range 1.31..1.32"), "{}", ran.stderr);
    let ran = folder().run(&["check", "--upgrade-to", "1.29"]);
    assert!(ran.stderr.contains("does not support downgrades"), "{}", ran.stderr);
}
