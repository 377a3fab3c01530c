//! Automation of the BioXen workspace, run as `cargo xtask <verb>`.
//!
//! The verbs are in [`args::Verb`]; each has a module of its own name.
//! The tool depends on no crate of the workspace, so that it still builds when they do not.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command for people: its output is the terminal"
)]

mod args;
mod demo;
mod doctor;
mod failure;
mod invocation;
mod metadata;
mod step;
mod test;
mod tidy;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::args::{Request, Verb};
use crate::failure::Failure;

fn main() -> ExitCode {
    match args::parse(std::env::args().skip(1)).and_then(carry_out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            explain(&failure);
            failure.exit_code()
        }
    }
}

fn carry_out(request: Request) -> Result<(), Failure> {
    let root = workspace_root();
    match request.verb {
        Verb::Demo if request.xcpng => demo::xcpng::run(&root, request.install),
        Verb::Demo => demo::run(&root, request.install),
        Verb::Test => test::run(&root, request.install),
        Verb::Tidy => tidy::run(&root),
        Verb::Doctor => doctor::run(),
        Verb::Help => {
            print!("{}", args::HELP);
            Ok(())
        }
    }
}

fn explain(failure: &Failure) {
    eprintln!("error: {failure}");
    let mut cause = failure.source();
    while let Some(error) = cause {
        eprintln!("  caused by: {error}");
        cause = error.source();
    }
    if let Some(hint) = failure.hint() {
        eprintln!("  hint: {hint}");
    }
}

/// The folder that holds the workspace's `Cargo.toml`.
///
/// By what cargo says now: a checkout that shares its target folder with another one may run the other one's program.
#[expect(
    clippy::disallowed_methods,
    reason = "the value comes from the cargo that runs the tool"
)]
fn workspace_root() -> PathBuf {
    let own = std::env::var_os("CARGO_MANIFEST_DIR");
    let own = own.map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    own.parent()
        .expect("xtask is a folder inside the workspace")
        .to_path_buf()
}
