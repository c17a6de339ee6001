//! Values that only a later step fills in.

/// Whether a value is filled in later: a template action, a shell or envsubst variable, an encrypted value, or a word
/// in angle brackets that stands for one. Rules about literal values are silent on these.
pub fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    text.contains("{{")
        || text.contains("${")
        || text.contains("$(")
        || text.contains("{%")
        || text.starts_with('$')
        || text.starts_with("ENC[")
        || (text.starts_with('<') && text.ends_with('>'))
}

#[cfg(test)]
mod tests {
    use super::is_placeholder;

    #[test]
    fn literals_are_none() {
        for text in
            ["{{ .Values.token }}", "${TOKEN}", "$TOKEN", "<token>", "ENC[AES256_GCM,data:x]", "a$(B)c"]
        {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["", "abcdef.0123456789abcdef", "a < b > c", "5$"] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
