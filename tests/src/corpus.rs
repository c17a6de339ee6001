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
    let folder = FOLDER.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let (packed, target) = (root.join("../shared/corpus.tar.xz"), root.join("target"));
        let (folder, done) = (target.join("corpus"), target.join("corpus/.unpacked"));
        if !packed.is_file() {
            eprintln!("skipped: ../shared/corpus.tar.xz is not there");
            return None;
        }
        if !done.is_file() {
            fs::create_dir_all(&target).expect("target is writable");
            let status = Command::new("tar")
                .arg("xf")
                .arg(&packed)
                .arg("-C")
                .arg(&target)
                .status()
                .expect("tar is installed");
            assert!(status.success(), "the corpus cannot be unpacked");
            fs::write(&done, "").expect("target is writable");
        }
        Some(folder)
    });
    folder.as_deref()
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
