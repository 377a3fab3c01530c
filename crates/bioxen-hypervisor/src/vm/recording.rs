//! Recordings of the cell of a VM.

use bioxen_core::{Sampling, SimSpan, SimTime, VmError};

use super::BasicBiologicalVm;
use crate::error::HypervisorError;
use crate::trajectory::{Recorder, Room, Trajectory};

impl BasicBiologicalVm {
    /// Records a [`Sample`](crate::Sample) of the cell now, and whenever a multiple of `every` has passed from now on.
    ///
    /// A recording that is under way is given up. Recording does not change what the cell does.
    ///
    /// # Errors
    ///
    /// [`VmError::Backend`] with [`HypervisorError::SamplingInterval`](crate::HypervisorError::SamplingInterval) if `every` is not a multiple of the coupling step, and as [`BasicBiologicalVm::inspect`].
    pub fn record(&self, every: SimSpan) -> Result<(), VmError> {
        self.record_at(|now| Sampling { from: now, every })
    }

    /// As [`record`](Self::record), at times that are told.
    ///
    /// # Errors
    ///
    /// As [`record`](Self::record).
    pub fn record_from(&self, due: Sampling) -> Result<(), VmError> {
        self.record_at(|_| due)
    }

    fn record_at(&self, due: impl FnOnce(SimTime) -> Sampling) -> Result<(), VmError> {
        let limit = self.hypervisor.host().config.limits.memory_bytes;
        self.with_guest(|guest| {
            let room = limit.map(|limit| Room {
                limit,
                state: guest.cell.state_bytes(&self.info.id, self.info.seed),
            });
            let recorder = Recorder::start(due(guest.cell.time()), &guest.cell, room)
                .map_err(|error| error.because("the recording was not started"))?;
            guest.recorder = Some(recorder);
            Ok(())
        })?
    }

    /// What was recorded since the recording began or was taken last; the recording goes on. `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`VmError::Backend`] with [`HypervisorError::HistoryAboveLimit`](crate::HypervisorError::HistoryAboveLimit) if more was due than the host lets a VM keep; what was kept is given up then. And as [`BasicBiologicalVm::inspect`].
    pub fn take_recording(&self) -> Result<Option<Trajectory>, VmError> {
        let taken = self.with_guest(|guest| guest.recorder.as_mut().map(Recorder::take))?;
        taken.transpose().map_err(whole)
    }

    /// Ends the recording, and hands out what was recorded since it was taken last. `None` if there is none.
    ///
    /// # Errors
    ///
    /// As [`BasicBiologicalVm::take_recording`].
    pub fn stop_recording(&self) -> Result<Option<Trajectory>, VmError> {
        let taken = self.with_guest(|guest| guest.recorder.take().as_mut().map(Recorder::take))?;
        taken.transpose().map_err(whole)
    }
}

/// A history with a gap is no history.
fn whole(error: HypervisorError) -> VmError {
    error.because("the recording is not whole")
}
