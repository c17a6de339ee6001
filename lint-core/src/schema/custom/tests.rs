use super::*;
use crate::{
    source::SourceText,
    yaml::{Limits, Tree, parse},
};

fn tree(text: &str) -> Tree {
    parse(SourceText::new("test.yaml", text), &Limits::default())
}

fn object(tree: &Tree) -> Object<'_> {
    let root = tree.documents().next().and_then(|document| document.root()).expect("a document");
    Object::new(root).expect("an object")
}

/// A definition whose `spec` property has these lines as its schema, in flow style or indented from column 0.
fn definition(spec: &str) -> String {
    let spec: String = spec.lines().map(|line| format!("              {line}\n")).collect();
    format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: widgets.example.org}}\nspec:\n  \
         group: example.org\n  scope: Namespaced\n  names: {{kind: Widget, plural: widgets}}\n  versions:\n    - name: v1\n      \
         served: true\n      storage: true\n      subresources: {{status: {{}}}}\n      schema:\n        openAPIV3Schema:\n          \
         type: object\n          required: [spec]\n          properties:\n            status: {{type: object, properties: {{phase: {{type: string, enum: [Ready]}}}}}}\n            spec:\n{spec}"
    )
}

/// What is wrong with a Widget, each problem with the way to its place.
fn problems(definition: &str, widget: &str) -> Vec<String> {
    let (source, widget) = (tree(definition), tree(widget));
    assert!(source.errors().is_empty() && widget.errors().is_empty(), "{:?}", source.errors());
    let source = object(&source);
    let definition = Definition::new(source).expect("a definition");
    let found = check(object(&widget), &definition, source, Version::newest());
    found.iter().map(|one| format!("{}: {}", widget.node(one.node).route(), words(&one.problem))).collect()
}

fn words(problem: &Problem) -> String {
    match problem {
        Problem::UnknownField { of, .. } => format!("unknown beside {}", of.fields().join(",")),
        Problem::WrongType { wanted } => format!("wants {wanted:?}"),
        Problem::Missing { field } => format!("lacks {field}"),
        Problem::UnknownValue { of } => format!("is none of {}", of.values().join(",")),
        Problem::Duplicate { of, .. } => format!("repeats {}", of.merge_keys().join(",")),
        Problem::Refused { what, help, .. } => format!("{what} ({help})"),
        Problem::Rule { message, .. } => format!("breaks {message}"),
        Problem::NotServed { served } => format!("serves {}", served.join(",")),
        other => format!("{other:?}"),
    }
}

/// What is wrong with the `spec` of a Widget whose schema is this.
fn spec(schema: &str, value: &str) -> Vec<String> {
    let value: String = value.lines().map(|line| format!("  {line}\n")).collect();
    let widget = format!("apiVersion: example.org/v1\nkind: Widget\nmetadata: {{name: a}}\nspec:\n{value}");
    problems(&definition(schema), &widget)
}

fn none() -> Vec<String> {
    Vec::new()
}

#[test]
fn types() {
    let schema = "{type: object, properties: {s: {type: string}, i: {type: integer}, x: {type: number}, b: {type: boolean}, \
                  l: {type: array, items: {type: string}}, p: {x-kubernetes-int-or-string: true}, any: {x-kubernetes-preserve-unknown-fields: true}}}";
    let good = "s: a\ni: 1.0\nx: 1\nb: yes\nl: [a, \"1\"]\np: 80%\nany: {a: [1]}";
    assert_eq!(spec(schema, good), none());
    assert_eq!(spec(schema, "p: 80\nx: 1.5"), none());
    let bad = "s: 1\ni: 1.5\nx: a\nb: \"true\"\nl: [a, 1]\np: [1]";
    let wanted = [
        "s: wants String",
        "i: wants Int64",
        "x: wants Number",
        "b: wants Bool",
        "l[1]: wants String",
        "p: wants IntOrString",
    ];
    let mut found = spec(schema, bad);
    let mut wanted = wanted.map(|one| format!("spec.{one}"));
    found.sort();
    wanted.sort();
    assert_eq!(found, wanted);
    assert_eq!(
        spec(schema, "s: ${NAME}\ni: ${COUNT}\nb: '{{ .b }}'"),
        none(),
        "what comes later is not judged"
    );
}

