//! The corpus of real files beside the checkout, unpacked once.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// The folder of the unpacked corpus; `None`, with a printed reason, where it is not beside the checkout.
///
/// # Panics
/// When it is there and cannot be unpacked.
pub fn corpus() -> Option<&'static Path> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOLDER.get_or_init(|| unpacked("corpus.tar.xz", "corpus")).as_deref()
}

/// The folder with what the real Kubernetes says of the corpus, one file of JSON lines per part of it; `None`, with a
/// printed reason, where it is not beside the checkout.
///
/// # Panics
/// When it is there and cannot be unpacked.
pub fn verdicts() -> Option<&'static Path> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOLDER.get_or_init(|| unpacked("facts/verdicts.tar.xz", "verdicts")).as_deref()
}

/// Unpacks an archive beside the checkout into a folder of `target`.
fn unpacked(archive: &str, name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let (packed, folder) = (root.join("../shared").join(archive), root.join("target").join(name));
    let done = folder.join(".unpacked");
    if !packed.is_file() {
        eprintln!("skipped: ../shared/{archive} is not there");
        return None;
    }
    if !done.is_file() {
        fs::create_dir_all(&folder).expect("target is writable");
        // The corpus is packed with its folder, the verdicts are packed without one.
        let inside = if name == "corpus" { root.join("target") } else { folder.clone() };
        let status = Command::new("tar")
            .arg("xf")
            .arg(&packed)
            .arg("-C")
            .arg(&inside)
            .status()
            .expect("tar is installed");
        assert!(status.success(), "{archive} cannot be unpacked");
        fs::write(&done, "").expect("target is writable");
    }
    Some(folder)
}

/// Every file below a folder, sorted.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { pending.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// YAML and JSON files of the corpus with their texts; files that are no UTF-8 are left out.
pub fn yaml_texts(folder: &Path) -> impl Iterator<Item = (PathBuf, String)> {
    let yaml = |path: &PathBuf| {
        matches!(path.extension().and_then(|one| one.to_str()), Some("yaml" | "yml" | "json"))
    };
    files(folder).into_iter().filter(yaml).filter_map(|path| {
        let text = fs::read_to_string(&path).ok()?;
        Some((path, text))
    })
}
