//! The `bioxen-testbed` command: a pool of XCP-ng on this machine, to try commands against.

mod agent;
mod args;
mod config;
mod failure;
mod signals;
mod up;
mod watch;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Verb};

fn main() -> ExitCode {
    let Cli {
        verb: Verb::Up(args),
    } = Cli::parse();
    match up::run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