#[test]
fn unknown_fields_are_dropped() {
    let schema = "{type: object, properties: {known: {type: object, properties: {a: {type: string}}}, free: {type: object, \
                  additionalProperties: {type: string}}, kept: {type: object, x-kubernetes-preserve-unknown-fields: true, \
                  properties: {inner: {type: object, properties: {a: {type: string}}}}}}}";
    assert_eq!(spec(schema, "known: {b: 1}"), ["spec.known.b: unknown beside a"]);
    assert_eq!(spec(schema, "other: null"), ["spec.other: unknown beside free,kept,known"]);
    assert_eq!(spec(schema, "free: {b: x, c: z}\nkept: {any: {thing: 1}}"), none());
    assert_eq!(spec(schema, "free: {b: 1}"), ["spec.free.b: wants String"]);
    assert_eq!(spec(schema, "kept: {inner: {b: 1}}"), ["spec.kept.inner.b: unknown beside a"]);
    assert_eq!(spec(schema, "${EXTRA}: 1"), none());
}

#[test]
fn maps_that_allow_anything_keep_scalars_only() {
    let schema = "{type: object, additionalProperties: true}";
    assert_eq!(spec(schema, "a: 1\nb: [1]"), none());
    assert_eq!(spec(schema, "a: {b: 1}"), ["spec.a.b: unknown beside "]);
}

#[test]
fn required_and_defaults_and_nulls() {
    let schema = "{type: object, required: [a, b, c], properties: {a: {type: string}, b: {type: string, default: x}, \
                  c: {type: string, nullable: true}, d: {type: object, default: {}, required: [e], properties: {e: {type: integer, default: 1, minimum: 1}}}}}";
    assert_eq!(
        spec(schema, "a: v\nc: null"),
        none(),
        "a default is there, and null is a value where it is allowed"
    );
    assert_eq!(spec(schema, "a: v\nb: null\nc: z"), none(), "null stands for the default");
    assert_eq!(spec(schema, "a: null\nc: z"), ["spec: lacks a"], "null stands for nothing");
    assert_eq!(spec(schema, "a: v\nc: z\nd: {e: 0}"), ["spec.d.e: is less than 1 (use a larger number)"]);
    assert_eq!(spec(schema, "${MORE}: v"), none());
}

#[test]
fn null_items_stay() {
    let schema = "{type: object, properties: {l: {type: array, items: {type: string}}, k: {type: array, items: {type: string, nullable: true}}, \
                  m: {type: object, additionalProperties: {type: string}}}}";
    assert_eq!(spec(schema, "l: [a, null]"), ["spec.l[1]: wants String"]);
    assert_eq!(spec(schema, "k: [a, null]\nm: {a: null}"), none());
}

#[test]
fn keywords() {
    let schema = "{type: object, properties: {i: {type: integer, minimum: 1, maximum: 9, multipleOf: 2}, x: {type: number, minimum: 0, \
                  exclusiveMinimum: true}, s: {type: string, minLength: 2, maxLength: 3, pattern: '^[a-z]+$'}, e: {type: string, enum: [a, b]}, \
                  k: {type: integer, enum: [1, 2]}, l: {type: array, items: {type: integer}, minItems: 1, maxItems: 2}, \
                  m: {type: object, maxProperties: 1, additionalProperties: {type: string}}, d: {type: string, format: date}, \
                  f: {type: string, format: unheard-of}}}";
    assert_eq!(
        spec(schema, "i: 8\nx: 0.1\ns: abc\ne: a\nk: 2\nl: [1]\nm: {a: b}\nd: 2026-01-02\nf: x"),
        none()
    );
    let bad = [
        ("i: 0", "spec.i: is less than 1 (use a larger number)"),
        ("i: 10", "spec.i: is more than 9 (use a smaller number)"),
        ("i: 3", "spec.i: is no multiple of 2 (use a multiple)"),
        ("x: 0", "spec.x: is not more than 0 (use a larger number)"),
        ("s: a", "spec.s: has 1 character, and needs at least 2 (give at least 2 characters)"),
        ("s: ''", "spec.s: has 0 characters, and needs at least 2 (give at least 2 characters)"),
        ("s: äöüß", "spec.s: has 4 characters, and may have 3 (keep at most 3 characters)"),
        ("s: AB", "spec.s: does not match the pattern `^[a-z]+$` (write a value that matches the pattern)"),
        ("e: c", "spec.e: is none of a,b"),
        ("k: 3", "spec.k: is none of those that are allowed (the values are `1`, `2`)"),
        ("l: []", "spec.l: has 0 items, and needs at least 1 (give at least 1 item)"),
        ("l: [1, 2, 3]", "spec.l: has 3 items, and may have 2 (keep at most 2 items)"),
        ("m: {a: b, c: d}", "spec.m: has 2 fields, and may have 1 (keep at most 1 field)"),
        ("d: tomorrow", "spec.d: is no date such as `2026-01-02` (write a date such as `2026-01-02`)"),
    ];
    for (value, wanted) in bad {
        assert!(spec(schema, value).iter().any(|one| one == wanted), "{value}: {:?}", spec(schema, value));
    }
}

