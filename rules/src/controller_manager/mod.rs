//! kube-controller-manager.

mod credentials;

use kubevet_core::rule::Rule;

/// The rules of the group.
pub const RULES: &[&Rule] = &[
    &credentials::ROOT_CA_MISSING,
    &credentials::SERVICE_ACCOUNT_KEY_MISSING,
    &credentials::SHARED_CREDENTIALS,
];
