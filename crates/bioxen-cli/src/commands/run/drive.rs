//! Drives cells to their goal, stretch by stretch, so that rows can be written while they run.

use std::io::Write;

use bioxen::{
    BasicBiologicalVm, BatchEnd, BatchOutcome, BiologicalVm, Goal, Hypervisor, Sample, SimSpan,
    SimTime, VmError, VmId,
};

use super::DEFAULT_INTERVAL;
use crate::args::{RunArgs, RunForm};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::csv;
use crate::output::progress::Progress;
use crate::output::sink::Sink;
use crate::report::RunGoal;

/// A cell that has not divided after this long for each generation is not waited for.
const LONGEST_GENERATION_S: u64 = 12 * 3600;

/// Simulated time after which the rows so far are written.
///
/// Rows are ordered by time and then by cell, so its length shows nowhere in the output.
const STRETCH: SimSpan = SimSpan::from_micros(600_000_000);

/// Doubling time of an unlimited cell, s: for the progress bar.
const CYCLE_S: f64 = 6300.0;

/// The readings of all cells.
#[derive(Debug)]
pub(super) struct Course {
    /// Readings go to the results as they come.
    streams: bool,
    /// Readings are kept for a picture or for JSON.
    keeps: bool,
    kept: Vec<Vec<Sample>>,
}

impl Course {
    /// Begins to read the cells if anyone wants to see the readings.
    pub(super) fn new(args: &RunArgs, vms: &[BasicBiologicalVm]) -> Result<Self, Failure> {
        let streams = args.output == RunForm::Csv;
        let keeps = args.plot.is_some() || (args.output == RunForm::Json && args.every.is_some());
        if streams || keeps {
            let every = args.every.unwrap_or(DEFAULT_INTERVAL);
            for vm in vms {
                vm.record(every)?;
            }
        }
        Ok(Self {
            streams,
            keeps,
            kept: vec![Vec::new(); vms.len()],
        })
    }

    /// Runs the cells until all have reached the goal, or until interrupted.
    pub(super) fn drive(
        &mut self,
        hypervisor: &Hypervisor,
        vms: &[BasicBiologicalVm],
        goal: &RunGoal,
        interrupt: &Interrupt,
        results: &mut Sink,
    ) -> Result<(), Failure> {
        let ids: Vec<VmId> = vms.iter().map(|vm| vm.id().clone()).collect();
        let progress = Progress::new(&goal.to_string());
        let end = end_of(goal);
        let mut reached = SimTime::ZERO;
        let mut simulated_s = 0.0;
        while reached < end && !interrupt.is_raised() {
            let next = if self.streams {
                reached.saturating_add(STRETCH).min(end)
            } else {
                end
            };
            let part = match goal {
                RunGoal::Generations(n) => Goal::Generations(*n, next),
                RunGoal::Span(_) | RunGoal::Process { .. } => Goal::Until(next),
            };
            let outcome = hypervisor.run_batch(&ids, part, &mut |done| {
                let simulated_s = simulated_s + done.simulated.seconds();
                progress.show(share(goal, simulated_s, ids.len()));
                interrupt.flow()
            })?;
            self.collect(vms, results)?;
            check(&outcome)?;
            simulated_s = outcome.vms.iter().map(|vm| vm.sim_time.seconds()).sum();
            reached = next;
            let is_last = matches!(goal, RunGoal::Generations(_)) && outcome.is_complete();
            if is_last || outcome.interrupted {
                break;
            }
        }
        Ok(())
    }

    /// The readings that were kept, for each cell.
    pub(super) fn finish(
        mut self,
        vms: &[BasicBiologicalVm],
        results: &mut Sink,
    ) -> Result<Vec<Vec<Sample>>, Failure> {
        self.collect(vms, results)?;
        Ok(self.kept)
    }

    fn collect(&mut self, vms: &[BasicBiologicalVm], results: &mut Sink) -> Result<(), Failure> {
        if !self.streams && !self.keeps {
            return Ok(());
        }
        let mut fresh = Vec::with_capacity(vms.len());
        for vm in vms {
            let trajectory = vm.take_recording()?;
            fresh.push(trajectory.map_or_else(Vec::new, |trajectory| trajectory.samples));
        }
        if self.streams {
            let ids = vms.iter().map(BiologicalVm::id);
            let rows: Vec<(&VmId, &[Sample])> = ids.zip(fresh.iter().map(Vec::as_slice)).collect();
            csv::write_rows(&rows, results)
                .and_then(|()| results.flush())
                .map_err(|source| results.failed(source))?;
        }
        if self.keeps {
            for (kept, fresh) in self.kept.iter_mut().zip(fresh) {
                kept.extend(fresh);
            }
        }
        Ok(())
    }
}

/// A cell whose simulation panicked spoils the run: it is not a result.
fn check(outcome: &BatchOutcome) -> Result<(), Failure> {
    for vm in &outcome.vms {
        if let BatchEnd::Panicked { message } = &vm.end {
            return Err(Failure::Vm(VmError::WorkerPanicked {
                id: vm.id.clone(),
                message: message.clone(),
            }));
        }
    }
    Ok(())
}

/// Simulated time at which a cell stops whether or not it reached the goal.
fn end_of(goal: &RunGoal) -> SimTime {
    match goal {
        RunGoal::Span(span) => SimTime::ZERO.saturating_add(*span),
        RunGoal::Generations(n) => {
            let seconds = LONGEST_GENERATION_S.saturating_mul(u64::from(*n));
            SimTime::from_micros(seconds.saturating_mul(1_000_000))
        }
        RunGoal::Process { .. } => SimTime::ZERO,
    }
}

/// Share of the goal that is done: exact for a span, a guess for generations, since nobody knows when a cell divides.
fn share(goal: &RunGoal, simulated_s: f64, cells: usize) -> f64 {
    let wanted = match goal {
        RunGoal::Span(span) => span.seconds(),
        RunGoal::Generations(n) => CYCLE_S * f64::from(*n),
        RunGoal::Process { .. } => return 0.0,
    };
    (simulated_s / (wanted * cells as f64).max(1.0)).min(1.0)
}
