//! JSON Schemas of users, such as those that kubeconform reads.

use std::{collections::BTreeSet, error::Error, sync::Arc};

use jsonschema::{
    Draft, JsonType, PatternOptions, Retrieve, Uri, ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind},
};
use serde_json::Value as Json;

use super::{Issue, IssueKind, ObjectSchema, Problem, Type, Violation, custom::json, walk};
use crate::{
    facts::{SchemaKind, Version},
    kubernetes::{Object, is_placeholder},
    yaml::{NodeRef, Tree},
};

/// Steps of a pattern that goes back and forth.
const BACKTRACKS: usize = 100_000;
/// Violations of one object: more say nothing new.
const MOST: usize = 1000;
/// Deeper schemas are not compiled: each level takes room on the stack.
const MAX_DEPTH: usize = 200;

/// A compiled schema.
#[derive(Debug)]
pub struct JsonSchema {
    validator: Validator,
    schema: Json,
    path: Arc<str>,
}

/// Gives the text of another schema by the path or address that a `$ref` names.
struct Reader<F>(F);

impl<F: Fn(&str) -> Result<String, String> + Send + Sync> Retrieve for Reader<F> {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Json, Box<dyn Error + Send + Sync>> {
        let text = (self.0)(uri.as_str())?;
        Ok(serde_json::from_str(&text)?)
    }
}

impl JsonSchema {
    /// Compiles the schema of a file. `base` is its address, from which references start; `read` gives the text of others.
    ///
    /// # Errors
    /// What is wrong with the schema, and where.
    pub fn compile(
        tree: &Tree,
        base: &str,
        read: impl Fn(&str) -> Result<String, String> + Send + Sync + 'static,
    ) -> Result<Self, Option<Issue>> {
        let root = tree.documents().next().and_then(|document| document.root()).ok_or(None)?;
        let issue = |message: String| Some(Issue { node: root.id(), kind: IssueKind::Other, message });
        if !root.is_map() {
            return Err(issue("this is no JSON schema: a schema is an object".to_owned()));
        }
        if depth(root) > MAX_DEPTH {
            return Err(issue("the schema is too deep: nothing of it is used".to_owned()));
        }
        let schema = json(root);
        let patterns = PatternOptions::fancy_regex().backtrack_limit(BACKTRACKS);
        let options = jsonschema::options()
            .with_base_uri(base)
            .with_retriever(Reader(read))
            .with_pattern_options(patterns)
            .should_validate_formats(false);
        // What names no draft is of the one that Kubernetes' own documents are made for.
        let options =
            if schema.get("$schema").is_none() { options.with_draft(Draft::Draft7) } else { options };
        match options.build(&schema) {
            Ok(validator) => Ok(JsonSchema { validator, schema, path: tree.path().clone() }),
            Err(error) => {
                let node = at(root, error.instance_path().as_str()).unwrap_or(root);
                let reason = error.to_string().replace(['\n', '`'], "'");
                let reason: String = reason.chars().take(160).collect();
                let message = format!("the schema cannot be used: {reason}");
                Err(Some(Issue { node: node.id(), kind: IssueKind::Other, message }))
            }
        }
    }

    fn problem(&self, error: &ValidationError<'_>, node: NodeRef<'_>) -> Vec<Violation> {
        let refused = |what: String, help: &str, partial: bool| {
            vec![Violation::new(node.id(), Problem::Refused { what, help: help.to_owned(), partial })]
        };
        let below = "write what the schema allows";
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected }
            | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                let of: Arc<[String]> = self.fields(error.schema_path().as_str()).into();
                let unexpected: BTreeSet<&String> = unexpected.iter().collect();
                let keys = node.entries().map(|entry| entry.key);
                let unknown = keys.filter(|key| unexpected.contains(&key.key_text().into_owned()));
                let problem = || Problem::UnknownField { of: Type::Listed(of.clone()), nesting: None };
                unknown.map(|key| Violation::new(key.id(), problem())).collect()
            }
            ValidationErrorKind::Required { property } => {
                let field = property.as_str().unwrap_or_default().to_owned().into();
                vec![Violation::new(node.id(), Problem::Missing { field })]
            }
            ValidationErrorKind::Type { kind } => match wanted(kind) {
                Some(wanted) => vec![Violation::new(node.id(), Problem::WrongType { wanted })],
                None => refused("has a type that the schema does not allow".to_owned(), below, false),
            },
            ValidationErrorKind::Enum { options } => {
                values(options.as_array().map_or(&[], Vec::as_slice), node)
            }
            ValidationErrorKind::Constant { expected_value } => {
                values(std::slice::from_ref(expected_value.as_ref()), node)
            }
            ValidationErrorKind::Minimum { limit } => {
                refused(format!("is less than {limit}"), "use a larger number", false)
            }
            ValidationErrorKind::Maximum { limit } => {
                refused(format!("is more than {limit}"), "use a smaller number", false)
            }
            ValidationErrorKind::ExclusiveMinimum { limit } => {
                refused(format!("is not more than {limit}"), "use a larger number", false)
            }
            ValidationErrorKind::ExclusiveMaximum { limit } => {
                refused(format!("is not less than {limit}"), "use a smaller number", false)
            }
            ValidationErrorKind::MinLength { limit } => {
                refused(format!("has less than {limit} characters"), below, false)
            }
            ValidationErrorKind::MaxLength { limit } => {
                refused(format!("has more than {limit} characters"), below, false)
            }
            ValidationErrorKind::MinItems { limit } => {
                refused(format!("has less than {limit} items"), below, true)
            }
            ValidationErrorKind::MaxItems { limit } => {
                refused(format!("has more than {limit} items"), below, false)
            }
            ValidationErrorKind::MinProperties { limit } => {
                refused(format!("has less than {limit} fields"), below, true)
            }
            ValidationErrorKind::MaxProperties { limit } => {
                refused(format!("has more than {limit} fields"), below, false)
            }
            ValidationErrorKind::Pattern { pattern } => {
                let shown: String = pattern.replace('`', "'").chars().take(80).collect();
                refused(format!("does not match the pattern `{shown}`"), "write a value that matches", false)
            }
            ValidationErrorKind::UniqueItems => {
                refused("has an item twice".to_owned(), "keep one of them", false)
            }
            ValidationErrorKind::BacktrackLimitExceeded { .. }
            | ValidationErrorKind::RegexEngineFailure { .. } => Vec::new(),
            ValidationErrorKind::Referencing(_) => Vec::new(),
            other => {
                refused(format!("does not fit `{}` of the schema", other.keyword()), below, !node.is_scalar())
            }
        }
    }

    /// Names of the fields beside the keyword that a way in the schema leads to.
    fn fields(&self, way: &str) -> Vec<String> {
        let holder = way.rsplit_once('/').and_then(|(holder, _)| self.schema.pointer(holder));
        let properties = holder.and_then(|holder| holder.get("properties")?.as_object());
        properties.into_iter().flat_map(|fields| fields.keys().cloned()).collect()
    }
}

