//! Image references: `github.com/distribution/reference.ParseNormalizedNamed`, which the kubelet uses.

use std::{fmt, ops::Range};

/// A parsed image reference. Ranges are bytes of the text it was parsed from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageReference<'t> {
    text: &'t str,
    registry: Option<Range<usize>>,
    repository: Range<usize>,
    tag: Option<Range<usize>>,
    digest: Option<Range<usize>>,
}

/// Why a text is no image reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageError {
    /// Nothing was written.
    Empty,
    /// White space or another character that no reference has.
    Character(char),
    /// Repository names are lower case.
    UpperCase,
    /// Two separators in a row, or one at an end.
    EmptyPart,
    /// The tag is longer than 128 characters or does not begin with a letter, digit or `_`.
    Tag,
    /// The digest is not `algorithm:hex` of at least 32 digits.
    Digest,
    /// The repository is longer than 255 characters.
    Length,
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImageError::Empty => f.write_str("it is empty"),
            ImageError::Character(c) if c.is_whitespace() => f.write_str("it contains white space"),
            ImageError::Character(c) => write!(f, "it contains `{c}`"),
            ImageError::UpperCase => f.write_str("repository names are lower case"),
            ImageError::EmptyPart => f.write_str("a part between separators is empty"),
            ImageError::Tag => {
                f.write_str("the tag is not letters, digits, `_`, `.` and `-`, at most 128 of them")
            }
            ImageError::Digest => f.write_str("the digest is not `sha256:` with 64 hexadecimal digits"),
            ImageError::Length => f.write_str("the name is longer than 255 characters"),
        }
    }
}

impl std::error::Error for ImageError {}

impl<'t> ImageReference<'t> {
    /// Parses a reference.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(text: &'t str) -> Result<Self, ImageError> {
        if text.is_empty() {
            return Err(ImageError::Empty);
        }
        if let Some(c) = text.chars().find(|c| !c.is_ascii_alphanumeric() && !"./:@_-+[]".contains(*c)) {
            return Err(ImageError::Character(c));
        }
        let (name_end, digest) = match text.find('@') {
            Some(at) => {
                check_digest(&text[at + 1..])?;
                (at, Some(at + 1..text.len()))
            }
            None => (text.len(), None),
        };
        let named = &text[..name_end];
        // A colon after the last slash begins the tag; one before it is a port.
        let path = named.rfind('/').map_or(0, |at| at + 1);
        let (end, tag) = match named[path..].find(':').map(|at| at + path) {
            Some(at) => {
                check_tag(&named[at + 1..])?;
                (at, Some(at + 1..name_end))
            }
            None => (name_end, None),
        };
        let name = &named[..end];
        if name.len() > 255 {
            return Err(ImageError::Length);
        }
        let registry = match name.split_once('/') {
            Some((first, _)) if is_registry(first) => Some(0..first.len()),
            _ => None,
        };
        let start = registry.as_ref().map_or(0, |range| range.end + 1);
        if let Some(range) = &registry {
            check_registry(&name[range.clone()])?;
        }
        check_repository(&name[start..])?;
        Ok(ImageReference { text, registry, repository: start..end, tag, digest })
    }

    /// Host and port of the registry, when the reference names one; Docker Hub otherwise.
    pub fn registry(&self) -> Option<&'t str> {
        self.registry.clone().map(|range| &self.text[range])
    }

    /// Path inside the registry, as written: `library/` is not added.
    pub fn repository(&self) -> &'t str {
        &self.text[self.repository.clone()]
    }

    /// The tag.
    pub fn tag(&self) -> Option<&'t str> {
        self.tag.clone().map(|range| &self.text[range])
    }

    /// Bytes of the tag in the text.
    pub fn tag_range(&self) -> Option<Range<usize>> {
        self.tag.clone()
    }

    /// The digest: `sha256:…`.
    pub fn digest(&self) -> Option<&'t str> {
        self.digest.clone().map(|range| &self.text[range])
    }
}

