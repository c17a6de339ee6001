//! Excerpts of files with underlined places, drawn by miette.
//!
//! miette gets a small text of its own for each excerpt: a few lines, made visible and cut to the terminal. So its
//! work does not grow with the file, and nothing in a file acts on the terminal.

use std::fmt;

use kubevet_core::{
    finding::Severity,
    report::visible,
    source::{Position, SourceText, Span},
};
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents,
    SourceCode, SourceSpan, SpanContents, ThemeCharacters, ThemeStyles,
};

use super::excerpt::Excerpt;
use crate::terminal::{DIM, Stream};

/// A place to underline.
#[derive(Clone, Copy, Debug)]
pub struct Mark<'a> {
    /// The file.
    pub source: &'a SourceText,
    /// What is underlined.
    pub span: Span,
    /// Words below the line.
    pub label: Option<&'a str>,
    /// Severity of the finding at its primary place; `None` at other places.
    pub severity: Option<Severity>,
}

/// Lines between two places of one excerpt that are shown rather than cut out.
const CLOSE: u32 = 3;

/// Marks of one file that lie close to each other, by place.
struct Group<'a> {
    marks: Vec<(Position, Mark<'a>)>,
}

impl<'a> Group<'a> {
    fn is_primary(&self) -> bool {
        self.marks.iter().any(|(_, mark)| mark.severity.is_some())
    }

    /// The mark that its header names.
    fn lead(&self) -> &(Position, Mark<'a>) {
        self.marks.iter().find(|(_, mark)| mark.severity.is_some()).unwrap_or(&self.marks[0])
    }
}

/// Appends one excerpt for each group of places: that of the primary place first, which also says `object`.
pub fn snippets(out: &mut String, marks: &[Mark<'_>], object: Option<&str>, stream: Stream) {
    let mut groups = groups(marks);
    groups.sort_by_key(|group| !group.is_primary());
    for group in groups {
        let mut drawn = draw(&group, stream);
        if let Some(object) = object.filter(|_| group.is_primary()) {
            let at = drawn.find('\n').unwrap_or(drawn.len());
            drawn.insert_str(at, &format!(" {}", stream.paint(DIM, &visible(object))));
        }
        out.push_str(&drawn);
    }
}

/// Groups in the order in which their files first appear, then by line.
fn groups<'a>(marks: &[Mark<'a>]) -> Vec<Group<'a>> {
    let mut paths: Vec<&str> = Vec::new();
    let mut placed: Vec<(usize, Position, Mark<'a>)> = Vec::new();
    for mark in marks {
        let path: &str = mark.source.path();
        let file = paths.iter().position(|known| *known == path).unwrap_or_else(|| {
            paths.push(path);
            paths.len() - 1
        });
        placed.push((file, mark.source.position(mark.span.start), *mark));
    }
    placed.sort_by_key(|(file, position, mark)| (*file, position.line, mark.span.start));
    let mut groups: Vec<(usize, Group<'a>)> = Vec::new();
    for (file, position, mark) in placed {
        match groups.last_mut() {
            Some((last_file, group))
                if *last_file == file
                    && position.line <= group.marks[group.marks.len() - 1].0.line + CLOSE =>
            {
                group.marks.push((position, mark));
            }
            _ => groups.push((file, Group { marks: vec![(position, mark)] })),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

fn draw(group: &Group<'_>, stream: Stream) -> String {
    let (position, lead) = group.lead();
    let spans: Vec<(u32, Span)> =
        group.marks.iter().map(|(position, mark)| (position.line, mark.span)).collect();
    let excerpt = Excerpt::new(lead.source, &spans, (position.line, lead.span), stream.width);
    let labels = group.marks.iter().zip(&excerpt.spans).map(|((_, mark), (start, end))| {
        let label = mark.label.map(|label| visible(label).into_owned());
        let span = (*start, end - start);
        match mark.severity {
            Some(_) => LabeledSpan::new_primary_with_span(label, span),
            None => LabeledSpan::new_with_span(label, span),
        }
    });
    let snippet = Snippet {
        name: visible(lead.source.path()).into_owned(),
        labels: labels.collect(),
        position: *position,
        excerpt: &excerpt,
    };
    let severities = group.marks.iter().map(|(_, mark)| mark.severity);
    let handler = GraphicalReportHandler::new_themed(theme(severities, stream))
        .with_links(false)
        .with_wrap_lines(false)
        .with_context_lines(CONTEXT_LINES)
        .without_syntax_highlighting();
    let mut drawn = String::new();
    // Writing to a string fails only when a span lies outside of the excerpt: then there is no excerpt.
    if handler.render_report(&mut drawn, &snippet).is_err() {
        return format!("  {}:{}:{}\n", snippet.name, position.line, position.column);
    }
    // The first line is miette's header, which is empty: ours has been written already.
    drawn.split_once('\n').map_or_else(String::new, |(_, rest)| rest.to_owned())
}

/// What miette asks for around a span; zero when it asks for the header's position.
const CONTEXT_LINES: usize = 1;

/// Boxes, and for each mark the colour of its underline: that of the severity at the primary place.
fn theme(severities: impl Iterator<Item = Option<Severity>>, stream: Stream) -> GraphicalTheme {
    let characters = if stream.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() };
    if !stream.color {
        return GraphicalTheme { characters, styles: ThemeStyles::none() };
    }
    let mut styles = ThemeStyles::ansi();
    styles.link = styles.linum;
    styles.highlights = severities
        .map(|severity| match severity {
            Some(Severity::Error) => styles.error,
            Some(Severity::Warning) => styles.warning,
            Some(Severity::Info) | None => styles.advice,
        })
        .collect();
    GraphicalTheme { characters, styles }
}

/// One excerpt as miette wants it.
#[derive(Debug)]
struct Snippet<'a> {
    name: String,
    labels: Vec<LabeledSpan>,
    position: Position,
    excerpt: &'a Excerpt,
}

impl fmt::Display for Snippet<'_> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Snippet<'_> {}

impl Diagnostic for Snippet<'_> {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

impl SourceCode for Snippet<'_> {
    fn read_span<'a>(
        &'a self,
        _: &SourceSpan,
        before: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let text = &self.excerpt.text;
        // Without context it is the header that asks, for the position of the lead.
        let Position { line, column } =
            if before == 0 { self.position } else { Position { line: self.excerpt.first_line, column: 1 } };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            text.as_bytes(),
            (0, text.len()).into(),
            line as usize - 1,
            column as usize - 1,
            text.lines().count(),
        )))
    }
}
