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

#[cfg(test)]
mod tests {
    use super::*;

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
