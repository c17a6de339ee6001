//! Names and versions of definitions.

use std::collections::HashMap;

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, is_placeholder, values::names},
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::{DEFINITIONS, spec};
use crate::api::check::{Fields, form, missing, refuse, repeated, shown};

declare_rule! {
    /// A CustomResourceDefinition has names or versions that the API server does not take.
    ///
    /// ## Why
    /// The API server refuses the definition. It is called `<plural>.<group>`, exactly one of its versions is stored, and each
    /// version has a schema.
    ///
    /// ## Fix
    /// Correct the value.
    ///
    /// ## References
    /// `validateCustomResourceDefinitionSpec` in `k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata: {name: shop.example.org}
    /// spec:
    ///   group: example.org
    ///   scope: Namespaced
    ///   names: {plural: shops, kind: Shop}
    ///   versions:
    ///     - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
    /// ```
    /// ```yaml bad
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata: {name: shops.example.org}
    /// spec:
    ///   group: example.org
    ///   scope: Namespaced
    ///   names: {plural: shops, kind: Shop, listKind: Shop}
    ///   versions:
    ///     - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
    ///     - {name: v2, served: true, storage: true, schema: {}}
    /// ```
    /// ```yaml bad
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata: {name: shops.example.k8s.io}
    /// spec:
    ///   group: example.k8s.io
    ///   scope: Namespaced
    ///   names: {plural: shops, kind: Shop}
    ///   versions:
    ///     - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
    /// ```
    /// ```yaml good
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata: {name: shops.example.org}
    /// spec:
    ///   group: example.org
    ///   scope: Namespaced
    ///   names: {plural: shops, singular: shop, kind: Shop, listKind: ShopList, shortNames: [sh], categories: [all]}
    ///   versions:
    ///     - name: v1
    ///       served: true
    ///       storage: true
    ///       schema: {openAPIV3Schema: {type: object}}
    ///       additionalPrinterColumns: [{name: Age, type: date, jsonPath: .metadata.creationTimestamp}]
    ///     - name: v1beta1
    ///       served: true
    ///       storage: false
    ///       deprecated: true
    ///       deprecationWarning: use v1
    ///       schema: {openAPIV3Schema: {type: object}}
    /// ```
    pub INVALID {
        id: "crd/invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "v1",
        check: Object(DEFINITIONS, invalid),
    }
}

fn invalid(definition: Object<'_>, cx: &mut Context<'_>) {
    let Some(spec) = spec(definition, cx) else { return };
    let group = spec.word("group");
    form(cx, group, "API group", |text| {
        names::dns_subdomain(text)?;
        if text.contains('.') { Ok(()) } else { Err("must be a domain with at least one dot") }
    });
    name(definition, spec, cx);
    approval(definition, spec, cx);
    kind_names(spec, cx);
    if spec.is_set("preserveUnknownFields") {
        let Some(node) = spec.field("preserveUnknownFields") else { return };
        refuse(cx, Key(node), "`preserveUnknownFields` can no longer be true")
            .help("set `x-kubernetes-preserve-unknown-fields: true` in the schema");
    }
    versions(spec, cx);
}

fn name(definition: Object<'_>, spec: NodeRef<'_>, cx: &mut Context<'_>) {
    let (plural, group) = (spec.said("names.plural"), spec.said("group"));
    let Some(name) = definition.word("metadata.name") else { return };
    let wanted = format!("{plural}.{group}");
    if plural.is_empty() || group.is_empty() || is_placeholder(&wanted) || name.text() == wanted {
        return;
    }
    let draft = refuse(
        cx,
        name,
        format!("a definition of `{plural}` in `{group}` cannot be called `{}`", shown(name.text())),
    );
    draft.help(format!("call it `{wanted}`"));
}

