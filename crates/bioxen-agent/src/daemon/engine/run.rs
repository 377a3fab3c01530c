//! A cell that is run to a goal.

use std::ops::ControlFlow;

use bioxen_core::{BiologicalVm, CancelToken, Goal, Sampling, SimTime, VmError, VmId};
use bioxen_hypervisor::{BasicBiologicalVm, BatchEnd, BatchVm};
use thiserror::Error;

use super::work::{Changed, Work};
use super::{Engine, backend};
use crate::frame::OpId;
use crate::message::{Answer, Message, PageSize, Ran};

impl Engine {
    /// Runs a cell to a goal; if it is called off, the cell is where it was.
    pub(super) fn run(
        &self,
        op: OpId,
        id: &VmId,
        goal: Goal,
        sampling: Option<Sampling>,
        cancel: &CancelToken,
    ) -> Result<Message, VmError> {
        self.change(op, id, |Work { slot, vm, before }| {
            let ran = slot.during(cancel, || {
                self.heed_closing(cancel);
                self.run_and_read(vm, goal, sampling, cancel)
            });
            let ran = ran.or_else(|error| vm.restore(before).and(Err(error)))?;
            Ok(Changed::quietly(Answer::Ran(Box::new(ran))))
        })
    }

    fn run_and_read(
        &self,
        vm: &BasicBiologicalVm,
        goal: Goal,
        sampling: Option<Sampling>,
        cancel: &CancelToken,
    ) -> Result<Ran, VmError> {
        if let Some(sampling) = sampling {
            check(sampling, vm.status()?.sim_time, goal.until())?;
            vm.record_from(sampling)?;
        }
        let ran = self.run_alone(vm.id(), goal, cancel);
        // It ends whatever became of the run: a recording takes memory for as long as it goes on.
        let recorded = vm.stop_recording();
        let ran = ran?;
        let is_at_goal = match ran.end {
            BatchEnd::Reached => true,
            BatchEnd::TimeLimit => false,
            BatchEnd::LeftRunning { state } => {
                return Err(VmError::NotRunning {
                    id: ran.id,
                    state,
                    operation: "run to a goal",
                });
            }
            BatchEnd::Panicked { message } => {
                let id = ran.id;
                return Err(VmError::WorkerPanicked { id, message });
            }
            _ => return Err(VmError::Cancelled),
        };
        let samples = recorded?.map_or_else(Vec::new, |course| course.samples);
        Ok(Ran {
            sim_time: ran.sim_time,
            generation: ran.generation,
            is_at_goal,
            samples,
        })
    }

    fn run_alone(&self, id: &VmId, goal: Goal, cancel: &CancelToken) -> Result<BatchVm, VmError> {
        let mut outcome = self
            .hypervisor
            .run_batch(
                std::slice::from_ref(id),
                goal,
                &mut |_| match cancel.is_cancelled() {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                },
            )?;
        let gone = || VmError::NotFound { id: id.clone() };
        outcome.vms.pop().ok_or_else(gone)
    }
}

/// Refuses more readings than one answer has, before the cell is run.
fn check(sampling: Sampling, now: SimTime, until: SimTime) -> Result<(), VmError> {
    let most = u64::from(PageSize::MAX.get());
    let span = until.since(now.max(sampling.from)).unwrap_or_default();
    let asked = span.micros() / sampling.every.micros().max(1) + 1;
    if asked > most {
        let refused = TooManyReadings { asked, most };
        return Err(backend("the cell was not run", refused));
    }
    Ok(())
}

/// More readings than one answer has.
#[derive(Debug, Error)]
#[error("{asked} readings are asked for, and one answer has {most} at most")]
pub(crate) struct TooManyReadings {
    asked: u64,
    most: u64,
}
