//! Invariants of the engine, and what else holds for every cell whatever its seed.
//!
//! Seeds are fixed, so a test passes always or never; the chance of a false alarm that is stated beside a statistical
//! bound is that of a new seed, or of a change of the engine that changes draws and nothing else.
//! With the environment variable `BIOXEN_SLOW_TESTS` set, ensembles are larger and runs longer.

mod books;
mod determinism;
mod division;
mod ensembles;
mod image;
mod laws;
mod newborn;
mod perturbation;
mod properties;
mod quotas;
mod statistics;

use std::sync::Arc;

use bioxen_core::{
    AtpPercent, GeneId, Organism, Quota, RibosomeCount, RibosomeUnit, Seed, SimTime, VmId,
};

use super::{Cell, CellModel, CellOptions};

/// Coupling steps in a simulated minute.
const STEPS_PER_MIN: u64 = 120;

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

fn name(text: &str) -> VmId {
    VmId::new(text).expect("names in tests are short and plain")
}

fn gene(text: &str) -> GeneId {
    GeneId::new(text).expect("genes in tests have plain names")
}

fn minutes(n: u64) -> SimTime {
    SimTime::from_micros(n * 60_000_000)
}

fn full() -> Quota {
    quota(100.0, Organism::Syn3a.full_ribosome_units().get())
}

/// A quota of `atp` percent and `units` of fifteen shares of the ribosomes.
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
