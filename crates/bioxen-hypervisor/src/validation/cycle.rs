//! Cells followed through one cycle, with what the comparison needs.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bioxen_core::{Organism, Quota, Seed};

use super::ensemble::{Ensemble, full_grant, lineage, minutes, to_division};
use crate::cell::{Cell, CellModel, CellOptions, real};

/// Time of the saved state of the published 4D cell, 93.05 min, in coupling steps.
const CHECKPOINT_STEP: u64 = 93 * 120 + 6;

/// Which cells to follow.
#[derive(Debug, Clone, Copy)]
pub struct CycleOptions {
    /// Number of cells.
    pub cells: u32,
    /// Seed of all of them.
    pub seed: Seed,
    /// Threads to run them on.
    pub threads: usize,
    /// Quota; `None` is the full grant.
    pub quota: Option<Quota>,
    /// How the cells are simulated.
    pub cell: CellOptions,
    /// Follows every fourth cell on, to its sixth division, for the doubling time of a lineage. A cell under a quota
    /// that stops division must not be followed so.
    pub lineages: bool,
}

/// One cell from birth to the moment before it divides.
#[derive(Debug, Clone)]
pub struct CellCycle {
    /// Birth to division, min; `None` if it did not divide within six hours.
    pub division_min: Option<f64>,
    /// Mean time between divisions from the second to the sixth, min, where the lineage was followed.
    pub lineage_min: Option<f64>,
    /// Protein counts at the end by gene.
    pub proteins_end: Vec<u32>,
    /// Protein counts at birth by gene.
    pub proteins_birth: Vec<u32>,
    /// Mean transcripts by gene over the cycle, free and on ribosomes.
    pub mrna_mean: Vec<f64>,
    /// Mean transcripts on degradosomes by gene.
    pub decaying_mean: Vec<f64>,
    /// Total mRNA at birth, its mean over the cycle, and at the end.
    pub mrna_total: [f64; 3],
    /// Ribosomes, surface over birth, and products made, at 93.05 min.
    pub at_93_min: Checkpoint,
    /// The same counts at the end.
    pub at_end: Checkpoint,
    /// Min after birth at which volume reached twice that of birth.
    pub volume_doubled_min: Option<f64>,
    /// Mean energy charge, of the whole cycle.
    pub energy_charge: f64,
    /// ATP-equivalents per second over the cycle by cause.
    pub spent_per_s: Vec<(&'static str, f64)>,
    /// Nucleotides that the cell had more in RNA at the end than at birth.
    pub rna_growth_nt: f64,
    /// Mean share of ribosomes at work.
    pub ribosomes_working: f64,
    /// Min after birth at which the origin fired, and how long the forks took, min.
    pub replication_min: (f64, f64),
    /// Growth rate over the cycle from protein mass, 1/h.
    pub growth_rate_per_h: f64,
    /// Reaction events.
    pub events: u64,
    seconds: f64,
}

impl CellCycle {
    /// Length of the observation, s.
    pub fn seconds(&self) -> f64 {
        self.seconds
    }
}

/// Counts at one time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Checkpoint {
    /// Ribosomes.
    pub ribosomes: f64,
    /// Surface over that at birth.
    pub surface: f64,
    /// Proteins made since birth.
    pub proteins_made: f64,
    /// mRNAs made since birth.
    pub mrna_made: f64,
    /// mRNAs degraded since birth.
    pub mrna_decayed: f64,
}

/// Runs the cells on named scoped threads. The order and content of the result depend on seed and number alone.
/// `None` if `watch` breaks, or if the system gives no thread at all.
///
/// # Panics
///
/// When a cell panics, which is a bug of the engine.
pub fn run_cycles(
    model: &Arc<CellModel>,
    options: &CycleOptions,
    watch: &mut dyn FnMut(f64) -> ControlFlow<()>,
) -> Option<Vec<CellCycle>> {
    let ensemble = Ensemble {
        name: "cell",
        cells: options.cells,
        seed: options.seed,
        threads: options.threads,
        quota: options.quota.unwrap_or_else(|| full_grant(Organism::Syn3a)),
        cell: options.cell,
    };
    let follow = |cell, n, stop: &AtomicBool| {
        let with_lineage = options.lineages && begins_lineage(n);
        follow(cell, with_lineage, stop)
    };
    ensemble.follow(model, follow, watch)
}

