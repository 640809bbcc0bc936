//! `suho completions`: what makes a shell complete these commands.

use crate::args::{Cli, Completions};
use crate::terminal::out;
use clap::CommandFactory as _;

/// Prints the script for one shell.
pub(crate) fn completions(args: &Completions) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "suho", &mut script);
    out(&String::from_utf8_lossy(&script));
    0
}
