//! Metadata of objects, and what is true of whole objects.

pub(super) mod annotations;
pub(super) mod exported;
pub(super) mod label_selectors;
pub(super) mod labels;
pub(super) mod name;
pub(super) mod name_form;
pub(super) mod namespace;
pub(super) mod owners;
