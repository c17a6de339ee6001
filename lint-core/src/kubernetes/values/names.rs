//! Names and labels: `k8s.io/apimachinery/pkg/util/validation`.

/// What a name must be, when it is not.
pub type Problem = &'static str;

fn all(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    text.bytes().all(allowed)
}

fn lower(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// Whether it starts and ends with a character of one kind.
fn edges(text: &str, edge: impl Fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    bytes.first().is_some_and(|byte| edge(*byte)) && bytes.last().is_some_and(|byte| edge(*byte))
}

/// `IsDNS1123Label`: names of containers, namespaces, volumes.
pub fn dns_label(text: &str) -> Result<(), Problem> {
    if text.len() > 63 {
        return Err("must be no more than 63 characters");
    }
    if edges(text, lower) && all(text, |byte| lower(byte) || byte == b'-') {
        return Ok(());
    }
    Err("must consist of lower case letters, digits or `-`, and start and end with a letter or digit")
}

/// `IsDNS1123Subdomain`: names of most objects.
pub fn dns_subdomain(text: &str) -> Result<(), Problem> {
    if text.len() > 253 {
        return Err("must be no more than 253 characters");
    }
    let label = |label: &str| edges(label, lower) && all(label, |byte| lower(byte) || byte == b'-');
    if text.split('.').all(label) {
        return Ok(());
    }
    Err("must consist of lower case letters, digits, `-` or `.`, and start and end with a letter or digit")
}

/// `IsDNS1123SubdomainWithUnderscore`: search domains of pods.
pub fn dns_subdomain_with_underscore(text: &str) -> Result<(), Problem> {
    if text.len() > 253 {
        return Err("must be no more than 253 characters");
    }
    let label = |label: &str| {
        let label = label.strip_prefix('_').unwrap_or(label);
        edges(label, lower) && all(label, |byte| lower(byte) || matches!(byte, b'-' | b'_'))
    };
    if text.split('.').all(label) {
        return Ok(());
    }
    Err("must consist of lower case letters, digits, `-`, `_` or `.`, and end with a letter or digit")
}

/// `IsDNS1035Label`: names of Services before 1.34.
pub fn dns_1035_label(text: &str) -> Result<(), Problem> {
    if text.len() > 63 {
        return Err("must be no more than 63 characters");
    }
    let start = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    if start && edges(text, lower) && all(text, |byte| lower(byte) || byte == b'-') {
        return Ok(());
    }
    Err(
        "must consist of lower case letters, digits or `-`, start with a letter, and end with a letter or digit",
    )
}

/// `IsValidPortName`: the IANA service name of a port.
pub fn port_name(text: &str) -> Result<(), Problem> {
    if text.len() > 15 {
        return Err("must be no more than 15 characters");
    }
    if text.is_empty() || !all(text, |byte| lower(byte) || byte == b'-') {
        return Err("must consist of lower case letters, digits and `-`");
    }
    if !text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return Err("must contain at least one letter");
    }
    if text.contains("--") {
        return Err("must not contain two `-` in a row");
    }
    if !edges(text, lower) {
        return Err("must not begin or end with `-`");
    }
    Ok(())
}

