//! Shapes of credentials that people commit by mistake. Precision before recall: a name such as `PASSWORD` proves nothing.

use crate::kubernetes::is_placeholder;

/// What a text certainly is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// An access key id of AWS.
    AwsAccessKey,
    /// A token of GitHub, its checksum is right.
    GithubToken,
    /// A token of GitLab.
    GitlabToken,
    /// A token of Slack.
    SlackToken,
    /// A live secret key of Stripe.
    StripeKey,
    /// An API key of Google.
    GoogleApiKey,
    /// A private key in PEM form.
    PrivateKey,
    /// A signed JSON Web Token.
    Jwt,
    /// A URL with user and password.
    UrlWithPassword,
}

impl CredentialKind {
    /// With its article, for messages.
    pub const fn describe(self) -> &'static str {
        match self {
            CredentialKind::AwsAccessKey => "an AWS access key",
            CredentialKind::GithubToken => "a GitHub token",
            CredentialKind::GitlabToken => "a GitLab token",
            CredentialKind::SlackToken => "a Slack token",
            CredentialKind::StripeKey => "a Stripe secret key",
            CredentialKind::GoogleApiKey => "a Google API key",
            CredentialKind::PrivateKey => "a private key",
            CredentialKind::Jwt => "a signed JSON Web Token",
            CredentialKind::UrlWithPassword => "a URL with a password",
        }
    }
}

/// Recognises a credential; `None` for placeholders, references and documented samples.
pub fn known_credential(text: &str) -> Option<CredentialKind> {
    let text = text.trim();
    if is_placeholder(text) || text.to_ascii_uppercase().contains("EXAMPLE") {
        return None;
    }
    if is_private_key_pem(text).is_some() {
        return Some(CredentialKind::PrivateKey);
    }
    if text.contains("://") {
        return has_password(text).then_some(CredentialKind::UrlWithPassword);
    }
    if text.contains(char::is_whitespace) {
        return None;
    }
    let word = |rest: &str, length: usize| rest.len() == length && rest.bytes().all(is_word);
    let starts = |prefix: &str| text.strip_prefix(prefix);
    if let Some(rest) = starts("AKIA").or(starts("ASIA")) {
        let upper = rest.bytes().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'2'..=b'7'));
        return (rest.len() == 16 && upper).then_some(CredentialKind::AwsAccessKey);
    }
    if let Some(rest) = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"].into_iter().find_map(starts) {
        return (word(rest, 36) && github_checksum(rest)).then_some(CredentialKind::GithubToken);
    }
    if starts("github_pat_").is_some_and(|rest| word(rest, 82)) {
        return Some(CredentialKind::GithubToken);
    }
    if starts("glpat-").is_some_and(|rest| rest.len() >= 20 && rest.bytes().all(is_word)) {
        return Some(CredentialKind::GitlabToken);
    }
    if ["xoxb-", "xoxp-", "xoxa-"]
        .into_iter()
        .find_map(starts)
        .is_some_and(|rest| rest.len() >= 40 && rest.matches('-').count() >= 2)
    {
        return Some(CredentialKind::SlackToken);
    }
    if ["sk_live_", "rk_live_"]
        .into_iter()
        .find_map(starts)
        .is_some_and(|rest| rest.len() >= 24 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    {
        return Some(CredentialKind::StripeKey);
    }
    if starts("AIza").is_some_and(|rest| word(rest, 35)) {
        return Some(CredentialKind::GoogleApiKey);
    }
    is_signed_jwt(text).then_some(CredentialKind::Jwt)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// The last six characters of a GitHub token are the CRC-32 of the others in base 62.
fn github_checksum(token: &str) -> bool {
    const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let (body, check) = token.split_at(token.len() - 6);
    let value = check.bytes().try_fold(0u64, |value, byte| {
        let digit = DIGITS.iter().position(|one| *one == byte)?;
        Some(value * 62 + digit as u64)
    });
    value == Some(u64::from(crc32(body.as_bytes())))
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 },
        )
    })
}

