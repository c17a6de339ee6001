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

const SCHEMA: &str = r##"{
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "required": ["spec"],
  "properties": {
    "apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"},
    "spec": {
      "type": "object",
      "properties": {
        "color": {"type": "string", "enum": ["red", "blue"]},
        "size": {"$ref": "common.json#/definitions/size"},
        "name": {"type": "string", "pattern": "^[a-z]+$"},
        "port": {"type": ["integer", "string"]},
        "parts": {"type": "array", "maxItems": 1, "items": {"$ref": "#/properties/spec"}}
      },
      "additionalProperties": false
    }
  }
}
"##;
const COMMON: &str = r#"{"definitions": {"size": {"type": "integer", "minimum": 1, "maximum": 9}}}"#;
const TEMPLATE: &str = "schemas/{{ .Group }}/{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json";

#[test]
fn json_schemas_are_read_in_the_layout_of_kubeconform() {
    let widget = "apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: web, lables: {}}\nspec:\n  colour: red\n  color: green\n  \
                  size: 12\n  name: ${NAME}\n  port: true\n  parts:\n    - size: '3'\n    - name: A\n    - color: null\n";
    let folder = Folder::new(&[
        ("app/widget.yaml", widget),
        ("schemas/example.org/widget_v1.json", SCHEMA),
        ("schemas/example.org/common.json", COMMON),
    ]);
    let wanted = "\
app/widget.yaml:3:23: error[schema/unknown-field] `lables` is no field of `metadata`: the API server refuses it
app/widget.yaml:5:3: error[schema/unknown-field] `colour` is no field of `spec`: the schema `schemas/example.org/widget_v1.json` does not allow it
app/widget.yaml:6:10: error[schema/invalid-enum] `green` is no value of `color`: the schema `schemas/example.org/widget_v1.json` does not allow it
app/widget.yaml:7:9: error[schema/format-or-range] the value of `size` is more than 9: the schema `schemas/example.org/widget_v1.json` does not allow it
app/widget.yaml:9:9: error[schema/wrong-type] `port` must be a whole number or a string, not the boolean `true`: the schema `schemas/example.org/widget_v1.json` does not allow it
app/widget.yaml:10:3: error[schema/format-or-range] `parts` has more than 1 items: the schema `schemas/example.org/widget_v1.json` does not allow it
app/widget.yaml:11:13: error[schema/wrong-type] `size` must be a whole number, not the string `3`: the schema `schemas/example.org/widget_v1.json` does not allow it
app/widget.yaml:12:13: error[schema/format-or-range] the value of `name` does not match the pattern `^[a-z]+$`: the schema `schemas/example.org/widget_v1.json` does not allow it
";
    let run = |arguments: &[&str]| folder.run(&[CONCISE, arguments].concat());
    let ran = run(&["app", "--schema-location", "default", "--schema-location", TEMPLATE]).exits(1);
    assert_eq!(ran.stdout, wanted);
    assert!(!ran.stderr.contains("not validated"), "{}", ran.stderr);
    folder.write(
        "app/kubevet.toml",
        "schema-location = '../schemas/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json'\n",
    );
    assert_eq!(run(&["app"]).exits(1).stdout, wanted);
    folder.write("crd.yaml", DEFINITION);
    assert!(
        run(&["app", "--crd", "crd.yaml"]).exits(1).stdout.contains("`lables`"),
        "definitions come first"
    );
    folder.write("app/widget.yaml", WIDGET);
    let full = folder.run(&["check", "app", "--select", "schema/unknown-field"]).exits(1).stdout;
    assert!(full.contains("did you mean `color`?"), "{full}");
}

#[test]
fn schemas_of_a_folder_lie_where_kubeconform_puts_them() {
    let folder = Folder::new(&[
        ("widget.yaml", WIDGET),
        (
            "s/v1.34.0-standalone-strict/widget-example-v1.json",
            &SCHEMA
                .replace("\"size\"", "\"colour\"")
                .replace("common.json#/definitions/size", "#/properties/kind"),
        ),
        ("s/v1.33.0-standalone/widget-example-v1.json", "{\"required\": [\"nothing\"]}"),
    ]);
    let run = |version: &str| {
        folder.run(
            &[CONCISE, &["widget.yaml", "--schema-location", "s", "--kubernetes-version", version]].concat(),
        )
    };
    assert_eq!(run("1.34").exits(0).stdout, "");
    assert!(run("1.33").exits(1).stdout.contains("has no `nothing`"));
    assert!(run("1.35").exits(0).stderr.contains("1 object of 1 custom kind was not validated"));
}

#[test]
fn schemas_that_cannot_be_used_are_findings() {
    let cases = [
        (r#"{"type": 1}"#, "cannot be used"),
        (r#"{"properties": {"spec": {"$ref": "https://example.org/a.json"}}}"#, "nothing is downloaded"),
        (r#"{"properties": {"spec": {"$ref": "gone.json"}}}"#, "cannot read"),
        (r#"{"properties": "#, "cannot be read"),
        ("[]", "a schema is an object"),
    ];
    for (schema, words) in cases {
        let folder = Folder::new(&[("widget.yaml", WIDGET), ("schemas/example.org/widget_v1.json", schema)]);
        let ran = folder.run(&[CONCISE, &["widget.yaml", "--schema-location", TEMPLATE]].concat()).exits(1);
        let line = ran.stdout.lines().next().unwrap_or_default();
        assert!(
            line.starts_with("schemas/example.org/widget_v1.json:1:")
                && line.contains("[schema/unusable-schema]")
                && line.contains(words),
            "{schema}: {}",
            ran.stdout
        );
        assert_eq!(ran.stdout.lines().count(), 1);
    }
    let deep = format!("{}{{}}{}", "{\"properties\": {\"a\": ".repeat(400), "}}".repeat(400));
    let folder = Folder::new(&[("widget.yaml", WIDGET), ("schemas/example.org/widget_v1.json", &deep)]);
    let ran = folder.run(&[CONCISE, &["widget.yaml", "--schema-location", TEMPLATE]].concat()).exits(1);
    assert!(ran.stdout.contains("too deep"), "{}", ran.stdout);
}

#[test]
fn locations_that_lead_nowhere_are_errors() {
    let folder = Folder::new(&[("widget.yaml", WIDGET)]);
    let run = |location: &str| folder.run(&["check", "--schema-location", location]).exits(2).stderr;
    assert!(run("https://example.org/{{.Group}}.json").contains("schemas are read from files"));
    assert!(run("{{.Kind}}.json").contains("there is no variable `Kind`"));
    assert!(run("gone/{{.Group}}.json").contains("cannot read `gone`: no such file"));
    folder.write("kubevet.toml", "schema-location = ['https://example.org']\n");
    assert!(folder.run(&["check"]).exits(2).stderr.contains("kubevet.toml"));
    folder.write("kubevet.toml", "");
    folder.write("secret.json", "{\"required\": [\"gone\"]}");
    folder.write("a/widget.yaml", &WIDGET.replace("Widget", "../secret"));
    folder.run(&["check", "a/widget.yaml", "--schema-location", "a/{{.ResourceKind}}.json"]).exits(0);
}
