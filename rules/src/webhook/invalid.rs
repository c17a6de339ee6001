//! Configurations of webhooks.

use std::collections::HashMap;

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, values::names},
    rule::{Context, Kinds},
    yaml::NodeRef,
};

use super::{
    client::{client, review_versions},
    conditions::conditions,
    rules::rule,
};
use crate::api::check::{Fields, form, is_served, not_empty, refuse, repeated, shown, within};

declare_rule! {
    /// A webhook configuration has names, rules or addresses that the API server does not take.
    ///
    /// ## Why
    /// The API server refuses the configuration. Webhooks are named like `check.example.org`, each once; `*` stands alone in its
    /// list; a webhook is reached by an URL of `https` or by a Service.
    ///
    /// ## Fix
    /// Correct the value.
    ///
    /// ## References
    /// `validateValidatingWebhook` in `k8s.io/kubernetes/pkg/apis/admissionregistration/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: admissionregistration.k8s.io/v1
    /// kind: ValidatingWebhookConfiguration
    /// metadata: {name: check}
    /// webhooks:
    ///   - name: check
    ///     sideEffects: None
    ///     admissionReviewVersions: [v1]
    ///     clientConfig: {service: {name: check, namespace: check}}
    /// ```
    /// ```yaml bad
    /// apiVersion: admissionregistration.k8s.io/v1
    /// kind: ValidatingWebhookConfiguration
    /// metadata: {name: check}
    /// webhooks:
    ///   - name: check.example.org
    ///     sideEffects: None
    ///     admissionReviewVersions: [v1]
    ///     clientConfig: {url: "http://check.example.org/"}
    /// ```
    /// ```yaml bad
    /// apiVersion: admissionregistration.k8s.io/v1
    /// kind: MutatingWebhookConfiguration
    /// metadata: {name: check}
    /// webhooks:
    ///   - name: check.example.org
    ///     sideEffects: None
    ///     admissionReviewVersions: [v2]
    ///     timeoutSeconds: 60
    ///     clientConfig: {service: {name: check, namespace: check}}
    ///     rules:
    ///       - {operations: ["*", CREATE], apiGroups: [""], apiVersions: [v1], resources: [pods]}
    /// ```
    /// ```yaml good
    /// apiVersion: admissionregistration.k8s.io/v1
    /// kind: MutatingWebhookConfiguration
    /// metadata: {name: check}
    /// webhooks:
    ///   - name: check.example.org
    ///     sideEffects: NoneOnDryRun
    ///     admissionReviewVersions: [v1, v1beta1]
    ///     timeoutSeconds: 5
    ///     reinvocationPolicy: IfNeeded
    ///     clientConfig: {service: {name: check, namespace: check, path: /mutate-v1/pods, port: 8443}}
    ///     rules:
    ///       - {operations: [CREATE, UPDATE], apiGroups: ["*"], apiVersions: ["*"], resources: ["*", pods/status]}
    ///     matchConditions: [{name: example.org/not-system, expression: "!request.userInfo.username.startsWith('system:')"}]
    /// ```
    pub INVALID {
        id: "webhook/invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "v1",
        check: Object(CONFIGURATIONS, invalid),
    }
}

const CONFIGURATIONS: Kinds = Kinds::Of(&[
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
]);

const OPERATIONS: &[&str] = &["CREATE", "UPDATE", "DELETE", "CONNECT", "*"];

fn invalid(configuration: Object<'_>, cx: &mut Context<'_>) {
    if !is_served(configuration, cx) {
        return;
    }
    let mut seen: HashMap<&str, NodeRef<'_>> = HashMap::new();
    for webhook in configuration.each("webhooks").filter(|webhook| webhook.is_map()) {
        if let Some(name) = webhook.word("name") {
            form(cx, Some(name), "name of a webhook", |text| {
                names::dns_subdomain(text)?;
                if text.split('.').count() < 3 {
                    return Err("must have at least three parts, such as `check.example.org`");
                }
                Ok(())
            });
            if let Some(first) = seen.insert(name.text(), name) {
                repeated(cx, name, first, format!("two webhooks are called `{}`", shown(name.text())));
            }
        }
        webhook.each("rules").filter(|one| one.is_map()).for_each(|one| rule(one, OPERATIONS, cx));
        not_empty(cx, webhook, &["failurePolicy", "matchPolicy", "reinvocationPolicy"]);
        within(cx, webhook, &["timeoutSeconds"], &(1..=30));
        if let Some(config) = webhook.field("clientConfig").filter(|config| config.is_map()) {
            client(config, cx);
        }
        let again =
            webhook.word("reinvocationPolicy").filter(|node| !matches!(node.text(), "Never" | "IfNeeded"));
        if let Some(node) = again {
            refuse(cx, node, format!("`{}` is no value of `reinvocationPolicy`", shown(node.text())))
                .help("use `Never` or `IfNeeded`");
        }
        review_versions(webhook.field("admissionReviewVersions"), cx);
        conditions(webhook, cx);
    }
}
