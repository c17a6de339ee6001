//! Text from files, made safe for terminals and CI logs.

use std::{borrow::Cow, fmt::Write};

/// Makes characters visible that would act on a terminal instead of being shown: control characters, and
/// those that reorder or hide text. `##[` is broken up, which GitHub's runner obeys anywhere in a line.
///
/// Line breaks and tabs are control characters too: callers that want them handle them before.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) && !text.contains("##[") {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for char in text.chars() {
        match char {
            // U+2400 and following are the pictures of the control characters.
            '\0'..='\x1f' => shown.extend(char::from_u32(0x2400 + u32::from(char))),
            '\x7f' => shown.push('\u{2421}'),
            char if acts(char) => {
                let _ = write!(shown, "<U+{:04X}>", u32::from(char));
            }
            '[' if shown.ends_with("##") => shown.push_str(" ["),
            char => shown.push(char),
        }
    }
    Cow::Owned(shown)
}

/// Control characters (C0, DEL, C1), separators of lines, marks and embeddings of direction, zero-width characters
/// without a use in configuration. The zero-width joiner stays: it holds emoji together.
fn acts(char: char) -> bool {
    matches!(
        char,
        '\0'..='\x1f'
            | '\x7f'..='\u{9f}'
            | '\u{61c}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0001}'..='\u{e007f}'
    )
}
