//! Custom kinds: where their schemas come from, and what is said where none is.

use crate::support::Folder;

const DEFINITION: &str = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {type: object, properties: {color: {type: string, enum: [red, blue]}}}
";

const WIDGET: &str = "\
apiVersion: example.org/v1
kind: Widget
metadata: {name: web}
spec: {colour: red}
";

const CONCISE: &[&str] = &[
    "check",
    "--output-format",
    "concise",
    "--select",
    "schema/*,crd/*",
    "--ignore",
    "schema/unknown-custom-kind",
];

#[test]
fn definitions_come_from_the_files_from_a_folder_and_from_the_configuration() {
    let folder = Folder::new(&[("app/widget.yaml", WIDGET), ("crds/widgets.yaml", DEFINITION)]);
    let found = "app/widget.yaml:4:8: error[schema/unknown-field] `colour` is no field of `spec`: the API server refuses it\n";
    let run = |arguments: &[&str]| folder.run(&[CONCISE, arguments].concat());
    assert_eq!(run(&["."]).exits(1).stdout, found);
    assert_eq!(run(&["app", "--crd", "crds"]).exits(1).stdout, found);
    assert_eq!(run(&["app", "--crd", "crds/widgets.yaml"]).exits(1).stdout, found);
    assert_eq!(
        run(&[".", "--crd", "crds"]).exits(1).stdout,
        found,
        "what is checked anyway is no other file"
    );
    assert_eq!(run(&["app"]).exits(0).stdout, "");
    folder.write("app/kubevet.toml", "crds = ['../crds']\n");
    assert_eq!(run(&["app"]).exits(1).stdout, found);
    let told = run(&["app"]).stderr;
    assert!(told.contains("in 1 file (1 document, 1 object)") && !told.contains("not validated"), "{told}");
}

#[test]
fn a_definition_that_is_only_given_has_findings_about_its_schema_alone() {
    let broken = DEFINITION
        .replace("type: string", "type: string, pattern: '(a'")
        .replace("scope: Namespaced", "scope: 1");
    let folder = Folder::new(&[("app/widget.yaml", WIDGET), ("crd.yaml", &broken)]);
    let ran = folder.run(&["check", "app", "--crd", "crd.yaml", "--output-format", "concise"]).exits(1);
    let rules: Vec<&str> = ran.stdout.lines().filter(|line| line.starts_with("crd.yaml")).collect();
    assert_eq!(rules.len(), 1, "{}", ran.stdout);
    assert!(
        rules[0].starts_with("crd.yaml:16:") && rules[0].contains("[schema/unusable-schema]"),
        "{}",
        rules[0]
    );
    assert!(ran.stdout.contains("`colour`"), "the rest of the schema holds: {}", ran.stdout);
}

#[test]
fn paths_without_definitions_are_an_error() {
    let folder =
        Folder::new(&[("app/widget.yaml", WIDGET), ("other/a.yaml", "a: 1\n"), ("torn.yaml", "a: [1\n")]);
    let ran = folder.run(&["check", "app", "--crd", "gone"]).exits(2);
    assert!(ran.stderr.contains("cannot read `gone`: no such file"), "{}", ran.stderr);
    let ran = folder.run(&["check", "app", "--crd", "other"]).exits(2);
    assert!(ran.stderr.contains("there is no CustomResourceDefinition in `other`"), "{}", ran.stderr);
    let ran = folder.run(&[CONCISE, &["app", "--crd", "torn.yaml"]].concat()).exits(1);
    assert!(
        ran.stdout.contains("torn.yaml") && ran.stdout.contains("[schema/unusable-schema]"),
        "{}",
        ran.stdout
    );
}

#[test]
fn what_was_not_validated_is_counted() {
    let other = "apiVersion: example.org/v1\nkind: Gadget\nmetadata: {name: a}\n---\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";
    let folder = Folder::new(&[("a.yaml", WIDGET), ("b.yaml", WIDGET), ("c.yaml", other)]);
    let ran = folder.run(&["check"]).exits(0);
    let words = "3 objects of 2 custom kinds were not validated, there is no schema of example.org/v1 Gadget, example.org/v1 Widget:";
    assert!(ran.stderr.contains(words), "{}", ran.stderr);
    let json = folder.run(&["check", "--output-format", "json"]).exits(0).stdout;
    let report: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let unvalidated = serde_json::json!([
        {"apiVersion": "example.org/v1", "kind": "Gadget", "objects": 1},
        {"apiVersion": "example.org/v1", "kind": "Widget", "objects": 2},
    ]);
    assert_eq!(report["summary"]["unvalidated"], unvalidated);
    let ran = folder.run(&["check", "--strict", "--output-format", "concise"]).exits(1);
    assert_eq!(ran.stdout.matches("error[schema/unknown-custom-kind]").count(), 3, "{}", ran.stdout);
    folder.run(&["check", "--strict", "--severity", "schema/unknown-custom-kind=info"]).exits(0);
}

#[test]
fn of_several_definitions_the_one_that_fits_holds() {
    let newer = DEFINITION.replace("color:", "colour:");
    let folder =
        Folder::new(&[("a/crd.yaml", DEFINITION), ("a/widget.yaml", WIDGET), ("b/crd.yaml", &newer)]);
    folder.run(CONCISE).exits(0);
    let odd = WIDGET.replace("colour", "size");
    folder.write("a/widget.yaml", &odd);
    let ran = folder.run(&["check", "--output-format", "full"]).exits(1);
    assert!(ran.stdout.contains("`size` is no field of `spec`"), "{}", ran.stdout);
}
