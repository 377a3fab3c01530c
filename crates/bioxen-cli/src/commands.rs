//! The verbs.

mod config;
mod genes;
mod package;
mod run;
mod snapshot;
mod state;
mod validate;

use std::process::ExitCode;

use crate::args::{Cli, Verb};
use crate::failure::Failure;

/// Does what was typed.
pub(crate) fn run(cli: &Cli) -> Result<ExitCode, Failure> {
    match &cli.verb {
        Verb::Run(args) => run::run(args),
        Verb::Validate(args) => validate::validate(args),
        Verb::Genes(args) => genes::genes(args),
        Verb::Operons(args) => genes::operons(args),
        Verb::Package(args) => package::package(args),
        Verb::Snapshot(args) => snapshot::snapshot(args),
        Verb::Config(args) => config::config(args),
    }
}