/// One cell in four is followed past its first division.
pub(super) fn begins_lineage(n: u32) -> bool {
    n.is_multiple_of(4)
}

/// Watches one cell; `None` if `stop` was raised.
pub(super) fn follow(mut cell: Cell, with_lineage: bool, stop: &AtomicBool) -> Option<CellCycle> {
    let genes = cell.model().genome().genes().len();
    let proteins_birth: Vec<u32> = (0..genes).map(|g| cell.product_count(g)).collect();
    let birth = cell.sample();
    let rna_birth = cell.rna_nt();
    let mut sums = Sums {
        mrna: vec![0; genes],
        decaying: vec![0; genes],
        energy: 0.0,
        working: 0.0,
    };
    let mut at_93_min = None;
    let mut volume_doubled = None;
    let mut steps = 0;
    let divided = to_division(&mut cell, stop, |cell, step| {
        steps = step;
        sums.add(cell);
        if step == CHECKPOINT_STEP {
            at_93_min = Some(checkpoint(cell));
        }
        if volume_doubled.is_none() && cell.volume_is_capped() {
            volume_doubled = Some(minutes(step));
        }
    })?;
    let end = cell.sample();
    let seconds = cell.time().seconds();
    let mean = |sum: &u64| real(*sum) / real(steps);
    Some(CellCycle {
        division_min: divided.then(|| minutes(steps)),
        proteins_end: (0..genes).map(|g| cell.product_count(g)).collect(),
        proteins_birth,
        mrna_total: [
            real(birth.mrna),
            sums.mrna.iter().map(mean).sum(),
            real(end.mrna),
        ],
        mrna_mean: sums.mrna.iter().map(mean).collect(),
        decaying_mean: sums.decaying.iter().map(mean).collect(),
        at_93_min: at_93_min.unwrap_or_else(|| checkpoint(&cell)),
        at_end: checkpoint(&cell),
        volume_doubled_min: volume_doubled,
        energy_charge: sums.energy / real(steps),
        spent_per_s: cell
            .spent_by_cause()
            .into_iter()
            .map(|(cause, n)| (cause, real(n) / seconds))
            .collect(),
        rna_growth_nt: cell.rna_nt() - rna_birth,
        ribosomes_working: sums.working / real(steps),
        replication_min: cell.replication_min(),
        growth_rate_per_h: libm::log(end.protein_mass / birth.protein_mass) * 3600.0 / seconds,
        events: cell.events().iter().map(|(_, n)| n).sum(),
        seconds,
        lineage_min: (with_lineage && divided).then(|| lineage(cell)).flatten(),
    })
}

struct Sums {
    mrna: Vec<u64>,
    decaying: Vec<u64>,
    energy: f64,
    working: f64,
}

impl Sums {
    fn add(&mut self, cell: &Cell) {
        for gene in 0..self.mrna.len() {
            self.mrna[gene] += u64::from(cell.transcript_count(gene));
            self.decaying[gene] += u64::from(cell.decaying_count(gene));
        }
        let sample = cell.sample_machines();
        self.energy += cell.energy_charge();
        self.working += f64::from(sample.0) / f64::from(sample.1.max(1));
    }
}

fn checkpoint(cell: &Cell) -> Checkpoint {
    let sample = cell.sample();
    Checkpoint {
        ribosomes: f64::from(sample.ribosomes_translating + sample.ribosomes_free),
        surface: sample.surface_nm2 / cell.model().constants.surface_birth_nm2,
        proteins_made: real(cell.event_counts().translation_finished),
        mrna_made: real(cell.event_counts().mrna_made),
        mrna_decayed: real(cell.event_counts().decay_finished),
    }
}