fn qualified_part(text: &str) -> bool {
    edges(text, |byte| byte.is_ascii_alphanumeric())
        && all(text, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// `IsQualifiedName`: keys of labels and annotations.
pub fn qualified_name(text: &str) -> Result<(), Problem> {
    let name = match text.split_once('/') {
        None => text,
        Some((prefix, name)) => {
            if name.contains('/') {
                return Err("must have at most one `/`, after an optional DNS subdomain");
            }
            dns_subdomain(prefix)?;
            name
        }
    };
    if name.len() > 63 {
        return Err("must be no more than 63 characters after the prefix");
    }
    if qualified_part(name) {
        return Ok(());
    }
    Err("must consist of letters, digits, `-`, `_` or `.`, and start and end with a letter or digit")
}

/// `IsValidLabelValue`.
pub fn label_value(text: &str) -> Result<(), Problem> {
    if text.len() > 63 {
        return Err("must be no more than 63 characters");
    }
    if text.is_empty() || qualified_part(text) {
        return Ok(());
    }
    Err("must consist of letters, digits, `-`, `_` or `.`, and start and end with a letter or digit")
}

/// `IsConfigMapKey`: keys of ConfigMaps and Secrets.
pub fn config_map_key(text: &str) -> Result<(), Problem> {
    if text.len() > 253 {
        return Err("must be no more than 253 characters");
    }
    if text == "." || text == ".." || text.starts_with("..") {
        return Err("must not be `.` or begin with `..`");
    }
    if !text.is_empty()
        && all(text, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    {
        return Ok(());
    }
    Err("must consist of letters, digits, `-`, `_` or `.`")
}

/// `IsEnvVarName`: names of environment variables before Kubernetes 1.32.
pub fn env_name(text: &str) -> Result<(), Problem> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if text.is_empty() || !all(text, allowed) || text.as_bytes()[0].is_ascii_digit() {
        return Err("must consist of letters, digits, `_`, `-` or `.`, and not begin with a digit");
    }
    if text == "." || text.starts_with("..") {
        return Err("must not be `.` or begin with `..`");
    }
    Ok(())
}

/// `IsRelaxedEnvVarName`: names of environment variables.
pub fn relaxed_env_name(text: &str) -> Result<(), Problem> {
    if !text.is_empty() && all(text, |byte| matches!(byte, b' '..=b'~') && byte != b'=') {
        return Ok(());
    }
    Err("must consist of printable ASCII characters other than `=`")
}

/// `ValidateSignerName`: a domain of at least two labels, and a path of subdomains.
pub fn signer_name(text: &str) -> Result<(), Problem> {
    let Some((domain, path)) = text.split_once('/') else {
        return Err("must be a domain and a path, as `example.org/signer`");
    };
    if text.len() > 571 || domain.len() > 253 {
        return Err("must be no more than 571 characters, 253 of them before the `/`");
    }
    if !domain.contains('.') || domain.split('.').any(|label| dns_label(label).is_err()) {
        return Err("must begin with a domain of two or more labels, as `example.org/signer`");
    }
    if path.split('.').any(|label| dns_subdomain(label).is_err()) {
        return Err("must consist of lower case letters, digits, `-` and `.` after the `/`");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signers() {
        assert!(
            signer_name("example.org/a.b-c").is_ok() && signer_name("kubernetes.io/kubelet-serving").is_ok()
        );
        for text in ["", "example.org", "example/a", "example.org/a/b", "example.org/", "Example.org/a"] {
            assert!(signer_name(text).is_err(), "{text}");
        }
    }

    #[test]
    fn environment_variables() {
        for text in ["A", "a.b-c_1", "_", "-", ".a"] {
            assert!(env_name(text).is_ok() && relaxed_env_name(text).is_ok(), "{text}");
        }
        for text in ["1a", "a b", "..", "..a", ".", "a/b"] {
            assert!(env_name(text).is_err() && relaxed_env_name(text).is_ok(), "{text}");
        }
        for text in ["", "a=b", "a\tb", "ä"] {
            assert!(env_name(text).is_err() && relaxed_env_name(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn labels_and_subdomains() {
        assert!(dns_label("web-1").is_ok() && dns_label("1web").is_ok());
        for text in ["", "-a", "a-", "A", "a_b", "a.b", &"a".repeat(64)] {
            assert!(dns_label(text).is_err(), "{text}");
        }
        assert!(
            dns_subdomain("a.b-c.d").is_ok()
                && dns_subdomain("a..b").is_err()
                && dns_subdomain("a.").is_err()
        );
        let relaxed = dns_subdomain_with_underscore;
        assert!(relaxed("_a.b_c").is_ok() && relaxed("__a").is_err() && relaxed("a_").is_err());
        assert!(dns_1035_label("a1").is_ok() && dns_1035_label("1a").is_err());
    }

    #[test]
    fn ports_keys_and_values() {
        for text in ["http", "a1", "1a", "web-8080"] {
            assert!(port_name(text).is_ok(), "{text}");
        }
        for text in ["", "8080", "a--b", "-a", "a-", "Http", "a_b", "sixteen-letters-"] {
            assert!(port_name(text).is_err(), "{text}");
        }
        assert!(qualified_name("app.kubernetes.io/name").is_ok() && qualified_name("A_b.c").is_ok());
        assert!(
            qualified_name("/a").is_err()
                && qualified_name("a/b/c").is_err()
                && qualified_name("Ex/a").is_err()
        );
        assert!(label_value("").is_ok() && label_value("1.2_3").is_ok() && label_value("a b").is_err());
        assert!(
            config_map_key("ca.crt").is_ok()
                && config_map_key("..data").is_err()
                && config_map_key("a/b").is_err()
        );
    }
}