impl ObjectSchema for JsonSchema {
    fn check(&self, object: Object<'_>, version: Version) -> Vec<Violation> {
        let instance = json(object.node());
        let mut found = Vec::new();
        walk::metadata(object.metadata(), version, &mut found);
        for error in self.validator.iter_errors(&instance).take(MOST) {
            let Some(node) = at(object.node(), error.instance_path().as_str()) else { continue };
            // The API server drops null where the schema has no room for it.
            let nothing = node.is_null() && node.key_node().is_some();
            if nothing || is_open(node, error.kind()) {
                continue;
            }
            let told = self.problem(&error, node).into_iter().filter(|violation| {
                let key = object.tree().node(violation.node);
                !matches!(violation.problem, Problem::UnknownField { .. })
                    || !walk::is_told_elsewhere(key.text(), key, object)
            });
            found.extend(told.map(|violation| Violation { schema: Some(self.path.clone()), ..violation }));
        }
        found
    }
}

/// Whether what is there comes later, as far as it matters for a problem.
fn is_open(node: NodeRef<'_>, kind: &ValidationErrorKind) -> bool {
    fn has_open(node: NodeRef<'_>) -> bool {
        let entry = |(key, value): (NodeRef<'_>, NodeRef<'_>)| is_placeholder(key.text()) || has_open(value);
        if node.is_scalar() {
            is_placeholder(node.text())
        } else {
            node.entries().map(|entry| (entry.key, entry.value)).any(entry) || node.items().any(has_open)
        }
    }
    match kind {
        ValidationErrorKind::Required { .. } => node.entries().any(|entry| is_placeholder(entry.key.text())),
        ValidationErrorKind::AdditionalProperties { .. }
        | ValidationErrorKind::UnevaluatedProperties { .. } => false,
        _ => has_open(node),
    }
}

/// The values that are allowed, of which the node is none.
fn values(values: &[Json], node: NodeRef<'_>) -> Vec<Violation> {
    let texts: Vec<String> =
        values.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect();
    let problem = if node.as_str().is_some() {
        Problem::UnknownValue { of: Type::Listed(texts.into()) }
    } else {
        let help = format!("the values are `{}`", texts.join("`, `"));
        Problem::Refused { what: "is none of those that are allowed".to_owned(), help, partial: false }
    };
    vec![Violation::new(node.id(), problem)]
}

fn wanted(kind: &TypeKind) -> Option<SchemaKind> {
    let of = |json: JsonType| match json {
        JsonType::Array => Some(SchemaKind::Array),
        JsonType::Boolean => Some(SchemaKind::Bool),
        JsonType::Integer => Some(SchemaKind::Int64),
        JsonType::Number => Some(SchemaKind::Number),
        JsonType::Object => Some(SchemaKind::Object),
        JsonType::String => Some(SchemaKind::String),
        JsonType::Null => None,
    };
    match kind {
        TypeKind::Single(json) => of(*json),
        TypeKind::Multiple(set) => {
            let kinds: Vec<SchemaKind> = set.iter().filter_map(of).collect();
            match kinds[..] {
                [one] => Some(one),
                [SchemaKind::Int64 | SchemaKind::String, SchemaKind::Int64 | SchemaKind::String] => {
                    Some(SchemaKind::IntOrString)
                }
                _ => None,
            }
        }
    }
}

/// The node that a JSON pointer leads to.
fn at<'t>(root: NodeRef<'t>, pointer: &str) -> Option<NodeRef<'t>> {
    pointer.split('/').skip(1).try_fold(root, |node, step| {
        let step = step.replace("~1", "/").replace("~0", "~");
        if node.is_seq() {
            node.items().nth(step.parse().ok()?)
        } else {
            node.entries().filter(|entry| entry.key.key_text() == step).map(|entry| entry.value).last()
        }
    })
}

fn depth(node: NodeRef<'_>) -> usize {
    let below = node.entries().map(|entry| entry.value).chain(node.items());
    1 + below.map(depth).max().unwrap_or_default()
}
