//! Volumes, claims and their classes.

pub(super) mod claim;
pub(super) mod class;
pub(super) mod csi;
pub(super) mod volume;

use kubevet_core::{
    kubernetes::{
        is_placeholder,
        values::{names::Problem, quantity::Quantity},
    },
    rule::{Context, Key},
    yaml::NodeRef,
};

use super::check::{Fields, refuse, shown};

const MODES: &[&str] = &["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"];

/// Reports access modes that are none, and the one that goes with no other.
fn access_modes(spec: NodeRef<'_>, cx: &mut Context<'_>) {
    let Some(list) = spec.field("accessModes").filter(|list| list.is_seq()) else { return };
    for node in list.items() {
        let text = node.text();
        if (node.is_null() || node.as_str().is_some()) && !MODES.contains(&text) && !is_placeholder(text) {
            let place = if node.span().start < node.span().end { node } else { list };
            refuse(cx, place, format!("`{}` is no access mode", shown(text)))
                .help(format!("the modes are `{}`", MODES.join("`, `")));
        }
    }
    let single = list.items().find(|node| node.text() == "ReadWriteOncePod");
    let other = list.items().find(|node| MODES[..3].contains(&node.text()));
    if let (Some(single), Some(other)) = (single, other) {
        refuse(cx, single, "`ReadWriteOncePod` goes with no other access mode")
            .label(other, "the other mode")
            .help("keep one of them");
    }
}

/// Reports an amount of storage that is zero; what is negative, every rule about quantities reports.
fn more_than_zero(cx: &mut Context<'_>, node: NodeRef<'_>) {
    let zero = Quantity::parse(node.text().trim()).is_ok_and(Quantity::is_zero);
    if node.is_null() || (node.is_scalar() && zero) {
        refuse(cx, Key(node), "the amount of storage is zero").help("give an amount such as `10Gi`");
    }
}

/// A name of a CSI driver (`ValidateCSIDriverName`).
fn driver_name(text: &str) -> Result<(), Problem> {
    if text.len() > 63 {
        return Err("must be no more than 63 characters");
    }
    kubevet_core::kubernetes::values::names::dns_subdomain(&text.to_lowercase())
}