/// The first part of a name is a registry when it could be a host: `splitDockerDomain`.
fn is_registry(part: &str) -> bool {
    part.contains(['.', ':']) || part == "localhost" || part.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn check_registry(text: &str) -> Result<(), ImageError> {
    if text.starts_with('[') {
        return Ok(());
    }
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    if port.is_some_and(|port| port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(ImageError::Character(':'));
    }
    for label in host.split('.') {
        if label.is_empty() || label.starts_with('-') || label.ends_with('-') {
            return Err(ImageError::EmptyPart);
        }
        if let Some(c) = label.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-') {
            return Err(ImageError::Character(c));
        }
    }
    Ok(())
}

/// Path components: `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`.
fn check_repository(text: &str) -> Result<(), ImageError> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(ImageError::UpperCase);
    }
    for part in text.split('/') {
        if let Some(c) =
            part.chars().find(|c| !c.is_ascii_lowercase() && !c.is_ascii_digit() && !"._-".contains(*c))
        {
            return Err(ImageError::Character(c));
        }
        let separators = part.split(|c: char| c.is_ascii_alphanumeric()).filter(|run| !run.is_empty());
        let joined = |run: &str| matches!(run, "." | "_" | "__") || run.bytes().all(|byte| byte == b'-');
        let edge = |c: Option<char>| c.is_none_or(|c| "._-".contains(c));
        if edge(part.chars().next()) || edge(part.chars().last()) || !separators.into_iter().all(joined) {
            return Err(ImageError::EmptyPart);
        }
    }
    Ok(())
}

fn check_tag(text: &str) -> Result<(), ImageError> {
    let start = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let rest = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
    if start && rest && text.len() <= 128 { Ok(()) } else { Err(ImageError::Tag) }
}

/// `algorithm:hex`; a `sha256` digest has exactly 64 digits (`go-digest`).
fn check_digest(text: &str) -> Result<(), ImageError> {
    let (algorithm, hex) = text.split_once(':').ok_or(ImageError::Digest)?;
    let length = match algorithm {
        "sha256" => hex.len() == 64,
        "sha384" => hex.len() == 96,
        "sha512" => hex.len() == 128,
        _ => false,
    };
    if length && hex.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f')) {
        Ok(())
    } else {
        Err(ImageError::Digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let digest = format!("sha256:{}", "ab".repeat(32));
        let text = format!("registry.example.org:5000/team/web:1.2.0@{digest}");
        let image = ImageReference::parse(&text).unwrap();
        assert_eq!(image.registry(), Some("registry.example.org:5000"));
        assert_eq!(
            (image.repository(), image.tag(), image.digest()),
            ("team/web", Some("1.2.0"), Some(digest.as_str()))
        );
        assert_eq!(&text[image.tag_range().unwrap()], "1.2.0");
        for (text, registry, repository, tag) in [
            ("nginx", None, "nginx", None),
            ("library/nginx:1.27", None, "library/nginx", Some("1.27")),
            ("localhost/web", Some("localhost"), "web", None),
            ("localhost:5000/web:v1", Some("localhost:5000"), "web", Some("v1")),
            ("a__b/c-d--e.f", None, "a__b/c-d--e.f", None),
        ] {
            let image = ImageReference::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!((image.registry(), image.repository(), image.tag()), (registry, repository, tag));
        }
    }

    #[test]
    fn refused() {
        for (text, error) in [
            ("", ImageError::Empty),
            ("Nginx", ImageError::UpperCase),
            ("nginx :1", ImageError::Character(' ')),
            ("nginx:", ImageError::Tag),
            ("nginx:-1", ImageError::Tag),
            ("a//b", ImageError::EmptyPart),
            ("/nginx", ImageError::EmptyPart),
            ("nginx@sha256:abc", ImageError::Digest),
            ("a..b", ImageError::EmptyPart),
            ("https://example.org/web", ImageError::Character(':')),
        ] {
            assert_eq!(ImageReference::parse(text).unwrap_err(), error, "{text}");
        }
    }
}
