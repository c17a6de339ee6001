//! Rules that say what the API server refuses, against the validation of the real one, on every object of the corpus.

use kubevet_core::{
    engine::{Config, Linter},
    finding::Severity,
    kubernetes::is_placeholder,
};
use kubevet_tests::verdicts;

/// A rule and a part of the message of the API server for what it is about; `%` stands for any text.
const SAID: &[(&str, &str)] = &[
    ("api-version/removed", "is no longer served"),
    ("api/name-missing", "name or generateName is required"),
    ("api/selector-mismatch", "does not match template `labels`"),
    ("api/probe-handler", "must specify a handler type"),
    ("api/probe-handler", "may not specify more than 1 handler type"),
    ("api/request-exceeds-limit", "must be less than or equal to"),
    ("api/name-invalid", "metadata.name: Invalid value: \"%\": a lowercase RFC 1123"),
    ("api/namespace-invalid", "metadata.namespace: Invalid value"),
    ("api/label-invalid", "labels: Invalid value: \"%\": a valid label must"),
    ("api/label-selector-invalid", "matchLabels: Invalid value: \"%\": a valid label must"),
    ("api/metadata-invalid", "name is neither a standard finalizer name nor is it fully qualified"),
    ("api/metadata-invalid", "operation: Required value"),
    ("api/selector-missing", "spec.selector: Required value"),
    ("api/selector-missing", "empty selector is invalid"),
    ("api/job-selector", "`selector` not auto-generated"),
    ("api/job-selector", "controller-uid]: Invalid value"),
    ("api/strategy-invalid", "spec.strategy: Unsupported value"),
    ("api/cron-schedule", "spec.schedule: Invalid value"),
    ("schema/missing-required", "ontainers[0].name: Required value"),
    ("api/container-name-invalid", "ontainers[0].name: Invalid value"),
    ("api/container-name-duplicate", "ontainers[0].name: Duplicate value"),
    ("schema/missing-required", ".image: Required value"),
    ("api/container-port-invalid", ".ports[0].name: Invalid value"),
    ("api/container-port-invalid", ".containerPort: Invalid value"),
    ("api/container-port-invalid", ".protocol: Unsupported value"),
    ("api/volume-mount-invalid", ".volumeMounts[0].name: "),
    ("api/volume-mount-invalid", ".mountPath: "),
    ("api/service-port-invalid", "spec.ports: Required value"),
    ("api/service-port-invalid", "spec.ports[%].name: Required value"),
    ("api/service-port-invalid", "spec.ports[%].targetPort: Invalid value"),
    ("api/service-port-invalid", "spec.ports[%]: Duplicate value"),
    ("api/service-type-conflict", "may not be used when `type` is 'ClusterIP'"),
    ("api/endpoints-invalid", "may not be in the loopback range"),
    ("api/ingress-invalid", "either `defaultBackend` or `rules` must be specified"),
    ("api/ingress-invalid", "a wildcard DNS-1123 subdomain must start with"),
    ("api/ingress-invalid", "resource or service backend is required"),
    ("api/ingress-class-invalid", "spec.parameters.apiGroup: Invalid value"),
    ("api/hpa-invalid", "must be greater than or equal to `minReplicas`"),
    ("api/hpa-invalid", "apiVersion must specify API group"),
    ("api/pdb-invalid", "must not be greater than 100"),
    ("api/secret-type-data", "metadata.annotations[kubernetes.io/service-account.name]: Required value"),
    ("api/persistent-volume-claim-invalid", "spec.resources[storage]: Required value"),
    ("api/persistent-volume-invalid", "spec: Required value: must specify a volume type"),
    ("api/storage-class-invalid", "storageClassName: Invalid value: \"\""),
    ("api/csi-invalid", "must specify exactly one of inlineVolumeSpec and persistentVolumeName"),
    ("rbac/invalid-binding", "subjects[%].namespace: Required value"),
    ("admission-policy/binding-invalid", "spec.paramRef.parameterNotFoundAction: Required value"),
    ("crd/invalid", "spec.preserveUnknownFields: Invalid value: true"),
    ("crd/schema-not-structural", "additionalProperties and properties are mutual exclusive"),
    ("crd/schema-not-structural", "uniqueItems cannot be set to true"),
    ("crd/schema-not-structural", "type: Required value: must not be empty"),
    ("api/security-context-conflict", "`hostUsers` must be false to use `Unmasked`"),
    ("api/security-context-conflict", "cannot set `allowPrivilegeEscalation` to false"),
    ("api/security-context-invalid", "localhostProfile: Required value"),
    ("api/security-context-invalid", "container.apparmor.security.beta.kubernetes.io/"),
    ("api/security-context-invalid", "seccompProfile.type: Unsupported value"),
    ("api/windows-host-process", "hostNetwork must be true if pod contains any hostProcess"),
    ("api/windows-host-process", "all containers must be HostProcess containers"),
    ("api/ephemeral-container-on-create", "ephemeralContainers: Forbidden"),
    ("api/restart-policy", "spec.restartPolicy: Required value"),
    ("api/probe-on-init-container", "may not be set for init containers"),
    ("api/pod-affinity-invalid", ".topologyKey: Invalid value"),
    ("api/probe-handler", "Probe.httpGet.port: Invalid value"),
];

