//! Runs the examples of rule pages.

use kubevet_core::{
    engine::{Closed, Config, Linter, Report, lint_document, lint_set},
    index::ResourceSet,
    rule::{Example, Options, Rule},
    source::SourceText,
};

/// The configuration an example runs with: its rule alone, with the options that the example gives.
///
/// # Errors
/// Options that are no TOML, unknown, or of the wrong shape, in words.
pub fn config(rule: &Rule, example: &Example) -> Result<Config, String> {
    let mut config = Config { select: vec![rule.id.to_owned()], ..Config::default() };
    if example.closed {
        config.closed = Closed::Yes;
    }
    if let Some(text) = &example.options {
        let table = toml::from_str(text).map_err(|error| error.to_string())?;
        let options = Options::read(rule.options, table)?;
        config.options.insert(rule.id.to_owned(), options);
    }
    Ok(config)
}

/// Lints the files of an example with its rule alone.
///
/// # Errors
/// What [`config`] refuses.
pub fn run(rule: &'static Rule, example: &Example) -> Result<(ResourceSet, Report), String> {
    let linter = Linter::new(&[rule], config(rule, example)?).map_err(|error| error.to_string())?;
    let linted = example.files.iter().map(|(path, text)| {
        let (source, problem) = SourceText::from_bytes(path.as_str(), text.clone().into_bytes());
        lint_document(source, problem, &linter)
    });
    let set = ResourceSet::new(linted.collect(), linter.config());
    let report = lint_set(&set, &linter);
    Ok((set, report))
}
