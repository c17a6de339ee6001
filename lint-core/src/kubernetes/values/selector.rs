//! Label selectors: `metav1.LabelSelectorAsSelector` and `labels.SelectorFromSet`.

use crate::yaml::NodeRef;

/// One requirement of a selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement<'t> {
    /// Key of the label.
    pub key: &'t str,
    /// How its value is compared.
    pub operator: Operator,
    /// With what; empty for [`Operator::Exists`] and [`Operator::DoesNotExist`].
    pub values: Vec<&'t str>,
    /// The value of a `matchLabels` entry, or the item of `matchExpressions`.
    pub node: NodeRef<'t>,
}

/// How a requirement compares (`metav1.LabelSelectorOperator`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// The label has one of the values.
    In,
    /// It has none of them, or is not there.
    NotIn,
    /// It is there.
    Exists,
    /// It is not there.
    DoesNotExist,
}

/// A parsed label selector: all of its requirements must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector<'t> {
    requirements: Vec<Requirement<'t>>,
}

impl<'t> Selector<'t> {
    /// Reads a mapping of labels: the selector of a Service or ReplicationController.
    /// `null` is an empty value; `None` when a value is no string, which the API server refuses.
    pub fn of_map(node: NodeRef<'t>) -> Option<Self> {
        let requirements = node.entries().map(|entry| {
            Some(Requirement {
                key: entry.key.text(),
                operator: Operator::In,
                values: vec![if entry.value.is_null() { "" } else { entry.value.as_str()? }],
                node: entry.value,
            })
        });
        Some(Selector { requirements: requirements.collect::<Option<_>>()? })
    }

    /// Reads a `LabelSelector`: `matchLabels` and `matchExpressions`.
    /// `None` when it is not one that the API server accepts: an unknown operator, values where there may be none.
    pub fn of_label_selector(node: NodeRef<'t>) -> Option<Self> {
        let mut selector = match node.get("matchLabels") {
            Some(labels) => Selector::of_map(labels)?,
            None => Selector::default(),
        };
        for expression in node.get("matchExpressions").into_iter().flat_map(NodeRef::items) {
            let key = expression.get("key")?.as_str()?;
            let values: Option<Vec<_>> =
                expression.get("values").into_iter().flat_map(NodeRef::items).map(NodeRef::as_str).collect();
            let (operator, wants_values) = match expression.get("operator")?.as_str()? {
                "In" => (Operator::In, true),
                "NotIn" => (Operator::NotIn, true),
                "Exists" => (Operator::Exists, false),
                "DoesNotExist" => (Operator::DoesNotExist, false),
                _ => return None,
            };
            let values = values.filter(|values| values.is_empty() != wants_values)?;
            selector.requirements.push(Requirement { key, operator, values, node: expression });
        }
        Some(selector)
    }

    /// Whether it has no requirement. What that means differs by field: everything or nothing.
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }

    /// Its requirements.
    pub fn requirements(&self) -> &[Requirement<'t>] {
        &self.requirements
    }

    /// Whether labels satisfy every requirement.
    pub fn matches(&self, labels: &[(&str, &str)]) -> bool {
        self.requirements.iter().all(|requirement| requirement.matches(labels))
    }

    /// Number of requirements that labels do not satisfy: 1 is a near miss.
    pub fn unmatched(&self, labels: &[(&str, &str)]) -> usize {
        self.requirements.iter().filter(|requirement| !requirement.matches(labels)).count()
    }

    /// The first requirement that labels do not satisfy, as it would stand in a label: `app=web`, `tier`.
    pub fn first_unmatched(&self, labels: &[(&str, &str)]) -> Option<String> {
        let requirement = self.requirements.iter().find(|requirement| !requirement.matches(labels))?;
        Some(match (requirement.operator, requirement.values.as_slice()) {
            (Operator::In, [value]) => format!("{}={value}", requirement.key),
            (Operator::In, values) => format!("{} in ({})", requirement.key, values.join(", ")),
            (Operator::NotIn, values) => format!("{} not in ({})", requirement.key, values.join(", ")),
            (Operator::Exists, _) => requirement.key.to_owned(),
            (Operator::DoesNotExist, _) => format!("!{}", requirement.key),
        })
    }
}

impl Requirement<'_> {
    /// Whether labels satisfy it.
    pub fn matches(&self, labels: &[(&str, &str)]) -> bool {
        let value = labels.iter().find(|(key, _)| *key == self.key).map(|(_, value)| *value);
        match self.operator {
            Operator::In => value.is_some_and(|value| self.values.contains(&value)),
            Operator::NotIn => value.is_none_or(|value| !self.values.contains(&value)),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{source::SourceText, yaml::parse};

    fn with(text: &str, test: impl Fn(Option<Selector<'_>>)) {
        let tree = parse(SourceText::new("s.yaml", text), &crate::yaml::Limits::default());
        let root = tree.documents().next().and_then(|document| document.root()).expect("parses");
        test(Selector::of_label_selector(root));
    }

    #[test]
    fn operators() {
        let text = "matchLabels: {a: x}\nmatchExpressions:\n- {key: b, operator: In, values: [v, z]}\n- {key: c, operator: DoesNotExist}\n- {key: d, operator: NotIn, values: [w]}\n";
        with(text, |selector| {
            let selector = selector.expect("valid");
            assert!(selector.matches(&[("a", "x"), ("b", "z")]));
            assert!(!selector.matches(&[("a", "x"), ("b", "z"), ("c", "")]));
            assert!(!selector.matches(&[("a", "x"), ("b", "v"), ("d", "w")]));
            assert_eq!(selector.first_unmatched(&[("b", "v")]).as_deref(), Some("a=x"));
            assert_eq!(selector.unmatched(&[("c", "1")]), 3);
        });
    }

    #[test]
    fn what_the_api_server_refuses_is_none() {
        for text in [
            "matchLabels: {a: 1}\n",
            "matchExpressions: [{key: a, operator: Is, values: [b]}]\n",
            "matchExpressions: [{key: a, operator: In}]\n",
            "matchExpressions: [{key: a, operator: Exists, values: [b]}]\n",
        ] {
            with(text, |selector| assert!(selector.is_none(), "{text}"));
        }
        with("{}", |selector| assert!(selector.is_some_and(|selector| selector.is_empty())));
    }
}
