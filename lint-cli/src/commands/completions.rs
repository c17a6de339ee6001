//! `kubevet completions`.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::{args::Cli, console::Console, outcome::Outcome};

/// Prints the completion script of a shell.
pub fn completions(shell: Shell, console: &Console) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "kubevet", &mut script);
    console.print(&String::from_utf8_lossy(&script))
}
