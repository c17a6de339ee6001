//! Reports as text: pure functions from findings to the bytes of a format.
//!
//! Lines are counted from 1, columns from 1 in Unicode code points, offsets in bytes from 0.

mod concise;
mod json;
mod visible;

pub use concise::{concise, line_start_path};
pub(crate) use json::{Tool, escaped};
pub use json::{json, json_lines, upgrade_json};
pub use visible::visible;

use crate::{finding::Place, index::ResourceSet, source::Position};

/// Version of the JSON report's shape; raised when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;

/// Where a place begins and ends; the start of the file when the set does not hold the file.
fn range(set: &ResourceSet, place: &Place) -> (Position, Position) {
    set.source(&place.path)
        .map_or((Position { line: 1, column: 1 }, Position { line: 1, column: 1 }), |source| {
            (source.position(place.span.start), source.position(place.span.end))
        })
}

#[cfg(test)]
mod tests;
