//! Examples in rule pages: written once, executed by the tests, shown on the page.

/// What an example shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The rule reports it.
    Bad,
    /// The rule is silent.
    Good,
}

/// One example of a rule's page.
///
/// It begins at a fence whose info string has `bad` or `good` as its second word; more words are the path
/// (`example.yaml` without one) and `closed` (the files are everything). Fences with `with PATH` add files to it,
/// and a `toml with` fence gives options of the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// What it shows.
    pub verdict: Verdict,
    /// Whether the files are said to be everything.
    pub closed: bool,
    /// Paths and texts.
    pub files: Vec<(String, String)>,
    /// Options of the rule, as TOML.
    pub options: Option<String>,
}

/// The examples of a rule's documentation, in order.
///
/// # Errors
/// A fence that follows none of the forms, in words.
pub fn examples(docs: &str) -> Result<Vec<Example>, String> {
    let mut found: Vec<Example> = Vec::new();
    let mut lines = docs.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let mut text = String::new();
        loop {
            let Some(line) = lines.next() else { return Err(format!("the fence `{info}` is not closed")) };
            if line.trim_end() == "```" {
                break;
            }
            text.push_str(line);
            text.push('\n');
        }
        let mut words = info.split_whitespace();
        let language = words.next().unwrap_or_default();
        let verdict = match words.next() {
            Some("bad") => Verdict::Bad,
            Some("good") => Verdict::Good,
            Some("with") => {
                let last = found.last_mut().ok_or_else(|| format!("`{info}` stands before every example"))?;
                match (language, words.next()) {
                    ("toml", None) => last.options = Some(text),
                    (_, Some(path)) => last.files.push((path.to_owned(), text)),
                    (_, None) => return Err(format!("`{info}` names no path")),
                }
                continue;
            }
            _ => continue,
        };
        let mut example = Example { verdict, closed: false, files: Vec::new(), options: None };
        let mut path = "example.yaml";
        for word in words {
            if word == "closed" { example.closed = true } else { path = word }
        }
        example.files.push((path.to_owned(), text));
        found.push(example);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_options_join_their_example() {
        let docs = " Summary.\n\n ```yaml bad closed\n a: 1\n   b: 2\n ```\n ```yaml with b.yaml\n c: 3\n ```\n ```toml with\n x = 1\n ```\n ```ini good k.service\n [Unit]\n ```\n";
        let found = examples(docs).unwrap();
        assert_eq!(found.len(), 2);
        assert!(found[0].closed && found[0].verdict == Verdict::Bad);
        assert_eq!(found[0].files[0], ("example.yaml".into(), "a: 1\n  b: 2\n".into()));
        assert_eq!(found[0].files[1].0, "b.yaml");
        assert_eq!(found[0].options.as_deref(), Some("x = 1\n"));
        assert_eq!(found[1].files[0].0, "k.service");
        assert!(examples("```yaml bad\nx").is_err() && examples("```yaml with a\n```").is_err());
    }
}
