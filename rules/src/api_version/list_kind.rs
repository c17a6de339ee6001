//! Lists of objects.

use kubevet_core::{
    declare_rule,
    finding::{Applicability, Edit, Fix},
    index::SourceFile,
    rule::Context,
    yaml::NodeRef,
};

declare_rule! {
    /// A `List` has another API version than `v1`.
    ///
    /// ## Why
    /// `List` is a form of `kubectl`, which reads it as `v1`; other tools look it up in the API group that it names, and do
    /// not find it there.
    ///
    /// ## Fix
    /// Write `apiVersion: v1`.
    ///
    /// ## References
    /// `k8s.io/api/core/v1`, type `List`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: apps/v1
    /// kind: List
    /// items:
    ///   - apiVersion: v1
    ///     kind: ConfigMap
    ///     metadata: {name: settings}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: List
    /// items:
    ///   - apiVersion: v1
    ///     kind: ConfigMap
    ///     metadata: {name: settings}
    /// ```
    pub LIST_KIND {
        id: "api-version/list-kind",
        class: Hygiene,
        severity: Info,
        profiles: [],
        versions: "all",
        fix: Safe,
        check: Text(list_kind),
    }
}

fn list_kind(file: &SourceFile, cx: &mut Context<'_>) {
    let documents = file.tree().into_iter().flat_map(kubevet_core::yaml::Tree::documents);
    for root in documents.filter_map(|document| document.root()) {
        let version = root.get("apiVersion").filter(|version| version.text() != "v1");
        let list = root.get("kind").is_some_and(|kind| kind.text() == "List");
        let Some(version) = version.filter(|_| list && root.get("items").is_some_and(NodeRef::is_seq)) else {
            continue;
        };
        let message = format!("a `List` is `v1`, not `{}`", version.text());
        cx.report(version, message).help("write `apiVersion: v1`").fix(Fix {
            title: "write `v1`".to_owned(),
            applicability: Applicability::Safe,
            edits: vec![Edit { span: version.span(), text: "v1".to_owned() }],
        });
    }
}
