//! What reports look like.

use insta::assert_snapshot;

use crate::support::{CLEAN, ERROR, Folder, WARNING};

const POD: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: prod
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: web:1
";
const SERVICE: &str = "\
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: prod
spec:
  selector:
    app: wbe
  ports:
    - port: 80
";
const RULES: &str = "service/selects-nothing,pdb/blocks-drain,rbac/wildcard-all,api/container-name-duplicate";

fn folder() -> Folder {
    Folder::new(&[
        ("k8s/clean.yaml", CLEAN),
        ("k8s/pod.yaml", POD),
        ("k8s/rbac.yaml", ERROR),
        ("k8s/service.yaml", SERVICE),
        ("pdb.yaml", WARNING),
        ("templates/web.yaml", "a: {{ .Values.a }}\n"),
    ])
}

fn check(folder: &Folder, flags: &[&str]) -> crate::support::Ran {
    folder.run(&[&["check", "--closed", "yes", "--select", RULES], flags].concat())
}

#[test]
fn full() {
    assert_snapshot!("full", check(&folder(), &[]).exits(1).all());
}

#[test]
fn full_in_colour_with_links() {
    let flags = ["check", "--select", RULES, "k8s/rbac.yaml", "--color", "always"];
    let ran = folder().run(&flags).exits(1);
    assert_snapshot!("full_in_colour", ran.stdout.replace('\x1b', "␛"));
    // Colour can be forced into a pipe, links cannot.
    assert!(!ran.stdout.contains("\x1b]8"), "{}", ran.stdout);
    for variables in [&[][..], &[("NO_COLOR", "1"), ("FORCE_COLOR", "1")]] {
        assert!(!folder().run_with(variables, &flags[..4]).stdout.contains('\x1b'));
    }
    assert!(folder().run_with(&[("FORCE_COLOR", "1")], &flags[..4]).stdout.contains("\x1b["));
}

#[test]
fn concise() {
    assert_snapshot!("concise", check(&folder(), &["--output-format", "concise"]).exits(1).all());
}

#[test]
fn json() {
    assert_snapshot!("json", check(&folder(), &["--output-format", "json"]).exits(1).all());
}

#[test]
fn json_lines() {
    assert_snapshot!("json_lines", check(&folder(), &["--output-format", "json-lines"]).exits(1).all());
}

#[test]
fn statistics() {
    let folder = folder();
    assert_snapshot!("statistics", check(&folder, &["--statistics"]).exits(1).all());
    let ran = check(&folder, &["--statistics", "--output-format", "json"]).exits(1);
    assert_snapshot!("statistics_json", ran.stdout);
}

#[test]
fn files_get_formats_of_their_own() {
    let folder = folder();
    let flags =
        ["--output-format", "json=out.json", "--output-format", "concise", "--output-format", "full=out.txt"];
    let ran = check(&folder, &[&flags[..], &["--color", "always"]].concat()).exits(1);
    assert!(ran.stdout.starts_with("k8s/"), "{}", ran.stdout);
    let json = std::fs::read_to_string(folder.path("out.json")).unwrap();
    assert_eq!(json, check(&folder, &["--output-format", "json", "--exclude", "out.json"]).stdout);
    let full = std::fs::read_to_string(folder.path("out.txt")).unwrap();
    assert!(!full.contains('\x1b') && full.starts_with("error[rbac/"), "{full}");
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let folder = Folder::new(&[]);
    for index in 0..60 {
        folder
            .write(&format!("{}/{index}.yaml", index % 7), [ERROR, WARNING, CLEAN, SERVICE, POD][index % 5]);
    }
    for format in ["full", "concise", "json", "json-lines"] {
        let run = |jobs| folder.run(&["check", "--output-format", format, "-j", jobs]).exits(1).all();
        let one = run("1");
        assert!(["2", "3", "16", "0"].into_iter().all(|jobs| run(jobs) == one), "{format}");
    }
}

#[test]
fn lines_are_cut_and_characters_of_control_made_visible() {
    let long = "x".repeat(3000);
    let wide = "日本語".repeat(40);
    let text = format!(
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\n\
         metadata: {{labels: {{a: \"{long}\"}}, name: \"w\\e[31m\"}}\n\
         spec: {{selector: {{matchLabels: {{a: \"{wide}\"}}}}, maxUnavailable: 0}} # \t tab ##[error] \u{202e}\n"
    );
    let folder = Folder::new(&[("long.yaml", &text)]);
    let ran = check(&folder, &[]).exits(1);
    assert!(!ran.stdout.contains(['\x1b', '\u{202e}']) && !ran.stdout.contains("##["), "{}", ran.stdout);
    assert_snapshot!("long_lines", ran.stdout);
}

#[test]
fn one_long_line_of_a_large_file_is_no_burden() {
    let filler = "a".repeat(5 << 20);
    let text = format!(
        "{{\"apiVersion\":\"policy/v1\",\"kind\":\"PodDisruptionBudget\",\"metadata\":{{\"name\":\"{filler}\"}},\"spec\":{{\"maxUnavailable\":0}}}}\n"
    );
    let folder = Folder::new(&[("large.json", &text)]);
    let ran = check(&folder, &["--output-format", "full"]).exits(1);
    let excerpt =
        ran.stdout.lines().find(|line| line.contains("maxUnavailable")).expect("the place is shown");
    assert!(excerpt.chars().count() < 170, "{excerpt}");
}
