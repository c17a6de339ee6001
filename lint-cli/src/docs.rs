//! `docs/cli.md` says what the command line is: its options are written from the definitions, and compared with them.

use std::fmt::Write;

use clap::{Arg, ArgAction, Command, CommandFactory, Parser};

use crate::args::{AFTER_HELP, Cli};

const BEGIN: &str = "<!-- Written from the definitions of the command line by `cargo xtask docs`. -->\n";
const END: &str = "<!-- End of what is written by `cargo xtask docs`. -->\n";

/// The reference of all commands as Markdown.
fn reference() -> String {
    let mut cli = Cli::command();
    cli.build();
    let mut out = format!("{BEGIN}\n```text\n{AFTER_HELP}\n```\n\n## Options of every command\n\n");
    let global: Vec<&Arg> = cli.get_arguments().filter(|arg| arg.is_global_set()).collect();
    global.iter().for_each(|arg| option(&mut out, arg));
    for command in cli.get_subcommands().filter(|command| command.get_name() != "help") {
        page(&mut out, command);
    }
    out.push('\n');
    out.push_str(END);
    out
}

fn page(out: &mut String, command: &Command) {
    let about = command.get_about().expect("every command says what it does");
    let mut command = command.clone();
    let usage = command.render_usage().to_string().replace("Usage: ", "");
    let _ = write!(out, "\n## `kubevet {}`\n\n{about}.\n\n```text\n{usage}\n```\n", command.get_name());
    let own: Vec<&Arg> =
        command.get_arguments().filter(|arg| !arg.is_global_set() && arg.get_id() != "help").collect();
    let mut headings: Vec<Option<&str>> = own.iter().map(|arg| arg.get_help_heading()).collect();
    headings.dedup();
    for heading in headings {
        if let Some(heading) = heading {
            let _ = write!(out, "\n### {heading}\n");
        }
        out.push('\n');
        own.iter().filter(|arg| arg.get_help_heading() == heading).for_each(|arg| option(out, arg));
    }
}

/// One line of a list: names, meaning, values, default.
fn option(out: &mut String, arg: &Arg) {
    let help = arg.get_help().unwrap_or_else(|| panic!("`{}` says nothing", arg.get_id()));
    let values = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
    let value = arg.get_value_names().filter(|_| values).map(|names| names[0].to_string());
    let value = value.unwrap_or_default();
    let mut names: Vec<String> = arg.get_short().map(|short| format!("`-{short}`")).into_iter().collect();
    let longs = arg.get_long().into_iter().chain(arg.get_visible_aliases().unwrap_or_default());
    names.extend(longs.map(|long| match &*value {
        "" => format!("`--{long}`"),
        value => format!("`--{long} {value}`"),
    }));
    if names.is_empty() {
        names.push(format!("`[{value}]`"));
    }
    // Lists in one line; values of more than a word would not fit.
    let possible = arg.get_possible_values();
    let possible: Vec<String> = possible.iter().map(|value| format!("`{}`", value.get_name())).collect();
    let default = arg.get_default_values().first().filter(|_| values).and_then(|value| value.to_str());
    let _ = write!(out, "- {}: {help}.", names.join(", "));
    if values && !possible.is_empty() && arg.get_id() != "shell" {
        let _ = write!(out, " One of {}.", possible.join(", "));
    }
    if let Some(default) = default {
        let _ = write!(out, " Default: `{default}`.");
    }
    out.push('\n');
}

#[test]
fn the_page_of_the_command_line_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/cli.md");
    let page = std::fs::read_to_string(path).expect("the page");
    let (before, rest) = page.split_once(BEGIN).expect("the part that is written");
    let (_, after) = rest.split_once(END).expect("the end of the part that is written");
    let expected = format!("{before}{}{after}", reference());
    if std::env::var_os("KUBEVET_WRITE_DOCS").is_some() {
        std::fs::write(path, expected).expect("the page");
    } else {
        assert!(page == expected, "docs/cli.md is not what the command line is: run `cargo xtask docs`");
    }
}

#[test]
fn commands_of_the_page_are_ones_that_parse() {
    let page = include_str!("../../docs/cli.md");
    let commands = page.lines().filter_map(|line| line.strip_prefix("kubevet ")?.split('#').next());
    let mut count = 0;
    for command in commands.filter(|command| !command.contains('[')) {
        let words = std::iter::once("kubevet").chain(command.split_whitespace());
        let words = words.map(|word| word.trim_matches('\''));
        Cli::try_parse_from(words).unwrap_or_else(|error| panic!("`kubevet {command}`: {error}"));
        count += 1;
    }
    assert!(count > 10, "{count} commands");
}
