//! The configuration file.

use insta::assert_snapshot;

use crate::support::{ERROR, Folder, WARNING};

const BOTH: &[&str] = &["check", "--output-format", "concise", "-q"];

#[test]
fn the_nearest_file_above_the_first_path_holds() {
    let folder = Folder::new(&[
        (".git/HEAD", ""),
        ("kubevet.toml", "select = ['pdb/blocks-drain']\n"),
        ("deep/.kubevet.toml", "select = ['rbac/wildcard-all']\n"),
        ("deep/k8s/a.yaml", ERROR),
        ("deep/k8s/b.yaml", WARNING),
        ("repository/.git", "gitdir: elsewhere\n"),
        ("repository/a.yaml", WARNING),
        ("repository/b.yaml", ERROR),
    ]);
    let rule = |path: &str, flags: &[&str]| {
        let ran = folder.run(&[BOTH, &[path], flags].concat()).exits(1);
        ran.stdout.lines().map(|line| line.split(['[', ']']).nth(1).unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(rule("deep/k8s", &[]), ["rbac/wildcard-all"]);
    assert_eq!(rule("deep/k8s/b.yaml", &["--config", "kubevet.toml"]), ["pdb/blocks-drain"]);
    assert_eq!(rule(".", &[])[0], "pdb/blocks-drain");
    assert!(rule("deep/k8s", &["--isolated"]).contains(&"pdb/blocks-drain".to_owned()));
    // The root of a repository ends the search: all recommended rules run.
    assert!(rule("repository", &[]).contains(&"rbac/wildcard-all".to_owned()));

    let variable = [("KUBEVET_CONFIG", "kubevet.toml")];
    let ran = folder.run_with(&variable, &[BOTH, &["deep/k8s"]].concat()).exits(1);
    assert!(ran.stdout.contains("pdb/blocks-drain") && !ran.stdout.contains("rbac/"), "{}", ran.stdout);
}

#[test]
fn flags_win_over_environment_over_file() {
    let config = "select = ['pdb/blocks-drain']\nfail-on = 'error'\noutput-format = 'concise'\nexclude = ['gen']\n\
                  [rules.'pdb/blocks-drain']\nseverity = 'info'\n";
    let folder = Folder::new(&[("kubevet.toml", config), ("a.yaml", WARNING), ("gen/b.yaml", ERROR)]);
    let ran = folder.run(&["check"]).exits(0);
    assert!(ran.stdout.starts_with("a.yaml:7:19: info[pdb/blocks-drain]"), "{}", ran.stdout);
    let flags = ["check", "--severity", "pdb/blocks-drain=warning", "--fail-on", "warning"];
    let ran = folder.run(&flags).exits(1);
    assert!(ran.stdout.starts_with("a.yaml:7:19: warning[pdb/blocks-drain]"), "{}", ran.stdout);
    let variable = [("KUBEVET_OUTPUT_FORMAT", "json-lines")];
    assert!(folder.run_with(&variable, &["check"]).stdout.starts_with('{'));
    let ran = folder.run_with(&variable, &["check", "--output-format", "full"]);
    assert!(ran.stdout.starts_with("info[pdb"), "{}", ran.stdout);
    // `--select` starts a selection of its own, `--extend-select` adds to the file's.
    let rules =
        |flags: &[&str]| folder.run(&[&["check", "--exclude", "x", "--statistics"], flags].concat()).stdout;
    assert_eq!(rules(&["--select", "rbac/wildcard-all"]), "1  error    rbac/wildcard-all\n");
    assert_eq!(rules(&["--extend-select", "rbac/wildcard-all"]).lines().count(), 2);
    assert_eq!(rules(&["--extend-select", "rbac/wildcard-all", "--ignore", "pdb/*"]).lines().count(), 1);
}

#[test]
fn options_reach_their_rule() {
    let service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  type: NodePort\n  selector: {app: web}\n  ports: [{port: 80}]\n";
    let folder = Folder::new(&[("a.yaml", service)]);
    let run = || folder.run(&["check", "--select", "service/node-port", "--fail-on", "info"]).code;
    assert_eq!(run(), 1);
    folder.write("kubevet.toml", "[rules.'service/node-port']\nallowed-services = ['web']\n");
    assert_eq!(run(), 0);
}

#[test]
fn mistakes_are_shown_with_their_place() {
    let config = "\
# choices
profile = \"hardend\"
selct = [\"rbac/*\"]
fail-on = 3
exclude = [\"a[\"]

[rules.\"pdb/blocks-drian\"]
severity = \"error\"

[rules.\"service/node-port\"]
severity = \"high\"
allowed-service = []
allowed-services = \"web\"
";
    let folder = Folder::new(&[("kubevet.toml", config), ("a.yaml", ERROR)]);
    assert_snapshot!("mistakes_in_the_configuration", folder.run(&["check"]).exits(2).all());
    folder.write("kubevet.toml", "select = [\n");
    assert_snapshot!("mistake_in_the_syntax", folder.run(&["check"]).exits(2).all());
}
