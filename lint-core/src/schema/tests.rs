use super::*;
use crate::{
    facts::Version,
    kubernetes::Object,
    source::SourceText,
    yaml::{Limits, parse},
};

/// Problems of the first object, each with its text or key.
fn problems(text: &str) -> Vec<(String, String)> {
    let tree = parse(SourceText::new("test.yaml", text), &Limits::default());
    let root = tree.documents().next().and_then(|document| document.root()).expect("a document");
    let object = Object::new(root).expect("an object");
    let words = |problem: &Problem| match problem {
        Problem::UnknownField { .. } => "unknown".to_owned(),
        Problem::WrongType { wanted } => format!("wants {wanted:?}"),
        Problem::Missing { field } => format!("lacks {field}"),
        Problem::Empty => "empty".to_owned(),
        Problem::Null { .. } => "null".to_owned(),
        Problem::UnknownValue { .. } => "no value".to_owned(),
        Problem::Malformed(malformed) => format!("{malformed:?}"),
        Problem::Duplicate { .. } => "twice".to_owned(),
        other => panic!("{other:?} is of no built-in kind"),
    };
    let found = check(object, Version::newest());
    found.iter().map(|one| (words(&one.problem), tree.node(one.node).route())).collect()
}

/// A pod whose specification has these lines beside its container.
fn pod(lines: &str) -> Vec<(String, String)> {
    let head = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers: [{name: a, image: a}]\n";
    problems(&format!("{head}{lines}"))
}

fn one(what: &str, at: &str) -> Vec<(String, String)> {
    vec![(what.to_owned(), at.to_owned())]
}

#[test]
fn numbers_are_read_as_the_decoder_does() {
    let good = ["1", "1e3", "-5", "0x10", "1_000", "5.0", "0644", "null", ""];
    for text in good {
        assert_eq!(pod(&format!("  priority: {text}\n")), [], "{text}");
    }
    for text in ["\"1\"", "1.5", "true", "[1]", "{}", "one"] {
        assert_eq!(pod(&format!("  priority: {text}\n")), one("wants Int32", "spec.priority"), "{text}");
    }
    assert_eq!(pod("  priority: 3000000000\n"), one("Range { bits: 32 }", "spec.priority"));
    assert_eq!(pod("  activeDeadlineSeconds: 3000000000\n"), []);
    assert_eq!(
        pod("  activeDeadlineSeconds: 18446744073709551615\n"),
        one("Range { bits: 64 }", "spec.activeDeadlineSeconds")
    );
}

