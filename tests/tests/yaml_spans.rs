//! Trees of generated texts: written by a writer that remembers what stands where, and texts of any kind.

use kubevet_core::{
    source::Span,
    yaml::{NodeRef, Style, Tree},
};
use kubevet_tests::trees::{check_spans, granit_lines, is_read_differently, lines, tree};
use proptest::{
    prelude::{BoxedStrategy, Just, ProptestConfig, Strategy, any},
    prop_assert, prop_assert_eq, prop_oneof, proptest,
};

/// A value, and how to write it.
#[derive(Clone, Debug)]
enum Value {
    Scalar(String, Style),
    Seq(Vec<Value>, bool),
    /// Keys are numbered, so that none is there twice.
    Map(Vec<(String, Value)>, bool),
}

/// Where a node stands, in the order of the file.
#[derive(Debug, PartialEq)]
struct Written {
    span: Span,
    text: Option<String>,
}

fn values() -> BoxedStrategy<Value> {
    let text = prop_oneof![
        "[a-z][a-z0-9 ./-]{0,12}[a-z0-9]",
        "[a-z]{1,5}: [a-z]{1,3}",
        "[ä-ü€😀]{1,4} ?#[a-z]",
        Just(String::new()),
        Just("it's \"so\"".to_owned()),
        "[1-9][0-9]{0,4}",
    ];
    let styles =
        prop_oneof![Just(Style::Plain), Just(Style::Single), Just(Style::Double), Just(Style::Literal)];
    let scalar = (text, styles).prop_map(|(text, style)| Value::Scalar(text, style));
    let nested = scalar.prop_recursive(4, 32, 4, |inner| {
        let items = proptest::collection::vec(inner.clone(), 1..4);
        let pairs = proptest::collection::vec(("[a-z]{1,6}", inner), 1..4);
        prop_oneof![
            (items, any::<bool>()).prop_map(|(items, flow)| Value::Seq(items, flow)),
            (pairs, any::<bool>()).prop_map(|(pairs, flow)| {
                let pairs = pairs.into_iter().enumerate();
                Value::Map(pairs.map(|(at, (key, value))| (format!("{key}{at}"), value)).collect(), flow)
            }),
        ]
    });
    nested.boxed()
}

/// Writes values and remembers where.
struct Writer {
    text: String,
    written: Vec<Written>,
    /// Spaces of one level.
    step: usize,
    comments: bool,
}

impl Writer {
    /// Writes a collection in block style from the start of a line, or anything else where it stands.
    fn value(&mut self, value: &Value, indent: usize, flow: bool) {
        let at = self.written.len();
        self.written.push(Written { span: Span::default(), text: None });
        let start = self.text.len();
        match value {
            Value::Scalar(text, style) => {
                self.scalar(text, *style, indent, flow);
                self.written[at].text = Some(text.clone());
            }
            Value::Seq(items, own) if flow || *own => {
                self.text.push('[');
                for (number, item) in items.iter().enumerate() {
                    self.text.push_str(if number == 0 { "" } else { ", " });
                    self.value(item, indent, true);
                }
                self.text.push(']');
            }
            Value::Map(pairs, own) if flow || *own => {
                self.text.push_str("{ ");
                for (number, (key, value)) in pairs.iter().enumerate() {
                    self.text.push_str(if number == 0 { "" } else { ", " });
                    self.key(key);
                    self.value(value, indent, true);
                }
                self.text.push_str(" }");
            }
            Value::Seq(items, _) => {
                for (number, item) in items.iter().enumerate() {
                    self.line(number, indent);
                    self.text.push('-');
                    self.below(item, indent);
                }
            }
            Value::Map(pairs, _) => {
                for (number, (key, value)) in pairs.iter().enumerate() {
                    self.line(number, indent);
                    self.key(key);
                    self.text.truncate(self.text.trim_end_matches(' ').len());
                    self.below(value, indent);
                }
            }
        }
        self.written[at].span = Span::new(start, self.text.len());
    }

