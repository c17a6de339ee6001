//! Credentials in environment variables.

use kubevet_core::{
    declare_rule,
    kubernetes::{Container, values::secret_shape::known_credential},
    rule::Context,
    yaml::NodeRef,
};

declare_rule! {
    /// A container gets a Secret as an environment variable.
    ///
    /// ## Why
    /// Variables are shown by debuggers, crash reports and child processes, and a changed Secret reaches the program only at
    /// its next start.
    ///
    /// ## Fix
    /// Mount the Secret as a volume and let the program read the file.
    ///
    /// ## References
    /// Kubernetes documentation, "Good practices for Kubernetes Secrets".
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
    ///         - name: PASSWORD
    ///           valueFrom:
    ///             secretKeyRef: {name: db, key: password}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       envFrom:
    ///         - secretRef: {name: db}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       envFrom:
    ///         - configMapRef: {name: db}
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   volumes:
    ///     - name: db
    ///       secret: {secretName: db}
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       volumeMounts: [{name: db, mountPath: /run/db}]
    /// ```
    pub IN_ENV {
        id: "secrets/in-env",
        class: Security,
        severity: Info,
        profiles: [hardened],
        cis: ["5.4.1"],
        nsa: "network-separation",
        versions: "all",
        peers: ["kube-linter:read-secret-from-env-var", "kubesec:SecretsAsEnvironmentVariables", "checkov:CKV_K8S_35", "kubescape:C-0207", "kics:secrets_as_environment_variables", "kube-bench:cis-1.12:5.4.1", "datree:CIS_INVALID_KEY_SECRETKEYREF_SECRETREF", "monokle:KBP112", "kyverno-policies:other/secrets-not-from-env-vars"],
        check: Container(in_env),
    }
}

fn in_env(container: Container<'_>, cx: &mut Context<'_>) {
    let items = |list| container.get(list).into_iter().flat_map(NodeRef::items);
    let single = items("env").filter_map(|entry| entry.at(&["valueFrom", "secretKeyRef"]));
    let whole = items("envFrom").filter_map(|source| source.get("secretRef"));
    for reference in single.chain(whole).filter(|reference| reference.is_map()) {
        let name = reference.get("name");
        let secret = name.map_or("", NodeRef::text);
        let container = container.title();
        cx.report(
            name.unwrap_or(reference),
            format!(
                "{container} gets Secret `{secret}` as environment, where debuggers and crash reports show it"
            ),
        )
        .help("mount the Secret as a volume and read the file");
    }
}

declare_rule! {
    /// A credential is written out in an environment variable.
    ///
    /// ## Why
    /// Whoever reads the file or the Pod has it: the repository, its clones, everyone who may get pods.
    ///
    /// ## Fix
    /// Replace the credential, since it is published, and take the new one from a Secret by `valueFrom.secretKeyRef`.
    ///
    /// ## References
    /// Kubernetes documentation, "Good practices for Kubernetes Secrets". Only values with the shape of a known credential
    /// are reported: keys of providers, signed tokens, private keys, URLs with a password.
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
    ///         - name: DATABASE_URL
    ///           value: postgres://shop:k3xR9-tqLm@db.internal/shop
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
    ///         - name: DATABASE_URL
    ///           value: postgres://shop:$(PASSWORD)@db.internal/shop
    ///         - name: PASSWORD_FILE
    ///           value: /run/secrets/db
    ///         - name: AWS_ACCESS_KEY_ID
    ///           value: AKIAIOSFODNN7EXAMPLE
    /// ```
    pub LITERAL_IN_ENV {
        id: "secrets/literal-in-env",
        class: Security,
        severity: Warning,
        profiles: [recommended, production: Error, hardened: Error],
        nsa: "network-separation",
        versions: "all",
        peers: ["kube-linter:env-var-secret", "polaris:sensitiveContainerEnvVar", "kubescape:C-0259", "monokle:KBP111", "kubescape:C-0012"],
        check: Container(literal_in_env),
    }
}

fn literal_in_env(container: Container<'_>, cx: &mut Context<'_>) {
    for entry in container.get("env").into_iter().flat_map(NodeRef::items) {
        let Some(value) = entry.get("value") else { continue };
        let Some(kind) = value.as_str().and_then(known_credential) else { continue };
        let (variable, kind) = (entry.get("name").map_or("", NodeRef::text), kind.describe());
        let container = container.title();
        cx.report(
            value,
            format!("variable `{variable}` of {container} holds {kind}, written out for every reader"),
        )
        .help("replace it, since it is published, and take the new one from a Secret by `secretKeyRef`");
    }
}