#[test]
fn nothing_in_what_must_be_there() {
    let binding = "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: a}\n";
    let with = |rest: &str| problems(&format!("{binding}{rest}"));
    assert_eq!(with("roleRef: {kind: Role, name: \"\"}\n"), one("empty", "roleRef.name"));
    assert_eq!(with("roleRef: {kind: Role, name: null}\n"), one("lacks name", "roleRef"));
    assert_eq!(
        with("roleRef: {kind: Role, name: a, apiGroup: \"\"}\nsubjects: []\n"),
        [],
        "these may be empty"
    );
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a}\nspec: {resources: {requests: {storage: 1}}, accessModes: []}\n";
    assert_eq!(problems(claim), one("empty", "spec.accessModes"));
    let definition = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a}\n\
                      spec: {group: a, scope: Cluster, names: {kind: A, plural: a}, versions: [{name: v1, schema: {}}]}\n\
                      status: {acceptedNames: {kind: \"\", plural: \"\"}}\n";
    assert_eq!(problems(definition), [], "the status is dropped");
}

#[test]
fn strings_and_booleans() {
    assert_eq!(pod("  hostname: 1\n"), one("wants String", "spec.hostname"));
    assert_eq!(pod("  hostname: !!str 1\n"), []);
    assert_eq!(pod("  hostNetwork: yes\n"), [], "YAML 1.1");
    assert_eq!(pod("  hostNetwork: \"true\"\n"), one("wants Bool", "spec.hostNetwork"));
    assert_eq!(pod("  nodeSelector: {zone: on}\n"), one("wants String", "spec.nodeSelector.zone"));
    assert_eq!(pod("  restartPolicy: always\n"), one("no value", "spec.restartPolicy"));
    assert_eq!(pod("  restartPolicy: \"\"\n"), [], "the default fills it");
}

#[test]
fn quantities_times_and_bytes() {
    for text in ["1", "0.5", "500m", "\" 1Gi \"", "1e3"] {
        assert_eq!(pod(&format!("  overhead: {{cpu: {text}}}\n")), [], "{text}");
    }
    assert_eq!(pod("  overhead: {cpu: 1GB}\n"), one("Quantity", "spec.overhead.cpu"));
    assert_eq!(pod("  overhead: {cpu: true}\n"), one("wants Quantity", "spec.overhead.cpu"));
    for (text, good) in [
        ("2026-01-02T15:04:05Z", true),
        ("2026-01-02T5:04:05Z", true),
        ("2026-01-02T15:04:05.123+01:00", true),
        ("2026-01-02T15:04:05", false),
        ("2026-02-30T15:04:05Z", false),
        ("2026-01-02 15:04:05Z", false),
        ("2026-01-02T15:04:05.Z", false),
        ("2026-01-02T+1:04:05Z", false),
        ("", false),
        ("2026-01-02T15:04:0é", false),
    ] {
        assert_eq!(scalar::is_time(text), good, "{text}");
    }
    let secret = |data: &str| {
        problems(&format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\ndata: {{a: {data}}}\n"))
    };
    assert_eq!(secret("YQ=="), []);
    assert_eq!(secret("\"YQ==\\n\""), [], "line breaks are allowed");
    assert_eq!(secret("YQ"), one("Base64", "data.a"));
    assert_eq!(secret("[97]"), [], "Go reads small numbers into bytes");
    assert_eq!(secret("1234"), one("wants Bytes", "data.a"));
}

#[test]
fn placeholders_and_patches_are_left_alone() {
    assert_eq!(pod("  priority: ${PRIORITY}\n  ${KEY}: a\n"), []);
    let sops =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {a: \"ENC[x]\"}\nsops: {mac: \"ENC[x]\"}\n";
    assert_eq!(problems(sops), []);
    assert_eq!(pod("  volumes: [{$patch: delete, name: a}]\n  $setElementOrder/volumes: []\n"), []);
    assert_eq!(pod("  volumes: [{name: \"${NAME}\"}, {name: \"${NAME}\"}]\n"), []);
}

#[test]
fn null_is_nothing() {
    assert_eq!(pod("  hostname:\n  volumes: ~\n  nodeSelector: {}\nstatus: null\n"), []);
    assert_eq!(pod("  nodeSelector: {zone: }\n"), one("null", "spec.nodeSelector.zone"));
    assert_eq!(pod("  tolerations: [null]\n"), one("null", "spec.tolerations[0]"));
    let found = problems("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: null}\n");
    assert_eq!(found, one("lacks containers", "spec"));
}

#[test]
fn merge_keys_and_aliases_are_followed() {
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: &m {name: a, labels: &l {a: b}, annotations: *l}\ndata: *l\n";
    assert_eq!(problems(text), []);
    assert_eq!(
        pod("  securityContext: &c {runAsUser: 1}\n  dnsConfig: {<<: *c}\n"),
        one("unknown", "spec.securityContext.runAsUser")
    );
}

#[test]
fn schemas_of_custom_resources_are_read_without_strictness_below_items() {
    let schema = |lines: &str| {
        let head = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a}\nspec:\n  group: a\n  scope: Cluster\n  names: {kind: A, plural: a}\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n";
        let found = problems(&format!("{head}{lines}"));
        found
            .into_iter()
            .map(|(what, at)| (what, at.rsplit("openAPIV3Schema.").next().unwrap_or_default().to_owned()))
            .collect::<Vec<_>>()
    };
    assert_eq!(schema("        properties: {a: {typ: string}}\n"), one("unknown", "properties.a.typ"));
    assert_eq!(schema("        items: {typ: string}\n        additionalProperties: false\n"), []);
    assert_eq!(
        schema("        items: {properties: {a: {required: true}}}\n"),
        one("wants Array", "items.properties.a.required")
    );
    assert_eq!(schema("        items: {type: text}\n"), one("no value", "items.type"));
}

#[test]
fn recursive_schemas_are_walked_as_deep_as_documents_go() {
    let depth = Limits::default().depth as usize / 2 - 10;
    let schema =
        format!("{}{}", "{properties: {a: ".repeat(depth), "}}".repeat(depth).replacen('}', "{typ: a}}", 1));
    let head = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a}\nspec:\n  versions:\n  - schema:\n      openAPIV3Schema: ";
    let found = problems(&format!("{head}{schema}\n"));
    assert!(found.iter().any(|(what, at)| what == "unknown" && at.ends_with(".a.typ")), "{}", found.len());
}

#[test]
fn items_must_differ() {
    let service = |ports: &str| {
        problems(&format!("apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec:\n  ports: {ports}\n"))
    };
    assert_eq!(service("[{port: 53}, {port: 53, protocol: UDP}]"), []);
    assert_eq!(
        service("[{port: 53, name: a}, {port: 53, name: b, protocol: TCP}]"),
        one("twice", "spec.ports[name=b]")
    );
}

#[test]
fn misplaced_fields_know_their_place() {
    let nesting = |lines: &str| {
        let text = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a}}\nspec:\n  selector: {{}}\n  template:\n    spec:\n      containers:\n      - name: a\n        image: a\n{lines}"
        );
        let tree = parse(SourceText::new("test.yaml", text), &Limits::default());
        let root = tree.documents().next().and_then(|document| document.root()).expect("a document");
        let found = check(Object::new(root).expect("an object"), Version::newest());
        let nesting = found.into_iter().find_map(|one| match one.problem {
            Problem::UnknownField { nesting, .. } => Some(nesting),
            _ => None,
        });
        nesting.expect("an unknown field").map(|nesting| {
            let steps: Vec<&str> = nesting.steps.iter().map(|step| step.field).collect();
            (nesting.place, steps)
        })
    };
    let place = |lines: &str| nesting(lines).expect("a place");
    assert_eq!(
        place("        securityContext: {resources: {}}\n"),
        (NestingPlace::Up(1), vec!["containers"])
    );
    assert_eq!(
        place("        allowPrivilegeEscalation: false\n"),
        (NestingPlace::Down, vec!["securityContext"])
    );
    assert_eq!(
        place("      securityContext: {capabilities: {}}\n"),
        (NestingPlace::Aside, vec!["containers", "securityContext"])
    );
    assert_eq!(place("  hostNetwork: true\n"), (NestingPlace::Down, vec!["template", "spec"]));
    assert_eq!(place("replicas: 2\n"), (NestingPlace::Down, vec!["spec"]));
    assert_eq!(place("      strategy: {}\n").0, NestingPlace::Up(2));
    assert_eq!(nesting("        securityContext: {name: b}\n"), None, "the container has a name already");
    assert_eq!(nesting("        securityContext: {resources: []}\n"), None, "a list is none");
    assert_eq!(nesting("        nonsense: 1\n"), None);
    assert_eq!(nesting("      hostnames: [a]\n"), None, "there are no aliases of hosts");
    let selector = "      topologySpreadConstraints:\n      - {maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule, labelSelector: {app: a}}\n";
    assert_eq!(place(selector), (NestingPlace::Down, vec!["matchLabels"]));
}