#[test]
fn schemas_that_are_put_together() {
    let schema = "{type: object, properties: {a: {type: string}, b: {type: string}, port: {x-kubernetes-int-or-string: true, \
                  anyOf: [{type: integer}, {type: string}]}}, oneOf: [{required: [a]}, {required: [b]}], not: {properties: {a: {enum: [never]}}, required: [a]}}";
    assert_eq!(spec(schema, "a: x\nport: 1"), none());
    assert_eq!(
        spec(schema, "port: x"),
        ["spec: has none of the fields of which one must be there (set `a` or `b`)"]
    );
    assert_eq!(
        spec(schema, "a: x\nb: z"),
        ["spec: has several fields of which one excludes the others (keep one of `a` or `b`)"]
    );
    assert_eq!(spec(schema, "a: never"), ["spec: is what the schema forbids (leave out `a`)"]);
    assert_eq!(spec(schema, "port: ${PORT}"), none(), "what comes later may be it");
    let any = "{type: object, properties: {a: {type: integer}}, anyOf: [{properties: {a: {minimum: 5}}}, {properties: {a: {enum: [1]}}}], \
               allOf: [{properties: {a: {maximum: 7}}}]}";
    assert_eq!(spec(any, "a: 1"), none());
    assert_eq!(spec(any, "a: 8"), ["spec.a: is more than 7 (use a smaller number)"]);
    assert_eq!(spec(any, "a: 2").len(), 1);
}

/// The addresses of a Gateway are written so: defaults decide which alternative it is.
#[test]
fn defaults_count_in_alternatives() {
    let schema = "{type: object, properties: {type: {type: string, default: IP}, value: {type: string}}, oneOf: \
                  [{properties: {type: {enum: [IP]}, value: {format: ipv4}}}, {properties: {type: {not: {enum: [IP]}}}}]}";
    assert_eq!(spec(schema, "value: 192.0.2.1"), none());
    assert_eq!(spec(schema, "value: example.org\ntype: Name"), none());
    assert_eq!(spec(schema, "value: example.org").len(), 1);
}

#[test]
fn keys_are_those_of_json() {
    let schema = "{type: object, properties: {y: {type: integer}, 1: {type: integer}}}";
    assert_eq!(
        spec(schema, "y: 1\n1: 2"),
        none(),
        "both are read as booleans and numbers, and written out again"
    );
    assert_eq!(spec(schema, "yes: a"), ["spec.true: wants Int64"]);
}

#[test]
fn lists() {
    let schema = "{type: object, properties: {set: {type: array, x-kubernetes-list-type: set, items: {type: string}}, \
                  map: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [port, protocol], items: {type: object, \
                  properties: {port: {type: integer}, protocol: {type: string, default: TCP}}}}, unique: {type: array, uniqueItems: true, items: {type: object, \
                  additionalProperties: {type: string}}}}}";
    assert_eq!(
        spec(
            schema,
            "set: [a, b]\nmap: [{port: 1}, {port: 1, protocol: UDP}, {port: 2}]\nunique: [{a: b}, {a: c}]"
        ),
        none()
    );
    assert_eq!(spec(schema, "set: [a, b, a]"), ["spec.set[2]: repeats "]);
    assert_eq!(
        spec(schema, "map: [{port: 1}, {port: 1, protocol: TCP}]"),
        ["spec.map[1]: repeats port,protocol"]
    );
    assert_eq!(
        spec(schema, "unique: [{a: b}, {a: b}]"),
        ["spec.unique: has an item twice (keep one of them)"]
    );
    assert_eq!(spec(schema, "set: ['${A}', '${A}']"), none());
}

