//! The comparison, row by row.

use bioxen_core::{Organism, Seed};

use crate::genome::TargetUse;

/// A comparison of simulated cells with published figures.
#[derive(Debug, Clone)]
pub struct ValidationReport {
    /// What the cells are cells of.
    pub organism: Organism,
    /// Cells followed, in each medium if there are several.
    pub cells: u32,
    /// Their seed.
    pub seed: Seed,
    /// How they were followed, in words that come after "48 cells".
    pub protocol: &'static str,
    /// One row for each published figure.
    pub rows: Vec<ValidationRow>,
}

impl ValidationReport {
    /// Whether every counted row passes.
    pub fn passed(&self) -> bool {
        self.rows.iter().all(|row| row.verdict != Verdict::Fail)
    }
}

/// One published figure and what the cells did.
#[derive(Debug, Clone)]
pub struct ValidationRow {
    /// Row of the table of targets; a second comparison with it has a letter more.
    pub id: String,
    /// What is compared.
    pub quantity: String,
    /// Unit of both values.
    pub unit: String,
    /// Published value.
    pub published: String,
    /// Where it was published.
    pub source: String,
    /// Mean over cells, or the statistic over genes.
    pub simulated: f64,
    /// Standard error of that mean, where it is a mean over cells.
    pub standard_error: Option<f64>,
    /// What is accepted, in words.
    pub tolerance: String,
    /// Whether the simulated value is accepted, counted or not.
    pub within: bool,
    /// Whether the row tests the model, was fitted, is an input, or is for information.
    pub usage: TargetUse,
    /// What came out.
    pub verdict: Verdict,
    /// What to know about it.
    pub note: String,
}

/// Outcome of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Within tolerance.
    Pass,
    /// Outside of it.
    Fail,
    /// Not a test: fitted, an input, or information.
    NotCounted,
}
