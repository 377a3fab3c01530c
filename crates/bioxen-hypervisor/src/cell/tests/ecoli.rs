//! What only E. coli has: operons, polysomes, a stringent response, a supply and a medium of its own.

mod image;
mod medium;
mod operons;
mod stringent;

use std::sync::Arc;

use bioxen_core::Organism;

use super::super::{Cell, CellModel, CellOptions};
use super::{full_of, newborn};

fn ecoli() -> Arc<CellModel> {
    Arc::new(CellModel::ecoli())
}

/// A newborn cell under full quota.
fn born(model: &Arc<CellModel>, label: &str) -> Cell {
    let full = full_of(Organism::Ecoli);
    newborn(model, label, 1, full, CellOptions::default())
}

/// The index of a gene.
fn find(model: &CellModel, name: &str) -> usize {
    let found = model.genome().find(name);
    found.expect("tests name genes that E. coli has").index()
}