#[test]
fn rules() {
    let schema = "type: object\nproperties:\n  min: {type: integer, default: 1}\n  max: {type: integer}\n  ratio: {type: number}\n  \
                  wait: {type: string, format: duration}\n  tags: {type: array, x-kubernetes-list-type: set, items: {type: string, \
                  x-kubernetes-validations: [{rule: \"self != 'no'\", messageExpression: \"'not ' + self\"}]}}\n  \
                  a-b: {type: string}\nx-kubernetes-validations:\n  - {rule: '!has(self.max) || self.min <= self.max', message: too many, fieldPath: .max}\n  \
                  - {rule: \"!has(self.wait) || self.wait > duration('1s')\"}\n  - {rule: \"!has(self.ratio) || self.ratio / 2.0 < 1.0\"}\n  \
                  - {rule: \"!has(self.a__dash__b) || self.a__dash__b == 'x'\"}\n  - {rule: 'self.max == oldSelf.max'}\n  - {rule: 'this is none'}";
    assert_eq!(spec(schema, "max: 1\nwait: 2s\nratio: 1\na-b: x\ntags: [yes-it-is]"), none());
    assert_eq!(spec(schema, "{}"), none());
    assert_eq!(spec(schema, "max: 0"), ["spec.max: breaks too many"], "the default is what is compared with");
    assert_eq!(
        spec(schema, "wait: 1s"),
        ["spec: breaks failed rule: !has(self.wait) || self.wait > duration('1s')"]
    );
    assert_eq!(spec(schema, "ratio: 2").len(), 1);
    assert_eq!(spec(schema, "a-b: y").len(), 1);
    let bare = "type: object\nproperties: {a: {type: string}, b: {type: string}}\nx-kubernetes-validations:\n  \
                - {rule: \"url('x').getHost() == 'x' || self.a == 'x'\", message: open}\n  - {rule: \"self.b == 'x'\", message: b is needed}";
    assert_eq!(
        spec(bare, "{}"),
        ["spec: breaks b is needed"],
        "the API server answers that there is no such key"
    );
    assert_eq!(spec(schema, "tags: ['yes', 'no']"), ["spec.tags[1]: breaks not no"]);
    assert_eq!(spec(schema, "max: ${MAX}\nwait: 1s"), none(), "what comes later is not judged");
    assert_eq!(spec(schema, "max: 0\nratio: a"), ["spec.ratio: wants Number"], "values come first");
    assert_eq!(spec(schema, "max: 0\nother: a").len(), 2);
}

#[test]
fn a_name_that_the_api_server_makes_is_not_missing() {
    let text = definition("{type: object}").replace(
        "          type: object\n          required",
        "          type: object\n          x-kubernetes-validations: [{rule: \"self.metadata.name.startsWith('a')\", message: named}]\n          required",
    );
    let widget = |metadata: &str| {
        format!("apiVersion: example.org/v1\nkind: Widget\nmetadata: {metadata}\nspec: {{}}\n")
    };
    assert_eq!(problems(&text, &widget("{name: a}")), none());
    assert_eq!(problems(&text, &widget("{name: b}")), [": breaks named"]);
    assert_eq!(problems(&text, &widget("{generateName: b}")), none());
}

#[test]
fn metadata_and_embedded_objects() {
    let schema = "{type: object, x-kubernetes-preserve-unknown-fields: true, properties: {template: {type: object, x-kubernetes-embedded-resource: true, \
                  x-kubernetes-preserve-unknown-fields: true}}}";
    let good = "template: {apiVersion: v1, kind: Pod, metadata: {name: a, labels: {a: b}}, anything: 1}";
    assert_eq!(spec(schema, good), none());
    assert_eq!(
        spec(schema, "template: {metadata: {nome: a}}").len(),
        3,
        "no apiVersion, no kind, an unknown field"
    );
    let widget = "apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: a, labels: {a: 1}, anotations: {}}\nspec: {}\n";
    let mut found = problems(&definition(schema), widget);
    found.sort();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].starts_with("metadata.anotations: unknown") && found[1] == "metadata.labels.a: wants String"
    );
}

