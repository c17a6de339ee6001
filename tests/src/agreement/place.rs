//! Places of findings beside the fields that the API server names.

use kubevet_core::{source::Span, yaml::NodeRef};

use crate::recorded::Refusal;

/// The field of a place in the file, as the API server writes it.
pub fn field_at(node: NodeRef<'_>, span: Span) -> String {
    let mut field = String::new();
    let mut at = node;
    loop {
        if let Some(entry) = at.entries().find(|entry| entry.value.entry_span().contains(span)) {
            push_step(&mut field, entry.key.text());
            at = entry.value;
        } else if let Some((index, item)) =
            at.items().enumerate().find(|(_, item)| item.span().contains(span))
        {
            field.push_str(&format!("[{index}]"));
            at = item;
        } else {
            return field;
        }
    }
}

fn push_step(field: &mut String, name: &str) {
    if name.contains(['.', '/']) {
        field.push_str(&format!("[{name}]"));
    } else {
        let dot = if field.is_empty() { "" } else { "." };
        field.push_str(&format!("{dot}{name}"));
    }
}

/// The place of a field, as far as it stands in the document: names and numbers from the top, the first that is not there
/// included, and whether one is not there.
fn place_of<'f>(field: &'f str, object: NodeRef<'_>) -> (Vec<&'f str>, bool) {
    let mut place = Vec::new();
    let mut at = object;
    for step in steps(field) {
        place.push(step);
        let below = match step.parse::<usize>() {
            Ok(index) if at.is_seq() => at.items().nth(index),
            _ => at.get(step),
        };
        match below.filter(|node| !node.is_null()) {
            Some(below) => at = below,
            None => return (place, true),
        }
    }
    (place, false)
}

/// The fields that a person writes for the one that the API server names.
fn written_fields(field: &str, object: NodeRef<'_>) -> Vec<String> {
    if field == "spec.template.metadata.labels" {
        // What a selector does not match can be mended at both.
        return vec![field.to_owned(), "spec.selector".to_owned()];
    }
    // What all versions of a definition have in common is validated in one place.
    let hoisted = ["validation", "subresources", "additionalPrinterColumns", "selectableFields"];
    let moved = hoisted.iter().find_map(|name| {
        let rest = field.strip_prefix("spec.")?.strip_prefix(name)?.replace("JSONPath", "jsonPath");
        let written = if *name == "validation" { "schema" } else { name };
        object.at(&["spec", name]).is_none().then(|| format!("spec.versions[0].{written}{rest}"))
    });
    vec![moved.unwrap_or_else(|| field.to_owned())]
}

/// Steps of a field: names, numbers, and keys of maps, which come in brackets as numbers do.
fn steps(field: &str) -> Vec<&str> {
    let mut steps = Vec::new();
    let mut rest = field;
    while !rest.is_empty() {
        let (step, behind) = match rest.strip_prefix('[') {
            Some(inside) => inside.split_once(']').unwrap_or((inside, "")),
            None => rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len())),
        };
        steps.push(step);
        rest = behind.strip_prefix('.').unwrap_or(behind);
    }
    steps
}

/// Whether a finding is at the field of a refusal, at its parent or at a child of it, items of lists not counted. What is
/// missing is reported at what would hold it or anything in that; an object's name and kind stand for the object.
pub fn is_near(found: &str, refusal: &Refusal, object: NodeRef<'_>) -> bool {
    if refusal.kind == "Decode" {
        return is_decoded_at(&steps(found), &steps(&refusal.field));
    }
    let title = ["metadata.name", "metadata", "kind", "apiVersion"].contains(&found);
    let near = |field: &String| {
        let (theirs, missing) = place_of(field, object);
        let ours = if title && missing && field != "metadata.name" { Vec::new() } else { steps(found) };
        let common = ours.iter().zip(&theirs).take_while(|(one, other)| one == other).count();
        let (up, down) = (theirs.len() - common, ours.len() - common);
        up == 0 && down <= 2 || down == 0 && up <= 2 || missing && up == 1 && down <= 2
    };
    written_fields(&refusal.field, object).iter().any(near)
}

/// The decoder names fields only, no items and no keys of maps, and Go structs that JSON does not have.
fn is_decoded_at(ours: &[&str], theirs: &[&str]) -> bool {
    let theirs = theirs.iter().filter(|step| !step.starts_with(char::is_uppercase));
    let mut rest = ours.iter();
    let mut missed = 0;
    for step in theirs {
        let found = rest.clone().position(|one| one == step);
        match found {
            Some(at) => rest = rest.as_slice()[at + 1..].iter(),
            None => missed += 1,
        }
    }
    missed + rest.len() <= 2
}

