//! Minor versions of Kubernetes.

use std::{fmt, str::FromStr};

/// A minor version, such as 1.34.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Version {
    /// The 1 of 1.34.
    pub major: u8,
    /// The 34 of 1.34.
    pub minor: u8,
}

/// A text that is no version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseVersionError;

impl fmt::Display for ParseVersionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a Kubernetes version such as `1.34`")
    }
}

impl std::error::Error for ParseVersionError {}

impl Version {
    /// Minor versions that the facts cover, oldest first.
    pub const SUPPORTED: std::ops::RangeInclusive<u8> = 28..=37;

    /// The version `1.minor`.
    pub const fn new(minor: u8) -> Self {
        Version { major: 1, minor }
    }

    /// The newest version that the facts cover.
    pub const fn newest() -> Self {
        Version::new(*Self::SUPPORTED.end())
    }

    /// The oldest version that the facts cover.
    pub const fn oldest() -> Self {
        Version::new(*Self::SUPPORTED.start())
    }

    /// Whether the facts cover it.
    pub fn is_supported(self) -> bool {
        self.major == 1 && Self::SUPPORTED.contains(&self.minor)
    }

    /// Itself, or the covered version next to it.
    #[must_use]
    pub fn nearest_supported(self) -> Self {
        self.clamp(Version::oldest(), Version::newest())
    }

    /// Bit of this version (of the nearest covered one) in the masks of the data.
    pub(crate) fn bit(self) -> u16 {
        1 << (self.nearest_supported().minor - Self::SUPPORTED.start())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for Version {
    type Err = ParseVersionError;

    /// Reads `1.34`, `v1.34.2`, `1.34.0-rc.1`, `v1.34.1+k3s1`.
    fn from_str(text: &str) -> Result<Self, ParseVersionError> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let core = text.split(['-', '+']).next().unwrap_or(text);
        let mut parts = core.split('.');
        let mut number = || {
            let part = parts.next().filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))?;
            part.parse().ok()
        };
        let (Some(major), Some(minor)) = (number(), number()) else { return Err(ParseVersionError) };
        match parts.next() {
            Some(patch) if patch.is_empty() || !patch.bytes().all(|byte| byte.is_ascii_digit()) => {
                Err(ParseVersionError)
            }
            _ if parts.next().is_some() => Err(ParseVersionError),
            _ => Ok(Version { major, minor }),
        }
    }
}

/// One minor version, or all from one to another: `1.33..1.37`, both ends included.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub struct VersionRange {
    /// The oldest of them.
    pub oldest: Version,
    /// The newest of them.
    pub newest: Version,
}

/// A text that is neither a version nor a range of versions, or versions that the facts do not cover.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VersionRangeError {
    /// A part of the text is no version.
    Parse(String),
    /// The first version is newer than the last one.
    Backwards(VersionRange),
    /// The facts do not cover this version.
    Uncovered(Version),
}

impl fmt::Display for VersionRangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (oldest, newest) = (Version::oldest(), Version::newest());
        match self {
            VersionRangeError::Parse(text) => write!(f, "`{text}` is {ParseVersionError}"),
            VersionRangeError::Backwards(VersionRange { oldest, newest }) => {
                write!(f, "a range goes from the older to the newer version: write `{newest}..{oldest}`")
            }
            VersionRangeError::Uncovered(version) => {
                write!(f, "Kubernetes {version} is not known: use {oldest} to {newest}")
            }
        }
    }
}

impl std::error::Error for VersionRangeError {}

impl VersionRange {
    /// Every version of it, oldest first.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Version> {
        (self.oldest.minor..=self.newest.minor).map(Version::new)
    }

    /// Itself, if the facts cover both ends.
    ///
    /// # Errors
    /// The end that they do not cover.
    pub fn covered(self) -> Result<Self, VersionRangeError> {
        match [self.oldest, self.newest].into_iter().find(|version| !version.is_supported()) {
            Some(version) => Err(VersionRangeError::Uncovered(version)),
            None => Ok(self),
        }
    }

    /// Itself, with the nearest covered versions as its ends.
    #[must_use]
    pub fn nearest_supported(self) -> Self {
        VersionRange { oldest: self.oldest.nearest_supported(), newest: self.newest.nearest_supported() }
    }
}

impl From<Version> for VersionRange {
    fn from(version: Version) -> Self {
        VersionRange { oldest: version, newest: version }
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.oldest == self.newest {
            return self.oldest.fmt(f);
        }
        write!(f, "{}..{}", self.oldest, self.newest)
    }
}

impl FromStr for VersionRange {
    type Err = VersionRangeError;

    /// Reads `1.34` and `1.33..1.37`. The versions may be ones that the facts do not cover.
    fn from_str(text: &str) -> Result<Self, VersionRangeError> {
        let one = |text: &str| text.parse().map_err(|_| VersionRangeError::Parse(text.to_owned()));
        let (oldest, newest) = text.split_once("..").unwrap_or((text, text));
        let range = VersionRange { oldest: one(oldest)?, newest: one(newest)? };
        if range.oldest > range.newest { Err(VersionRangeError::Backwards(range)) } else { Ok(range) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let range: VersionRange = "1.33..v1.35.2".parse().expect("a range");
        assert_eq!(range.iter().map(|version| version.minor).collect::<Vec<_>>(), [33, 34, 35]);
        assert_eq!(range.to_string(), "1.33..1.35");
        assert_eq!("1.30".parse(), Ok(VersionRange::from(Version::new(30))));
        let error = |text: &str| text.parse::<VersionRange>().expect_err(text).to_string();
        assert!(error("1.35..1.33").ends_with("write `1.33..1.35`"));
        assert!(error("1.33..").contains("``") && error("latest").contains("`latest`"));
        let wide: VersionRange = "1.2..1.99".parse().expect("a range");
        assert!(wide.covered().is_err_and(|error| error.to_string().contains("1.2 is not known")));
        assert_eq!(wide.nearest_supported().covered(), Ok(wide.nearest_supported()));
    }

    #[test]
    fn spellings() {
        for text in ["1.34", "v1.34", "v1.34.2", "1.34.0-rc.1", "v1.34.1+k3s1", "v1.34.1-eks-5678"] {
            assert_eq!(text.parse(), Ok(Version::new(34)), "{text}");
        }
        for text in ["", "1", "stable-1", "1.x", "1.34.x", "1.34.", "1.2.3.4", "latest", "v", "1.-2"] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
        assert_eq!(Version { major: 1, minor: 19 }.nearest_supported(), Version::oldest());
        assert!(!Version::new(99).is_supported() && Version::newest().is_supported());
    }
}
