//! A few lines of a file, made visible and cut to a width, with spans moved along.

use std::ops::Range;

use kubevet_core::{
    report::visible,
    source::{SourceText, Span},
};
use unicode_width::UnicodeWidthStr;

/// Width of excerpts that go into files and pipes.
const PIPE_WIDTH: usize = 160;
/// Columns between tab stops.
const TAB: usize = 4;
/// Longer lines are looked at near the marked place only.
const LONG_LINE: usize = 4096;
/// How much before the marked place is looked at in such a line.
const BEFORE_MARK: usize = 512;

/// Lines to show, and where the marks lie in them.
#[derive(Debug)]
pub struct Excerpt {
    /// The lines, each with a line feed.
    pub text: String,
    /// Number of the first line in the file, from 1.
    pub first_line: u32,
    /// For each mark its bytes in `text`.
    pub spans: Vec<(usize, usize)>,
}

/// A line of the file.
struct Line {
    /// Bytes in the file, without the line break.
    bytes: Range<usize>,
    number: u32,
}

impl Excerpt {
    /// The lines from the first to the last mark, with one line around them where it is not empty.
    ///
    /// `marks` are spans with the lines they begin on, by place; `lead` is the one that must be seen when lines are cut.
    /// Marks of several lines are cut to their first.
    pub fn new(source: &SourceText, marks: &[(u32, Span)], lead: (u32, Span), width: Option<usize>) -> Self {
        let text = source.text();
        let lines = lines(source, marks);
        let digits = lines.last().map_or(1, |line| line.number.to_string().len());
        // ` 12 │ ` stands before each line.
        let width = width.unwrap_or(PIPE_WIDTH).saturating_sub(digits + 4).max(20);
        let lead_start = text.floor_char_boundary(lead.1.start as usize);
        let window = Window::new(text, &lines, lead_start, lead.1.end as usize, width);
        let mut excerpt = Excerpt {
            text: String::new(),
            first_line: lines.first().map_or(1, |line| line.number),
            spans: vec![(0, 0); marks.len()],
        };
        for line in &lines {
            let here = marks.iter().enumerate().filter(|(_, (number, _))| *number == line.number);
            let here: Vec<(usize, Span)> = here.map(|(index, (_, span))| (index, *span)).collect();
            excerpt.push(text, line, &here, &window, lead_start);
        }
        excerpt
    }

    fn push(&mut self, text: &str, line: &Line, marks: &[(usize, Span)], window: &Window, lead: usize) {
        let base = self.text.len();
        let mut shown = String::new();
        let mut spans: Vec<(Option<usize>, Option<usize>)> = vec![(None, None); marks.len()];
        let part = clip(text, &line.bytes, lead);
        let mut cut_left = part.start > line.bytes.start;
        let mut cut_right = part.end < line.bytes.end;
        let mut column = 0;
        for (at, char) in text[part.clone()].char_indices() {
            let at = part.start + at;
            for ((_, span), (start, end)) in marks.iter().zip(&mut spans) {
                if at >= span.start as usize && start.is_none() {
                    *start = Some(shown.len());
                }
                if at >= span.end as usize && end.is_none() {
                    *end = Some(shown.len());
                }
            }
            let piece = piece(char, column);
            let wide = piece.width();
            if column < window.start {
                cut_left = true;
            } else if column + wide > window.end {
                cut_right = true;
                break;
            } else {
                if shown.ends_with("##") && piece == "[" {
                    shown.push(' ');
                }
                shown.push_str(&piece);
            }
            column += wide;
        }
        let prefix = if cut_left { "…" } else { "" };
        let length = shown.len();
        for ((index, _), (start, end)) in marks.iter().zip(spans) {
            let start = start.unwrap_or(length);
            let end = end.unwrap_or(length).max(start);
            self.spans[*index] = (base + prefix.len() + start, base + prefix.len() + end);
        }
        self.text.push_str(prefix);
        self.text.push_str(&shown);
        self.text.push_str(if cut_right { "…\n" } else { "\n" });
    }
}

/// Columns of the lines that are shown.
struct Window {
    start: usize,
    end: usize,
}

impl Window {
    /// From the start of the lines when the lead is seen then, else from a little before the lead.
    fn new(text: &str, lines: &[Line], lead: usize, lead_end: usize, width: usize) -> Self {
        let Some(line) = lines.iter().find(|line| line.bytes.start <= lead && lead <= line.bytes.end) else {
            return Window { start: 0, end: width };
        };
        let part = clip(text, &line.bytes, lead);
        let (mut column, mut start) = (0, 0);
        for (at, char) in text[part.clone()].char_indices() {
            let at = part.start + at;
            if at == lead {
                start = column;
            }
            if at >= lead_end.max(lead) || column > start + width && at > lead {
                break;
            }
            column += piece(char, column).width();
        }
        let start = if column < width { 0 } else { start.saturating_sub(width / 4) };
        Window { start, end: start + width - 2 }
    }
}

