//! Requests for certificates.

use std::collections::HashMap;

use kubevet_core::{
    declare_rule,
    kubernetes::{
        Object, is_placeholder,
        values::{
            names::{self, Problem},
            secret_shape::decode_base64,
        },
    },
    rule::{Context, Kinds},
    yaml::NodeRef,
};

use super::super::check::{Fields, form, is_served, refuse, repeated, shown, within};

declare_rule! {
    /// A CertificateSigningRequest asks nobody, for nothing, or in another form than PEM.
    ///
    /// ## Why
    /// The API server refuses the request.
    ///
    /// ## Fix
    /// Put the PEM text of the request in base64 once; name a signer such as `kubernetes.io/kube-apiserver-client`, and known usages.
    ///
    /// ## References
    /// `validateCertificateSigningRequest` in `k8s.io/kubernetes/pkg/apis/certificates/validation`.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: certificates.k8s.io/v1
    /// kind: CertificateSigningRequest
    /// metadata: {name: jane}
    /// spec:
    ///   request: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K
    ///   signerName: kubernetes.io/legacy-unknown
    ///   usages: [client auth]
    /// ```
    /// ```yaml bad
    /// apiVersion: certificates.k8s.io/v1
    /// kind: CertificateSigningRequest
    /// metadata: {name: jane}
    /// spec:
    ///   request: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K
    ///   signerName: kubernetes.io/kube-apiserver-client
    ///   expirationSeconds: 60
    ///   usages: [client-auth]
    /// ```
    /// ```yaml bad
    /// apiVersion: certificates.k8s.io/v1
    /// kind: CertificateSigningRequest
    /// metadata: {name: jane}
    /// spec:
    ///   request: aGVsbG8=
    ///   signerName: kubernetes.io/kube-apiserver-client
    ///   usages: [client auth]
    /// ```
    /// ```yaml good
    /// apiVersion: certificates.k8s.io/v1
    /// kind: CertificateSigningRequest
    /// metadata: {name: "jane:doe"}
    /// spec:
    ///   request: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K
    ///   signerName: example.org/signer.shop
    ///   expirationSeconds: 600
    ///   usages: [digital signature, key encipherment, client auth]
    /// ```
    pub CSR_INVALID {
        id: "api/csr-invalid",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "certificates/v1",
        check: Object(Kinds::Of(&[("certificates.k8s.io", "CertificateSigningRequest")]), csr_invalid),
    }
}

/// `allValidUsages`.
const USAGES: &[&str] = &[
    "signing",
    "digital signature",
    "content commitment",
    "key encipherment",
    "key agreement",
    "data encipherment",
    "cert sign",
    "crl sign",
    "encipher only",
    "decipher only",
    "any",
    "server auth",
    "client auth",
    "code signing",
    "email protection",
    "s/mime",
    "ipsec end system",
    "ipsec tunnel",
    "ipsec user",
    "timestamping",
    "ocsp signing",
    "microsoft sgc",
    "netscape sgc",
];

fn csr_invalid(request: Object<'_>, cx: &mut Context<'_>) {
    let Some(spec) = request.field("spec").filter(|_| is_served(request, cx)) else { return };
    if let Some(node) =
        spec.field("request").filter(|node| node.as_str().is_some() && !is_placeholder(node.text()))
    {
        let bytes = decode_base64(node.text());
        let is_request =
            |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).contains("-----BEGIN CERTIFICATE REQUEST-----");
        if bytes.is_some_and(|bytes| !is_request(bytes)) {
            refuse(cx, node, "this is no request in PEM")
                .help("encode the PEM text of the request as base64, once");
        }
    }
    if let Some(signer) = spec.word("signerName") {
        if signer.text() == "kubernetes.io/legacy-unknown" {
            refuse(cx, signer, "`kubernetes.io/legacy-unknown` is a name of old versions only")
                .help("name a signer such as `kubernetes.io/kube-apiserver-client`");
        } else {
            form(cx, Some(signer), "name of a signer", signer_name);
        }
    }
    let mut seen: HashMap<&str, NodeRef<'_>> = HashMap::new();
    for usage in spec.each("usages").filter(|usage| usage.is_null() || usage.as_str().is_some()) {
        let text = usage.text();
        if !USAGES.contains(&text) && !is_placeholder(text) {
            let place =
                if usage.span().start < usage.span().end { usage } else { usage.parent().unwrap_or(usage) };
            refuse(cx, place, format!("`{}` is no usage of a certificate", shown(text)))
                .help("write it as `client auth`, `server auth` or `digital signature`");
        }
        if let Some(first) = seen.insert(text, usage) {
            repeated(cx, usage, first, format!("`{}` is listed twice", shown(text)));
        }
    }
    within(cx, spec, &["expirationSeconds"], &(600..=i64::MAX));
}

/// `ValidateSignerName`.
fn signer_name(text: &str) -> Result<(), Problem> {
    let (domain, path) = text.split_once('/').ok_or("must be a domain, `/` and a name")?;
    if path.contains('/') {
        return Err("must have one `/`");
    }
    if !domain.contains('.') {
        return Err("must have a domain with a dot before its `/`");
    }
    domain.split('.').try_for_each(names::dns_label)?;
    path.split('.').try_for_each(names::dns_subdomain)
}
