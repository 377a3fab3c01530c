//! The `bioxen_hypervisor` command: the daemon of a machine, and what asks it from a shell or over SSH.

mod agent;
mod args;
mod clock;
mod commands;
mod daemon;
mod doctor;
mod failure;
mod hints;
mod output;
mod relay;
mod state;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Cli;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(refused) => return failure::refuse(&refused),
    };
    match commands::run(cli) {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}
