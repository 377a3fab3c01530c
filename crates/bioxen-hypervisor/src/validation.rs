//! Cells against published figures.
//!
//! The figures, their bands and what each proves are rows of `data/published_targets.csv`. A module per organism says
//! how a cell is watched and how each figure is measured on the cells watched.

mod cycle;
mod ensemble;
mod experiment;
mod report;
mod statistics;
mod syn3a;

pub use cycle::{CellCycle, Checkpoint, CycleOptions, run_cycles};
pub use report::{ValidationReport, ValidationRow, Verdict};

use std::ops::ControlFlow;

use bioxen_core::Seed;

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
    syn3a::EXPERIMENT.run(options, watch)
}
