//! The cell against published figures.

mod cycle;
mod report;
mod rows;
mod statistics;

pub use cycle::{CellCycle, CycleOptions, run_cycles};
pub use report::{ValidationReport, ValidationRow, Verdict};

use std::ops::ControlFlow;
use std::sync::Arc;

use bioxen_core::Seed;

use crate::cell::{CellModel, CellOptions};
use crate::genome::Targets;

/// What to validate with.
#[derive(Debug, Clone, Copy)]
pub struct ValidationOptions {
    /// Cells to follow from birth to division; 48 give standard errors that the tolerances were made for.
    pub cells: u32,
    /// Seed of all of them; each has its own name and so its own stream.
    pub seed: Seed,
    /// Threads to run them on; the result does not depend on it.
    pub threads: usize,
}

/// Follows `cells` newborn syn3A cells through one cycle and compares them with the published figures.
///
/// `watch` is told the share done, from 0 to 1; `None` is returned if it breaks.
pub fn validate_syn3a(
    options: &ValidationOptions,
    watch: &mut dyn FnMut(f64) -> ControlFlow<()>,
) -> Option<ValidationReport> {
    let model = Arc::new(CellModel::syn3a());
    let cycles = run_cycles(
        &model,
        &CycleOptions {
            cells: options.cells,
            seed: options.seed,
            threads: options.threads,
            quota: None,
            cell: CellOptions::default(),
            lineages: true,
        },
        watch,
    )?;
    Some(ValidationReport {
        cells: options.cells,
        seed: options.seed,
        rows: rows::rows(&Targets::syn3a(), &model, &cycles),
    })
}
