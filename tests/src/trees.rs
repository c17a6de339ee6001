//! Trees beside those of other parsers, and what holds for every tree.

use granit_parser::{Event, Parser, ScalarStyle};
use kubevet_core::{
    source::{SourceText, Span},
    yaml::{Limits, NodeRef, Style, Tree, parse},
};

/// The tree of a text.
pub fn tree(text: &str) -> Tree {
    parse(SourceText::new("text.yaml", text), &Limits::default())
}

/// A tree as lines: depth, structure, style and text of every node.
pub fn lines(tree: &Tree) -> Vec<String> {
    let mut out = Vec::new();
    tree.documents().filter_map(|document| document.root()).for_each(|root| write(root, 0, &mut out));
    out
}

fn write(node: NodeRef<'_>, depth: usize, out: &mut Vec<String>) {
    match node.style() {
        Style::Map => {
            out.push(format!("{depth} map"));
            for entry in node.entries() {
                write(entry.key, depth + 1, out);
                write(entry.value, depth + 1, out);
            }
        }
        Style::Seq => {
            out.push(format!("{depth} seq"));
            node.items().for_each(|item| write(item, depth + 1, out));
        }
        Style::Alias => out.push(format!("{depth} alias")),
        style => out.push(format!("{depth} {style:?} {:?}", node.text())),
    }
}

/// The same lines from the events of granit-parser; `None` when it refuses the text.
pub fn granit_lines(text: &str) -> Option<Vec<String>> {
    let mut out = Vec::new();
    let mut depth = 0;
    let mut options = granit_parser::Options::default();
    options.max_buffered_comment_events = usize::MAX;
    options.strict_indentation = false;
    let mut parser = Parser::new_from_str_with_options(text, options);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.ok()?;
        match event {
            Event::MappingStart(..) => {
                out.push(format!("{depth} map"));
                depth += 1;
            }
            Event::SequenceStart(..) => {
                out.push(format!("{depth} seq"));
                depth += 1;
            }
            Event::MappingEnd | Event::SequenceEnd => depth -= 1,
            Event::Alias(_) => out.push(format!("{depth} alias")),
            Event::Scalar(value, style, _, _) => {
                let empty = style == ScalarStyle::Plain && span.is_empty();
                let (style, block) = match style {
                    ScalarStyle::Plain => (Style::Plain, false),
                    ScalarStyle::SingleQuoted => (Style::Single, false),
                    ScalarStyle::DoubleQuoted => (Style::Double, false),
                    ScalarStyle::Literal => (Style::Literal, true),
                    ScalarStyle::Folded => (Style::Folded, true),
                };
                // It invents the line break that a block scalar lacks at the end of a file.
                let at_end = span.byte_range().is_some_and(|range| range.end >= text.len());
                let bare = value.strip_suffix('\n').unwrap_or(&value);
                let spaces = bare.ends_with(' ') && bare.trim_end_matches(' ').ends_with('\n');
                let cut = !text.trim_end_matches(' ').ends_with('\n') || spaces && text.ends_with(' ');
                let invented = block && at_end && cut;
                let value = if empty { "" } else { &value };
                let value = if invented { value.strip_suffix('\n').unwrap_or(value) } else { value };
                out.push(format!("{depth} {style:?} {value:?}"));
            }
            _ => {}
        }
    }
    Some(out)
}

/// Whether a text says something that the two read differently on purpose: merge keys are looked through, which events
/// cannot show, Kubernetes wants a marker behind `...`, and a carriage return alone is a line break (granit-parser takes
/// two of them for three).
pub fn is_read_differently(text: &str) -> bool {
    text.contains("<<") || text.contains("\n...") || text.replace("\r\n", "").contains('\r')
}

/// What holds for every tree without merge keys: spans lie in the file on borders of characters, children inside of their parents and
/// behind their elder siblings, and the text of a plain or literal scalar stands where [`NodeRef::text_span`] says.
///
/// # Errors
/// What does not hold, and where.
pub fn check_spans(tree: &Tree) -> Result<(), String> {
    let source = tree.text();
    if source.contains("<<") {
        return Ok(());
    }
    let mut end = 0;
    for document in tree.documents() {
        let Some(root) = document.root() else { continue };
        check_node(root, Span::new(end, source.len()), source)?;
        end = root.span().end as usize;
    }
    for error in tree.errors() {
        inside(error.span, Span::new(0, source.len()), source).map_err(|what| format!("an error {what}"))?;
    }
    Ok(())
}

fn check_node(node: NodeRef<'_>, within: Span, source: &str) -> Result<(), String> {
    let span = node.span();
    let place = |what: String| format!("{} at {span:?} {what}", node.route());
    inside(span, within, source).map_err(place)?;
    let mut at = span.start;
    let mut child = |child: NodeRef<'_>| -> Result<(), String> {
        check_node(child, Span { start: at, end: span.end }, source)?;
        at = child.span().end;
        Ok(())
    };
    match node.style() {
        Style::Map => {
            for entry in node.entries() {
                child(entry.key)?;
                child(entry.value)?;
            }
        }
        Style::Seq => node.items().try_for_each(child)?,
        _ => {}
    }
    let text = node.text();
    if let Some(found) = node.text_span(0..text.len())
        && matches!(node.style(), Style::Plain | Style::Single | Style::Double)
        && source.get(found.range()) != Some(text)
    {
        return Err(place(format!("does not say {text:?} at {found:?}")));
    }
    Ok(())
}

fn inside(span: Span, outer: Span, source: &str) -> Result<(), String> {
    if source.get(span.range()).is_none() {
        return Err(format!("is no piece of the file: {span:?}"));
    }
    if outer.contains(span) { Ok(()) } else { Err(format!("is not inside of {outer:?}")) }
}
