//! Shared parts of the benches.

use std::sync::Arc;

use bioxen_core::{AtpPercent, Organism, Quota, RibosomeUnit, Seed, SimTime, VmId};
use bioxen_hypervisor::{Cell, CellModel, CellOptions};

/// The full grant of a syn3A cell.
pub fn full_grant() -> Quota {
    full_grant_of(Organism::Syn3a)
}

/// The full grant of a cell of an organism.
pub fn full_grant_of(organism: Organism) -> Quota {
    Quota {
        atp: AtpPercent::FULL,
        ribosomes: organism.full_ribosome_units(),
        unit: RibosomeUnit::Share,
    }
}

/// A newborn cell of this name, seed 1.
///
/// # Panics
///
/// When `name` is not the name of a VM.
pub fn cell(model: &Arc<CellModel>, name: &str, quota: Quota) -> Cell {
    let id = VmId::new(name).expect("benches use valid names");
    Cell::newborn(
        Arc::clone(model),
        &id,
        Seed::new(1),
        quota,
        CellOptions::default(),
    )
}

/// Simulated minutes.
pub fn minutes(n: u64) -> SimTime {
    SimTime::from_micros(n * 60_000_000)
}
