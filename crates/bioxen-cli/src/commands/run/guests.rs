//! `--guests`: cells are computed in guests of a pool, which are there for one run.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use bioxen::config::Config;
use bioxen::xcpng::{Computed, Ensemble, Job, Outcome, Work, XcpngOptions, XcpngPool};
use bioxen::{
    BasicBiologicalVm, BiologicalVm, CancelToken, Goal, Hypervisor, Organism, Pacing, ProcessCode,
    ProcessLimits, ProcessReport, Sample, Sampling, SimSpan, SimTime, VmError, VmId, VmSpec,
};

use super::engine::{End, Stretch, Watch};
use crate::args::RunArgs;
use crate::commands::target::options_of;
use crate::failure::{Failure, say};
use crate::output::steps::Steps;

/// Guests that compute the cells of a run.
#[derive(Debug)]
pub(super) struct Guests {
    /// The host of the cells in this process.
    hypervisor: Hypervisor,
    ensemble: Ensemble,
    cancel: CancelToken,
    /// When each cell is read next, and what was read.
    courses: BTreeMap<VmId, (Sampling, Vec<Sample>)>,
}

/// How the pool is met, if guests are wanted; nothing is sent yet.
pub(super) fn options(args: &RunArgs, config: &Config) -> Result<Option<XcpngOptions>, Failure> {
    if args.guests.is_none() {
        return Ok(None);
    }
    let mut options = options_of(config, args.state.as_deref())?;
    options.watcher = Arc::new(Steps::of_several());
    Ok(Some(options))
}

impl Guests {
    pub(super) fn bring_up(
        hypervisor: Hypervisor,
        mut options: XcpngOptions,
        count: u32,
        organism: Organism,
        cancel: &CancelToken,
    ) -> Result<Self, Failure> {
        options.cancel = cancel.clone();
        let guests = match count {
            1 => "1 guest".to_owned(),
            n => format!("{n} guests"),
        };
        say(&format!("note: bringing up {guests}"));
        let pool = XcpngPool::connect(options)?;
        let count = NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        Ok(Self {
            hypervisor,
            ensemble: Ensemble::bring_up(&pool, organism, count)?,
            cancel: cancel.clone(),
            courses: BTreeMap::new(),
        })
    }

    pub(super) fn threads(&self) -> usize {
        self.ensemble.threads()
    }

    pub(super) fn record(&mut self, vm: &BasicBiologicalVm, every: SimSpan) -> Result<(), VmError> {
        let from = vm.status()?.sim_time;
        let course = (Sampling { from, every }, Vec::new());
        self.courses.insert(vm.id().clone(), course);
        Ok(())
    }

    pub(super) fn take_recording(&mut self, id: &VmId) -> Vec<Sample> {
        let course = self.courses.get_mut(id);
        course.map_or_else(Vec::new, |(_, samples)| std::mem::take(samples))
    }

    pub(super) fn run(
        &mut self,
        vms: &[&BasicBiologicalVm],
        goal: Goal,
        watch: Watch<'_>,
    ) -> Result<Stretch, Failure> {
        let mut jobs = Vec::with_capacity(vms.len());
        let mut begun: BTreeMap<VmId, SimTime> = BTreeMap::new();
        for vm in vms {
            let sampling = self.courses.get(vm.id()).map(|(sampling, _)| *sampling);
            jobs.push(job(vm, Work::Run { goal, sampling })?);
            begun.insert(vm.id().clone(), vm.status()?.sim_time);
        }
        let (courses, cancel, hypervisor) = (&mut self.courses, &self.cancel, &self.hypervisor);
        let mut ends = BTreeMap::new();
        let mut simulated = SimSpan::ZERO;
        self.ensemble.compute(jobs, &mut |id, result| {
            let ran = result.and_then(|computed| put_back(hypervisor, &id, computed));
            let end = match ran {
                Ok(Outcome::Ran(ran)) => {
                    let moved = ran.sim_time.since(begun[&id]).unwrap_or_default();
                    simulated = simulated.checked_add(moved).unwrap_or(simulated);
                    if let Some((sampling, samples)) = courses.get_mut(&id) {
                        samples.extend(ran.samples);
                        *sampling = sampling.after(ran.sim_time);
                    }
                    match ran.is_at_goal {
                        true => End::AtGoal,
                        false => End::OutOfTime,
                    }
                }
                Ok(Outcome::Process(_)) => End::Stopped,
                Err(VmError::Cancelled) if cancel.is_cancelled() => End::Stopped,
                Err(error) => End::Lost(error),
            };
            if watch(simulated).is_break() {
                cancel.cancel();
            }
            ends.insert(id, end);
        });
        let ends = vms
            .iter()
            .map(|vm| ends.remove(vm.id()).unwrap_or(End::Stopped));
        Ok(Stretch {
            ends: ends.collect(),
            is_interrupted: self.cancel.is_cancelled(),
        })
    }

    /// Runs a program against each cell, and tells of each once it is done; one that was called off has no answer.
    pub(super) fn execute(
        &mut self,
        vms: &[BasicBiologicalVm],
        code: &ProcessCode,
        limits: ProcessLimits,
        done: &mut dyn FnMut(VmId, Result<ProcessReport, VmError>),
    ) -> Result<(), Failure> {
        let work = |_: &BasicBiologicalVm| Work::Execute {
            code: code.clone(),
            limits,
        };
        let jobs = vms.iter().map(|vm| job(vm, work(vm)));
        let jobs = jobs.collect::<Result<Vec<_>, _>>()?;
        let (cancel, hypervisor) = (&self.cancel, &self.hypervisor);
        self.ensemble.compute(jobs, &mut |id, result| match result
            .and_then(|computed| put_back(hypervisor, &id, computed))
        {
            Ok(Outcome::Process(report)) => done(id, Ok(report)),
            Ok(Outcome::Ran(_)) => {}
            Err(VmError::Cancelled) if cancel.is_cancelled() => {}
            Err(error) => done(id, Err(error)),
        });
        Ok(())
    }

    /// Removes the guests.
    pub(super) fn end(self) -> Result<(), Failure> {
        Ok(self.ensemble.end()?)
    }
}

/// A cell as it is now, with what it is granted now.
fn job(vm: &BasicBiologicalVm, work: Work) -> Result<Job, Failure> {
    let status = vm.status()?;
    let spec = VmSpec::builder(status.id, status.organism, status.seed)
        .atp(status.quota.atp)
        .ribosomes(status.quota.ribosomes)
        .ribosome_unit(status.quota.unit)
        .pacing(Pacing::Manual)
        .build()?;
    let image = vm.save()?;
    Ok(Job { spec, image, work })
}

/// Puts a cell in the place of the one that it comes from.
fn put_back(hypervisor: &Hypervisor, id: &VmId, computed: Computed) -> Result<Outcome, VmError> {
    hypervisor.open(id)?.restore(&computed.image)?;
    Ok(computed.outcome)
}
