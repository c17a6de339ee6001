//! What the terminal can show, decided once from flags and environment.

use std::io::IsTerminal;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use kubevet_core::finding::Severity;

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On terminals, unless the environment says otherwise
    #[default]
    Auto,
    /// In files and pipes too
    Always,
    /// Plain text
    Never,
}

/// Titles.
pub const BOLD: Style = Style::new().bold();
/// What is beside the point.
pub const DIM: Style = Style::new().dimmed();
/// Words between backticks.
pub const CODE: Style = AnsiColor::Cyan.on_default();
/// The word before a remedy.
pub const HELP: Style = AnsiColor::Cyan.on_default().bold();
/// Addresses.
pub const LINK: Style = AnsiColor::Blue.on_default().underline();

/// Style of a severity's name.
pub const fn severity_style(severity: Severity) -> Style {
    let color = match severity {
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Info => AnsiColor::Blue,
    };
    color.on_default().bold()
}

/// What one output stream can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Colours and bold text.
    pub color: bool,
    /// OSC 8 hyperlinks.
    pub links: bool,
    /// Box drawing characters.
    pub unicode: bool,
    /// Columns, when it is a terminal.
    pub width: Option<usize>,
}

impl Stream {
    /// Plain text, for files.
    pub const PLAIN: Stream = Stream { color: false, links: false, unicode: true, width: None };

    /// Standard output.
    pub fn stdout(color: Color) -> Self {
        let terminal = std::io::stdout().is_terminal();
        Stream::of(
            color,
            terminal,
            terminal.then(|| terminal_size::terminal_size_of(std::io::stdout())).flatten(),
        )
    }

    /// Standard error.
    pub fn stderr(color: Color) -> Self {
        let terminal = std::io::stderr().is_terminal();
        Stream::of(
            color,
            terminal,
            terminal.then(|| terminal_size::terminal_size_of(std::io::stderr())).flatten(),
        )
    }

    fn of(color: Color, terminal: bool, size: Option<(terminal_size::Width, terminal_size::Height)>) -> Self {
        let env = |name: &str| std::env::var(name).ok();
        let color = wants_color(color, terminal, env);
        Stream {
            color,
            links: color && terminal && supports_hyperlinks::supports_hyperlinks(),
            unicode: speaks_unicode(env),
            width: size.map(|(width, _)| usize::from(width.0)),
        }
    }

    /// The text in a style, where the stream shows styles.
    pub fn paint(&self, style: Style, text: &str) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// The text as a link, where the stream shows links. The address must hold no control characters.
    pub fn link(&self, url: &str, text: &str) -> String {
        if self.links { format!("\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\") } else { text.to_owned() }
    }
}

/// `--color`, then `NO_COLOR`, then `FORCE_COLOR` and `CLICOLOR_FORCE`, then `CLICOLOR`, `TERM` and the terminal.
fn wants_color(color: Color, terminal: bool, env: impl Fn(&str) -> Option<String>) -> bool {
    match color {
        Color::Always => return true,
        Color::Never => return false,
        Color::Auto => {}
    }
    let set = |name: &str| env(name).is_some_and(|value| !value.is_empty());
    let on =
        |name: &str| env(name).is_some_and(|value| !value.is_empty() && value != "0" && value != "false");
    if set("NO_COLOR") {
        return false;
    }
    if on("FORCE_COLOR") || on("CLICOLOR_FORCE") {
        return true;
    }
    let dumb = env("TERM").is_some_and(|term| term == "dumb");
    terminal && !dumb && env("CLICOLOR").is_none_or(|value| value != "0")
}

/// Whether box drawing characters may be written: unless the locale names another character set.
fn speaks_unicode(env: impl Fn(&str) -> Option<String>) -> bool {
    let mut locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(env);
    let Some(locale) = locale.find(|value| !value.is_empty()) else { return true };
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn colour_follows_flag_then_environment_then_terminal() {
        let auto = |terminal, pairs: &[(&str, &str)]| wants_color(Color::Auto, terminal, env(pairs));
        assert!(wants_color(Color::Always, false, env(&[("NO_COLOR", "1")])));
        assert!(!wants_color(Color::Never, true, env(&[("FORCE_COLOR", "1")])));
        assert!(auto(true, &[]) && !auto(false, &[]));
        assert!(!auto(true, &[("NO_COLOR", "1"), ("FORCE_COLOR", "1")]));
        assert!(auto(true, &[("NO_COLOR", "")]));
        assert!(auto(false, &[("FORCE_COLOR", "1")]) && auto(false, &[("CLICOLOR_FORCE", "1")]));
        assert!(!auto(false, &[("CLICOLOR_FORCE", "0")]));
        assert!(!auto(true, &[("TERM", "dumb")]) && !auto(true, &[("CLICOLOR", "0")]));
    }

    #[test]
    fn only_a_locale_of_another_character_set_forbids_boxes() {
        assert!(speaks_unicode(env(&[])) && speaks_unicode(env(&[("LANG", "de_DE.UTF-8")])));
        assert!(speaks_unicode(env(&[("LC_ALL", ""), ("LANG", "C.utf8")])));
        assert!(!speaks_unicode(env(&[("LANG", "C")])));
        assert!(!speaks_unicode(env(&[("LC_ALL", "POSIX"), ("LANG", "de_DE.UTF-8")])));
    }
}
