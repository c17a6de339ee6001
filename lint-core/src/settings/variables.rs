//! Variables in command lines.

use std::collections::HashMap;

use super::words::{Dialect, Word, split};

/// What variables stand for: `None` when that is not known.
pub(super) type Variables = HashMap<String, Option<Word>>;

/// Who replaces variables in a command line, and in which forms.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Expansion {
    /// systemd: `${NAME}` inside a word; a word `$NAME` becomes the words of its value. `unset_is_empty`: all variables
    /// are known, so that others are empty.
    Systemd { unset_is_empty: bool },
    /// The kubelet, in arguments of containers: `$(NAME)`.
    Container,
    /// A shell in a container: `$(NAME)` for the kubelet, `$NAME` and `${NAME}` for itself.
    Shell,
}

impl Expansion {
    fn brackets(self) -> &'static [(char, char)] {
        match self {
            Expansion::Systemd { .. } => &[('{', '}')],
            Expansion::Container => &[('(', ')')],
            Expansion::Shell => &[('{', '}'), ('(', ')')],
        }
    }
}

/// Bytes of a command line; what is behind them is unknown. Linux takes 128 KiB in one argument, and two megabytes in all.
const MOST_BYTES: usize = 2 << 20;

/// Replaces variables. A form that nobody replaces is left to a template: its word is unknown, as with an unknown
/// variable.
pub(super) fn resolve(words: Vec<Word>, variables: &Variables, expansion: Expansion) -> Vec<Word> {
    let mut resolved = Vec::new();
    let mut bytes = 0;
    for word in words {
        if bytes > MOST_BYTES {
            resolved.push(word.unknowable());
            break;
        }
        let name =
            word.text.strip_prefix('$').filter(|name| is_name(name) && expansion != Expansion::Container);
        match name.map(|name| variables.get(name)) {
            Some(Some(Some(value))) => {
                let offset = |at: usize| value.offset(at);
                bytes += value.text.len();
                resolved
                    .extend(split(&value.text, Dialect::Systemd, &value.site, offset).into_iter().flatten());
            }
            Some(None) if expansion == (Expansion::Systemd { unset_is_empty: true }) => {}
            Some(_) => resolved.push(word.unknowable()),
            None => {
                let word = substitute(word, variables, expansion);
                bytes += word.text.len();
                resolved.push(word);
            }
        }
    }
    resolved
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Replaces variables inside a word.
fn substitute(mut word: Word, variables: &Variables, expansion: Expansion) -> Word {
    if !word.text.contains('$') && !word.text.contains("{{") {
        return word;
    }
    let mut text = String::new();
    let mut rest = word.text.as_str();
    while let Some(at) = rest.find('$').filter(|_| text.len() <= MOST_BYTES) {
        let (before, after) = rest.split_at(at);
        text.push_str(before);
        let body = &after[1..];
        // `$$` is a `$`.
        if let Some(behind) = body.strip_prefix('$') {
            text.push('$');
            rest = behind;
            continue;
        }
        let bracketed = expansion.brackets().iter().find_map(|(open, close)| {
            let inner = body.strip_prefix(*open)?;
            let end = inner.find(*close)?;
            Some((&inner[..end], &inner[end + 1..]))
        });
        let bare =
            body.len() - body.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').len();
        let (name, behind) = bracketed.unwrap_or((&body[..bare], &body[bare..]));
        let replaced = bracketed.is_some() || expansion == Expansion::Shell;
        if let Some(value) = variables.get(name).cloned().flatten().filter(|_| replaced) {
            text.push_str(&value.text);
        } else {
            word.unknown = true;
            text.push_str(&after[..after.len() - behind.len()]);
        }
        rest = behind;
    }
    text.push_str(rest);
    word.unknown |= text.contains("{{") || text.len() > MOST_BYTES;
    let unknown = word.unknown;
    word.rewritten(text, unknown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::words::value;

    #[test]
    fn variables() {
        let mut known = Variables::new();
        known.insert("ARGS".into(), Some(value("--a=1 --b", &"env".into(), 10)));
        known.insert("GONE".into(), None);
        let site = value("", &"x".into(), 0).site;
        let given = split("$ARGS ${GONE} --c=${ARGS}x $OTHER", Dialect::Systemd, &site, |at| Some(at as u32))
            .remove(0);
        let expansion = Expansion::Systemd { unset_is_empty: false };
        let found = resolve(given.clone(), &known, expansion);
        let texts: Vec<_> =
            found.iter().map(|word| (word.text.as_str(), word.unknown, word.offset(0))).collect();
        assert_eq!(
            texts,
            [
                ("--a=1", false, Some(10)),
                ("--b", false, Some(16)),
                ("${GONE}", true, Some(6)),
                ("--c=--a=1 --bx", false, None),
                ("$OTHER", true, Some(27))
            ]
        );
        let found = resolve(given, &known, Expansion::Systemd { unset_is_empty: true });
        assert_eq!(found.len(), 4, "an unset variable is no word");
        let given = split("$ARGS $(ARGS) $$x ${ARGS}", Dialect::Systemd, &site, |_| None).remove(0);
        let found = resolve(given, &known, Expansion::Container);
        let texts: Vec<_> = found.iter().map(|word| (word.text.as_str(), word.unknown)).collect();
        assert_eq!(texts, [("$ARGS", true), ("--a=1 --b", false), ("$x", false), ("${ARGS}", true)]);
    }
}
