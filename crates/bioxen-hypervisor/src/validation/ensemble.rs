//! Cells of one seed, shared out onto threads.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use bioxen_core::{AtpPercent, Organism, Quota, RibosomeUnit, Seed, SimTime, VmId};
use parking_lot::Mutex;

use crate::cell::{COUPLING_STEP, Cell, CellModel, CellOptions};

/// A cell that has not divided by then is given up, in coupling steps (six hours).
const LAST_STEP: u64 = 6 * 3600 * 2;

/// Finished cells that may wait to be told of; a worker waits when there are more.
const MOST_REPORTS: usize = 16;

/// A lineage is followed to this division.
const LINEAGE_DIVISIONS: u32 = 6;

/// Which cells to follow.
pub(super) struct Ensemble {
    /// What the names of the cells begin with.
    pub(super) name: &'static str,
    pub(super) cells: u32,
    pub(super) seed: Seed,
    pub(super) threads: usize,
    pub(super) quota: Quota,
    pub(super) cell: CellOptions,
}

/// All of the ATP and all ribosomes.
pub(super) fn full_grant(organism: Organism) -> Quota {
    Quota {
        atp: AtpPercent::FULL,
        ribosomes: organism.full_ribosome_units(),
        unit: RibosomeUnit::Share,
    }
}

impl Ensemble {
    /// Gives each newborn cell with its number to `follow`, on named scoped threads. The order and content of the
    /// result depend on seed and number alone. `None` if `watch` breaks, or if the system gives no thread at all.
    ///
    /// `follow` returns `None` once the flag that it is given is raised.
    pub(super) fn follow<T: Send>(
        &self,
        model: &Arc<CellModel>,
        follow: impl Fn(Cell, u32, &AtomicBool) -> Option<T> + Sync,
        watch: &mut dyn FnMut(f64) -> ControlFlow<()>,
    ) -> Option<Vec<T>> {
        let next = AtomicU32::new(0);
        let stop = AtomicBool::new(false);
        let done: Mutex<Vec<(u32, T)>> = Mutex::new(Vec::new());
        let (report, reports) = crossbeam_channel::bounded(MOST_REPORTS);
        std::thread::scope(|scope| {
            for thread in 0..self.threads.max(1) {
                let report = report.clone();
                let (next, stop, done, follow) = (&next, &stop, &done, &follow);
                let work = move || {
                    loop {
                        let n = next.fetch_add(1, Ordering::Relaxed);
                        if n >= self.cells || stop.load(Ordering::Relaxed) {
                            return;
                        }
                        let Some(seen) = follow(self.newborn(model, n), n, stop) else {
                            return;
                        };
                        done.lock().push((n, seen));
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
                if watch(f64::from(finished) / f64::from(self.cells.max(1))).is_break() {
                    stop.store(true, Ordering::Relaxed);
                }
            }
        });
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        let mut seen = done.into_inner();
        seen.sort_unstable_by_key(|(n, _)| *n);
        Some(seen.into_iter().map(|(_, seen)| seen).collect())
    }

    fn newborn(&self, model: &Arc<CellModel>, n: u32) -> Cell {
        let id = VmId::new(&format!("{}-{:04}", self.name, n + 1));
        let id = id.expect("names of ensembles are short words, and digits and a dash are allowed");
        Cell::newborn(Arc::clone(model), &id, self.seed, self.quota, self.cell)
    }
}

/// Steps a cell to the moment before it divides and tells `each` of every step, counted from one.
///
/// Whether it is ready to divide: if not within six hours, it is given up. `None` if `stop` was raised.
pub(super) fn to_division(
    cell: &mut Cell,
    stop: &AtomicBool,
    mut each: impl FnMut(&Cell, u64),
) -> Option<bool> {
    let mut steps = 0;
    loop {
        cell.step_undivided();
        steps += 1;
        each(cell, steps);
        if cell.ready_to_divide() {
            return Some(true);
        }
        if steps >= LAST_STEP {
            return Some(false);
        }
        if stop.load(Ordering::Relaxed) {
            return None;
        }
    }
}

/// Length of coupling steps, min.
pub(super) fn minutes(steps: u64) -> f64 {
    SimTime::from_micros(steps * COUPLING_STEP.micros()).seconds() / 60.0
}

/// Mean time between divisions, min, of a cell that is about to divide for the first time. The first cycle is left
/// out: it starts from the published newborn, and the second from what that has become.
pub(super) fn lineage(mut cell: Cell) -> Option<f64> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(threads: usize, watch: &mut dyn FnMut(f64) -> ControlFlow<()>) -> Option<Vec<u32>> {
        let ensemble = Ensemble {
            name: "cell",
            cells: 9,
            seed: Seed::new(1),
            threads,
            quota: full_grant(Organism::Syn3a),
            cell: CellOptions::default(),
        };
        ensemble.follow(&Arc::new(CellModel::syn3a()), |_, n, _| Some(n), watch)
    }

    #[test]
    fn cells_come_in_the_order_of_their_numbers_from_any_threads() {
        for threads in [0, 1, 4] {
            let mut shares = Vec::new();
            let seen = numbers(threads, &mut |share| {
                shares.push(share);
                ControlFlow::Continue(())
            });
            assert_eq!(seen, Some((0..9).collect()), "{threads} threads");
            assert!(shares.is_sorted() && shares.len() == 9 && shares[8] == 1.0);
        }
    }

    #[test]
    fn breaking_off_gives_nothing() {
        assert_eq!(numbers(2, &mut |_| ControlFlow::Break(())), None);
    }

    #[test]
    fn a_raised_flag_ends_a_cycle() {
        let model = Arc::new(CellModel::syn3a());
        let id = VmId::new("stopped").expect("a name");
        let quota = full_grant(Organism::Syn3a);
        let mut cell = Cell::newborn(model, &id, Seed::new(1), quota, CellOptions::default());
        let stop = AtomicBool::new(false);
        let mut steps = 0;
        let ended = to_division(&mut cell, &stop, |_, step| {
            steps = step;
            stop.store(step == 3, Ordering::Relaxed);
        });
        assert_eq!((ended, steps), (None, 3));
    }
}