    /// The value of a pair or item: on the same line, or a block collection on the next ones.
    fn below(&mut self, value: &Value, indent: usize) {
        let block = matches!(value, Value::Seq(_, false) | Value::Map(_, false));
        if block {
            self.comment();
            self.text.push('\n');
            self.text.push_str(&" ".repeat(indent + self.step));
        } else {
            self.text.push(' ');
        }
        self.value(value, indent + self.step, false);
    }

    fn line(&mut self, number: usize, indent: usize) {
        if number > 0 {
            // A literal block ends with its line, every other value before it.
            if !self.text.ends_with('\n') {
                self.comment();
                self.text.push('\n');
            }
            self.text.push_str(&" ".repeat(indent));
        }
    }

    fn comment(&mut self) {
        if self.comments {
            self.text.push_str(" # note: {");
        }
    }

    fn key(&mut self, key: &str) {
        let start = self.text.len();
        self.text.push_str(key);
        self.written.push(Written { span: Span::new(start, self.text.len()), text: Some(key.to_owned()) });
        self.text.push_str(": ");
    }

    fn scalar(&mut self, text: &str, style: Style, indent: usize, flow: bool) {
        let simple = text.starts_with(|first: char| first.is_ascii_alphanumeric())
            && text.chars().all(|char| char.is_ascii_alphanumeric() || " ./-".contains(char));
        match style {
            Style::Plain if simple => self.text.push_str(text),
            Style::Literal if !flow && simple => {
                let indent = " ".repeat(indent.max(1));
                self.text.push_str(&format!("|-\n{indent}{text}\n"));
            }
            Style::Double => {
                let escaped = text.replace('"', "\\\"").replace('ä', "\\u00e4");
                self.text.push_str(&format!("\"{escaped}\""));
            }
            _ => self.text.push_str(&format!("'{}'", text.replace('\'', "''"))),
        }
    }
}

/// Nodes in the order of the file.
fn nodes(tree: &Tree) -> Vec<Written> {
    fn visit(node: NodeRef<'_>, out: &mut Vec<Written>) {
        let text = node.is_scalar().then(|| node.text().to_owned());
        out.push(Written { span: node.span(), text });
        for entry in node.entries() {
            visit(entry.key, out);
            visit(entry.value, out);
        }
        node.items().for_each(|item| visit(item, out));
    }
    let mut out = Vec::new();
    tree.documents().filter_map(|document| document.root()).for_each(|root| visit(root, &mut out));
    out
}

/// Whether a node was written as a literal block: what is white behind its text is a matter of taste.
fn without_trailing_space(mut nodes: Vec<Written>, text: &str) -> Vec<Written> {
    for node in &mut nodes {
        let said = &text[node.span.range()];
        node.span.end = node.span.start + said.trim_end().len() as u32;
    }
    nodes
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spans_are_where_the_values_were_written(value in values(), step in 1usize..5, comments: bool) {
        let mut writer = Writer { text: String::new(), written: Vec::new(), step, comments };
        writer.value(&value, 0, false);
        let (text, written) = (writer.text, writer.written);
        let tree = tree(&text);
        prop_assert!(tree.errors().is_empty(), "{text}\n{:?}", tree.errors());
        prop_assert_eq!(
            without_trailing_space(nodes(&tree), &text),
            without_trailing_space(written, &text),
            "{}", text
        );
        if let Err(wrong) = check_spans(&tree) {
            prop_assert!(false, "{text}\n{wrong}");
        }
    }

    #[test]
    fn any_text_makes_a_sound_tree(text in "([ \\-:#\\[\\]{},'\"|>&*!%a-c\\n\\t]|- |: |\\n  |---\\n|ä|\\r\\n){0,60}") {
        let tree = tree(&text);
        if let Err(wrong) = check_spans(&tree) {
            prop_assert!(false, "{text:?}\n{wrong}");
        }
        // Other parsers take more and less; what both take is the same.
        if tree.errors().is_empty() && !is_read_differently(&text) && let Some(expected) = granit_lines(&text) {
            prop_assert_eq!(lines(&tree), expected, "{:?}", text);
        }
    }
}
