//! Drives cells to their goal, stretch by stretch, so that rows can be written while they run.

use std::io::Write;

use bioxen::{
    BasicBiologicalVm, BiologicalVm, Goal, Organism, Sample, SimSpan, SimTime, Vitality, VmId,
};

use super::DEFAULT_INTERVAL;
use super::engine::{End, Engine};
use super::resume::Checkpoints;
use super::rhythm::Rhythm;
use super::steer::Steering;
use crate::args::{RunArgs, RunForm};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::csv;
use crate::output::progress::Progress;
use crate::output::sink::Sink;
use crate::report::{Losses, RunGoal};

/// A cell that has not divided after this long for each generation is not waited for.
const LONGEST_GENERATION_S: u64 = 12 * 3600;

/// Simulated time after which the rows so far are written, and cells that have died are left where they are.
///
/// Rows are ordered by time and then by cell, so its length shows nowhere else in the output.
const STRETCH: SimSpan = SimSpan::from_micros(600_000_000);

/// Doubling time of an unlimited cell, s: for the progress bar.
const fn cycle_s(organism: Organism) -> f64 {
    match organism {
        Organism::Syn3a => 6300.0,
        Organism::Ecoli => 2750.0,
        Organism::MinimalCell => 5400.0,
    }
}

/// What is done between stretches, when its time has come.
pub(super) struct Meanwhile {
    pub(super) steering: Option<Steering>,
    pub(super) checkpoints: Option<Checkpoints>,
}

/// The readings of all cells.
#[derive(Debug)]
pub(super) struct Course {
    /// Readings go to the results as they come.
    streams: bool,
    /// Readings are kept for a picture or for JSON.
    keeps: bool,
    kept: Vec<Vec<Sample>>,
    lost: Losses,
    cycle_s: f64,
    /// Where the cells are at the start, and how often they have divided by then.
    start: SimTime,
    divided: u32,
}

impl Course {
    /// Begins to read the cells if anyone wants to see the readings.
    pub(super) fn new(
        args: &RunArgs,
        organism: Organism,
        (start, divided): (SimTime, u32),
        engine: &mut Engine,
        vms: &[BasicBiologicalVm],
    ) -> Result<Self, Failure> {
        let streams = args.output == RunForm::Csv;
        let keeps = args.plot.is_some() || (args.output == RunForm::Json && args.every.is_some());
        if streams || keeps {
            engine.record(vms, args.every.unwrap_or(DEFAULT_INTERVAL))?;
        }
        Ok(Self {
            streams,
            keeps,
            kept: vec![Vec::new(); vms.len()],
            lost: Losses::new(),
            cycle_s: cycle_s(organism),
            start,
            divided,
        })
    }

    /// Runs the cells until all have reached the goal or cannot reach it, or until interrupted.
    pub(super) fn drive(
        &mut self,
        engine: &mut Engine,
        vms: &[BasicBiologicalVm],
        goal: &RunGoal,
        interrupt: &Interrupt,
        meanwhile: &mut Meanwhile,
        results: &mut Sink,
    ) -> Result<(), Failure> {
        let mut under_way: Vec<&BasicBiologicalVm> = vms.iter().collect();
        let progress = Progress::new(&goal.to_string());
        let end = self.end_of(goal);
        let Meanwhile {
            steering,
            checkpoints,
        } = meanwhile;
        let mut rows = Rhythm::new(self.start, STRETCH);
        let mut looks = steering
            .as_ref()
            .map(|steering| Rhythm::new(self.start, steering.interval));
        let mut saves = checkpoints
            .as_ref()
            .map(|all| Rhythm::new(self.start, all.every));
        let in_one = matches!(engine, Engine::Here { .. })
            && matches!(goal, RunGoal::Span(_))
            && !self.streams
            && looks.is_none()
            && saves.is_none();
        let cells = vms.len() as f64;
        let mut reached = self.start;
        let mut simulated_s = self.start.seconds() * cells;
        while reached < end && !under_way.is_empty() && !interrupt.is_raised() {
            let beats = [Some(&rows), looks.as_ref(), saves.as_ref()];
            let next = beats.into_iter().flatten().map(Rhythm::next).min();
            let next = next.filter(|_| !in_one).map_or(end, |next| next.min(end));
            let part = match goal {
                RunGoal::Generations(n) => Goal::Generations(*n, next),
                RunGoal::Span(_) | RunGoal::Process { .. } => Goal::Until(next),
            };
            let mut moved_s = 0.0;
            let stretch = engine.run(&under_way, part, &mut |simulated| {
                moved_s = simulated.seconds();
                progress.show(share(goal, self.cycle_s, (simulated_s + moved_s) / cells));
                interrupt.flow()
            })?;
            simulated_s += moved_s;
            self.collect(engine, vms, results)?;
            let mut ends = stretch.ends.into_iter();
            under_way.retain(|vm| ends.next().is_some_and(|end| self.goes_on(vm, end, goal)));
            if stretch.is_interrupted {
                break;
            }
            reached = next;
            rows.has_come(reached);
            if let (Some(steering), true) = (steering.as_mut(), has_come(&mut looks, reached)) {
                steering.look();
            }
            if let (Some(checkpoints), true) = (checkpoints.as_ref(), has_come(&mut saves, reached))
            {
                checkpoints.write(vms);
            }
        }
        Ok(())
    }