/// Three parts in base64, of which the first says an algorithm other than `none`.
fn is_signed_jwt(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let [header, payload, signature] = parts.as_slice() else { return false };
    if !header.starts_with("ey") || !payload.starts_with("ey") || signature.len() < 20 {
        return false;
    }
    let header = data_encoding::BASE64URL_NOPAD.decode(header.as_bytes()).unwrap_or_default();
    let header = String::from_utf8_lossy(&header);
    header.contains("\"alg\"") && !header.contains("\"none\"")
}

/// `scheme://user:password@host`, with a password that is not the user's name or a word that stands for one.
fn has_password(text: &str) -> bool {
    const SAMPLES: &[&str] = &[
        "password", "pass", "secret", "changeme", "postgres", "root", "admin", "user", "test", "guest", "xxx",
    ];
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let authority = &rest[..rest.find(['/', '?', '#', ' ']).unwrap_or(rest.len())];
    let Some((credentials, host)) = authority.rsplit_once('@') else { return false };
    let Some((user, password)) = credentials.split_once(':') else { return false };
    let filler = password.chars().all(|c| matches!(c, '*' | 'x' | 'X' | '.' | '-' | '_'));
    let sample = SAMPLES.contains(&password.to_ascii_lowercase().as_str())
        || password.eq_ignore_ascii_case(user)
        || filler;
    !scheme.is_empty()
        && !host.is_empty()
        && password.len() >= 4
        && !sample
        && !password.contains(['<', '$', '%', '{'])
}

/// What a PEM private key is for, by its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PemKind {
    /// PKCS#8, PKCS#1 or SEC1.
    Key,
    /// OpenSSH's own form.
    OpenSsh,
}

/// Whether a text holds an unencrypted private key in PEM form, with a body.
pub fn is_private_key_pem(text: &str) -> Option<PemKind> {
    let start = text.find("-----BEGIN ")? + "-----BEGIN ".len();
    let (label, rest) = text[start..].split_once("-----")?;
    let kind = match label {
        "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY" | "DSA PRIVATE KEY" => PemKind::Key,
        "OPENSSH PRIVATE KEY" => PemKind::OpenSsh,
        _ => return None,
    };
    let body = &rest[..rest.find("-----END ")?];
    let encoded = body.lines().map(str::trim).filter(|line| !line.is_empty());
    let base64 = |line: &str| {
        line.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
    };
    let mut lines = encoded.peekable();
    (!body.contains("ENCRYPTED") && lines.peek().is_some() && lines.all(base64)).then_some(kind)
}

/// Decodes standard base64 as Kubernetes does for `data` of Secrets: line breaks are allowed, padding is not optional.
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let joined: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    data_encoding::BASE64.decode(&joined).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials() {
        assert_eq!(known_credential("AKIAQ7JX2KWM5R3TZLPC"), Some(CredentialKind::AwsAccessKey));
        assert_eq!(
            known_credential("postgres://app:hunter2-Zr9@db.example.net/shop"),
            None,
            "documentation hosts are samples"
        );
        assert_eq!(
            known_credential("postgres://app:hunter2-Zr9@db.internal/shop"),
            Some(CredentialKind::UrlWithPassword)
        );
        assert_eq!(
            known_credential("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"),
            Some(CredentialKind::PrivateKey)
        );
        let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJl";
        assert_eq!(known_credential(jwt), Some(CredentialKind::Jwt));
    }

    #[test]
    fn samples_and_references_are_none() {
        for text in [
            "AKIAIOSFODNN7EXAMPLE",
            "$(DB_PASSWORD)",
            "postgres://user:password@db/shop",
            "postgres://app:$(PASSWORD)@db/shop",
            "amqp://guest:guest@rabbit",
            "https://example.org/a:b@c",
            "ghp_000000000000000000000000000000000000",
            "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----\n",
            "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
            "password",
        ] {
            assert_eq!(known_credential(text), None, "{text}");
        }
    }

    #[test]
    fn github_tokens_carry_a_checksum() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert!(!github_checksum(&"a".repeat(36)));
    }

    #[test]
    fn base64() {
        assert_eq!(decode_base64("aGk=\n").as_deref(), Some(&b"hi"[..]));
        assert!(decode_base64("aGk").is_none() && decode_base64("a$==").is_none());
    }
}
