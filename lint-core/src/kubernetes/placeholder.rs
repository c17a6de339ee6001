//! Values that only a later step fills in.

/// Whether a value is filled in later: a template action, a shell or envsubst variable, an encrypted value, or holds a
/// `<word>` or `{WORD}` that stands for one. Rules about literal values are silent on these.
pub fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    if text.starts_with("ENC[") {
        return true;
    }
    // Most values have none of what the others begin with.
    if !text.bytes().any(|byte| matches!(byte, b'{' | b'$' | b'<')) {
        return false;
    }
    text.contains("{{")
        || text.contains("${")
        || text.contains("$(")
        || text.contains("{%")
        || text.starts_with('$')
        || (text.starts_with('<') && text.ends_with('>'))
        || has_slot(text, '<', '>', |char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_'))
        || has_slot(text, '{', '}', |char| char.is_ascii_uppercase() || char.is_ascii_digit() || char == '_')
}

/// Whether a word of letters and what is allowed besides stands between two brackets.
fn has_slot(text: &str, open: char, close: char, allowed: fn(char) -> bool) -> bool {
    text.split(open).skip(1).filter_map(|rest| rest.split_once(close)).any(|(word, _)| {
        word.starts_with(|first: char| first.is_ascii_alphabetic()) && word.chars().all(allowed)
    })
}

#[cfg(test)]
mod tests {
    use super::is_placeholder;

    #[test]
    fn literals_are_none() {
        for text in [
            "{{ .Values.token }}",
            "${TOKEN}",
            "$TOKEN",
            "<token>",
            "ENC[AES256_GCM,data:x]",
            "a$(B)c",
            "gcr.io/<my-project>/web:1",
            "{IMAGE}",
            "web:{TAG_2}",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["", "abcdef.0123456789abcdef", "a < b > c", "5$", "a{2,3}", "{\"A\":1}", "{}", "x{name}"]
        {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