    /// Simulated time at which a cell stops whether or not it reached the goal.
    fn end_of(&self, goal: &RunGoal) -> SimTime {
        match goal {
            RunGoal::Span(span) => SimTime::ZERO.saturating_add(*span),
            RunGoal::Generations(n) => {
                let wanted = u64::from(n.saturating_sub(self.divided));
                let seconds = LONGEST_GENERATION_S.saturating_mul(wanted);
                let longest = SimSpan::from_micros(seconds.saturating_mul(1_000_000));
                self.start.saturating_add(longest)
            }
            RunGoal::Process { .. } => SimTime::ZERO,
        }
    }

    /// The readings that were kept, for each cell, and the cells that have none.
    pub(super) fn finish(
        mut self,
        engine: &mut Engine,
        vms: &[BasicBiologicalVm],
        results: &mut Sink,
    ) -> Result<(Vec<Vec<Sample>>, Losses), Failure> {
        self.collect(engine, vms, results)?;
        Ok((self.kept, self.lost))
    }

    /// Whether a cell is run further after a stretch. One whose simulation failed is no result, and the others still are.
    fn goes_on(&mut self, vm: &BasicBiologicalVm, end: End, goal: &RunGoal) -> bool {
        let is_on_its_way = match end {
            End::AtGoal => matches!(goal, RunGoal::Span(_)),
            End::OutOfTime => true,
            End::Stopped => false,
            End::Lost(error) => {
                self.lost.insert(vm.id().clone(), error);
                false
            }
        };
        is_on_its_way && !(matches!(goal, RunGoal::Generations(_)) && is_dead(vm))
    }

    fn collect(
        &mut self,
        engine: &mut Engine,
        vms: &[BasicBiologicalVm],
        results: &mut Sink,
    ) -> Result<(), Failure> {
        if !self.streams && !self.keeps {
            return Ok(());
        }
        let mut fresh = Vec::with_capacity(vms.len());
        for vm in vms {
            let samples = match engine.take_recording(vm) {
                Ok(samples) => samples,
                Err(error) => {
                    self.lost.entry(vm.id().clone()).or_insert(error);
                    Vec::new()
                }
            };
            fresh.push(samples);
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

/// Whether a beat has come of what is wanted.
fn has_come(rhythm: &mut Option<Rhythm>, now: SimTime) -> bool {
    rhythm.as_mut().is_some_and(|rhythm| rhythm.has_come(now))
}

/// A dead cell does not divide any more: nobody needs to wait for it.
fn is_dead(vm: &BasicBiologicalVm) -> bool {
    vm.status()
        .is_ok_and(|status| status.vitality == Vitality::Dead)
}

/// Share of the goal that is done: exact for a span, a guess for generations, since nobody knows when a cell divides.
fn share(goal: &RunGoal, cycle_s: f64, simulated_s: f64) -> f64 {
    let wanted = match goal {
        RunGoal::Span(span) => span.seconds(),
        RunGoal::Generations(n) => cycle_s * f64::from(*n),
        RunGoal::Process { .. } => return 0.0,
    };
    (simulated_s / wanted.max(1.0)).min(1.0)
}
