//! Custom resources and their definitions.

mod conversion;
mod invalid;
mod nested;
mod scale;
mod structural;
mod versions;

use kubevet_core::{
    kubernetes::Object,
    rule::{Context, Kinds, Rule},
    yaml::NodeRef,
};

use crate::api::check::{Fields, is_served};

/// The rules of the group.
pub const RULES: &[&Rule] = &[
    &conversion::CONVERSION_WEBHOOK,
    &invalid::INVALID,
    &scale::SCALE_SUBRESOURCE_INCOMPLETE,
    &structural::SCHEMA_NOT_STRUCTURAL,
    &versions::VERSION_NOT_SERVED,
];

/// Definitions, of every version of the kind.
const DEFINITIONS: Kinds = Kinds::Of(&[("apiextensions.k8s.io", "CustomResourceDefinition")]);

/// The specification of a definition of the version that is served.
fn spec<'t>(definition: Object<'t>, cx: &Context<'_>) -> Option<NodeRef<'t>> {
    definition.field("spec").filter(|spec| spec.is_map() && is_served(definition, cx))
}
