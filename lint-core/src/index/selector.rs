//! Pods that selectors select.

use super::{ResourceSet, is_slip, path::folder};
use crate::{
    kubernetes::{
        Object, PodSpec, is_placeholder,
        values::selector::{Operator, Requirement, Selector},
    },
    yaml::NodeRef,
};

/// In larger crowds nobody looks for what was nearly right: the cost grows with the square.
pub(super) const NEAR_LIMIT: usize = 1_000;

/// Labels that controllers put on pods when they make them: no template shows them.
const MADE_BY_CONTROLLERS: &[&str] = &[
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-completion-index",
    "batch.kubernetes.io/job-name",
    "controller-revision-hash",
    "controller-uid",
    "job-name",
    "pod-template-generation",
    "pod-template-hash",
    "statefulset.kubernetes.io/pod-name",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
];

/// Whether a label appears when the pod runs: made by a controller, or by the program itself, as those do that elect
/// a leader (Patroni, Redis).
fn is_made_later(key: &str) -> bool {
    let name = key.rsplit('/').next().unwrap_or(key);
    let mut words = name.split(['-', '_', '.']);
    MADE_BY_CONTROLLERS.contains(&key)
        || words.any(|word| matches!(word, "role" | "leader" | "master" | "primary"))
}

impl ResourceSet {
    /// Pods and pod templates of a namespace that a selector selects. Labels that hold a variable may be anything,
    /// and those that appear when the pod runs are taken as there.
    pub fn selected<'a, 's>(
        &'a self,
        namespace: &str,
        selector: &'s Selector<'s>,
    ) -> impl Iterator<Item = PodSpec<'a>> + use<'a, 's> {
        let single = selector.requirements().iter().find_map(|requirement| match requirement.values[..] {
            [value] if requirement.operator == Operator::In && !is_made_later(requirement.key) => {
                Some((requirement.key, value))
            }
            _ => None,
        });
        let selects = move |pod: &PodSpec<'_>| {
            let labels: Vec<_> = pod.labels().collect();
            let later = |key: &str| is_made_later(key) && labels.iter().all(|(own, _)| *own != key);
            let holds = |one: &Requirement<'_>| one.matches(&labels) || later(one.key);
            selector.requirements().iter().all(holds) || labels.iter().any(|(_, value)| is_placeholder(value))
        };
        let candidates = match single {
            Some((key, value)) => self.pod_index().labelled(namespace, key, value),
            None => self.pod_index().in_namespace(namespace),
        };
        candidates.filter_map(|at| PodSpec::of(self.entry(at))).filter(selects)
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
        let mut words = selector.requirements().iter().flat_map(|one| one.values.iter().chain([&one.key]));
        if words.any(|word| is_placeholder(word)) || self.selected(namespace, selector).next().is_some() {
            return None;
        }
        let certain = self.keeps_pods(namespace);
        let (count, as_written) = self.pod_index().survey(namespace);
        if !(certain || self.may_guess()) || !as_written {
            return None;
        }
        let near = if count <= NEAR_LIMIT { self.nearly_selected(namespace, selector) } else { None };
        let slip = near.is_some_and(|(requirement, said)| {
            let key = said.key_node().map_or("", NodeRef::text);
            let beside = folder(said.tree().path()) == folder(from.tree().path());
            beside && (is_slip(requirement.node.text(), said.text()) || is_slip(requirement.key, key))
        });
        let near = near.map(|(requirement, said)| (requirement.node, said));
        let owner = || self.pods(namespace).map(PodSpec::object).find(|owner| has_labels(*owner, selector));
        let owner = if near.is_none() && count <= NEAR_LIMIT { owner() } else { None };
        (certain || slip).then_some(Unmatched { near, owner })
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
            let mut failing = selector.requirements().iter().filter(|one| !one.matches(&labels));
            let (Some(requirement), None) = (failing.next(), failing.next()) else { continue };
            // Where nothing else is asked, any pod fails by one label: then the words must be similar.
            let alone = selector.requirements().len() == 1;
            let Some((distance, said)) = said_instead(pod, requirement, alone) else { continue };
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
    /// Where no pod is near: the workload that carries the labels itself, although its pods do not.
    pub owner: Option<Object<'a>>,
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

fn has_labels(object: Object<'_>, selector: &Selector<'_>) -> bool {
    selector.matches(&object.labels().collect::<Vec<_>>())
}

/// The label of a pod that was probably meant by a requirement, and how far the words are apart.
fn said_instead<'a>(
    pod: PodSpec<'a>,
    requirement: &Requirement<'_>,
    similar: bool,
) -> Option<(usize, NodeRef<'a>)> {
    if requirement.operator != Operator::In {
        return None;
    }
    let labels = pod.template().at(&["metadata", "labels"])?;
    let limit = |word: &str| if similar { (word.len() / 3).max(1) } else { usize::MAX };
    if let Some(value) = labels.get(requirement.key) {
        let distances = requirement.values.iter().map(|wanted| strsim::osa_distance(wanted, value.text()));
        return Some((distances.min()?, value)).filter(|(distance, _)| *distance <= limit(value.text()));
    }
    let same_value = labels.entries().filter(|entry| requirement.values.contains(&entry.value.text()));
    let scored =
        same_value.map(|entry| (strsim::osa_distance(requirement.key, entry.key.text()), entry.value));
    // The same value under another key is no accident: `app: web` and `app.kubernetes.io/name: web`.
    scored.min_by_key(|(distance, _)| *distance)
}
