//! The `bioxen` command: cells, their validation and their genes from a shell.

mod args;
mod commands;
mod failure;
mod interrupt;
mod measure;
mod output;
mod report;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Cli;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(refused) => return failure::refuse(&refused),
    };
    match commands::run(&cli) {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}
