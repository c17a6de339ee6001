//! Splits a stream into its documents. A marker at the start of a line ends whatever is open, so this needs no parsing.

/// A document of the stream, before it is parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    /// First byte of the marker that begins it; of the content where there is none.
    pub marker: usize,
    /// First byte behind the marker.
    pub start: usize,
    /// Byte behind its last one.
    pub end: usize,
    /// It begins with `---`: it is a document even when it is empty.
    pub explicit: bool,
}

/// The documents of a text, from an offset on.
pub(super) fn segments(text: &str, from: usize) -> Vec<Segment> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut open = Segment { marker: from, start: from, end: from, explicit: false };
    for marker in markers(bytes, from) {
        found.push(Segment { end: marker, ..open });
        open = Segment { marker, start: marker + 3, end: marker, explicit: bytes[marker] == b'-' };
    }
    found.push(Segment { end: bytes.len(), ..open });
    found
}

/// Offsets of `---` and `...` that stand alone at the start of a line.
fn markers(bytes: &[u8], from: usize) -> Vec<usize> {
    let blank = |at: usize| bytes.get(at).is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    let mut found: Vec<usize> = Vec::new();
    if (bytes[from..].starts_with(b"---") || bytes[from..].starts_with(b"...")) && blank(from + 3) {
        found.push(from);
    }
    for needle in [b"\n---", b"\n..."] {
        let hits = memchr::memmem::find_iter(&bytes[from..], needle).map(|at| from + at + 1);
        found.extend(hits.filter(|at| blank(at + 3)));
    }
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_stand_alone() {
        let text = "a: 1\n--- # x\nb: |\n  ---\n...\n-----BEGIN\n---";
        let parts: Vec<_> =
            segments(text, 0).iter().map(|part| (&text[part.start..part.end], part.explicit)).collect();
        assert_eq!(
            parts,
            [("a: 1\n", false), (" # x\nb: |\n  ---\n", true), ("\n-----BEGIN\n", false), ("", true)]
        );
    }
}
