//! Recorded verdicts of the real API server: `tests/data/*.zz`, written by `cargo xtask truth`.

use std::{collections::HashMap, fs, path::PathBuf};

/// An error of the API server.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Refusal {
    /// As it writes it: `spec.containers[0].image`; empty where it names none.
    pub field: String,
    /// `Required`, `Invalid`, `Decode`, …: the types of `tests/oracle/verdict.go`.
    pub kind: String,
}

/// What the API server says of each of many documents: no refusal at all when it accepts one.
#[derive(Debug, Default)]
pub struct Recorded {
    /// Who said it when: `Kubernetes 1.37.1, 2026-11-21`.
    pub origin: String,
    /// By identity.
    pub verdicts: HashMap<String, Vec<Refusal>>,
}

impl Recorded {
    /// Reads the verdicts of a name: `corpus`, `mutants` or `pods`.
    ///
    /// # Panics
    /// When the file is not what [`pack`] writes.
    pub fn read(name: &str) -> Recorded {
        let packed = fs::read(path(name)).expect("the repository has the verdicts");
        let text = miniz_oxide::inflate::decompress_to_vec_zlib(&packed).expect("the verdicts are packed");
        let text = String::from_utf8(text).expect("the verdicts are text");
        let mut lines = text.lines();
        let origin = lines.next().unwrap_or_default().to_owned();
        let verdicts = lines.map(|line| {
            let mut cells = line.split('\t');
            let id = cells.next().unwrap_or_default().to_owned();
            let refusals = cells.map(|cell| {
                let (field, kind) = cell.rsplit_once(':').expect("a refusal has a type");
                Refusal { field: field.to_owned(), kind: kind.to_owned() }
            });
            (id, refusals.collect())
        });
        Recorded { origin, verdicts: verdicts.collect() }
    }
}

/// Packs an origin and the lines of verdicts: an identity, then refusals as `field:type`, with tabs between.
pub fn pack(origin: &str, lines: &[String]) -> Vec<u8> {
    let text = format!("{origin}\n{}\n", lines.join("\n"));
    miniz_oxide::deflate::compress_to_vec_zlib(text.as_bytes(), 10)
}

/// Where the verdicts of a name are.
pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data").join(format!("{name}.zz"))
}
