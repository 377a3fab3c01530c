//! Cells followed through one cycle, with what the comparison needs.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use bioxen_core::{AtpPercent, Organism, Quota, RibosomeUnit, Seed, SimTime, VmId};
use parking_lot::Mutex;

use crate::cell::{COUPLING_STEP, Cell, CellModel, CellOptions};

/// Time of the saved state of the published 4D cell, 93.05 min, in coupling steps.
const CHECKPOINT_STEP: u64 = 93 * 120 + 6;

/// A cell that has not divided by then is given up, in coupling steps (six hours).
const LAST_STEP: u64 = 6 * 3600 * 2;

/// Finished cells that may wait to be told of; a worker waits when there are more.
const MOST_REPORTS: usize = 16;

/// A lineage is followed to this division.
const LINEAGE_DIVISIONS: u32 = 6;

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
    let next = AtomicU32::new(0);
    let stop = AtomicBool::new(false);
    let done: Mutex<Vec<(u32, CellCycle)>> = Mutex::new(Vec::new());
    let (report, reports) = crossbeam_channel::bounded(MOST_REPORTS);
    std::thread::scope(|scope| {
        for thread in 0..options.threads.max(1) {
            let report = report.clone();
            let (next, stop, done) = (&next, &stop, &done);
            let work = move || {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= options.cells || stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let Some(cycle) = follow(model, options, n, stop) else {
                        return;
                    };
                    done.lock().push((n, cycle));
                    if report.send(()).is_err() {
                        return;
                    }
                }
            };
            let named = std::thread::Builder::new().name(format!("bioxen-cycle-{thread}"));
            // The cells are shared out as they come: with fewer threads than asked for the result is the same.
            if named.spawn_scoped(scope, work).is_err() && thread == 0 {
                stop.store(true, Ordering::Relaxed);
            }
        }
        drop(report);
        let mut finished = 0;
        while reports.recv().is_ok() {
            finished += 1;
            if watch(f64::from(finished) / f64::from(options.cells.max(1))).is_break() {
                stop.store(true, Ordering::Relaxed);
            }
        }
    });
    if stop.load(Ordering::Relaxed) {
        return None;
    }
    let mut cycles = done.into_inner();
    cycles.sort_unstable_by_key(|(n, _)| *n);
    Some(cycles.into_iter().map(|(_, cycle)| cycle).collect())
}

fn full_grant() -> Quota {
    Quota {
        atp: AtpPercent::FULL,
        ribosomes: Organism::Syn3a.full_ribosome_units(),
        unit: RibosomeUnit::Share,
    }
}

fn follow(
    model: &Arc<CellModel>,
    options: &CycleOptions,
    n: u32,
    stop: &AtomicBool,
) -> Option<CellCycle> {
    let id = VmId::new(&format!("cell-{:04}", n + 1)).expect("digits and a dash are allowed");
    let quota = options.quota.unwrap_or_else(full_grant);
    let mut cell = Cell::newborn(Arc::clone(model), &id, options.seed, quota, options.cell);
    let genes = model.genome().genes().len();
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
    let divided = loop {
        cell.step_undivided();
        steps += 1;
        sums.add(&cell);
        if steps == CHECKPOINT_STEP {
            at_93_min = Some(checkpoint(&cell));
        }
        if volume_doubled.is_none() && cell.volume_is_capped() {
            volume_doubled = Some(minutes(steps));
        }
        if cell.ready_to_divide() {
            break true;
        }
        if steps >= LAST_STEP {
            break false;
        }
        if stop.load(Ordering::Relaxed) {
            return None;
        }
    };
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
        lineage_min: (options.lineages && divided && n.is_multiple_of(4))
            .then(|| lineage(cell))
            .flatten(),
    })
}

/// Mean time between divisions of a cell that is about to divide for the first time. The first cycle is left out: it
/// starts from the published newborn, and the second from what that has become.
fn lineage(mut cell: Cell) -> Option<f64> {
    cell.divide();
    for _ in 0..u64::from(LINEAGE_DIVISIONS) * LAST_STEP {
        if cell.generation() == LINEAGE_DIVISIONS {
            let minutes: Vec<f64> = cell
                .divisions()
                .iter()
                .map(|t| t.seconds() / 60.0)
                .collect();
            let (first, last) = (minutes.get(1)?, minutes.last()?);
            return Some((last - first) / f64::from(LINEAGE_DIVISIONS - 2));
        }
        cell.step();
    }
    None
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

fn minutes(steps: u64) -> f64 {
    SimTime::from_micros(steps * COUPLING_STEP.micros()).seconds() / 60.0
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of a cell cycle are below 2^53"
)]
fn real(n: u64) -> f64 {
    n as f64
}
