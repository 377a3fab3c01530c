//! The handle of one VM.

use std::sync::Arc;

use bioxen_core::{
    Allocation, Goal, ProcessCode, ProcessLimits, ProcessReport, Sampling, VmError, VmEvent,
    VmState, VmStatus,
};

use super::SharedChannel;
use super::error::only;
use super::link::Link;
use crate::message::{Answer, Grant, Inspection, PageSize, Ran, Reading, VmRequest};

/// A biological VM that an agent computes; [`RemoteHypervisor`](super::RemoteHypervisor) makes and opens them.
///
/// It answers the verbs of [`BiologicalVm`](bioxen_core::BiologicalVm) as the agent does, and with the errors of the agent.
/// After [`destroy`](bioxen_core::BiologicalVm::destroy) it asks the agent for nothing anymore, as another VM may have its name then; its status is then the last that was told, with the state `destroyed`.
///
/// Dropping it leaves the VM as it is.
#[derive(Debug)]
pub struct RemoteVm {
    pub(super) link: Arc<Link>,
}

impl RemoteVm {
    pub(super) fn new(channel: SharedChannel, status: &VmStatus) -> Self {
        let link = Link::new(status.clone(), channel);
        Self {
            link: Arc::new(link),
        }
    }

    /// All that the agent knows about the VM.
    ///
    /// # Errors
    ///
    /// [`VmError::NotFound`] if it is gone, and what the channel reports.
    pub fn inspect(&self) -> Result<Inspection, VmError> {
        let inspection = self.link.ask(VmRequest::Inspect, only!(Answer::Inspection));
        inspection.map(|inspection| *inspection)
    }

    /// The last readings of the agent's monitor, the oldest first.
    ///
    /// # Errors
    ///
    /// [`VmError::NotFound`] if the VM is gone, and what the channel reports.
    pub fn history(&self, limit: PageSize) -> Result<Vec<Reading>, VmError> {
        self.link
            .ask(VmRequest::History(limit), only!(Answer::History))
    }

    /// Runs a program against the cell within limits; `None` leaves them to the agent.
    ///
    /// # Errors
    ///
    /// As [`execute_biological_process`](bioxen_core::BiologicalVm::execute_biological_process).
    pub fn execute_within(
        &mut self,
        code: &ProcessCode,
        limits: Option<ProcessLimits>,
    ) -> Result<ProcessReport, VmError> {
        self.refuse_if_gone("run a process")?;
        let ask = VmRequest::Execute {
            code: code.clone(),
            limits,
        };
        let report = self.link.ask(ask, only!(Answer::Process));
        report.map(|report| *report)
    }

    /// Runs the cell to a goal at full speed, and reads it on the way; the VM must run, with manual pacing.
    ///
    /// If that fails or is called off, the cell is where it was.
    ///
    /// # Errors
    ///
    /// [`VmError::NotRunning`], [`VmError::Backend`] if more readings are asked for than one answer has or the pacing is another one, and what the channel reports.
    pub fn run(&mut self, goal: Goal, sampling: Option<Sampling>) -> Result<Ran, VmError> {
        self.refuse_if_gone("run to a goal")?;
        let ask = VmRequest::Run { goal, sampling };
        let ran = self.link.ask(ask, only!(Answer::Ran));
        ran.map(|ran| *ran)
    }

    /// Sets what the cell may use: all of the grant, or nothing of it.
    ///
    /// # Errors
    ///
    /// As [`allocate_atp`](bioxen_core::BiologicalVm::allocate_atp) and [`allocate_ribosomes`](bioxen_core::BiologicalVm::allocate_ribosomes).
    pub fn allocate(&mut self, grant: Grant) -> Result<Allocation, VmError> {
        let ask = VmRequest::Allocate(grant);
        let allocation = self.link.ask(ask, only!(Answer::Allocation));
        allocation.map(|allocation| *allocation)
    }

    pub(super) fn refuse_if_gone(&self, operation: &'static str) -> Result<(), VmError> {
        if self.link.is_gone() {
            return Err(VmError::NotRunning {
                id: self.link.id.clone(),
                state: VmState::Destroyed,
                operation,
            });
        }
        Ok(())
    }

    /// A step of its life, which the agent judges unless that is over.
    pub(super) fn step(&self, event: VmEvent, ask: VmRequest) -> Result<(), VmError> {
        if self.link.is_gone() {
            VmState::Destroyed.apply(event)?;
        }
        self.link.done(ask)
    }
}
