//! Roles, bindings and what they allow.

mod access;
mod administrators;
mod binding;
mod binding_validity;
mod escalation;
mod everybody;
mod missing;
mod policy;
mod validity;
mod wildcards;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[
    &access::EXEC_INTO_PODS,
    &access::NODES_PROXY,
    &access::SECRETS_READ,
    &escalation::BIND_ROLES,
    &escalation::ESCALATE,
    &escalation::IMPERSONATE,
    &missing::ROLE_MISSING,
    &missing::SUBJECT_MISSING,
    &everybody::ANONYMOUS_SUBJECT,
    &everybody::BROAD_GROUP_SUBJECT,
    &administrators::CLUSTER_ADMIN_BINDING,
    &administrators::MASTERS_GROUP,
    &binding_validity::INVALID_BINDING,
    &validity::INVALID_RULE,
    &wildcards::WILDCARD_ALL,
    &wildcards::WILDCARD_RESOURCE,
    &wildcards::WILDCARD_VERB,
];
