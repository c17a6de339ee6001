//! Regular expressions as Go's `regexp` reads them.

use regex_lite::{Regex, RegexBuilder};

/// Bytes that a compiled pattern may take. Real ones take a few thousand.
const MAX_SIZE: usize = 1 << 18;
/// Longer texts are not matched: the time grows with text and pattern.
const MAX_TEXT: usize = 1 << 14;

/// A pattern; one that only Go reads allows everything.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub(super) text: Box<str>,
    regex: Option<Regex>,
}

/// What Go cannot read either: the words of `regex-lite` for it.
const BROKEN: &[&str] = &[
    "without closing ')'",
    "without matching '('",
    "look-around",
    "uncounted repetition operator must be applied",
    "min bigger than its max",
    "no closing bracket",
    "unclosed character class",
    "invalid range in character class",
];

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// Why Go cannot read it. Patterns that Go reads and this crate does not are no error.
    pub fn new(text: &str) -> Result<Self, String> {
        let regex = match RegexBuilder::new(&translated(text)).size_limit(MAX_SIZE).build() {
            Ok(regex) => Some(regex),
            Err(error) => {
                let reason = error.to_string();
                if !text.contains("\\Q") && BROKEN.iter().any(|broken| reason.contains(broken)) {
                    return Err(reason);
                }
                None
            }
        };
        Ok(Pattern { text: text.into(), regex })
    }

    /// Whether a text has a match. `None` where that is not known.
    pub fn matches(&self, text: &str) -> Option<bool> {
        let regex = self.regex.as_ref()?;
        (text.len() <= MAX_TEXT).then(|| regex.is_match(text))
    }
}

/// Escapes what stands for itself in Go and not in Rust: `[`, `&`, `~` and `--` inside of brackets, and a brace that
/// begins no repetition.
fn translated(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\\' => {
                out.push(char);
                out.extend(chars.next());
            }
            '[' => {
                out.push(char);
                class(&mut chars, &mut out);
            }
            '{' if !is_repetition(chars.clone()) => out.push_str("\\{"),
            _ => out.push(char),
        }
    }
    out
}

/// Whether `{2}`, `{2,}` or `{2,3}` is what stands there, without its opening brace.
fn is_repetition(chars: impl Iterator<Item = char>) -> bool {
    let inner: String = chars.take(12).take_while(|char| *char != '}').collect();
    let (low, high) = inner.split_once(',').unwrap_or((&inner, ""));
    !low.is_empty() && low.bytes().chain(high.bytes()).all(|byte| byte.is_ascii_digit())
}

/// The rest of a class, its closing bracket included.
fn class(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    out.extend(chars.next_if_eq(&'^'));
    // Right behind the opening, a closing bracket is a member.
    if chars.next_if_eq(&']').is_some() {
        out.push_str("\\]");
    }
    let mut last = None;
    while let Some(char) = chars.next() {
        match char {
            '\\' => {
                out.push(char);
                out.extend(chars.next());
            }
            '[' if chars.peek() == Some(&':') => {
                out.push('[');
                out.extend(chars.by_ref().take_while(|char| *char != ']'));
                out.push(']');
            }
            ']' => {
                out.push(']');
                return;
            }
            '[' | '&' | '~' => {
                out.push('\\');
                out.push(char);
            }
            '-' if last == Some('-') || chars.peek() == Some(&']') => out.push_str("\\-"),
            _ => out.push(char),
        }
        last = Some(char);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> Option<bool> {
        Pattern::new(pattern).expect("Go reads it").matches(text)
    }

    #[test]
    fn go_reads_classes_by_character() {
        assert_eq!(matches(r"^[a-z[]+$", "a["), Some(true));
        assert_eq!(matches(r"^[]a]+$", "]a"), Some(true));
        assert_eq!(matches(r"^[^]a]$", "]"), Some(false));
        assert_eq!(matches(r"^[a&&b~~]+$", "&~ab"), Some(true));
        assert_eq!(matches(r"^[[:alnum:]_-]+$", "a_-1"), Some(true));
        assert_eq!(matches(r"^[+--]$", ","), Some(true));
        assert_eq!(matches(r"^\d+\/\d+$", "1/2"), Some(true));
        assert_eq!(matches(r"^{a{1,2}}$", "{aa}"), Some(true));
        assert_eq!(matches(r"^\d$", "\u{663}"), Some(false), "digits are those of ASCII");
        assert_eq!(matches(r"^(?i)abc.$", "ABC\u{e9}"), Some(true));
    }

    #[test]
    fn what_only_go_reads_is_not_judged() {
        assert_eq!(matches(r"^\p{Greek}+$", "a"), None);
        assert_eq!(matches(r"^\Qa(b\E$", "x"), None);
        assert_eq!(matches(&format!("({})", "a{1000}".repeat(200)), "b"), None);
        assert_eq!(matches("a", &"b".repeat(MAX_TEXT + 1)), None);
    }

    #[test]
    fn what_nobody_reads_is_told() {
        for pattern in ["^(a", "a)", "[a", "(?=a)", "a{3,1}", "[z-a]", "*a"] {
            assert!(Pattern::new(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn catastrophic_patterns_take_linear_time() {
        assert_eq!(matches("^(a+)+$", &format!("{}b", "a".repeat(MAX_TEXT - 1))), Some(false));
    }
}
