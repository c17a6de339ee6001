//! Conversion between versions.

use kubevet_core::{
    declare_rule,
    kubernetes::Object,
    rule::{Context, Key},
};

use super::{DEFINITIONS, spec};
use crate::{
    api::check::{Fields, missing, refuse},
    webhook::client::{client, review_versions},
};

declare_rule! {
    /// The conversion webhook of a CustomResourceDefinition cannot be reached or understood, or is there without its strategy.
    ///
    /// ## Why
    /// The API server refuses the definition. The strategy `Webhook` needs to know where the webhook is, and which versions of
    /// reviews it understands.
    ///
    /// ## Fix
    /// Set `webhook.clientConfig` and `webhook.conversionReviewVersions: [v1]`, or use the strategy `None`.
    ///
    /// ## References
    /// `validateCustomResourceConversion` in `k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata: {name: shops.example.org}
    /// spec: {conversion: {strategy: Webhook}}
    /// ```
    /// ```yaml bad
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata: {name: shops.example.org}
    /// spec:
    ///   conversion:
    ///     strategy: Webhook
    ///     webhook: {conversionReviewVersions: [v2], clientConfig: {service: {name: shop, namespace: shop}}}
    /// ```
    /// ```yaml bad
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata: {name: shops.example.org}
    /// spec:
    ///   conversion:
    ///     strategy: None
    ///     webhook: {conversionReviewVersions: [v1], clientConfig: {service: {name: shop, namespace: shop}}}
    /// ```
    /// ```yaml good
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata: {name: shops.example.org}
    /// spec:
    ///   conversion:
    ///     strategy: Webhook
    ///     webhook: {conversionReviewVersions: [v1, v2], clientConfig: {service: {name: shop, namespace: shop, path: /convert}}}
    /// ```
    pub CONVERSION_WEBHOOK {
        id: "crd/conversion-webhook",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "v1",
        check: Object(DEFINITIONS, conversion_webhook),
    }
}

fn conversion_webhook(definition: Object<'_>, cx: &mut Context<'_>) {
    let Some(conversion) = spec(definition, cx).and_then(|spec| spec.field("conversion")) else { return };
    let webhook = conversion.field("webhook");
    match (conversion.said("strategy"), webhook) {
        ("Webhook", None) => {
            missing(
                cx,
                conversion,
                "the strategy is `Webhook`, and there is none",
                "set `webhook`, or use the strategy `None`",
            );
        }
        ("Webhook", Some(webhook)) => {
            match webhook.field("clientConfig") {
                Some(config) => client(config, cx),
                None => {
                    missing(cx, webhook, "it is not said where the webhook is", "set `clientConfig`");
                }
            }
            review_versions(webhook.field("conversionReviewVersions"), cx);
        }
        ("None", Some(webhook)) if webhook.has("clientConfig") || webhook.has("conversionReviewVersions") => {
            refuse(cx, Key(webhook), "a webhook does not go with the strategy `None`")
                .help("delete `webhook`, or use the strategy `Webhook`");
        }
        _ => {}
    }
}
