//! Objects with one thing changed: questions about everything that real files happen to get right.
//!
//! Nothing is random: which places of an object are changed, and how, follows from a hash of the object and from what was
//! changed in the objects of its kind before it. The same corpus always gives the same mutants.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use kubevet_core::yaml::{NodeRef, Scalar};
use serde_json::{Map, Value, json};

/// Objects of a kind that are changed; more of the same kind bring nothing new.
const OBJECTS_OF_KIND: usize = 250;

/// Changes of an object, where its kind has enough objects.
const CHANGES: usize = 3;

/// Changes of a kind with few objects, spread over these.
const CHANGES_OF_KIND: usize = 60;

/// Objects above this size (bytes of JSON) are left out: a single change in them says as much as one in a small object.
const LARGEST: usize = 24 * 1024;

/// An object with one thing changed.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// A hash of [`Mutant::text`].
    pub id: u32,
    /// Where the object comes from.
    pub origin: String,
    /// `apps/v1 Deployment`.
    pub kind: String,
    /// What was changed: `drop spec.template.spec.containers[0].image`.
    pub change: String,
    /// The object as JSON.
    pub text: String,
}

/// A node as Kubernetes reads it; `None` for numbers that JSON does not have and keys that are no strings.
pub fn json_of(node: NodeRef<'_>) -> Option<Value> {
    if node.is_map() {
        let entries = node.entries().map(|entry| Some((entry.key.text().to_owned(), json_of(entry.value)?)));
        return entries.collect::<Option<Map<_, _>>>().map(Value::Object);
    }
    if node.is_seq() {
        return node.items().map(json_of).collect::<Option<Vec<_>>>().map(Value::Array);
    }
    Some(match node.value() {
        Scalar::Null => Value::Null,
        Scalar::Bool(value) => value.into(),
        Scalar::Int(value) => value.into(),
        Scalar::UInt(value) => value.into(),
        Scalar::Float(value) => serde_json::Number::from_f64(value)?.into(),
        Scalar::Str(text) => text.into(),
    })
}

/// Changes objects: names of where they come from, and the objects. Equal objects count once, and no two mutants are equal.
pub fn mutants(objects: Vec<(String, Value)>) -> Vec<Mutant> {
    let mut kinds: BTreeMap<String, BTreeMap<u64, (String, Value)>> = BTreeMap::new();
    for (origin, object) in objects {
        let text = object.to_string();
        let word = |key: &str| object[key].as_str().unwrap_or_default();
        let kind = format!("{} {}", word("apiVersion"), word("kind"));
        if text.len() <= LARGEST {
            kinds.entry(kind).or_default().entry(hash(&text)).or_insert((origin, object));
        }
    }
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    for (kind, objects) in kinds {
        let objects: Vec<_> = objects.into_iter().take(OBJECTS_OF_KIND).collect();
        let mutants = mutants_of_kind(&kind, &objects);
        all.extend(mutants.into_iter().filter(|mutant| seen.insert(mutant.id)));
    }
    all
}

/// Every change of a kind is made as often as every other, as far as its objects have the places for it.
fn mutants_of_kind(kind: &str, objects: &[(u64, (String, Value))]) -> Vec<Mutant> {
    let mut known = Values::default();
    for (_, (_, object)) in objects {
        known.collect(object, "");
    }
    let wanted = CHANGES.max(CHANGES_OF_KIND.div_ceil(objects.len()));
    let mut made: HashMap<(&'static str, String), usize> = HashMap::new();
    let mut all = Vec::new();
    for (seed, (origin, object)) in objects {
        let mut changes = Vec::new();
        enumerate(object, &Place::default(), &known, *seed, &mut changes);
        for _ in 0..wanted.min(changes.len()) {
            let count = |change: &Change| made.get(&change.key()).copied().unwrap_or(0);
            let rarest = changes.iter().enumerate().min_by_key(|(_, one)| (one.cost(count(one)), one.order));
            let Some((index, _)) = rarest else { break };
            let change = changes.swap_remove(index);
            *made.entry(change.key()).or_default() += 1;
            let mut changed = object.clone();
            change.apply(&mut changed);
            let text = changed.to_string();
            if changed != *object {
                all.push(Mutant {
                    id: hash(&text) as u32,
                    origin: origin.clone(),
                    kind: kind.to_owned(),
                    change: format!("{} {}", change.what, change.place.path),
                    text,
                });
            }
        }
    }
    all
}

/// FNV-1a: fixed for ever by its definition, unlike the standard library's hasher.
pub fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A place in an object.
#[derive(Clone, Default)]
struct Place {
    /// As the API server writes it: `spec.containers[0].image`.
    path: String,
    /// Without the numbers of items: what makes two places the same.
    pattern: String,
    /// For [`Value::pointer_mut`].
    pointer: String,
}

impl Place {
    fn field(&self, name: &str) -> Place {
        let dot = if self.path.is_empty() { "" } else { "." };
        Place {
            path: format!("{}{dot}{name}", self.path),
            pattern: format!("{}{dot}{name}", self.pattern),
            pointer: format!("{}/{}", self.pointer, name.replace('~', "~0").replace('/', "~1")),
        }
    }

    fn item(&self, index: usize) -> Place {
        Place {
            path: format!("{}[{index}]", self.path),
            pattern: format!("{}[]", self.pattern),
            pointer: format!("{}/{index}", self.pointer),
        }
    }
}

/// One way to change an object.
struct Change {
    what: &'static str,
    place: Place,
    /// What stands there afterwards; nothing when it is dropped.
    value: Option<Value>,
    order: u64,
}

impl Change {
    fn key(&self) -> (&'static str, String) {
        (self.what, self.place.pattern.clone())
    }

    /// Places outside of what a kind is about (labels, free text) come when everything else was changed a few times.
    fn cost(&self, made: usize) -> usize {
        let pattern = &self.place.pattern;
        let aside = ["metadata", "status", "data", "stringData", "binaryData"];
        let first = pattern.split(['.', '[']).next().unwrap_or_default();
        let shallow = aside.contains(&first) || pattern.contains(".metadata.");
        if shallow { made * 8 + 4 } else { made }
    }

    fn apply(&self, object: &mut Value) {
        if let Some(value) = &self.value {
            if let Some(at) = object.pointer_mut(&self.place.pointer) {
                at.clone_from(value);
            }
            return;
        }
        let Some((holder, last)) = self.place.pointer.rsplit_once('/') else { return };
        match object.pointer_mut(holder) {
            Some(Value::Object(map)) => drop(map.shift_remove(&last.replace("~1", "/").replace("~0", "~"))),
            Some(Value::Array(items)) => drop(last.parse().map(|index: usize| items.remove(index))),
            _ => {}
        }
    }
}

/// Strings and numbers that objects of a kind have at a place.
#[derive(Default)]
struct Values(HashMap<String, BTreeSet<String>>);

impl Values {
    fn collect(&mut self, value: &Value, pattern: &str) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    self.collect(value, &format!("{pattern}.{key}"));
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.collect(item, &format!("{pattern}[]"));
                }
            }
            Value::String(text) if text.len() < 64 => {
                self.0.entry(pattern.to_owned()).or_default().insert(text.clone());
            }
            _ => {}
        }
    }

    /// Another value than `text` of the same place.
    fn other(&self, pattern: &str, text: &str, seed: u64) -> Option<&str> {
        let values: Vec<_> = self.0.get(&format!(".{pattern}"))?.iter().filter(|one| *one != text).collect();
        let index = usize::try_from(seed % values.len().max(1) as u64).ok()?;
        values.get(index).map(|text| text.as_str())
    }
}

