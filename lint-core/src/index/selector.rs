//! Label selectors over the pods of a set.

use super::{ResourceSet, is_slip, path::folder};
use crate::{
    kubernetes::{Object, PodSpec},
    yaml::NodeRef,
};

/// A label selector whose words are all known.
#[derive(Clone, Debug)]
pub struct Selector<'t> {
    requirements: Vec<Requirement<'t>>,
}

/// One condition of a selector.
#[derive(Clone, Debug)]
pub struct Requirement<'t> {
    /// Key of the label.
    pub key: &'t str,
    /// What is asked of it.
    pub test: Test<'t>,
    /// The value of a `matchLabels` entry, or the item of `matchExpressions`.
    pub node: NodeRef<'t>,
}

/// What a requirement asks of a label (`k8s.io/apimachinery/pkg/apis/meta/v1.LabelSelectorOperator`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test<'t> {
    /// It has one of these values.
    In(Vec<&'t str>),
    /// It has none of these values; a pod without the label matches.
    NotIn(Vec<&'t str>),
    /// It is there.
    Exists,
    /// It is not there.
    DoesNotExist,
}

impl<'t> Selector<'t> {
    /// A mapping of labels to values: a Service's selector. `None` when something in it is not known.
    pub fn of_labels(labels: NodeRef<'t>) -> Option<Self> {
        let mut requirements = Vec::new();
        for entry in labels.entries() {
            let (key, value) = (entry.key.text(), entry.value.as_str()?);
            if is_unknown(key) || is_unknown(value) {
                return None;
            }
            requirements.push(Requirement { key, test: Test::In(vec![value]), node: entry.value });
        }
        labels.is_map().then_some(Selector { requirements })
    }

    /// `matchLabels` and `matchExpressions`. `None` when something in it is not known or not valid.
    pub fn of_selector(selector: NodeRef<'t>) -> Option<Self> {
        if !selector.is_map() {
            return None;
        }
        let mut found = match selector.get("matchLabels").filter(|labels| !labels.is_null()) {
            Some(labels) => Selector::of_labels(labels)?,
            None => Selector { requirements: Vec::new() },
        };
        for node in selector.get("matchExpressions").into_iter().flat_map(NodeRef::items) {
            let key = node.get("key")?.as_str()?;
            let values: Option<Vec<&str>> = node
                .get("values")
                .map_or(Some(Vec::new()), |values| values.items().map(NodeRef::as_str).collect());
            let values = values?;
            if is_unknown(key) || values.iter().any(|value| is_unknown(value)) {
                return None;
            }
            let test = match node.get("operator")?.as_str()? {
                "In" => Test::In(values),
                "NotIn" => Test::NotIn(values),
                "Exists" => Test::Exists,
                "DoesNotExist" => Test::DoesNotExist,
                _ => return None,
            };
            found.requirements.push(Requirement { key, test, node });
        }
        Some(found)
    }

    /// Whether it has no requirement at all. What that means depends on the kind that holds the selector.
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }

    /// Its conditions, all of which must hold.
    pub fn requirements(&self) -> &[Requirement<'t>] {
        &self.requirements
    }

    /// Whether a pod with these labels is selected.
    pub fn matches<'a>(&self, labels: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> bool {
        self.requirements.iter().all(|requirement| requirement.holds(labels.clone()))
    }
}

impl Requirement<'_> {
    /// Whether it is true of these labels.
    pub fn holds<'a>(&self, mut labels: impl Iterator<Item = (&'a str, &'a str)>) -> bool {
        let value = labels.find(|(key, _)| *key == self.key).map(|(_, value)| value);
        match &self.test {
            Test::In(values) => value.is_some_and(|value| values.contains(&value)),
            Test::NotIn(values) => value.is_none_or(|value| !values.contains(&value)),
            Test::Exists => value.is_some(),
            Test::DoesNotExist => value.is_none(),
        }
    }
}

