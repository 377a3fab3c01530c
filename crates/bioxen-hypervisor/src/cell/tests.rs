//! Invariants of the engine, and what else holds for every cell whatever its seed.
//!
//! Seeds are fixed, so a test passes always or never; the chance of a false alarm that is stated beside a statistical
//! bound is that of a new seed, or of a change of the engine that changes draws and nothing else.
//! With the environment variable `BIOXEN_SLOW_TESTS` set, ensembles are larger and runs longer.

mod books;
mod constructs;
mod determinism;
mod division;
mod ecoli;
mod ensembles;
mod image;
mod laws;
mod manifests;
mod newborn;
mod organisms;
mod perturbation;
mod properties;
mod quotas;
mod statistics;
mod switching;

use std::sync::Arc;

use bioxen_core::{
    AtpPercent, GeneId, Organism, Quota, RibosomeCount, RibosomeUnit, Seed, SimSpan, SimTime, VmId,
};

use super::mechanism::Loading;
use super::{Cell, CellModel, CellOptions};

/// Coupling steps in a simulated minute, and in a second.
const STEPS_PER_MIN: u64 = 120;
const STEPS_PER_S: u64 = 2;

fn model() -> Arc<CellModel> {
    Arc::new(CellModel::syn3a())
}

fn newborn(
    model: &Arc<CellModel>,
    label: &str,
    seed: u64,
    quota: Quota,
    options: CellOptions,
) -> Cell {
    Cell::newborn(
        Arc::clone(model),
        &name(label),
        Seed::new(seed),
        quota,
        options,
    )
}

/// Messages of a unit that are not being degraded, free or on ribosomes.
fn messages(cell: &Cell, unit: usize) -> u32 {
    let free = cell.genes.free[unit];
    match cell.model.mechanisms.loading {
        Loading::One => {
            let genes = cell.model.units[unit].genes.iter();
            free + genes.map(|&gene| cell.genes.translating[gene]).sum::<u32>()
        }
        Loading::Polysome => free,
    }
}

fn name(text: &str) -> VmId {
    VmId::new(text).expect("names in tests are short and plain")
}

fn gene(text: &str) -> GeneId {
    GeneId::new(text).expect("genes in tests have plain names")
}

fn minutes(n: u64) -> SimTime {
    SimTime::from_micros(n * 60_000_000)
}

fn seconds(n: u64) -> SimTime {
    SimTime::from_micros(n * 1_000_000)
}

/// Moves a cell by whole seconds.
fn run(cell: &mut Cell, seconds: u64) {
    let span = SimSpan::from_micros(seconds * 1_000_000);
    cell.advance_to(cell.time().saturating_add(span));
}

fn full() -> Quota {
    full_of(Organism::Syn3a)
}

fn full_of(organism: Organism) -> Quota {
    quota(100.0, organism.full_ribosome_units().get())
}

/// A quota of `atp` percent and `units` shares of the ribosomes; syn3A has fifteen of them in all.
fn quota(atp: f64, units: u32) -> Quota {
    Quota {
        atp: AtpPercent::new(atp).expect("percents in tests have at most two decimals"),
        ribosomes: RibosomeCount::new(units),
        unit: RibosomeUnit::Share,
    }
}

/// A number of cells or minutes: `gate` in every run of the suite, `long` when the long variants were asked for.
#[expect(
    clippy::disallowed_methods,
    reason = "the one switch of the test suite; the engine never reads it"
)]
fn size(gate: u64, long: u64) -> u64 {
    if std::env::var_os("BIOXEN_SLOW_TESTS").is_some() {
        long
    } else {
        gate
    }
}
