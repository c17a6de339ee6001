//! Rule pages on a terminal: the few forms of Markdown that they use.

use std::fmt::Write;

use super::wrap;
use crate::terminal::{BOLD, CODE, DIM, LINK, Stream};

/// Wider text is hard to read.
const WIDEST: usize = 100;

/// Renders headings, paragraphs, lists, fenced code, `code`, **strong** words and links.
pub fn markdown(text: &str, stream: Stream) -> String {
    let width = stream.width.map(|width| width.min(WIDEST));
    let mut out = String::new();
    let mut paragraph: Option<Paragraph> = None;
    let mut lines = text.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
    while let Some(line) = lines.next() {
        let marker = line.len() - line.trim_start().len();
        let body = line.trim();
        if let Some(info) = body.strip_prefix("```") {
            end(&mut out, &mut paragraph, width, stream);
            let code = lines.by_ref().take_while(|line| !line.trim_start().starts_with("```"));
            fence(&mut out, info, code, stream);
        } else if body.is_empty() {
            end(&mut out, &mut paragraph, width, stream);
            if !out.is_empty() && !out.ends_with("\n\n") {
                out.push('\n');
            }
        } else if let Some(heading) = body.strip_prefix('#') {
            end(&mut out, &mut paragraph, width, stream);
            let heading = heading.trim_start_matches('#').trim();
            let _ = writeln!(out, "{}", stream.paint(BOLD, heading));
        } else if let Some(item) = body.strip_prefix("- ").or_else(|| body.strip_prefix("* ")) {
            end(&mut out, &mut paragraph, width, stream);
            let indent = " ".repeat(marker);
            paragraph = Some(Paragraph {
                first: format!("{indent}- "),
                rest: format!("{indent}  "),
                text: item.to_owned(),
            });
        } else if let Some(open) = &mut paragraph {
            open.text.push(' ');
            open.text.push_str(body);
        } else {
            paragraph = Some(Paragraph { first: String::new(), rest: String::new(), text: body.to_owned() });
        }
    }
    end(&mut out, &mut paragraph, width, stream);
    out
}

struct Paragraph {
    first: String,
    rest: String,
    text: String,
}

fn end(out: &mut String, paragraph: &mut Option<Paragraph>, width: Option<usize>, stream: Stream) {
    if let Some(Paragraph { first, rest, text }) = paragraph.take() {
        out.push_str(&wrap(&inline(&text, stream), width, &first, &rest));
    }
}

/// Code with its caption: what the example shows, and its path.
fn fence<'a>(out: &mut String, info: &str, code: impl Iterator<Item = &'a str>, stream: Stream) {
    let mut words = info.split_whitespace().skip(1);
    let verdict = match words.next() {
        Some("bad") => "reported",
        Some("good") => "not reported",
        Some("with") => "together with",
        _ => "",
    };
    let mut caption = verdict.to_owned();
    for word in words {
        match word {
            "closed" => caption.push_str(" when the files are everything"),
            path if verdict.ends_with("with") => caption.push_str(&format!(" {path}")),
            path => caption.push_str(&format!(" in {path}")),
        }
    }
    if !(out.is_empty() || out.ends_with("\n\n")) {
        out.push('\n');
    }
    if !caption.is_empty() {
        let _ = writeln!(out, "  {}", stream.paint(DIM, &format!("# {caption}")));
    }
    for line in code {
        let _ = writeln!(out, "  {}", if line.is_empty() { String::new() } else { stream.paint(CODE, line) });
    }
}

/// `code`, **strong** and [links](address) inside of a paragraph. Styled words are styled one by one, so that a line
/// break between them carries no style over.
pub fn inline(text: &str, stream: Stream) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['`', '*', '[', '<']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((code, after)) = between(rest, "`", "`") {
            // Without colour the marks are what tells code from prose.
            let shown =
                if stream.color { words(code, |word| stream.paint(CODE, word)) } else { format!("`{code}`") };
            out.push_str(&shown);
            rest = after;
        } else if let Some((strong, after)) = between(rest, "**", "**") {
            out.push_str(&words(strong, |word| stream.paint(BOLD, word)));
            rest = after;
        } else if let Some((url, after)) = between(rest, "<http", ">") {
            out.push_str(&stream.link(&format!("http{url}"), &stream.paint(LINK, &format!("http{url}"))));
            rest = after;
        } else if let Some((label, url, after)) = link(rest) {
            let shown = if stream.links {
                words(label, |word| stream.link(url, &stream.paint(LINK, word)))
            } else {
                format!("{label} ({url})")
            };
            out.push_str(&shown);
            rest = after;
        } else {
            let first = rest.chars().next().map_or(0, char::len_utf8);
            out.push_str(&rest[..first]);
            rest = &rest[first..];
        }
    }
    out.push_str(rest);
    out
}

fn words(text: &str, style: impl Fn(&str) -> String) -> String {
    text.split(' ').map(style).collect::<Vec<_>>().join(" ")
}

fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<(&'a str, &'a str)> {
    text.strip_prefix(open)?.split_once(close).filter(|(inside, _)| !inside.is_empty())
}

fn link(text: &str) -> Option<(&str, &str, &str)> {
    let (label, rest) = text.strip_prefix('[')?.split_once("](")?;
    let (url, rest) = rest.split_once(')')?;
    (!label.contains('[')).then_some((label, url, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = " Reports `hostPID: true`\n and more.\n\n ## Why\n - one **strong** word\n   goes on\n - two\n\n ```yaml bad a.yaml\n a: 1\n   b: 2\n ```\n See [the docs](https://kubernetes.io).\n";

    #[test]
    fn plain() {
        let shown = markdown(PAGE, Stream { width: Some(24), ..Stream::PLAIN });
        assert_eq!(
            shown,
            "Reports `hostPID: true`\nand more.\n\nWhy\n- one strong word goes\n  on\n- two\n\n  # reported in a.yaml\n  a: 1\n    b: 2\nSee the docs\n(https://kubernetes.io).\n"
        );
    }

    #[test]
    fn styled() {
        let shown = markdown("a `b c`", Stream { color: true, links: true, ..Stream::PLAIN });
        assert_eq!(shown, "a \x1b[36mb\x1b[0m \x1b[36mc\x1b[0m\n");
    }
}