/// Lines of the marks, everything between them, and one line around where it is not blank.
fn lines(source: &SourceText, marks: &[(u32, Span)]) -> Vec<Line> {
    let (Some((first, _)), Some((last, _))) = (marks.first(), marks.last()) else { return Vec::new() };
    let text = source.text();
    let line = |number: u32| {
        let span = source.line_index().line_span(text, number)?;
        let is_blank = || text[span.range()].trim().is_empty();
        ((*first..=*last).contains(&number) || !is_blank()).then(|| Line { bytes: span.range(), number })
    };
    (first.saturating_sub(1)..=last + 1).filter_map(line).collect()
}

/// The part of a line that is looked at: all of it, unless it is very long.
fn clip(text: &str, line: &Range<usize>, lead: usize) -> Range<usize> {
    if line.len() <= LONG_LINE {
        return line.clone();
    }
    let near = if line.contains(&lead) { lead.saturating_sub(BEFORE_MARK) } else { 0 };
    let start = text.floor_char_boundary(near.max(line.start));
    let end = text.floor_char_boundary((start + LONG_LINE).min(line.end));
    start..end
}

/// How a character is shown at a column.
fn piece(char: char, column: usize) -> String {
    match char {
        '\t' => " ".repeat(TAB - column % TAB),
        char => visible(char.encode_utf8(&mut [0; 4])).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The excerpt, and the marked parts of it.
    fn excerpt(text: &str, marked: &[&str], width: usize) -> (String, Vec<String>) {
        let source = SourceText::new("a.yaml", text);
        let marks: Vec<(u32, Span)> = marked
            .iter()
            .map(|part| {
                let start = text.find(part).unwrap();
                (source.position(start as u32).line, Span::new(start, start + part.len()))
            })
            .collect();
        let excerpt = Excerpt::new(&source, &marks, marks[0], Some(width));
        let parts = excerpt.spans.iter().map(|(start, end)| excerpt.text[*start..*end].to_owned());
        (excerpt.text.clone(), parts.collect())
    }

    #[test]
    fn lines_around_are_shown_unless_blank() {
        let (text, parts) = excerpt("a: 1\r\nb: 2\r\n\r\nc: 3", &["b"], 80);
        assert_eq!((&*text, &*parts[0]), ("a: 1\nb: 2\n", "b"));
        let (text, parts) = excerpt("a: 1\nb: 2\n\nc: 3\nd: 4", &["b: 2\n\nc", "3"], 80);
        assert_eq!(text, "a: 1\nb: 2\n\nc: 3\nd: 4\n");
        assert_eq!(parts, ["b: 2", "3"]);
    }

    #[test]
    fn the_end_of_a_file_can_be_marked() {
        let source = SourceText::new("a.yaml", "a: 1\n");
        let marks = [(2, Span::new(5, 5))];
        let excerpt = Excerpt::new(&source, &marks, marks[0], Some(80));
        assert_eq!((&*excerpt.text, excerpt.first_line, &*excerpt.spans), ("a: 1\n\n", 1, &[(5, 5)][..]));
    }

    #[test]
    fn tabs_become_spaces_and_control_characters_pictures() {
        let (text, parts) = excerpt("ab\tc\x1b: ##[d\n", &["c\x1b"], 80);
        assert_eq!((&*text, &*parts[0]), ("ab  c␛: ## [d\n", "c␛"));
    }

    #[test]
    fn long_lines_are_cut_around_the_mark() {
        let line = format!("{}MARK{}\n", "a".repeat(100), "b".repeat(100));
        let (text, parts) = excerpt(&line, &["MARK"], 46);
        assert_eq!(parts, ["MARK"]);
        assert!(text.starts_with("…a") && text.ends_with("b…\n"), "{text}");
        assert_eq!(text.trim_end().width(), 41);
        let (text, parts) = excerpt(&line, &["aaa"], 46);
        assert!(text.starts_with("aaa") && parts == ["aaa"], "{text}");
        let wide = format!("{}MARK\n", "日本".repeat(3000));
        let (text, parts) = excerpt(&wide, &["MARK"], 46);
        assert!(text.starts_with('…') && text.ends_with("MARK\n") && parts == ["MARK"], "{text}");
        assert!(text.width() < 46, "{text}");
    }
}