#[test]
fn the_status_is_dropped_and_the_spec_is_asked_for() {
    let widget =
        |rest: &str| format!("apiVersion: example.org/v1\nkind: Widget\nmetadata: {{name: a}}\n{rest}");
    let any = definition("{type: object, x-kubernetes-preserve-unknown-fields: true}");
    assert_eq!(problems(&any, &widget("spec: {}\nstatus: {phase: Odd}\n")), none());
    assert_eq!(
        problems(&any, &widget("spec: {}\nstatus: {fase: Odd}\n")),
        ["status.fase: unknown beside phase"]
    );
    assert_eq!(problems(&any, &widget("")), [": lacks spec"]);
}

#[test]
fn versions() {
    let text = definition("{type: object}").replace("served: true", "served: false");
    let widget = "apiVersion: example.org/v1\nkind: Widget\nspec: {}\n";
    assert_eq!(problems(&text, widget), ["apiVersion: serves "]);
    let other = widget.replace("/v1", "/v2");
    assert_eq!(problems(&definition("{type: object}"), &other), ["apiVersion: serves v1"]);
}

#[test]
fn definitions_of_the_older_shape() {
    let old = "apiVersion: apiextensions.k8s.io/v1beta1\nkind: CustomResourceDefinition\nmetadata: {name: widgets.example.org}\nspec:\n  \
               group: example.org\n  version: v1\n  names: {kind: Widget, plural: widgets}\n  validation:\n    openAPIV3Schema:\n      \
               properties: {spec: {type: object, properties: {a: {type: string}}}}\n";
    let widget = |spec: &str| {
        format!("apiVersion: example.org/v1\nkind: Widget\nmetadata: {{name: a}}\nspec: {spec}\n")
    };
    assert_eq!(problems(old, &widget("{a: x, b: 1}")), none(), "unknown fields stay");
    assert_eq!(problems(old, &widget("{a: 1}")), ["spec.a: wants String"]);
    let pruned = old.replace("  group:", "  preserveUnknownFields: false\n  group:");
    assert_eq!(problems(&pruned, &widget("{a: x, b: 1}")), ["spec.b: unknown beside a"]);
    let several = old.replace("  version: v1\n", "  versions: [{name: v1, served: true, storage: true}]\n");
    assert_eq!(problems(&several, &widget("{a: 1}")), ["spec.a: wants String"]);
    let patch = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a}\nspec: {conversion: {strategy: None}}\n";
    assert!(Definition::new(object(&tree(patch))).is_none());
}

#[test]
fn broken_schemas_are_told_and_allow_everything() {
    let text = definition(
        "{type: object, properties: {a: {type: strign}, b: {type: string, pattern: '(a'}, c: {$ref: '#/x'}, d: nothing}}",
    );
    let source = tree(&text);
    let issues = Definition::new(object(&source)).expect("a definition").issues(object(&source));
    let places: Vec<String> = issues.iter().map(|issue| source.node(issue.node).text().to_owned()).collect();
    assert_eq!(places, ["strign", "(a", "#/x", "nothing"]);
    let widget = "apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: a}\nspec: {a: 1, b: b, c: {x: 1}, d: [1]}\n";
    assert_eq!(problems(&text, widget), none());
}

#[test]
fn hostile_schemas_are_bounded() {
    let deep =
        format!("{}{{type: string}}{}", "{type: object, properties: {a: ".repeat(300), "}}".repeat(300));
    let source = tree(&definition(&deep));
    let issues = Definition::new(object(&source)).expect("a definition").issues(object(&source));
    assert_eq!(issues.len(), 1);
    assert!(issues[0].message.contains("too deep"));

    // Each level doubles the ways, for each of the items: without a bound, the test would not end.
    let mut wide = "{type: string}".to_owned();
    for _ in 0..12 {
        wide = format!("{{anyOf: [{wide}, {wide}]}}");
    }
    let values = format!("l: [{}]", "1, ".repeat(2000));
    spec(&format!("{{type: object, properties: {{l: {{type: array, items: {wide}}}}}}}"), &values);

    let many: String = (0..20_000).map(|number| format!("v{number}, ")).collect();
    let values: String = (0..5_000).map(|number| format!("w{number}, ")).collect();
    let schema = format!(
        "{{type: object, properties: {{l: {{type: array, items: {{type: string, enum: [{many}]}}}}}}}}"
    );
    assert!(!spec(&schema, &format!("l: [{values}]")).is_empty());
}