/// Whether an error holds the pieces of a part, one after the other.
fn says(error: &str, part: &str) -> bool {
    let mut rest = error;
    part.split('%').all(|piece| {
        let found = rest.find(piece);
        rest = found.map_or("", |at| &rest[at + piece.len()..]);
        found.is_some()
    })
}

#[test]
fn the_api_server_agrees() {
    let select = vec![
        "api/*".to_owned(),
        "api-version/*".to_owned(),
        "rbac/invalid-*".to_owned(),
        "admission-policy/*".to_owned(),
        "crd/*".to_owned(),
        "webhook/*".to_owned(),
        "schema/*".to_owned(),
    ];
    let config = Config { select, ..Config::default() };
    let linter = Linter::new(&kubevet_rules::all(), config).expect("the rules are known");
    let refusing =
        |id: &str| linter.rules().iter().any(|rule| rule.rule.id == id && rule.severity == Severity::Error);
    let Some(all) = verdicts::compared("api.jsonl", &linter) else { return };
    let mut wrong = Vec::new();
    let (mut accepted, mut refused) = (0, 0);
    for one in &all {
        let errors: Vec<&str> = one.verdict["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|error| error.as_str())
            .collect();
        let text = |key: &str| one.verdict[key].as_str().unwrap_or_default();
        let decoded_only = one.verdict["warnings"].to_string().contains("no strategy known to the oracle");
        let served =
            kubevet_facts::api(text("apiVersion"), text("kind")).is_some_and(|api| api.resource.is_some());
        if decoded_only || !served {
            continue;
        }
        // The oracle decodes every version that the types still have, served or not.
        let refuses = |id: &&&str| refusing(id) && !id.starts_with("api-version/");
        if one.verdict["ok"] == true {
            accepted += 1;
            if one.reported.iter().find(refuses).is_some() {
                wrong.push(format!("{}: accepted, but {:?}", one.place(), one.reported));
            }
        }
        // What is missing altogether is the matter of other rules, also of those about schemas.
        let whole = one.verdict["kind"] != "DaemonSet"
            && !errors.iter().any(|error| error.contains("Required value"));
        // A volume that is refused is none that a container could mount.
        let volumes = !errors.iter().any(|error| error.contains("spec.volumes["));
        let skipped = |id: &str| {
            !whole && id == "api/selector-mismatch" || !volumes && id == "api/volume-mount-invalid"
        };
        for (id, part) in SAID.iter().filter(|(id, _)| !skipped(id)) {
            // Labels that the API server makes of a name follow from it.
            let named =
                *id != "api/label-invalid" || !errors.iter().any(|error| error.starts_with("metadata.name"));
            let literal = |error: &str| !is_placeholder(error) && !error.contains('<');
            if named && errors.iter().any(|error| says(error, part) && literal(error)) {
                refused += 1;
                let by_schema = one.reported.iter().any(|id| id.starts_with("schema/") && refusing(id));
                if !one.reported.contains(id) && !by_schema {
                    wrong.push(format!("{}: {errors:?}, but not {id}", one.place()));
                }
            }
        }
    }
    assert!(accepted > 6_000 && refused > 100, "only {accepted} and {refused} verdicts were compared");
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