fn approval(definition: Object<'_>, spec: NodeRef<'_>, cx: &mut Context<'_>) {
    let group = spec.said("group");
    let of_community = ["k8s.io", "kubernetes.io"]
        .into_iter()
        .any(|domain| group == domain || group.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')));
    if !of_community {
        return;
    }
    let said = definition.annotation("api-approved.kubernetes.io").unwrap_or_default();
    let is_url = said.split_once("://").is_some_and(|(scheme, host)| !scheme.is_empty() && !host.is_empty());
    if said.is_empty() {
        let Some(node) = spec.field("group") else { return };
        refuse(
            cx,
            node,
            format!("`{}` is a group of the Kubernetes community, which must approve", shown(group)),
        )
        .help("use a domain of your own, or set the annotation `api-approved.kubernetes.io`")
        .absence();
    } else if !said.starts_with("unapproved") && !is_url && !is_placeholder(said) {
        let node =
            definition.field("metadata.annotations").and_then(|all| all.get("api-approved.kubernetes.io"));
        let Some(node) = node else { return };
        refuse(cx, node, "the approval is neither an URL nor a reason")
            .help("name the pull request, or begin with `unapproved`");
    }
}

fn kind_names(spec: NodeRef<'_>, cx: &mut Context<'_>) {
    for field in ["names.plural", "names.singular"] {
        form(cx, spec.word(field), "name of a resource", names::dns_1035_label);
    }
    for field in ["names.kind", "names.listKind"] {
        form(cx, spec.word(field), "name of a kind", |text| names::dns_1035_label(&text.to_lowercase()));
    }
    for list in ["names.shortNames", "names.categories"] {
        spec.each(list)
            .for_each(|node| form(cx, Some(node), "short name or category", names::dns_1035_label));
    }
    let list_kind = spec.word("names.listKind").filter(|node| node.text() == spec.said("names.kind"));
    if let Some(node) = list_kind {
        refuse(cx, node, "the kind of lists is the kind itself").help(format!("use `{}List`", node.text()));
    }
}

fn versions(spec: NodeRef<'_>, cx: &mut Context<'_>) {
    let Some(list) = spec.field("versions").filter(|list| list.is_seq() && !list.is_empty()) else { return };
    let mut seen: HashMap<&str, NodeRef<'_>> = HashMap::new();
    let mut stored: Option<NodeRef<'_>> = None;
    for version in list.items().filter(|version| version.is_map()) {
        if let Some(name) = version.word("name") {
            form(cx, Some(name), "version", names::dns_1035_label);
            if let Some(first) = seen.insert(name.text(), name) {
                repeated(cx, name, first, format!("version `{}` is listed twice", shown(name.text())));
            }
        }
        if let Some(node) = version.field("storage").filter(|node| node.as_bool() == Some(true)) {
            match stored {
                Some(first) => {
                    repeated(cx, node, first, "two versions are stored");
                }
                None => stored = Some(node),
            }
        }
        if let Some(schema) =
            version.field("schema").filter(|schema| schema.field("openAPIV3Schema").is_none())
        {
            missing(
                cx,
                schema,
                "the version has no schema",
                "set `openAPIV3Schema`, at least to `type: object`",
            );
        }
        warning(version, cx);
        version.each("additionalPrinterColumns").filter(|one| one.is_map()).for_each(|one| column(one, cx));
    }
    let unknown =
        list.items().any(|version| version.field("storage").is_some_and(|node| node.as_bool().is_none()));
    if stored.is_none() && !unknown {
        refuse(cx, Key(list), "no version is stored").help("set `storage: true` in one version").absence();
    }
}

fn warning(version: NodeRef<'_>, cx: &mut Context<'_>) {
    let Some(node) = version.field("deprecationWarning") else { return };
    let text = node.text();
    if !version.is_set("deprecated") {
        refuse(cx, Key(node), "a version that is not deprecated warns of that")
            .help("set `deprecated: true`");
    } else if text.is_empty() || text.len() > 256 || text.chars().any(char::is_control) {
        refuse(cx, node, "the warning is empty, longer than 256 characters or of several lines")
            .help("write one line");
    }
}

fn column(column: NodeRef<'_>, cx: &mut Context<'_>) {
    const TYPES: &[&str] = &["integer", "number", "string", "boolean", "date"];
    const FORMATS: &[&str] = &["int32", "int64", "float", "double", "byte", "date", "date-time", "password"];
    for (field, values) in [("type", TYPES), ("format", FORMATS)] {
        if let Some(node) = column.word(field).filter(|node| !values.contains(&node.text())) {
            refuse(cx, node, format!("`{}` is no {field} of a column", shown(node.text())))
                .help(format!("use `{}`", values.join("`, `")));
        }
    }
    if let Some(node) = column.word("jsonPath").filter(|node| !node.text().starts_with('.')) {
        refuse(cx, node, format!("path `{}` does not begin with a dot", shown(node.text())))
            .help(format!("write `.{}`", shown(node.text().trim_start_matches('$'))));
    }
}