impl ResourceSet {
    /// Pods and pod templates of a namespace that a selector selects. Labels that hold a variable may be anything.
    pub fn selected<'a>(&'a self, namespace: &'a str, selector: &'a Selector<'a>) -> Vec<PodSpec<'a>> {
        let single = selector.requirements.iter().find_map(|requirement| match &requirement.test {
            Test::In(values) if values.len() == 1 => Some((requirement.key, values[0])),
            _ => None,
        });
        let selects = |pod: &PodSpec<'_>| {
            let labels: Vec<_> = pod.labels().collect();
            selector.matches(labels.iter().copied()) || labels.iter().any(|(_, value)| is_unknown(value))
        };
        match single {
            Some((key, value)) => self.pods_labelled(namespace, key, value).filter(selects).collect(),
            None => self.pods(namespace).filter(selects).collect(),
        }
    }

    /// Whether a selector that an object says selects no pod of a namespace, as far as anybody can tell: the set keeps
    /// everything of the namespace, or the selector is one letter away from the labels of a pod in the same folder.
    /// Silent where a kustomization changes pods of the namespace.
    pub fn selects_nothing<'a>(
        &'a self,
        from: Object<'_>,
        namespace: &'a str,
        selector: &'a Selector<'a>,
    ) -> Option<Unmatched<'a>> {
        if !self.selected(namespace, selector).is_empty() {
            return None;
        }
        let certain = self.keeps_pods(namespace);
        if !(certain || self.may_guess()) || !self.pods(namespace).all(|pod| self.is_whole(pod.object())) {
            return None;
        }
        let near = self.nearly_selected(namespace, selector);
        let slip = near.is_some_and(|(requirement, said)| {
            let key = said.key_node().map_or("", NodeRef::text);
            let beside = folder(said.tree().path()) == folder(from.tree().path());
            beside && (is_slip(requirement.node.text(), said.text()) || is_slip(requirement.key, key))
        });
        let near = near.map(|(requirement, said)| (requirement.node, said));
        (certain || slip).then_some(Unmatched { near })
    }

    /// The pod of a namespace that fails exactly one requirement of a selector, by another value or another spelling
    /// of the key: the requirement, and the label that the pod has instead.
    fn nearly_selected<'a>(
        &'a self,
        namespace: &'a str,
        selector: &'a Selector<'a>,
    ) -> Option<(&'a Requirement<'a>, NodeRef<'a>)> {
        let mut best: Option<(usize, (&'a Requirement<'a>, NodeRef<'a>))> = None;
        for pod in self.pods(namespace) {
            let labels: Vec<_> = pod.labels().collect();
            let mut failing = selector.requirements.iter().filter(|one| !one.holds(labels.iter().copied()));
            let (Some(requirement), None) = (failing.next(), failing.next()) else { continue };
            let Some((distance, said)) = said_instead(pod, requirement) else { continue };
            if best.as_ref().is_none_or(|(known, _)| distance < *known) {
                best = Some((distance, (requirement, said)));
            }
        }
        best.map(|(_, found)| found)
    }
}

/// A selector that selects no pod.
#[derive(Clone, Copy, Debug)]
pub struct Unmatched<'a> {
    /// Where a pod fails one requirement only: the requirement, and the label that the pod has instead.
    pub near: Option<(NodeRef<'a>, NodeRef<'a>)>,
}

impl Unmatched<'_> {
    /// What the nearest pod has instead, in words for a label.
    pub fn describe(&self) -> String {
        let Some((_, said)) = self.near else { return String::new() };
        let key = said.key_node().map_or("", NodeRef::text);
        let owner = Object::containing(said);
        let owner = owner.map(|owner| format!("{} `{}`", owner.kind(), owner.name().unwrap_or_default()));
        format!("pods of {} have `{key}: {}`", owner.unwrap_or_default(), said.text())
    }
}

/// The label of a pod that was probably meant by a requirement, and how far the words are apart.
fn said_instead<'a>(pod: PodSpec<'a>, requirement: &Requirement<'_>) -> Option<(usize, NodeRef<'a>)> {
    let Test::In(values) = &requirement.test else { return None };
    let labels = pod.template().at(&["metadata", "labels"])?;
    if let Some(value) = labels.get(requirement.key) {
        let distance = values.iter().map(|wanted| strsim::osa_distance(wanted, value.text())).min()?;
        return Some((distance, value));
    }
    let same_value = labels.entries().filter(|entry| values.contains(&entry.value.text()));
    let scored =
        same_value.map(|entry| (strsim::osa_distance(requirement.key, entry.key.text()), entry.value));
    scored
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= requirement.key.len() / 2)
}

fn is_unknown(text: &str) -> bool {
    super::scope::is_variable(text)
}
