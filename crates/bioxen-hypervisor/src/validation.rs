//! Cells against published figures.
//!
//! The figures, their bands and what each proves are rows of `data/published_targets.csv`. A module per organism says
//! how a cell is watched and how each figure is measured on the cells watched.

mod cycle;
mod ecoli;
mod ensemble;
mod experiment;
mod minimal_cell;
mod report;
mod statistics;
mod syn3a;

pub use cycle::{CellCycle, Checkpoint, CycleOptions, run_cycles};
pub use report::{ValidationReport, ValidationRow, Verdict};

use std::ops::ControlFlow;

use bioxen_core::{Organism, Seed};

/// What to validate with.
#[derive(Debug, Clone, Copy)]
pub struct ValidationOptions {
    /// Cells to follow, of E. coli in each medium; [`default_cells`] gives standard errors that the tolerances were
    /// made for.
    pub cells: u32,
    /// Seed of all of them; each has its own name and so its own stream.
    pub seed: Seed,
    /// Threads to run them on; the result does not depend on it.
    pub threads: usize,
}

/// Cells that a validation takes for standard errors well within the tolerances, and minutes on two cores.
pub fn default_cells(organism: Organism) -> u32 {
    match organism {
        Organism::Syn3a => 48,
        Organism::Ecoli => 4,
        Organism::MinimalCell => 12,
    }
}

/// Follows cells of an organism and compares them with the published figures.
///
/// Those of syn3A go from birth to division and some of them on as lineages, those of E. coli grow as lineages in ten
/// media, and those of the minimal cell through three generations.
///
/// `watch` is told the share done, from 0 to 1; `None` is returned if it breaks.
pub fn validate(
    organism: Organism,
    options: &ValidationOptions,
    watch: &mut dyn FnMut(f64) -> ControlFlow<()>,
) -> Option<ValidationReport> {
    match organism {
        Organism::Syn3a => syn3a::EXPERIMENT.run(options, watch),
        Organism::Ecoli => ecoli::EXPERIMENT.run(options, watch),
        Organism::MinimalCell => minimal_cell::EXPERIMENT.run(options, watch),
    }
}
