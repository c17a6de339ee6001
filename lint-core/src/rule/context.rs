//! How a rule reports: it says where and what; the engine decides the rest.

use std::{borrow::Cow, cell::OnceCell};

use kubevet_facts::Version;

use super::{Options, Rule};
use crate::{
    engine::Enabled,
    finding::{Finding, Fix, Place, Related, Severity, Site},
    kubernetes::{Container, Object, PodSpec},
    schema::{self, Violation},
    yaml::NodeRef,
};

/// What a rule may ask while it looks, and where it reports.
pub struct Context<'a> {
    pub(crate) rule: &'static Rule,
    pub(crate) severity: Severity,
    pub(crate) options: &'a Options,
    pub(crate) version: Version,
    pub(crate) standard: bool,
    pub(crate) enabled: &'a [Enabled],
    pub(crate) findings: &'a mut Vec<Finding>,
    /// What the schema of the object at hand does not allow, once a rule has asked.
    pub(crate) violations: Option<&'a OnceCell<Vec<Violation>>>,
}

impl<'a> Context<'a> {
    /// What the user set for this rule.
    pub fn options(&self) -> &'a Options {
        self.options
    }

    /// The Kubernetes version that is linted for.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Whether a standard's profile selected the rule: its predicate is then the standard's own,
    /// without this project's exemptions.
    pub fn standard(&self) -> bool {
        self.standard
    }

    /// The options of another rule, if it runs, that says more about the same cause: one finding is enough then. `None`
    /// for a standard, whose findings are complete by themselves.
    pub fn left_to(&self, rule: &str) -> Option<&'a Options> {
        let enabled = self.enabled.iter().filter(|_| !self.standard).find(|enabled| enabled.rule.id == rule);
        enabled.map(|enabled| &enabled.options)
    }

    /// What the schema of the object that the rule looks at does not allow. The rules of an object share the answer.
    pub fn violations(&self, object: Object<'_>) -> Cow<'a, [Violation]> {
        let check = || schema::check(object, self.version);
        match self.violations {
            Some(cell) => Cow::Borrowed(cell.get_or_init(check)),
            None => Cow::Owned(check()),
        }
    }

    /// Reports a problem at a place. The message says what is and why it matters, `help` what to do.
    pub fn report(&mut self, anchor: impl Anchor, message: impl Into<String>) -> Draft<'_> {
        self.findings.push(Finding {
            rule: self.rule.id,
            class: self.rule.class,
            severity: self.severity,
            message: message.into(),
            help: None,
            site: anchor.site(),
            related: Vec::new(),
            fixes: Vec::new(),
            fingerprint: 0,
            absence: self.rule.absence,
        });
        let last = self.findings.len() - 1;
        Draft(&mut self.findings[last])
    }
}

/// A finding that was reported and may still be told more.
pub struct Draft<'a>(&'a mut Finding);

impl Draft<'_> {
    /// What to do about it.
    pub fn help(self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// Another place that belongs to it, with a few words on what is there.
    pub fn label(self, anchor: impl Anchor, message: impl Into<String>) -> Self {
        self.0.related.push(Related { place: anchor.site().place, message: message.into() });
        self
    }

    /// A way to mend it.
    pub fn fix(self, fix: Fix) -> Self {
        self.0.fixes.push(fix);
        self
    }

    /// This finding is about something that is not there, although the rule as a whole is not:
    /// it is dropped where the document is a patch, base or template.
    pub fn absence(self) -> Self {
        self.0.absence = true;
        self
    }
}

/// Anything a finding can point at.
pub trait Anchor {
    /// Where it is.
    fn site(&self) -> Site;
}

impl<T: Anchor> Anchor for &T {
    fn site(&self) -> Site {
        (*self).site()
    }
}

impl Anchor for Site {
    fn site(&self) -> Site {
        self.clone()
    }
}

impl Anchor for Place {
    fn site(&self) -> Site {
        Site { place: self.clone(), document: 0, object: None, field: None }
    }
}

/// Points at the value.
impl Anchor for NodeRef<'_> {
    fn site(&self) -> Site {
        node_site(*self, self.span())
    }
}

/// Points at the key of a value in a mapping; at the value itself where it has none.
#[derive(Clone, Copy, Debug)]
pub struct Key<'t>(pub NodeRef<'t>);

impl Anchor for Key<'_> {
    fn site(&self) -> Site {
        node_site(self.0, self.0.key_span().unwrap_or_else(|| self.0.span()))
    }
}

/// Points at the name of the object, else at its kind.
impl Anchor for Object<'_> {
    fn site(&self) -> Site {
        let name = self
            .metadata()
            .and_then(|metadata| metadata.get("name").or_else(|| metadata.get("generateName")));
        let node = name.or_else(|| self.node().get("kind")).unwrap_or(self.node());
        node_site(node, node.span())
    }
}

/// Points at the key of the pod's specification.
impl Anchor for PodSpec<'_> {
    fn site(&self) -> Site {
        Key(self.node()).site()
    }
}

/// Points at the container's name, else at its image, else at its first line.
impl Anchor for Container<'_> {
    fn site(&self) -> Site {
        let node = self.node().get("name").or_else(|| self.node().get("image")).unwrap_or(self.node());
        node_site(node, node.span())
    }
}

fn node_site(node: NodeRef<'_>, span: crate::source::Span) -> Site {
    let tree = node.tree();
    let object = Object::containing(node);
    let route = node.route();
    let field = match object {
        Some(object) => {
            let prefix = object.node().route();
            route.strip_prefix(&prefix).unwrap_or(&route).trim_start_matches('.').to_owned()
        }
        None => route,
    };
    Site {
        place: Place { path: tree.path().clone(), span },
        document: node.document(),
        object: object.map(|object| object.identity().into()),
        field: (!field.is_empty()).then_some(field),
    }
}
