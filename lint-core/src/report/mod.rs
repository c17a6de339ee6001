//! Reports as text: pure functions from findings to the bytes of a format.
//!
//! Lines are counted from 1, columns from 1 in Unicode code points, offsets in bytes from 0.

mod concise;
mod json;
mod visible;

pub use concise::{concise, line_start_path};
pub use json::{json, json_lines};
pub use visible::visible;

use crate::{
    finding::Place,
    index::ResourceSet,
    source::{Position, SourceText},
};

/// Version of the JSON report's shape; raised when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;

/// Position of a byte of a text. An offset past its end, or inside of a character, is moved back to the nearest one.
pub fn position(source: &SourceText, offset: u32) -> Position {
    let text = source.text();
    let offset = text.floor_char_boundary(offset as usize);
    source.line_index().position(text, offset as u32)
}

/// Where a place begins and ends; the start of the file when the set does not hold the file.
fn range(set: &ResourceSet, place: &Place) -> (Position, Position) {
    set.source(&place.path)
        .map_or((Position { line: 1, column: 1 }, Position { line: 1, column: 1 }), |source| {
            (position(source, place.span.start), position(source, place.span.end))
        })
}

#[cfg(test)]
mod tests;
