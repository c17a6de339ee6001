//! The `kubevet` command: files in, reports out. What is wrong with them is decided elsewhere.
//!
//! A library only so that benches reach its parts: programs take `kubevet-core` and `kubevet-rules`.

mod args;
mod commands;
mod config;
mod console;
#[cfg(test)]
mod docs;
mod exclude;
mod gather;
mod lint;
mod locations;
mod outcome;
pub mod output;
mod plan;
mod problem;
mod progress;
pub mod terminal;
mod walk;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
};

use clap::Parser;

use crate::{
    args::{Cli, Command},
    console::Console,
    outcome::{Failure, Outcome, Status},
    problem::Problem,
};

/// Runs the command with the arguments of the process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let console = Console::new(&cli.global);
    quiet_panics(&console);
    let outcome = catch_unwind(AssertUnwindSafe(|| run(cli.command, &console))).unwrap_or_else(|_| {
        Err(Problem::new("kubevet failed: this is a mistake of kubevet, please report it").into())
    });
    let status = outcome.unwrap_or_else(|failure| match failure {
        Failure::BrokenPipe => Status::Clean,
        Failure::Problems(problems) => {
            problems.iter().for_each(|problem| console.problem(problem));
            Status::Failed
        }
    });
    ExitCode::from(status as u8)
}

fn run(command: Command, console: &Console) -> Outcome<Status> {
    match command {
        Command::Check(args) => return commands::check(&args, console),
        Command::Settings(args) => return commands::settings(&args, console),
        Command::Rules(args) => commands::rules(&args, console),
        Command::Explain(args) => commands::explain(&args, console),
        Command::Completions { shell } => commands::completions(shell, console),
        Command::Version { output_format } => commands::version(output_format, console),
    }?;
    Ok(Status::Clean)
}

/// Panics are reported where they are caught. Their place is told to developers and to those who ask.
fn quiet_panics(console: &Console) {
    let console = *console;
    std::panic::set_hook(Box::new(move |panic| {
        if console.is_verbose() || cfg!(debug_assertions) {
            console.warning(&panic.to_string());
        }
    }));
}
