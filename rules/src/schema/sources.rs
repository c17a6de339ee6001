//! Schemas that cannot be used.

use kubevet_core::{
    declare_rule,
    finding::{Place, Site},
    index::SourceFile,
    kubernetes::Object,
    rule::Context,
    schema::{Definition, IssueKind},
    source::Span,
};

declare_rule! {
    /// A schema of a `CustomResourceDefinition`, or a schema file that was given, cannot be used as a whole.
    ///
    /// ## Why
    /// What the schema would say about custom objects is not checked, and the API server refuses a definition whose patterns do not
    /// compile or which refers to other schemas. Types that do not exist are left to `schema/invalid-enum`, what is no schema to
    /// `schema/wrong-type`, and references to `crd/schema-not-structural`.
    ///
    /// ## Fix
    /// Correct the place. Patterns are those of Go's `regexp`: no look-around and no back-references.
    ///
    /// ## References
    /// `k8s.io/apiextensions-apiserver/pkg/apiserver/schema`, structural schemas.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata: {name: widgets.example.org}
    /// spec:
    ///   group: example.org
    ///   scope: Namespaced
    ///   names: {kind: Widget, plural: widgets}
    ///   versions:
    ///     - name: v1
    ///       served: true
    ///       storage: true
    ///       schema:
    ///         openAPIV3Schema:
    ///           type: object
    ///           properties:
    ///             color: {type: string, pattern: "^(?!red)"}
    /// ```
    /// ```yaml good
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata: {name: widgets.example.org}
    /// spec:
    ///   group: example.org
    ///   scope: Namespaced
    ///   names: {kind: Widget, plural: widgets}
    ///   versions:
    ///     - name: v1
    ///       served: true
    ///       storage: true
    ///       schema:
    ///         openAPIV3Schema:
    ///           type: object
    ///           properties:
    ///             color: {type: string, pattern: "^[a-z[]+$"}
    /// ```
    pub UNUSABLE_SCHEMA {
        id: "schema/unusable-schema",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: SchemaSource(unusable_schema),
    }
}

fn unusable_schema(file: &SourceFile, cx: &mut Context<'_>) {
    let mut definitions = 0;
    for object in file.objects() {
        let Some(definition) = Definition::new(object) else { continue };
        definitions += 1;
        for issue in definition.issues(object) {
            let elsewhere = match issue.kind {
                IssueKind::Type => Some("schema/invalid-enum"),
                IssueKind::Reference => Some("crd/schema-not-structural"),
                IssueKind::Shape => Some("schema/wrong-type"),
                IssueKind::Other => None,
            };
            // Those rules know definitions that are served, in files that are checked.
            let checked = !file.is_schema_source() && object.version() == "v1";
            if checked && elsewhere.is_some_and(|rule| cx.left_to(rule).is_some()) {
                continue;
            }
            cx.report(object.tree().node(issue.node), issue.message).help("correct the schema of the kind");
        }
    }
    if !file.is_schema_source() {
        return;
    }
    if let (Some(issue), Some(tree)) = (file.issue(), file.tree()) {
        cx.report(tree.node(issue.node), issue.message.clone())
            .help("correct the schema: nothing of it is used");
    }
    let place = |span: Span, document: u32| {
        let place = Place { path: file.source().path().clone(), span };
        Site { place, document, object: None, field: None }
    };
    let errors = file.tree().map_or(&[][..], |tree| tree.errors());
    for error in errors {
        cx.report(place(error.span, error.document), format!("the file cannot be read: {}", error.message))
            .help("correct it: its schemas are not known");
    }
    let first = file.objects().find(|object: &Object<'_>| object.kind() == "CustomResourceDefinition");
    if let (0, true, Some(object)) = (definitions, errors.is_empty(), first) {
        cx.report(object, "the definition says no group, kind or version: no schema comes from it")
            .help("give the whole `CustomResourceDefinition`");
    }
}
