//! Values that are not of their field's type.

use kubevet_core::{
    declare_rule,
    facts::FieldKind,
    finding::{Applicability, Edit, Fix},
    kubernetes::Object,
    rule::{Context, Kinds},
    yaml::{NodeRef, Style},
};

use super::decode::{Problem, in_words, problems};

declare_rule! {
    /// A value in a configuration file is not of the type of its field.
    ///
    /// ## Why
    /// Nothing can decode it: the component refuses the file and does not start. YAML reads `10` as a number and `yes` as a boolean,
    /// also where a text is wanted; a duration needs a unit.
    ///
    /// ## Fix
    /// Write what the field wants; put quotes around a text that looks like something else.
    ///
    /// ## References
    /// The Go types of the configuration APIs; `sigs.k8s.io/yaml` and `encoding/json`.
    ///
    /// ## Examples
    /// ```yaml bad kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// syncFrequency: 60
    /// ```
    /// ```yaml bad kubeadm.yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// etcd:
    ///   local:
    ///     extraArgs:
    ///       - name: election-timeout
    ///         value: 1000
    /// ```
    /// ```yaml bad kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// clusterDNS: 10.96.0.10
    /// ```
    /// ```yaml bad kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// featureGates:
    ///   NodeSwap: "true"
    /// ```
    /// ```yaml good kubelet.yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// syncFrequency: 60s
    /// maxPods: 110
    /// failSwapOn: off
    /// clusterDNS: null
    /// staticPodPath: ${STATIC}
    /// containerLogMaxSize: 10Mi
    /// featureGates:
    ///   NodeSwap: yes
    /// ```
    pub WRONG_TYPE {
        id: "component-config/wrong-type",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        fix: Safe,
        check: Object(Kinds::Any, wrong_type),
    }
}

fn wrong_type(object: Object<'_>, cx: &mut Context<'_>) {
    for problem in problems(object, cx.version()) {
        let Problem::WrongType { node, path, wanted } = problem else { continue };
        // A list of arguments where a map is wanted, or the other way round.
        let arguments = path.ends_with("xtraArgs") && (node.is_map() || node.is_seq());
        if arguments && cx.left_to("kubeadm/extra-args-form").is_some() {
            continue;
        }
        let message = format!("`{path}` is {}: the component refuses the file", written(node, wanted));
        let draft = cx.report(node, message).help(format!("it wants {}", in_words(wanted)));
        if wanted == FieldKind::String && node.is_scalar() && node.style() == Style::Plain {
            draft.fix(Fix {
                title: "put quotes around it".to_owned(),
                applicability: Applicability::Safe,
                edits: vec![Edit { span: node.span(), text: format!("\"{}\"", node.text()) }],
            });
        }
    }
}

/// What stands there, in words.
fn written(node: NodeRef<'_>, wanted: FieldKind) -> String {
    if node.is_map() {
        return "a map".to_owned();
    }
    if node.is_seq() {
        return "a list".to_owned();
    }
    let text = node.text();
    let kind = match () {
        () if node.as_bool().is_some() => "a boolean",
        () if node.as_f64().is_some() => "a number",
        () if matches!(wanted, FieldKind::Duration) => "no duration",
        () if matches!(wanted, FieldKind::Quantity) => "no quantity",
        () => "a text",
    };
    format!("`{text}`, {kind}")
}
