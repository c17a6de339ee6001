//! Scalars that YAML 1.1 reads otherwise than their writer.

use kubevet_core::{
    declare_rule,
    facts::SchemaKind,
    finding::{Applicability, Edit, Fix},
    kubernetes::{Object, PodSpec},
    rule::{Context, Kinds},
    schema::Problem,
    yaml::{NodeRef, Scalar, Style},
};

declare_rule! {
    /// A plain `yes`, `on`, `0755` or `1e3` stands where Kubernetes wants a string.
    ///
    /// ## Why
    /// Kubernetes reads YAML 1.1: `no` is a boolean, `0755` is the number 493, `1e3` is 1000. The API server refuses a label, an environment
    /// variable or an argument that is no string.
    ///
    /// ## Fix
    /// Put quotes around it.
    ///
    /// ## References
    /// `resolve.go` of go-yaml v2, which `sigs.k8s.io/yaml` uses.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       env:
    ///         - {name: DEBUG, value: no}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: web}
    /// data:
    ///   umask: 0022
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   selector: {app: web, canary: off}
    ///   ports: [{port: 80}]
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: no
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       env:
    ///         - {name: DEBUG, value: "no"}
    ///         - {name: ZONE, value: north}
    /// ```
    pub AMBIGUOUS_SCALAR {
        id: "yaml/ambiguous-scalar",
        class: Correctness,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "all",
        fix: Safe,
        check: Object(Kinds::Any, ambiguous_scalar),
    }
}

fn ambiguous_scalar(object: Object<'_>, cx: &mut Context<'_>) {
    let mut nodes = strings(object);
    // Everywhere else, the schema knows what must be a string.
    let violations = cx.violations(object);
    let strings = violations
        .iter()
        .filter(|one| matches!(one.problem, Problem::WrongType { wanted: SchemaKind::String }));
    nodes.extend(
        strings
            .map(|one| object.tree().node(one.node))
            .filter(|node| !nodes.contains(node))
            .collect::<Vec<_>>(),
    );
    for node in nodes {
        let Some(meant) = meaning(node) else { continue };
        let text = node.text();
        let edit = Edit { span: node.span(), text: format!("\"{text}\"") };
        let fix = Fix { title: "quote it".into(), applicability: Applicability::Safe, edits: vec![edit] };
        cx.report(
            node,
            format!("`{text}` is read as {meant} where only a string fits: the API server refuses it"),
        )
        .help(format!("write `\"{text}\"`"))
        .fix(fix);
    }
}

/// Whether it is a plain scalar that looks like a word or a text of digits and is a boolean or number.
pub fn is_ambiguous(node: NodeRef<'_>) -> bool {
    meaning(node).is_some()
}

/// What Kubernetes reads, in words.
fn meaning(node: NodeRef<'_>) -> Option<String> {
    if !node.is_scalar() || node.style() != Style::Plain {
        return None;
    }
    let text = node.text();
    match node.value() {
        Scalar::Bool(value) if !matches!(text.to_ascii_lowercase().as_str(), "true" | "false") => {
            Some(format!("the boolean `{value}`"))
        }
        Scalar::Int(value) if is_odd_number(text) => Some(format!("the number {value}")),
        Scalar::UInt(value) if is_odd_number(text) => Some(format!("the number {value}")),
        Scalar::Float(value) if is_odd_number(text) => Some(format!("the number {value}")),
        _ => None,
    }
}

/// Written otherwise than Kubernetes would print it: with a leading zero, an underscore, a base or an exponent.
fn is_odd_number(text: &str) -> bool {
    let digits = text.trim_start_matches(['-', '+']);
    let zero = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    zero || text.contains('_') || digits.contains(['e', 'E'])
}

