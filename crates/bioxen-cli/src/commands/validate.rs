//! `bioxen validate`: the cell against published figures.

use std::process::ExitCode;

use bioxen::validation::{ValidationOptions, default_cells};

use crate::args::{ValidateArgs, ValidateForm};
use crate::failure::{Failure, say};
use crate::interrupt::Interrupt;
use crate::measure::cores;
use crate::output::progress::Progress;
use crate::output::sink::{Extent, Sink};
use crate::output::{json, table};

/// Simulates cells and prints the comparison.
pub(crate) fn validate(args: &ValidateArgs) -> Result<ExitCode, Failure> {
    let interrupt = Interrupt::watch(Vec::new())?;
    let options = ValidationOptions {
        cells: args.cells.unwrap_or_else(|| default_cells(args.organism)),
        seed: args.seed,
        threads: args.threads.unwrap_or_else(cores),
    };
    let progress = Progress::new("validating");
    let report = bioxen::validation::validate(args.organism, &options, &mut |share| {
        progress.show(share);
        interrupt.flow()
    });
    drop(progress);
    let Some(report) = report else {
        say("interrupted: a part of the cells cannot be compared, so nothing is printed");
        return Ok(interrupt.exit_code());
    };
    let mut sink = Sink::open(None)?;
    let written = match args.output {
        ValidateForm::Table => table::write_validation(&report, &mut sink),
        ValidateForm::Json => json::write_validation(&report, &mut sink),
    };
    written.map_err(|source| sink.failed(source))?;
    sink.finish(Extent::Whole)?;
    Ok(if report.passed() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
