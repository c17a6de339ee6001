//! Patterns of files that are left out.

use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// Left out unless `exclude` says otherwise: folders of other programs, which may be large.
pub const BUILT_IN: [&str; 12] = [
    ".cache",
    ".direnv",
    ".git",
    ".hg",
    ".jj",
    ".svn",
    ".terraform",
    ".terragrunt-cache",
    ".tox",
    ".venv",
    "__pycache__",
    "node_modules",
];

/// Patterns, each list relative to its own folder.
#[derive(Clone, Debug, Default)]
pub struct Exclude(Vec<(PathBuf, GlobSet)>);

impl Exclude {
    /// Adds patterns. One without a `/` matches the name of a file or folder anywhere; one with a `/` the path from
    /// `base`. `*` stays within a name, `**` does not.
    ///
    /// # Errors
    /// The first pattern that cannot be read, with the reason.
    pub fn add<'a>(
        &mut self,
        base: &Path,
        patterns: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), (String, String)> {
        let mut set = GlobSetBuilder::new();
        for pattern in patterns {
            set.add(glob(pattern).map_err(|error| (pattern.to_owned(), error.kind().to_string()))?);
        }
        let set = set.build().map_err(|error| (String::new(), error.kind().to_string()))?;
        if !set.is_empty() {
            self.0.push((base.to_owned(), set));
        }
        Ok(())
    }

    /// Whether this file or folder is left out, without regard to the folders above it.
    pub fn matches(&self, absolute: &Path) -> bool {
        self.0.iter().any(|(base, set)| set.is_match(absolute.strip_prefix(base).unwrap_or(absolute)))
    }

    /// Whether this file or a folder above it is left out.
    pub fn covers(&self, absolute: &Path) -> bool {
        absolute.ancestors().any(|path| self.matches(path))
    }
}

/// One pattern as it is matched.
pub fn glob(pattern: &str) -> Result<globset::Glob, globset::Error> {
    let anchored = pattern.strip_prefix("./").unwrap_or(pattern).trim_end_matches('/');
    let text = if anchored.contains('/') {
        anchored.trim_start_matches('/').to_owned()
    } else {
        format!("**/{anchored}")
    };
    GlobBuilder::new(&text).literal_separator(true).backslash_escape(true).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_anywhere_and_paths_from_their_folder() {
        let mut exclude = Exclude::default();
        exclude.add(Path::new("/repo"), ["build", "*.gen.yaml", "a/b", "./c/*/d", "deep/**/x.yaml"]).unwrap();
        for path in [
            "/repo/build",
            "/repo/x/build",
            "/repo/x/a.gen.yaml",
            "/repo/a/b",
            "/repo/c/1/d",
            "/repo/deep/x.yaml",
        ] {
            assert!(exclude.matches(Path::new(path)), "{path}");
        }
        for path in ["/repo/builds", "/repo/x/a/b", "/repo/c/1/2/d", "/other/a/b"] {
            assert!(!exclude.matches(Path::new(path)), "{path}");
        }
        assert!(
            exclude.covers(Path::new("/repo/build/x/y.yaml"))
                && !exclude.matches(Path::new("/repo/build/x/y.yaml"))
        );
        assert!(exclude.add(Path::new("/"), ["a["]).is_err());
    }
}
