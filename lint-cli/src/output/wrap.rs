//! Line breaks for terminals.

use unicode_width::UnicodeWidthStr;

/// Breaks a text at spaces, so that no line is wider than `width` where words allow it. Escape sequences for styles
/// take no room.
pub fn wrap(text: &str, width: Option<usize>, first: &str, rest: &str) -> String {
    let Some(width) = width else { return format!("{first}{text}\n") };
    let mut out = String::from(first);
    let mut column = first.width();
    let mut fresh = true;
    for word in text.split(' ') {
        let wide = shown_width(word);
        if !fresh && column + 1 + wide > width {
            out.push('\n');
            out.push_str(rest);
            column = rest.width();
        } else if !fresh {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += wide;
        fresh = false;
    }
    out.push('\n');
    out
}

/// Columns that a text takes, without the escape sequences for styles in it.
fn shown_width(text: &str) -> usize {
    let mut parts = text.split('\x1b');
    let plain = parts.next().map_or(0, UnicodeWidthStr::width);
    plain + parts.map(|part| part.split_once('m').map_or(0, |(_, shown)| shown.width())).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_and_styles_take_no_room() {
        assert_eq!(wrap("one two three", Some(9), "> ", "  "), "> one two\n  three\n");
        assert_eq!(wrap("one two three", None, "> ", "  "), "> one two three\n");
        assert_eq!(wrap("\x1b[1mone\x1b[0m two", Some(7), "", ""), "\x1b[1mone\x1b[0m two\n");
        assert_eq!(wrap("日本 語", Some(6), "", ""), "日本\n語\n");
    }
}
