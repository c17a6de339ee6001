//! What names may look like.

use std::net::IpAddr;

use kubevet_core::{
    declare_rule,
    finding::{Applicability, Edit, Fix},
    kubernetes::{
        Object, is_placeholder,
        values::names::{self, Problem},
    },
    rule::{Context, Kinds},
    yaml::{NodeRef, Style},
};

use super::super::check::{Fields, has_feature, is_built_in, refuse, shown};

declare_rule! {
    /// The name of an object is not of the form that its kind asks for.
    ///
    /// ## Why
    /// The API server refuses the object. Most names are DNS subdomains of at most 253 characters; those of Namespaces,
    /// Services and StatefulSets are DNS labels of at most 63; those of roles, bindings and disruption budgets only
    /// have to fit into a URL.
    ///
    /// ## Fix
    /// Use lower case letters, digits and `-`, and change what refers to the name with it.
    ///
    /// ## References
    /// `ValidateObjectMeta` in `k8s.io/apimachinery/pkg/api/validation`, and `Validate…Name` of each group.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: web_settings}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web.shop}
    /// spec: {ports: [{port: 80}]}
    /// ```
    /// ```yaml bad
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {generateName: Import-}
    /// ```
    /// ```yaml bad
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: shop/reader}
    /// ```
    /// ```yaml good
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: "shop:Reader_1"}
    /// ```
    /// ```yaml good
    /// apiVersion: policy/v1
    /// kind: PodDisruptionBudget
    /// metadata: {name: Web_1}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: 1.web-settings.example.org}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {generateName: import-}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: "${NAME}_settings"}
    /// ```
    pub NAME_INVALID {
        id: "api/name-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "per kind",
        fix: Unsafe,
        check: Object(Kinds::Any, name_invalid),
    }
}

type Form = fn(&str) -> Result<(), Problem>;

fn name_invalid(object: Object<'_>, cx: &mut Context<'_>) {
    if !is_built_in(object) {
        return;
    }
    let Some(form) = form(object, cx) else { return };
    if let Some(node) = object.word("metadata.name") {
        check(node, node.text(), form, cx);
    }
    if let Some(node) = object.word("metadata.generateName") {
        // What is appended makes a last `-` right (`maskTrailingDash`).
        let text = node.text();
        let masked = match text.strip_suffix('-').filter(|text| !text.is_empty()) {
            Some(text) => {
                let kept = text.char_indices().next_back().map_or(0, |(at, _)| at);
                format!("{}a", &text[..kept])
            }
            None => text.to_owned(),
        };
        check(node, &masked, form, cx);
    }
}

fn check(node: NodeRef<'_>, text: &str, form: Form, cx: &mut Context<'_>) {
    let Err(problem) = form(text) else { return };
    let written = node.text();
    let draft = refuse(cx, node, format!("`{}` cannot be the name", shown(written)))
        .help(format!("a name {problem}"));
    let lower = written.to_lowercase();
    if node.style() == Style::Plain && form(&text.to_lowercase()).is_ok() {
        draft.fix(Fix {
            title: format!("write `{lower}`"),
            applicability: Applicability::Unsafe,
            edits: vec![Edit { span: node.span(), text: lower }],
        });
    }
}

/// What the names of a kind must be; `None` where anything goes, or a rule of its own knows more.
fn form(object: Object<'_>, cx: &Context<'_>) -> Option<Form> {
    Some(match (object.group(), object.kind()) {
        ("", "Namespace") | ("apps", "StatefulSet") => names::dns_label,
        ("", "Service") if has_feature(cx, "RelaxedServiceNameValidation") => names::dns_label,
        ("", "Service") => names::dns_1035_label,
        ("rbac.authorization.k8s.io", _)
        | ("policy", "PodDisruptionBudget")
        | ("", "Event")
        | ("certificates.k8s.io", "CertificateSigningRequest") => path_segment,
        ("networking.k8s.io", "IPAddress") => address,
        ("apiregistration.k8s.io", "APIService") | ("apiextensions.k8s.io", "CustomResourceDefinition") => {
            return None;
        }
        ("certificates.k8s.io", "ClusterTrustBundle")
        | ("internal.apiserver.k8s.io", _)
        | (_, "Scale" | "Binding" | "ComponentStatus") => return None,
        _ => names::dns_subdomain,
    })
}

/// `content.IsPathSegmentName`.
fn path_segment(text: &str) -> Result<(), Problem> {
    if matches!(text, "." | "..") {
        return Err("must not be `.` or `..`");
    }
    if text.contains(['/', '%']) {
        return Err("must not contain `/` or `%`");
    }
    Ok(())
}

/// `validation.IsValidIP`: the canonical form.
fn address(text: &str) -> Result<(), Problem> {
    match text.parse::<IpAddr>() {
        Ok(address) if address.to_string() == text => Ok(()),
        _ => Err("must be an IP address in its canonical form"),
    }
}

declare_rule! {
    /// The namespace of an object is no DNS label.
    ///
    /// ## Why
    /// No namespace can have such a name, so the API server refuses the object.
    ///
    /// ## Fix
    /// Write the name of the namespace: lower case letters, digits and `-`, at most 63 characters.
    ///
    /// ## References
    /// `ValidateObjectMeta` in `k8s.io/apimachinery/pkg/api/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: settings, namespace: Shop}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: settings, namespace: shop.example.org}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: settings, namespace: shop-1}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: settings, namespace: "{{ .Release.Namespace }}"}
    /// ```
    pub NAMESPACE_INVALID {
        id: "api/namespace-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(Kinds::Any, namespace_invalid),
    }
}

fn namespace_invalid(object: Object<'_>, cx: &mut Context<'_>) {
    let namespaced =
        kubevet_core::facts::api(object.api_version(), object.kind()).and_then(|api| api.namespaced);
    let Some(node) = object.word("metadata.namespace").filter(|_| namespaced == Some(true)) else { return };
    if is_placeholder(node.text()) {
        return;
    }
    if let Err(problem) = names::dns_label(node.text()) {
        refuse(cx, node, format!("no namespace can be called `{}`", shown(node.text())))
            .help(format!("a namespace {problem}"));
    }
}
