//! What a document must be to be an object.

use kubevet_core::{
    declare_rule,
    facts::apis_of_kind,
    index::SourceFile,
    recognise::FileKind,
    rule::{Context, Key},
    yaml::{DuplicateKey, NodeRef},
};

declare_rule! {
    /// A mapping has one key twice.
    ///
    /// ## Why
    /// The API server refuses the object under strict validation (`kubectl`'s default); decoders that are not strict take the last value and
    /// drop the first without a word. Keys are compared as Kubernetes reads them: `on` is `true`.
    ///
    /// ## Fix
    /// Keep one of them.
    ///
    /// ## References
    /// `yaml.UnmarshalStrict` of `sigs.k8s.io/yaml`; Kubernetes documentation, "API concepts", field validation.
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
    ///       env: [{name: MODE, value: fast}]
    ///       image: registry.example.org/web:1.3.0
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: web}
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: web}
    /// data:
    ///   mode: fast
    ///   Mode: slow
    /// ```
    pub DUPLICATE_KEY {
        id: "yaml/duplicate-key",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: ["monokle:YML010", "monokle:K8S004", "kubeconform:-strict", "kubectl-validate:strict-decoding"],
        check: Text(duplicate_key),
    }
}

fn duplicate_key(file: &SourceFile, cx: &mut Context<'_>) {
    let Some(tree) =
        file.tree().filter(|_| file.objects().len() > 0 || file.kind() == FileKind::Kustomization)
    else {
        return;
    };
    let pairs = tree.duplicate_keys();
    for pair in &pairs {
        let text = pair.second.text();
        match joined_at(&pairs, pair.second) {
            Some(start) if start == pair.second => {
                cx.report(start, "a second object begins here without `---` before it: the API server refuses both, others drop the first")
                    .label(pair.first, "the first object")
                    .help("put `---` on the line before it");
            }
            // Part of the second object.
            Some(_) => {}
            None => {
                let message = format!(
                    "key `{text}` stands twice in this mapping: the API server refuses it, others drop the first value"
                );
                cx.report(pair.second, message)
                    .label(pair.first, "first given here")
                    .help("keep one of them");
            }
        }
    }
}

/// Where the object of a repeated key begins, if it is a second one in its document: `apiVersion` and `kind` come again.
fn joined_at<'t>(pairs: &[DuplicateKey<'t>], key: NodeRef<'t>) -> Option<NodeRef<'t>> {
    let root = key.root();
    let repeated = |name| {
        let top = |one: &NodeRef<'_>| one.text() == name && one.parent() == Some(root);
        let keys = pairs.iter().map(|pair| pair.second).filter(top);
        keys.collect::<Vec<_>>()
    };
    let (versions, kinds) = (repeated("apiVersion"), repeated("kind"));
    if key.parent() != Some(root) || versions.len() != kinds.len() {
        return None;
    }
    let starts = versions
        .into_iter()
        .zip(kinds)
        .map(|(one, other)| if one.span().start < other.span().start { one } else { other });
    // The last object that begins before the key; a key before the first of them belongs to it, too.
    let mut starts = starts.peekable();
    let mut start = *starts.peek()?;
    for next in starts.take_while(|next| next.span().start <= key.span().start) {
        start = next;
    }
    Some(start)
}

declare_rule! {
    /// A document among manifests is no object: it is no mapping, or lacks one of `apiVersion` and `kind`.
    ///
    /// ## Why
    /// `kubectl apply` stops at it: "Object 'Kind' is missing" or "apiVersion not set".
    ///
    /// ## Fix
    /// Give the document both, or remove it.
    ///
    /// ## References
    /// `k8s.io/apimachinery/pkg/runtime/serializer/json`, the interpretation of type metadata.
    ///
    /// ## Examples
    /// ```yaml bad
    /// kind: Deployment
    /// metadata: {name: web}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: web}
    /// ---
    /// just a note
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: web}
    /// ---
    /// # a comment is no document
    /// ```
    /// ```yaml good values.yaml
    /// kind: canary
    /// ```
    pub NOT_AN_OBJECT {
        id: "yaml/not-an-object",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: ["kubeconform:missing-kind-apiVersion"],
        check: Text(not_an_object),
    }
}

fn not_an_object(file: &SourceFile, cx: &mut Context<'_>) {
    let Some(tree) = file.tree().filter(|_| file.kind() == FileKind::Yaml) else { return };
    let manifests = file.objects().len() > 0;
    for root in tree.documents().filter_map(|document| document.root()).filter(|root| !root.is_null()) {
        if !root.is_map() {
            if manifests {
                cx.report(
                    root,
                    "this document is no mapping, so it is no object: `kubectl apply` stops at it",
                )
                .help("remove it, or turn it into a comment");
            }
            continue;
        }
        let said = |key| root.get(key).filter(|node| node.as_str().is_some_and(|text| !text.is_empty()));
        match (said("apiVersion"), said("kind")) {
            (None, Some(kind)) if manifests || is_built_in(kind) => {
                let message = format!(
                    "this {} has no `apiVersion`: the API server cannot tell what it is",
                    kind.text()
                );
                cx.report(Key(kind), message).help("add `apiVersion`").absence();
            }
            (Some(version), None)
                if manifests
                    || version.text().contains(".k8s.io/")
                    || matches!(version.text(), "apps/v1" | "batch/v1") =>
            {
                let message = format!(
                    "this document of `{}` has no `kind`: the API server cannot tell what it is",
                    version.text()
                );
                cx.report(Key(version), message).help("add `kind`").absence();
            }
            _ => {}
        }
    }
}

/// A kind of the built-in API, with what every object has: other programs have words like `Job` too.
fn is_built_in(kind: NodeRef<'_>) -> bool {
    let has = |key| kind.root().get(key).is_some_and(NodeRef::is_map);
    apis_of_kind(kind.text()).next().is_some() && has("metadata")
}
