//! Cells as virtual machines.

mod cell;
pub mod genome;
mod stochastic;

pub use cell::{COUPLING_STEP, Cell, CellModel, CellOptions, Sample};
