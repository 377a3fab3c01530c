//! The verbs.

mod config;
mod daemon;
mod doctor;
mod gc;
mod genes;
mod package;
mod run;
mod snapshot;
mod state;
mod target;
mod top;
mod validate;
mod vm;

use std::io::Write;
use std::process::ExitCode;

use crate::args::{Cli, EXIT_CODES, Verb};
use crate::failure::Failure;
use crate::output::sink::{Extent, Sink};

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
        Verb::Vm(args) => vm::vm(args),
        Verb::Top(args) => top::top(args),
        Verb::Daemon(args) => daemon::daemon(args),
        Verb::Gc(args) => gc::gc(args),
        Verb::Doctor(args) => doctor::doctor(args),
        Verb::ExitCodes => exit_codes(),
    }
}

fn exit_codes() -> Result<ExitCode, Failure> {
    let mut sink = Sink::open(None)?;
    writeln!(sink, "{EXIT_CODES}").map_err(|source| sink.failed(source))?;
    sink.finish(Extent::Whole)?;
    Ok(ExitCode::SUCCESS)
}
