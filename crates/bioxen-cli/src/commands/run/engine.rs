//! Who computes the cells of a run: threads of this process, or guests of a pool.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use bioxen::{
    BasicBiologicalVm, BatchEnd, BiologicalVm, Goal, Hypervisor, Sample, SimSpan, VmError, VmId,
};

use super::guests::Guests;
use crate::failure::Failure;

/// Who computes the cells of a run. Wherever that is, each is a VM of this process between the stretches.
#[derive(Debug)]
pub(super) enum Engine {
    /// Threads of this process.
    Here {
        hypervisor: Hypervisor,
        threads: usize,
    },
    /// Guests of a pool.
    Guests(Guests),
}

/// How far the cells came, in the order in which they were named.
#[derive(Debug)]
pub(super) struct Stretch {
    pub(super) ends: Vec<End>,
    pub(super) is_interrupted: bool,
}

/// Why a cell went no further.
#[derive(Debug)]
pub(super) enum End {
    /// It is at the goal.
    AtGoal,
    /// Its time was up before the last of the generations.
    OutOfTime,
    /// It was called off.
    Stopped,
    /// Its simulation failed.
    Lost(VmError),
}

/// Whoever hears how much was simulated in all, and says whether that goes on.
pub(super) type Watch<'a> = &'a mut dyn FnMut(SimSpan) -> ControlFlow<()>;

impl Engine {
    /// How many cells are computed at the same time.
    pub(super) fn threads(&self) -> usize {
        match self {
            Self::Here { threads, .. } => *threads,
            Self::Guests(guests) => guests.threads(),
        }
    }

    /// Reads the cells from now on, whenever so much has passed.
    pub(super) fn record(
        &mut self,
        vms: &[BasicBiologicalVm],
        every: SimSpan,
    ) -> Result<(), VmError> {
        match self {
            Self::Here { .. } => vms.iter().try_for_each(|vm| vm.record(every)),
            Self::Guests(guests) => vms.iter().try_for_each(|vm| guests.record(vm, every)),
        }
    }

    /// What was read of a cell since that was asked last.
    pub(super) fn take_recording(
        &mut self,
        vm: &BasicBiologicalVm,
    ) -> Result<Vec<Sample>, VmError> {
        match self {
            Self::Here { .. } => {
                let course = vm.take_recording()?;
                Ok(course.map_or_else(Vec::new, |course| course.samples))
            }
            Self::Guests(guests) => Ok(guests.take_recording(vm.id())),
        }
    }

    /// Runs cells to a goal, until that is called off.
    pub(super) fn run(
        &mut self,
        vms: &[&BasicBiologicalVm],
        goal: Goal,
        watch: Watch<'_>,
    ) -> Result<Stretch, Failure> {
        match self {
            Self::Here { hypervisor, .. } => run_here(hypervisor, vms, goal, watch),
            Self::Guests(guests) => guests.run(vms, goal, watch),
        }
    }

    /// Removes what was made for the run.
    pub(super) fn end(self) -> Result<(), Failure> {
        match self {
            Self::Here { .. } => Ok(()),
            Self::Guests(guests) => guests.end(),
        }
    }
}

fn run_here(
    hypervisor: &Hypervisor,
    vms: &[&BasicBiologicalVm],
    goal: Goal,
    watch: Watch<'_>,
) -> Result<Stretch, Failure> {
    let ids: Vec<VmId> = vms.iter().map(|vm| vm.id().clone()).collect();
    let outcome = hypervisor.run_batch(&ids, goal, &mut |done| watch(done.simulated))?;
    let ends = outcome.vms.into_iter().map(|vm| match vm.end {
        BatchEnd::Reached => End::AtGoal,
        BatchEnd::TimeLimit => End::OutOfTime,
        BatchEnd::Panicked { message } => End::Lost(VmError::WorkerPanicked { id: vm.id, message }),
        _ => End::Stopped,
    });
    Ok(Stretch {
        ends: ends.collect(),
        is_interrupted: outcome.interrupted,
    })
}

/// Things that come in any order, and are wanted in the order of their numbers.
#[derive(Debug)]
pub(super) struct InOrder<T> {
    early: BTreeMap<usize, T>,
    next: usize,
}

impl<T> Default for InOrder<T> {
    fn default() -> Self {
        Self {
            early: BTreeMap::new(),
            next: 0,
        }
    }
}

impl<T> InOrder<T> {
    /// Takes one, and hands out those whose turn it is.
    pub(super) fn push(&mut self, number: usize, thing: T) -> Vec<T> {
        self.early.insert(number, thing);
        let mut due = Vec::new();
        while let Some(thing) = self.early.remove(&self.next) {
            due.push(thing);
            self.next += 1;
        }
        due
    }

    /// Those that still wait for others, which do not come any more.
    pub(super) fn into_rest(self) -> impl Iterator<Item = T> {
        self.early.into_values()
    }
}