/// Scalars where every Kubernetes object of the kind has strings.
fn strings(object: Object<'_>) -> Vec<NodeRef<'_>> {
    let pod = PodSpec::of(object);
    let (mut nodes, mut maps) = (Vec::new(), Vec::new());
    for metadata in
        [object.metadata(), pod.and_then(|pod| pod.template().get("metadata"))].into_iter().flatten()
    {
        nodes.extend(["name", "namespace"].into_iter().filter_map(|field| metadata.get(field)));
        maps.extend(["labels", "annotations"].into_iter().filter_map(|field| metadata.get(field)));
    }
    if object.is("", "ConfigMap") || object.is("", "Secret") {
        maps.extend(["data", "stringData"].into_iter().filter_map(|field| object.node().get(field)));
    }
    let selector = object.spec().and_then(|spec| spec.get("selector"));
    if object.is("", "Service") || object.is("", "ReplicationController") {
        maps.extend(selector);
    }
    if let Some(pod) = pod {
        maps.extend(selector.and_then(|selector| selector.get("matchLabels")));
        maps.extend(pod.get("nodeSelector"));
        for container in pod.containers() {
            nodes.extend(container.get("name"));
            let lists = ["command", "args"].into_iter().filter_map(|list| container.get(list));
            nodes.extend(lists.flat_map(NodeRef::items));
            for variable in container.get("env").into_iter().flat_map(NodeRef::items) {
                nodes.extend(["name", "value"].into_iter().filter_map(|field| variable.get(field)));
            }
        }
    }
    nodes.extend(maps.into_iter().flat_map(NodeRef::entries).map(|entry| entry.value));
    // A Pod is its own template.
    nodes.sort_unstable_by_key(|node| node.id());
    nodes.dedup();
    nodes
}

declare_rule! {
    /// A file mode of a volume is written in decimal digits that look octal, such as `400`.
    ///
    /// ## Why
    /// Only a leading zero makes a number octal: `400` is the mode `0620`, which lets the group write and everybody else nothing at all.
    ///
    /// ## Fix
    /// Write `0400`; in JSON, where there are no octal numbers, `256`.
    ///
    /// ## References
    /// Kubernetes documentation, `defaultMode` of Secret and ConfigMap volumes.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    ///   volumes:
    ///     - name: key
    ///       secret: {secretName: key, defaultMode: 400}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - {name: web, image: registry.example.org/web:1.2.0}
    ///   volumes:
    ///     - name: key
    ///       secret:
    ///         secretName: key
    ///         defaultMode: 0400
    ///         items: [{key: a, path: a, mode: 256}]
    /// ```
    pub OCTAL_MODE {
        id: "yaml/octal-mode",
        class: Correctness,
        severity: Warning,
        profiles: [recommended, production, hardened],
        versions: "all",
        fix: Unsafe,
        check: Pod(octal_mode),
    }
}

fn octal_mode(pod: PodSpec<'_>, cx: &mut Context<'_>) {
    for volume in pod.volumes() {
        let sources = volume.entries().map(|entry| entry.value).filter(|source| source.is_map());
        let projected = volume.at(&["projected", "sources"]).into_iter().flat_map(NodeRef::items);
        let projected = projected.flat_map(NodeRef::entries).map(|entry| entry.value);
        for source in sources.chain(projected) {
            let items =
                source.get("items").into_iter().flat_map(NodeRef::items).filter_map(|item| item.get("mode"));
            for mode in source.get("defaultMode").into_iter().chain(items) {
                let text = mode.text();
                if mode.style() != Style::Plain || !matches!(text, "400" | "440" | "444" | "500") {
                    continue;
                }
                let real = mode.as_i64().unwrap_or_default();
                let edit = Edit { span: mode.span(), text: format!("0{text}") };
                let fix = Fix {
                    title: format!("write `0{text}`"),
                    applicability: Applicability::Unsafe,
                    edits: vec![edit],
                };
                let draft =
                    cx.report(mode, format!("`{text}` is decimal here: the mode becomes `{real:04o}`"));
                let draft = draft.help(format!("write `0{text}` for the octal mode"));
                // JSON has no octal numbers.
                if !mode.tree().path().ends_with(".json") {
                    draft.fix(fix);
                }
            }
        }
    }
}