/// Lists the changes of a value and of everything below it.
fn enumerate(value: &Value, place: &Place, known: &Values, seed: u64, changes: &mut Vec<Change>) {
    if matches!(place.path.as_str(), "apiVersion" | "kind") {
        return;
    }
    let mut add = |what: &'static str, value: Option<Value>| {
        let order = hash(&format!("{seed} {what} {}", place.path));
        changes.push(Change { what, place: place.clone(), value, order });
    };
    if !place.path.is_empty() {
        add("drop", None);
        if !place.path.ends_with(']') {
            add("null", Some(Value::Null));
        }
    }
    match value {
        Value::Object(map) => {
            let mut more = map.clone();
            more.insert("kubevetUnknown".to_owned(), json!(1));
            add("unknown field", Some(more.into()));
            if !place.path.is_empty() {
                add("text", Some(json!("text")));
                add("empty", Some(json!({})));
            }
        }
        Value::Array(items) => {
            if let Some(last) = items.last() {
                add("duplicate", Some(items.iter().chain([last]).cloned().collect()));
            }
            add("text", Some(json!("text")));
            add("empty", Some(json!([])));
        }
        Value::String(text) => {
            add("empty", Some(json!("")));
            add("upper case", Some(json!(format!("{}_X", text.to_uppercase()))));
            add("number", Some(json!(7)));
            if let Some(other) = known.other(&place.pattern, text, seed) {
                add("other", Some(json!(other)));
            }
        }
        Value::Number(_) => {
            add("negative", Some(json!(-1)));
            add("zero", Some(json!(0)));
            add("huge", Some(json!(3_000_000_000_u64)));
            add("text", Some(json!("seven")));
        }
        Value::Bool(value) => {
            add("flip", Some(json!(!value)));
            add("text", Some(json!(value.to_string())));
        }
        Value::Null => {}
    }
    match value {
        Value::Object(map) => {
            for (key, below) in map {
                enumerate(below, &place.field(key), known, seed, changes);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                enumerate(item, &place.item(index), known, seed, changes);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod() -> Value {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"},
            "spec": {"containers": [{"name": "web", "image": "web:1", "ports": [{"containerPort": 80}]}]}})
    }

    #[test]
    fn every_mutant_is_another_object_with_one_change() {
        let all = mutants(vec![("a".to_owned(), pod()), ("b".to_owned(), pod())]);
        let same = pod().to_string();
        assert!(all.len() >= 30, "{}", all.len());
        assert!(all.iter().all(|one| one.origin == "a" && one.text != same));
        let texts: HashSet<_> = all.iter().map(|one| &one.text).collect();
        assert_eq!(texts.len(), all.len());
        let negative =
            all.iter().find(|one| one.change == "negative spec.containers[0].ports[0].containerPort");
        assert!(negative.is_some_and(|one| one.text.contains(r#""containerPort":-1"#)));
        let drop = all.iter().find(|one| one.change == "drop spec.containers[0].image");
        assert!(drop.is_some_and(|one| !one.text.contains("web:1")));
    }

    #[test]
    fn the_same_objects_give_the_same_mutants() {
        let ids = |all: Vec<Mutant>| all.into_iter().map(|one| one.id).collect::<Vec<_>>();
        assert_eq!(ids(mutants(vec![("a".to_owned(), pod())])), ids(mutants(vec![("b".to_owned(), pod())])));
    }
}
