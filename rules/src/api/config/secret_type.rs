//! What Secrets of a type must hold.

use kubevet_core::{
    declare_rule,
    kubernetes::{Object, is_placeholder, values::secret_shape::decode_base64},
    rule::{Context, Kinds},
    yaml::NodeRef,
};

use super::super::check::{Fields, missing, refuse};

declare_rule! {
    /// A Secret lacks a key that its type asks for, or has one that is not of its form.
    ///
    /// ## Why
    /// The API server refuses the Secret.
    ///
    /// ## Fix
    /// Add the key, or use the type `Opaque`.
    ///
    /// ## References
    /// `ValidateSecret` in `k8s.io/kubernetes/pkg/apis/core/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: shop-tls}
    /// type: kubernetes.io/tls
    /// data: {tls.crt: aGVsbG8=, key: aGVsbG8=}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: registry}
    /// type: kubernetes.io/dockerconfigjson
    /// stringData: {.dockerconfigjson: "registry.example.org"}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: web-token}
    /// type: kubernetes.io/service-account-token
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: shop-tls}
    /// type: kubernetes.io/tls
    /// data: {tls.crt: "", tls.key: ""}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: registry}
    /// type: kubernetes.io/dockerconfigjson
    /// data: {.dockerconfigjson: e30=}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: web}
    /// type: kubernetes.io/basic-auth
    /// stringData: {password: "${PASSWORD}"}
    /// ```
    pub SECRET_TYPE_DATA {
        id: "api/secret-type-data",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Object(Kinds::Of(&[("", "Secret")]), secret_type_data),
    }
}

fn secret_type_data(secret: Object<'_>, cx: &mut Context<'_>) {
    let kind = secret.said("type");
    match kind {
        "kubernetes.io/tls" => {
            for key in ["tls.crt", "tls.key"] {
                if value(secret, key).is_none() {
                    lacks(secret, key, cx);
                }
            }
        }
        "kubernetes.io/dockercfg" => json(secret, ".dockercfg", cx),
        "kubernetes.io/dockerconfigjson" => json(secret, ".dockerconfigjson", cx),
        "kubernetes.io/basic-auth" if value(secret, "username").or(value(secret, "password")).is_none() => {
            lacks(secret, "password", cx);
        }
        "kubernetes.io/ssh-auth"
            if value(secret, "ssh-privatekey")
                .is_none_or(|(node, _)| node.is_null() || node.text().is_empty()) =>
        {
            lacks(secret, "ssh-privatekey", cx);
        }
        "kubernetes.io/service-account-token" => {
            let name = secret.annotation("kubernetes.io/service-account.name").unwrap_or_default();
            if name.is_empty() {
                let holder = secret.field("metadata").unwrap_or(secret.node());
                let help = "set the annotation `kubernetes.io/service-account.name` to the name of the ServiceAccount";
                missing(cx, holder, "a token says no ServiceAccount that it is for", help);
            }
        }
        _ => {}
    }
}

/// The value of a key, and whether it is written in base64. What `stringData` says counts.
fn value<'t>(secret: Object<'t>, key: &str) -> Option<(NodeRef<'t>, bool)> {
    let of = |map| secret.field(map).and_then(|map| map.get(key));
    of("stringData").map(|node| (node, false)).or_else(|| of("data").map(|node| (node, true)))
}

fn lacks(secret: Object<'_>, key: &str, cx: &mut Context<'_>) {
    let holder = secret.field("data").or_else(|| secret.field("stringData")).unwrap_or(secret.node());
    missing(
        cx,
        holder,
        format!("a Secret of type `{}` has no `{key}`", secret.said("type")),
        &format!("add `{key}`, or use the type `Opaque`"),
    );
}

fn json(secret: Object<'_>, key: &str, cx: &mut Context<'_>) {
    let Some((node, encoded)) = value(secret, key) else { return lacks(secret, key, cx) };
    let text = node.text();
    if is_placeholder(text) || !(node.is_null() || node.as_str().is_some()) {
        return;
    }
    // What is no base64 is reported as that.
    let Some(bytes) = (if encoded { decode_base64(text) } else { Some(text.as_bytes().to_vec()) }) else {
        return;
    };
    if is_placeholder(&String::from_utf8_lossy(&bytes)) {
        return;
    }
    // What is `null` beside `stringData` is an empty text.
    let bytes = if node.is_null() { Vec::new() } else { bytes };
    let is_object = serde_json::from_slice(&bytes)
        .is_ok_and(|value: serde_json::Value| value.is_object() || value.is_null());
    if !is_object {
        refuse(cx, node, format!("the value of `{key}` is no JSON object"))
            .help("write the credentials as `docker login` does: `{\"auths\": …}`");
    }
}
