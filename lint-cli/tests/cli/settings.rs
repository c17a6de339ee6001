//! `kubevet settings`.

use insta::assert_snapshot;
use serde_json::Value;

use crate::{
    schema::{schema, validate},
    support::{CLEAN, Folder},
};

const UNIT: &str = "[Service]\nExecStart=/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml $KUBELET_EXTRA_ARGS --node-ip=${IP}\n\
                    EnvironmentFile=-/etc/default/kubelet\n";
const CONFIG: &str = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nreadOnlyPort: 0\nclusterDNS: [10.96.0.10]\n";

fn node() -> Folder {
    Folder::new(&[
        ("etc/systemd/system/kubelet.service", UNIT),
        ("etc/default/kubelet", "KUBELET_EXTRA_ARGS=--read-only-port=10255\n"),
        ("var/lib/kubelet/config.yaml", CONFIG),
    ])
}

/// The example cluster of the repository.
fn example(arguments: &[&str]) -> crate::support::Ran {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/cluster");
    let mut command = Folder::new(&[]).command(arguments);
    command.current_dir(root);
    crate::support::ran(&mut command)
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn the_example_cluster() {
    assert_snapshot!("settings_of_the_example", example(&["settings"]).exits(0).all());
}

#[test]
fn a_node_with_layers_and_unknown_values() {
    let ran = node().run(&["settings", "--kubernetes-version", "1.34"]).exits(0);
    assert_snapshot!("settings_of_a_node", ran.all());
    let ran = node().run(&["settings", "--color", "always", "--kubernetes-version", "1.34"]).exits(0);
    assert_snapshot!("settings_in_colour", ran.all().replace('\x1b', "␛"));
}

#[test]
fn components_and_settings_are_selected() {
    let only = example(&["settings", "--component", "kube-scheduler,kube-proxy", "-q"]).exits(0).stdout;
    let titles: Vec<&str> = only.lines().filter(|line| !line.is_empty() && !line.starts_with(' ')).collect();
    assert_eq!(titles.len(), 2, "{only}");
    assert!(titles[0].starts_with("kube-scheduler 1.34  kubeadm configuration  kubeadm/kubeadm.yaml:"));

    // Defaults are shown where they are asked for by name, and with `--all`.
    let by_name = node().run(&["settings", "--setting", "readOnlyPort,anonymous-auth", "-q"]).exits(0).stdout;
    assert!(by_name.contains("authentication.anonymous.enabled  false  default of 1.3"), "{by_name}");
    assert!(by_name.contains("readOnlyPort                      10255  etc/default/kubelet:1:"), "{by_name}");
    assert!(!by_name.contains("clusterDNS"), "{by_name}");
    let old = node()
        .run(&["settings", "--setting", "failCgroupV1", "--kubernetes-version", "1.34"])
        .exits(0)
        .stdout;
    assert!(old.contains("failCgroupV1  false  default of 1.34"), "{old}");
    let all = node().run(&["settings", "--all"]).exits(0);
    assert!(all.stdout.lines().count() > 150 && !all.stdout.contains("`--all` shows them"), "{}", all.stdout);

    let ran = node().run(&["settings", "--setting", "anonymus-auth"]).exits(2);
    assert!(
        ran.stderr.contains("no setting is called `anonymus-auth`: did you mean `anonymous-auth`?"),
        "{}",
        ran.stderr
    );
    let ran = node().run(&["settings", "--component", "etcd"]).exits(2);
    assert!(
        ran.stderr.contains("nothing to show: the components in these files are kubelet"),
        "{}",
        ran.stderr
    );
    node().run(&["settings", "--component", "kubelet-x"]).exits(2);
}

#[test]
fn nothing_found_is_2() {
    let ran = Folder::new(&[("a.yaml", CLEAN)]).run(&["settings"]).exits(2);
    assert_eq!(ran.stdout, "");
    assert!(
        ran.stderr.contains("nothing to show: no file of 1 file configures a component"),
        "{}",
        ran.stderr
    );
    let ran = Folder::new(&[]).run(&["settings"]).exits(2);
    assert!(ran.stderr.contains("nothing to show: no files were found"), "{}", ran.stderr);
    Folder::new(&[]).run(&["settings", "--allow-empty"]).exits(0);
    node().run(&["settings", "gone.yaml", "."]).exits(2);
}

#[test]
fn broken_documents_are_told_and_the_rest_is_shown() {
    let folder = node();
    folder.write("broken.yaml", "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: [\n");
    let ran = folder.run(&["settings", "-q"]).exits(0);
    assert_eq!(ran.stderr, "", "quiet");
    let ran = folder.run(&["settings"]).exits(0);
    assert!(ran.stderr.starts_with("warning: broken.yaml:"), "{}", ran.stderr);
    assert!(ran.stdout.contains("readOnlyPort"), "{}", ran.stdout);
}

#[test]
fn standard_input_is_a_file_like_others() {
    let ran = Folder::new(&[]).pipe(CONFIG, &["settings", "-", "-q"]).exits(0);
    assert!(ran.stdout.contains("clusterDNS    10.96.0.10  <stdin>:4:13"), "{}", ran.stdout);
}

#[test]
fn json_follows_its_schema_and_no_thread_changes_it() {
    let schema = schema("settings.schema.json");
    let ran = example(&["settings", "--output-format", "json", "-j1"]).exits(0);
    assert_eq!(ran.stdout, example(&["settings", "--output-format", "json", "-j4"]).exits(0).stdout);
    validate(&parsed(&ran.stdout), &schema, &schema, "settings");
    let node = node();
    for flags in [&["--all"][..], &["--setting", "*"], &[]] {
        let text = node.run(&[&["settings", "--output-format", "json"], flags].concat()).exits(0).stdout;
        validate(&parsed(&text), &schema, &schema, "settings");
    }
    let empty =
        Folder::new(&[]).run(&["settings", "--allow-empty", "--output-format", "json"]).exits(0).stdout;
    validate(&parsed(&empty), &schema, &schema, "empty");

    let text =
        node.run(&["settings", "--output-format", "json", "--kubernetes-version", "1.34"]).exits(0).stdout;
    assert_snapshot!("settings_json", text.replace(env!("CARGO_PKG_VERSION"), "[VERSION]"));
}