/// Refusals that follow from another one: the end of their field, and of the field whose mending mends both. One cause is
/// one finding, so nothing has to be reported for them.
const FOLLOWS: &[(&str, &[&str])] = &[
    // A selector that is refused matches nothing.
    ("spec.template.metadata.labels", &["spec.selector", "spec.template"]),
    // Without versions, or one to store, there is none that is stored.
    ("status.storedVersions", &["spec.versions"]),
    // Names that are made of others.
    ("metadata.name", &["spec.group", "spec.names.plural", "spec.version"]),
    // A volume that is refused is none to its mounts.
    ("volumeMounts[].name", &["volumes[]", "volumes[].name"]),
    ("volumeDevices[].name", &["volumes[]", "volumes[].name"]),
];

/// Whether a refusal only follows from another one of the same object.
pub fn follows(one: &Refusal, all: &[Refusal]) -> bool {
    let pattern = |field: &str| {
        let steps = steps(field).into_iter();
        let number = |step: &str| step.bytes().all(|byte| byte.is_ascii_digit());
        steps.fold(
            String::new(),
            |pattern, step| if number(step) { pattern + "[]" } else { format!("{pattern}.{step}") },
        )
    };
    let field = pattern(&one.field);
    let causes =
        FOLLOWS.iter().filter(|(end, _)| field.ends_with(&format!(".{end}"))).flat_map(|(_, causes)| *causes);
    causes.into_iter().any(|cause| {
        let is_cause = |other: &Refusal| {
            let other = pattern(&other.field);
            other.contains(&format!(".{cause}.")) || other.ends_with(&format!(".{cause}"))
        };
        all.iter().any(|other| other.field != one.field && is_cause(other))
    })
}

#[cfg(test)]
mod tests {
    use kubevet_core::{
        source::SourceText,
        yaml::{Limits, parse},
    };

    use super::*;

    const POD: &str = "metadata: {name: web, labels: {app.kubernetes.io/name: web}}
spec:
  volumes: [{name: data, emptyDir: }]
  containers: [{name: web, image: web, ports: [{containerPort: 0}]}]
";

    #[test]
    fn a_field_is_written_as_the_server_does() {
        let tree = parse(SourceText::new("pod.yaml", POD), &Limits::default());
        let root = tree.documents().next().and_then(|document| document.root()).expect("it is a map");
        let field = |text: &str| {
            let start = POD.find(text).expect("it is there");
            field_at(root, Span::new(start, start + text.len()))
        };
        assert_eq!(field("0}]"), "spec.containers[0].ports");
        assert_eq!(field("containerPort"), "spec.containers[0].ports[0].containerPort");
        assert_eq!(field("app.kubernetes.io/name"), "metadata.labels[app.kubernetes.io/name]");
    }

    #[test]
    fn near_is_the_place_its_parent_or_a_child() {
        let tree = parse(SourceText::new("pod.yaml", POD), &Limits::default());
        let root = tree.documents().next().and_then(|document| document.root()).expect("it is a map");
        let near = |found: &str, field: &str, kind: &str| {
            is_near(found, &Refusal { field: field.to_owned(), kind: kind.to_owned() }, root)
        };
        assert!(near("spec.containers[0].ports[0]", "spec.containers[0].ports[0].containerPort", "Invalid"));
        assert!(
            near("spec.containers[0].name", "spec.containers[0].command", "Required"),
            "beside what is missing"
        );
        assert!(!near("spec.containers[0].name", "spec.containers[0].image", "Invalid"));
        assert!(!near("spec.containers[1].image", "spec.containers[0].image", "Invalid"));
        assert!(near("metadata.name", "data", "Required"), "a name stands for its object");
        assert!(near("metadata.labels[a.b/c]", "metadata.labels", "Decode"));
        assert!(near("spec.volumes[0].emptyDir", "spec.volumes.VolumeSource.emptyDir", "Decode"));
    }

    #[test]
    fn a_mount_of_a_refused_volume_follows() {
        let refusal = |field: &str| Refusal { field: field.to_owned(), kind: "Invalid".to_owned() };
        let mount = refusal("spec.containers[0].volumeMounts[0].name");
        assert!(follows(&mount, &[mount.clone(), refusal("spec.volumes[1].name")]));
        assert!(!follows(&mount, &[mount.clone(), refusal("spec.containers[0].name")]));
    }
}
